"""The manifest in a snapshot: everything that is known of the run, so that it is whole without its journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec

from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import Run
from repro_tui.errors import DamagedError
from repro_tui.journal.facts import canonical, read_document
from repro_tui.journal.layout import Layout, journals_in
from repro_tui.journal.read import Tailer

VERSION = 1
_MANY_METRICS = 10_000
_LARGE_SECTIONS = frozenset({"tree"})
"""Sections that only help to find code that is in the snapshot anyway."""


def read_documents(layout: Layout, run: Run) -> tuple[dict[str, Mapping[str, object]], list[str]]:
    """Read a run's facts documents; gives what could not be read as sentences."""
    found: dict[str, Mapping[str, object]] = {}
    missing = []
    for section, document in run.documents.items():
        try:
            content = read_document(layout, document.digest)
        except DamagedError as error:
            missing.append(f"what was recorded of the {section} is damaged: {error.message}")
            continue
        if isinstance(content, Unavailable):
            missing.append(f"what was recorded of the {section} cannot be read: {content.reason}")
        else:
            found[section] = content
    return found, missing


def last_metrics(folders: list[Path]) -> dict[str, tuple[float, float]]:
    """Give each metric's last step and value, read from the journals themselves."""
    found: dict[str, tuple[tuple[int, float, float], float]] = {}
    for folder in folders:
        for path in journals_in(folder / "journal"):
            tailer, more = Tailer(path), True
            while more:
                batch = tailer.read(max_bytes=16 << 20, seconds=60.0)
                for point in batch.points:
                    order = (batch.attempt, point.s, point.t)
                    for name, value in (point.m or {}).items():
                        known = found.get(name)
                        if (known is None and len(found) < _MANY_METRICS) or (known is not None and known[0] <= order):
                            found[name] = (order, value)
                more = batch.more
    return {name: (order[1], value) for name, (order, value) in sorted(found.items())}


def manifest_of(
    run: Run, documents: Mapping[str, Mapping[str, object]], metrics: Mapping[str, tuple[float, float]]
) -> bytes:
    """Write the manifest; the same run gives the same bytes, whatever was answered or kept since."""
    told = replace(run, answers={}, snapshots=(), pinned=False)
    document = {
        "repro_manifest": VERSION,
        "run": msgspec.to_builtins(told, str_keys=True),
        "metrics": {name: {"step": step, "value": value} for name, (step, value) in metrics.items()},
        "documents": {name: content for name, content in documents.items() if name not in _LARGE_SECTIONS},
    }
    return canonical(document)
