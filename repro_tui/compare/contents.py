"""Finds the contents of files as they were for a run: in git's objects, in the records, in the store, on the disk.

Whatever is found has to have the id or the digest that was recorded; else it is said that the content is not kept.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress

from repro_tui.compare.code_side import CodeSide, Known, has_digest, raw_path
from repro_tui.compare.patches import LARGEST, Content
from repro_tui.domain.comparison import NOW
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import REMOVED, Omission
from repro_tui.errors import ReproError
from repro_tui.snapshots.git_objects import GitObjects
from repro_tui.snapshots.where import OUTSIDE
from repro_tui.source.apply import PatchError, apply, blob_id
from repro_tui.source.git import GitError
from repro_tui.store import documents
from repro_tui.store.entry import Entry
from repro_tui.store.store import Store

_TOO_LARGE = "larger than 5 MB"
Blobs = Mapping[tuple[str, str], bytes | Unavailable]
"""(folder of the repository, id) to content."""


def contents(side: CodeSide, names: Iterable[str], store: Store) -> dict[str, Content]:
    """Give the content of files by name; None for a file that the run had not."""
    wanted = {name: side.files.get(name) for name in dict.fromkeys(names)}
    if side.run.uid == NOW:
        return {name: None if known is None else _lying_there(side, name, known) for name, known in wanted.items()}
    blobs = _blobs(known for known in wanted.values() if known is not None)
    found: dict[str, Content] = {}
    for name, known in wanted.items():
        found[name] = None if known is None else _proved(known, _recorded(known, blobs))
        if isinstance(found[name], Unavailable) and known is not None:
            found[name] = _on_disk(side, name, known) or found[name]
    lost = [name for name, content in found.items() if isinstance(content, Unavailable)]
    if lost:
        found |= _kept(side, lost, store)
    return {name: _told(side, name, content) for name, content in found.items()}


def _blobs(files: Iterable[Known]) -> Blobs:
    """Ask git for everything at once: each question costs a process."""
    wanted: dict[str, tuple[GitObjects, set[str]]] = {}
    for known in files:
        oid = known.committed if known.part is not None or not known.withheld else ""
        if oid and known.repository is not None:
            wanted.setdefault(str(known.repository.folder), (known.repository, set()))[1].add(oid)
    found: dict[tuple[str, str], bytes | Unavailable] = {}
    for folder, (objects, oids) in wanted.items():
        with suppress(GitError, OSError):
            sizes = objects.sizes(sorted(oids))
            small = [(oid, size) for oid, size in sizes.items() if size <= LARGEST]
            found |= {(folder, oid): Unavailable(_TOO_LARGE) for oid, size in sizes.items() if size > LARGEST}
            found |= {(folder, oid): data for oid, data in objects.read(small)}
    return found


def _recorded(known: Known, blobs: Blobs) -> bytes | Unavailable:
    """Give the content from git and the recorded patch."""
    missing = Unavailable("")
    if known.withheld:
        return missing
    before: bytes | Unavailable = b""
    if known.committed:
        folder = str(known.repository.folder) if known.repository is not None else ""
        before = blobs.get((folder, known.committed), missing)
    elif known.part is None:
        return missing
    if known.part is None or isinstance(before, Unavailable):
        return before
    try:
        return apply(known.part, before)
    except PatchError:
        return missing


def _proved(known: Known, content: bytes | Unavailable) -> bytes | Unavailable:
    """Give a content when it has the recorded digests; git keeps other line ends than a work tree may have."""
    if isinstance(content, Unavailable) or not known.digests:
        return content
    last = known.digests[-1]
    if has_digest(content, last):
        return content
    turned = content.replace(b"\n", b"\r\n")
    return turned if has_digest(turned, last) else Unavailable("")


def _on_disk(side: CodeSide, name: str, known: Known) -> bytes | None:
    """Give what lies there now when it is proved to be what the run had."""
    data = _read(raw_path(side, name))
    if not isinstance(data, bytes):
        return None
    if known.digests:
        return data if has_digest(data, known.digests[-1]) else None
    for candidate in (data, data.replace(b"\r\n", b"\n")):
        if known.oid and blob_id(candidate, len(known.oid)) == known.oid:
            return candidate
    return None


def _lying_there(side: CodeSide, name: str, known: Known) -> Content:
    """Give what lies there now, unless a run would not record it: what looks like a secret is not shown either."""
    left = _left_out(side, name)
    if known.withheld and left is not None and left.kind == "withheld":
        return _told(side, name, Unavailable(""))
    data = _read(raw_path(side, name))
    return Unavailable("it vanished while it was looked at") if data is None else data


def _read(path: bytes) -> bytes | Unavailable | None:
    """Read a regular file, or the text of a link; None when there is none."""
    try:
        info = os.lstat(path)
        if stat.S_ISLNK(info.st_mode):
            return os.readlink(path)  # noqa: PTH115 - bytes
        if not stat.S_ISREG(info.st_mode):
            return Unavailable("it is no regular file")
        if info.st_size > LARGEST:
            return Unavailable(f"{_TOO_LARGE}, {info.st_size:,} bytes")
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
            return file.read(LARGEST + 1)
    except OSError as error:
        return None if isinstance(error, FileNotFoundError) else Unavailable(f"it cannot be read: {error.strerror}")


def _kept(side: CodeSide, names: Iterable[str], store: Store) -> dict[str, Content]:
    """Look for contents in the snapshots of the run."""
    wanted: dict[bytes, str] = {}
    for name in names:
        full = raw_path(side, name)
        root = os.fsencode(side.project.root) + b"/"
        wanted[full[len(root) :] if full.startswith(root) else OUTSIDE + full] = name
    found: dict[str, Content] = {}
    for kept in side.run.snapshots:
        gone = {part.name for part in kept.parts if part.dropped}
        if kept.dropped:
            continue
        with suppress(ReproError):
            for part, ids, is_listing in documents.roots(store.document(kept.digest), gone):
                if is_listing and part == "code":
                    entries = {e.path: e for e in store.listing(ids) if e.path in wanted and e.kind == "f"}
                    for path, entry in entries.items():
                        data = _from_store(store, entry)
                        if not isinstance(data, bytes) or _fits(side.files[wanted[path]], data):
                            found.setdefault(wanted[path], data)
    return found


def _fits(known: Known, data: bytes) -> bool:
    if known.digests:
        return has_digest(data, known.digests[-1])
    return not known.oid or blob_id(data, len(known.oid)) == known.oid


def _from_store(store: Store, entry: Entry) -> Content:
    if entry.size > LARGEST:
        return Unavailable(f"{_TOO_LARGE}, {entry.size:,} bytes")
    return b"".join(bytes(piece) if isinstance(piece, int) else store.read(piece) for piece in entry.content)


def _left_out(side: CodeSide, name: str) -> Omission | None:
    """Find what was noted of a file whose content was not recorded."""
    noted = (each for each in side.run.omissions if each.kind not in {"redacted", REMOVED})
    return next((each for each in noted if each.what == name or name.endswith(each.what)), None)


def _told(side: CodeSide, name: str, content: Content) -> Content:
    """Say why a content is not to be had."""
    if not isinstance(content, Unavailable) or content.reason:
        return content
    known = side.files[name]
    left = _left_out(side, name)
    who = side.run.name or side.run.uid[:8]
    if left is not None:
        return Unavailable(f"its content was not recorded for {who}: {left.why}")
    if known.committed and not known.withheld:
        return Unavailable(f"git has its content for {who} no more (commit {side.commit[:8]})")
    return Unavailable(f"its content is not kept: repro-tui snapshot {who}")
