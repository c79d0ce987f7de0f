"""Carries a plan out: puts bytes into the store, part by part, and makes the snapshot's document of what came of it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from blake3 import blake3

from repro_tui.domain.ids import Digest
from repro_tui.domain.progress import Progress
from repro_tui.domain.snapshot import LeftOut, PartKind
from repro_tui.journal.layout import Layout
from repro_tui.settings import Project
from repro_tui.snapshots.code import is_allowed
from repro_tui.snapshots.git_objects import GitObjects
from repro_tui.snapshots.parts import Given, PartPlan, Plan
from repro_tui.snapshots.scratch import spool
from repro_tui.snapshots.searched import Searcher
from repro_tui.snapshots.where import OUTSIDE, to_name
from repro_tui.snapshots.written import left_out_fields, link_fields
from repro_tui.source.git import GitError
from repro_tui.store.adder import Adder, Noted
from repro_tui.store.entry import Entry, Found
from repro_tui.store.listing import encode

_IN_MEMORY = 32 << 20
"""Bytes of a committed file above which it goes through a file of its own instead of memory."""
_LINK_MODE = 0o777
_OTHER, _OVERWRITTEN = "is not what the run used", "was written again since the run"
_OFTEN = 64
"""Files between two tellings of how far it is."""


class Builder:
    """Puts the parts of one snapshot into the store."""

    def __init__(
        self, adder: Adder, project: Project, plan: Plan, progress: Progress | None = None, noted: Noted | None = None
    ) -> None:
        self._adder = adder
        self._project = project
        self._plan = plan
        self._progress = progress
        self._noted = noted
        self._total = sum(part.size for part in plan.parts)
        self._before = 0
        self._searcher = Searcher(Layout.of(project).cache)

    def document(self, manifest: bytes) -> dict[str, object]:
        """Keep everything, and give the document without who took it and when. Raises what the adder raises."""
        parts = []
        for part in self._plan.parts:
            parts.append(self._part(part))
            self._before += part.size
        self._searcher.close()
        return {
            "manifest": [blob.hex() for blob in self._adder.put(manifest)],
            "parts": [part for part in parts if part is not None],
            "partial": list(dict.fromkeys(self._plan.partial)),
            "left_out": left_out_fields(dict.fromkeys(self._plan.left_out)),
        }

    def _part(self, part: PartPlan) -> dict[str, object] | None:
        base: dict[str, object] = {"name": part.name, "kind": str(part.kind)}
        if part.linked:
            linked = {"files": part.files, "size": part.size, "linked": link_fields(part.linked)}
            return base | linked | ({"digest": part.digest} if part.digest else {})
        entries = [*self._given(part), *self._found(part)]
        if not entries and (part.given or part.found):
            return None
        entries.sort(key=_path)
        return base | {
            "listing": [blob.hex() for blob in self._adder.put_listing(entries)],
            "files": sum(entry.kind != "d" for entry in entries),
            "size": sum(entry.size for entry in entries if entry.kind == "f"),
            "digest": part.digest or listing_digest(entries),
        }

    def _found(self, part: PartPlan) -> list[Entry]:
        """Keep what lies on the disk; what is not what it must be is named."""
        if not part.found:
            return []
        kept, troubles = self._adder.add_files(
            part.found, level=part.level, progress=self._telling(part), noted=self._noted
        )
        for trouble in troubles:
            why = _OVERWRITTEN if trouble.why == _OTHER and part.kind is PartKind.OUTPUTS else trouble.why
            self._plan.partial.append(f"{to_name(trouble.path)} {why}")
            self._plan.left_out.append(LeftOut(to_name(trouble.path), why, trouble.size, "changed"))
        return kept

    def _telling(self, part: PartPlan) -> Progress | None:
        """Tell how far the whole is, of which this is a part."""
        progress, before, total = self._progress, self._before, self._total
        if progress is None:
            return None
        what = part.name.removeprefix("data:")
        return lambda done, _, __: progress(before + done, total, what)

    def _given(self, part: PartPlan) -> Iterator[Entry]:
        """Keep what comes from documents and from git's objects."""
        large = [given for given in part.given if given.data is None and given.size > _IN_MEMORY]
        small = [given for given in part.given if given.data is None and given.size <= _IN_MEMORY]
        seen: set[bytes] = set()
        for given, data in (*((g, g.data) for g in part.given if g.data is not None), *contents(small)):
            if len(seen) % _OFTEN == 0 and self._progress is not None:
                self._progress(self._before, self._total, part.name)
            seen.add(given.path)
            entry = self._one(part, given, data)
            if entry is not None:
                yield entry
        lost = (to_name(given.path) for given in small if given.path not in seen)
        self._plan.partial += [f"{name} vanished from the repository" for name in lost]
        yield from self._spooled(part, large)

    def _one(self, part: PartPlan, given: Given, data: bytes) -> Entry | None:
        """Keep one content, unless a secret is in it."""
        if given.is_link:
            return Entry(given.path, "l", _LINK_MODE, mtime_ns=given.mtime_ns, to=data)
        name = to_name(given.path.removeprefix(OUTSIDE))
        why = self._searcher.why(given.path, data) if part.searched and not is_allowed(name, self._project) else ""
        if why:
            self._plan.left_out.append(LeftOut(name, why, len(data), "withheld"))
            self._plan.partial.append(f"{name} is withheld: {why}")
            return None
        blobs = tuple(self._adder.put(data, part.level))
        return Entry(
            given.path, "f", given.permissions, len(data), given.mtime_ns, blake3(data).digest(), blobs if data else ()
        )

    def _spooled(self, part: PartPlan, large: Sequence[Given]) -> Iterator[Entry]:
        """Keep large committed files by way of a file, so that memory stays small."""
        for given in large:
            assert given.objects is not None
            with spool(Layout.of(self._project).cache) as file:
                try:
                    given.objects.write(given.oid, file.fileno())
                except GitError as error:
                    self._plan.partial.append(f"{to_name(given.path)} cannot be read from the repository: {error}")
                    continue
                os.fchmod(file.fileno(), given.permissions)  # as it is restored, and as a shared store asks for
                info = os.fstat(file.fileno())
                found = Found(
                    given.path, os.fsencode(file.name), "f", given.permissions, info.st_size, info.st_mtime_ns
                )
                found = replace(found, inode=info.st_ino, device=info.st_dev, ctime_ns=info.st_ctime_ns)
                kept, troubles = self._adder.add_files([found], level=part.level)
                self._plan.partial += [f"{to_name(trouble.path)} {trouble.why}" for trouble in troubles]
                yield from (replace(entry, mtime_ns=given.mtime_ns) for entry in kept)


def contents(wanted: Sequence[Given]) -> Iterator[tuple[Given, bytes]]:
    """Read contents from git's objects, each id once."""
    for objects, group in _by_repository(wanted):
        places: dict[str, list[Given]] = {}
        for given in group:
            places.setdefault(given.oid, []).append(given)
        for oid, data in objects.read([(oid, given[0].size) for oid, given in places.items()]):
            yield from ((given, data) for given in places[oid])


def _by_repository(wanted: Iterable[Given]) -> list[tuple[GitObjects, list[Given]]]:
    groups: dict[Path, tuple[GitObjects, list[Given]]] = {}
    for given in wanted:
        if given.objects is not None:
            groups.setdefault(given.objects.folder, (given.objects, []))[1].append(given)
    return list(groups.values())


def listing_digest(entries: Iterable[Entry]) -> Digest:
    """Give the identity of what a listing holds, whenever it was last changed."""
    hasher = blake3()
    for entry in entries:
        hasher.update(encode(replace(entry, mtime_ns=0)).replace(b',"u":0', b"", 1))
    return Digest(f"b3:{hasher.hexdigest()}")


def _path(entry: Entry) -> bytes:
    return entry.path
