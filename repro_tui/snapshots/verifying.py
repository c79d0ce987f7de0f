"""Reads everything that one snapshot needs, and compares it, without writing it anywhere."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import replace

from repro_tui.domain.progress import Progress
from repro_tui.domain.snapshot import Damage, Report
from repro_tui.errors import ReproError
from repro_tui.store import documents
from repro_tui.store.entry import Entry
from repro_tui.store.store import Store
from repro_tui.store.verify import verify


def verify_snapshot(
    store: Store, document: Mapping[str, object], name: str, dropped: Collection[str], progress: Progress | None
) -> Report:
    """Read a snapshot; what is missing or damaged is named, and the rest goes on. Raises what `progress` raises."""
    begin = time.monotonic()
    store.refresh()
    damages: list[Damage] = []
    entries: list[tuple[str, list[Entry]]] = []
    read = 0
    try:
        for part, blobs, is_listing in documents.roots(document, dropped):
            try:
                if is_listing:
                    entries.append((part, list(store.listing(blobs))))
                else:
                    read += len(store.read_all(blobs))
            except ReproError as error:
                damages.append(Damage(part, error.message))
    except ReproError as error:
        damages.append(Damage("the document", error.message))
    files = 0
    for part, listed in entries:
        report = verify(store, listed, progress)
        read, files = read + report.read, files + report.files
        damages += [replace(damage, what=f"{part}: {damage.what}") for damage in report.damages]
    named = tuple(replace(damage, snapshots=(name,)) for damage in damages)
    return Report(read, files, named, (), time.monotonic() - begin)
