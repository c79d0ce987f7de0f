"""Restores a snapshot: the parts are laid over each other, each file at its place, and every byte is compared."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from blake3 import blake3

from repro_tui.domain.ids import Digest
from repro_tui.domain.progress import Progress
from repro_tui.domain.snapshot import Part, PartKind, Report, Snapshot
from repro_tui.errors import DamagedError, UsageError
from repro_tui.snapshots.readme import readme
from repro_tui.snapshots.where import MANIFEST, OUTPUTS, README
from repro_tui.store import documents
from repro_tui.store.entry import Entry
from repro_tui.store.restore import restore
from repro_tui.store.store import Store

WHOLE = "*"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a snapshot is to be restored."""

    only: frozenset[PartKind] = frozenset()
    """Kinds of parts; all when empty."""
    version: Digest | None = None
    """Of all data that of a dataset which has this digest, and nothing else."""

    @property
    def is_all(self) -> bool:
        """Tell whether it is the whole snapshot."""
        return not self.only and self.version is None

    def takes(self, part: Part) -> bool:
        """Tell whether a part is asked for; wheels are a part of the environment, as a person sees it."""
        kind = PartKind.ENVIRONMENT if part.kind is PartKind.WHEELS and PartKind.WHEELS not in self.only else part.kind
        if self.version is not None and (part.kind is not PartKind.DATA or part.digest != self.version):
            return False
        return not self.only or kind in self.only


def restore_snapshot(
    store: Store,
    snapshot: Snapshot,
    folder: Path,
    asked: Asked,
    dropped: Collection[str],
    progress: Progress | None,
) -> Report:
    """Write a snapshot, or some of its parts, into a folder that is new or empty.

    Raises UsageError when nothing of what is asked for is in it, and what reading and writing raises.
    """
    document = store.document(snapshot.digest)
    wanted = [part for part in snapshot.parts if asked.takes(part)]
    notes = [note for part in wanted for note in _missing(part.name, bool(part.linked), part.name in dropped)]
    notes += [f"{link.path} is linked, not kept ({link.digest})" for part in wanted for link in part.linked]
    if WHOLE in dropped:
        raise UsageError(
            f"The bytes of {snapshot.name or snapshot.digest} were given up.",
            "`repro-tui snapshots` lists what is kept.",
        )
    names = {part.name for part in wanted if part.kept}
    if not names:
        kinds = ", ".join(dict.fromkeys(str(part.kind) for part in snapshot.parts if part.kept))
        raise UsageError("Nothing of that kind is kept in the snapshot.", f"It holds: {kinds or 'nothing'}.")
    listings = {
        name: list(store.listing(blobs))
        for name, blobs, is_listing in documents.roots(document, dropped)
        if is_listing and name in names
    }
    kinds_of = {part.name: part.kind for part in snapshot.parts}
    entries = overlay((kinds_of[name], listings[name]) for name in listings)
    manifest = _manifest(store, document) if asked.is_all else None
    if manifest is not None:
        entries.append(manifest)
    report = restore(store, entries, folder, progress)
    if manifest is not None:
        _write_readme(folder, readme(snapshot, _read_manifest(store, document), [*notes, *report.done]))
    return replace(report, done=(*report.done, *notes))


def _missing(name: str, is_linked: bool, is_dropped: bool) -> list[str]:  # noqa: FBT001 - facts of a part
    return [f"the bytes of {name} were given up"] if is_dropped and not is_linked else []


def overlay(parts: Iterable[tuple[PartKind, Sequence[Entry]]]) -> list[Entry]:
    """Lay parts over each other.

    Data wins over code, which may have it in another form; a result that overwrote either goes below
    `_snapshot/outputs/`.
    """
    laid: dict[bytes, Entry] = {}
    folders: set[bytes] = set()
    for kind, entries in parts:
        aside = kind is PartKind.OUTPUTS
        for entry in _plain(entries, laid):
            known = laid.get(entry.path)
            if known is not None and known.kind == entry.kind == "d":
                continue
            blocked = _is_blocked(entry, laid, folders)
            if blocked or (known is not None and aside and not _is_same(known, entry)):
                entry = replace(entry, path=OUTPUTS + b"/" + entry.path)  # noqa: PLW2901 - the same file, elsewhere
            laid[entry.path] = entry
            folders.update(_above(entry.path))
    return list(laid.values())


def _is_blocked(entry: Entry, laid: Mapping[bytes, Entry], folders: Collection[bytes]) -> bool:
    """Tell whether a file lies where something else needs a folder, or a folder where a file is."""
    if entry.kind != "d" and entry.path in folders:
        return True
    return any(laid[path].kind != "d" for path in _above(entry.path) if path in laid)


def _above(path: bytes) -> list[bytes]:
    parts = path.split(b"/")
    return [b"/".join(parts[:count]) for count in range(1, len(parts))]


def _is_same(one: Entry, two: Entry) -> bool:
    if one.kind != two.kind:
        return False
    return one.digest == two.digest if one.kind == "f" else one.to == two.to


def _plain(entries: Sequence[Entry], laid: Mapping[bytes, Entry]) -> list[Entry]:
    """Make hard links files of their own where another part holds one of their paths: it may have other content."""
    if not any(entry.kind == "h" for entry in entries) or not any(entry.path in laid for entry in entries):
        return list(entries)
    files = {entry.path: entry for entry in entries if entry.kind == "f"}
    return [
        replace(files[entry.to], path=entry.path) if entry.kind == "h" and entry.to in files else entry
        for entry in entries
    ]


def _manifest_blobs(document: Mapping[str, object]) -> list[bytes]:
    try:
        return documents.blob_ids(document.get("manifest", []))
    except ValueError as error:
        raise DamagedError(f"The snapshot's manifest is damaged: {error}.", "Run `repro-tui check`.") from error


def _manifest(store: Store, document: Mapping[str, object]) -> Entry | None:
    blobs = _manifest_blobs(document)
    if not blobs:
        return None
    data = store.read_all(blobs)
    return Entry(MANIFEST, "f", 0o644, len(data), 0, blake3(data).digest(), tuple(blobs))


def _read_manifest(store: Store, document: Mapping[str, object]) -> Mapping[str, object]:
    blobs = _manifest_blobs(document)
    if not blobs:
        return {}
    try:
        found = json.loads(store.read_all(blobs))
    except ValueError as error:
        raise DamagedError("The snapshot's manifest is no JSON.", "Run `repro-tui check`.") from error
    return found if isinstance(found, dict) else {}


def _write_readme(folder: Path, text: str) -> None:
    """Write what the folder is; whatever already lies there is the run's and stays."""
    path = folder / os.fsdecode(README)
    with contextlib.suppress(FileExistsError), open(os.open(path, _NEW, 0o644), "w", encoding="utf-8") as stream:  # noqa: PTH123 - descriptor
        stream.write(text)
