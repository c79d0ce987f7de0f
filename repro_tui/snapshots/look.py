"""What lies now where a run read or wrote, compared with what the manifest says lay there then."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from repro_tui.domain.ids import Digest
from repro_tui.domain.profile import FileLine
from repro_tui.domain.progress import Progress
from repro_tui.domain.run import Coverage, FileFact
from repro_tui.fingerprint import Budget, Fingerprint, Fingerprinter, is_untouched
from repro_tui.snapshots.where import full_path, restored, to_bytes
from repro_tui.store.entry import Found, Trouble
from repro_tui.store.walk import walk

SLACK_S = 2.0
"""File systems round times; a change this short before the run is not told from one after its beginning."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One path of the manifest, and what is there."""

    fact: FileFact
    full: bytes
    """Absolute path."""
    now: Fingerprint
    why: str = ""
    """What is not as it was, as the end of a sentence; empty when nothing is, or when it is not known yet."""
    completed: bool = False
    """The run's fingerprint was pending, and `now` completes it."""

    @property
    def is_known(self) -> bool:
        """Tell whether the content is known to be that of the run."""
        return not self.why and self.now.coverage is not Coverage.PENDING


class ReadBudget(Budget):
    """Tells how much was read, and lets whoever is told stop the reading."""

    def __init__(self, progress: Progress | None, total: int, what: str) -> None:
        super().__init__()
        self._progress = progress
        self._total = total
        self._what = what
        self._done = 0

    def spend(self, count: int) -> None:
        """Account for bytes that are read; raises what `progress` raises."""
        super().spend(count)
        self._done += count
        if self._progress is not None:
            self._progress(min(self._done, self._total), self._total, self._what)


@dataclass(frozen=True, slots=True)
class Lister:
    """Gives the file lists of folders; what is not known from the stat cache is read when `read` is set."""

    prints: Fingerprinter
    read: bool

    def lines(self, full: bytes) -> Mapping[bytes, FileLine]:
        """Give the lines of one folder by path."""
        budget = None if self.read else Budget(deadline=0.0)
        return by_path(self.prints.lists([os.fsdecode(full)], budget)[0].files)


def look(prints: Fingerprinter, facts: Sequence[FileFact], root: Path, since: float) -> list[Looked]:
    """Look at paths without reading their content: what the stat cache knows is known."""
    places = [full_path(fact.path, root) for fact in facts]
    found = prints.check([os.fsdecode(full) for full in places])
    looked = zip(facts, places, found, strict=True)
    return [_judged(Looked(fact, full, now), since) for fact, full, now in looked]


def read(prints: Fingerprinter, looked: Sequence[Looked], since: float, progress: Progress | None) -> list[Looked]:
    """Read what has to be read to judge; a single file with a known digest is compared while it is kept."""
    wanted = [each for each in looked if _must_be_read(each)]
    total = sum(each.now.size or 0 for each in wanted)
    budget = ReadBudget(progress, total, "comparing with what the run used")
    found = prints.take([os.fsdecode(each.full) for each in wanted], budget) if wanted else []
    fresh = {each.full: now for each, now in zip(wanted, found, strict=True)}
    return [_judged(replace(e, now=fresh[e.full]), since) if e.full in fresh else e for e in looked]


def _must_be_read(looked: Looked) -> bool:
    if looked.why or looked.now.coverage is not Coverage.PENDING or looked.now.size is None:
        return False
    return looked.now.files is not None or looked.fact.coverage is not Coverage.FULL


def _judged(looked: Looked, since: float) -> Looked:
    fact, now = looked.fact, looked.now
    if now.size is None:
        return replace(looked, why=now.why if now.why and now.why != "is not there" else "is gone since the run")
    if fact.digest is None:
        return _pending(looked, since)
    if now.coverage is Coverage.PENDING:
        return replace(looked, why=_by_size(fact, now))
    if fact.coverage is not now.coverage:
        return replace(looked, why="cannot be compared: only its names, sizes and times were recorded")
    if fact.digest != now.digest:
        return replace(looked, why="is not what the run used: it changed since")
    return looked


def _by_size(fact: FileFact, now: Fingerprint) -> str:
    """Tell by its size, without reading, that something changed."""
    if fact.coverage is Coverage.FULL and fact.size is not None and now.size != fact.size:
        return "is not what the run used: it changed since"
    return ""


def _pending(looked: Looked, since: float) -> Looked:
    """Judge a path whose fingerprint was not finished: it is completed when its state is still the recorded one."""
    fact, now = looked.fact, looked.now
    if now.files is None:
        if not fact.stat or now.stat is None or tuple(now.stat) != tuple(fact.stat):
            return replace(looked, why="changed since the run, which was not able to read it to the end")
    elif not is_untouched(looked.full, since):
        return replace(looked, why="was not read to the end by the run, and what it was then cannot be told any more")
    return replace(looked, completed=now.coverage is not Coverage.PENDING)


def found_of(
    looked: Looked, root: Path, exclude: Sequence[str], known: Mapping[bytes, FileLine]
) -> tuple[list[Found], list[Trouble]]:
    """List what is to be kept of a path, each file with the digest that it must have.

    `known` gives the lines of a folder's file list by path; files that are not in it are left out as new.
    """
    place = restored(looked.full, root)
    walked, troubles = walk(looked.full, place, exclude)
    found: list[Found] = []
    for item in walked:
        if item.kind != "f":
            found.append(item)
        elif looked.now.files is None:
            found.append(_expecting(item, looked.fact.digest or looked.now.digest, looked.now.digest))
        elif (line := known.get(_way(item.path, place))) is not None:
            found.append(_expecting(item, line.digest, line.digest))
        elif looked.now.coverage is Coverage.METADATA:
            found.append(item)
        else:
            troubles.append(Trouble(item.path, "is new since the run", item.size))
    return found, troubles


def _way(path: bytes, place: bytes) -> bytes:
    return path[len(place) + 1 :] if place else path


def _expecting(item: Found, expected: Digest | None, known: Digest | None) -> Found:
    return replace(item, expected=raw(expected), known=raw(known))


def raw(digest: Digest | None) -> bytes:
    """Give the 32 bytes of a BLAKE3 digest; nothing for any other."""
    algorithm, _, digits = (digest or "").partition(":")
    return bytes.fromhex(digits) if algorithm == "b3" else b""


def by_path(lines: Iterable[FileLine]) -> dict[bytes, FileLine]:
    """Give the lines of a file list by the bytes of their paths."""
    return {to_bytes(line.path): line for line in lines}
