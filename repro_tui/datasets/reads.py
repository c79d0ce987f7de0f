"""What each run was seen reading, taken from the runs' journals without an index.

Only lines that can matter are decoded. What was learnt of a run that has ended lies in `cache/reads`, which may be
deleted at any time; such a run is looked at again when something was added to its journal's folder.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from repro_tui.domain.ids import Digest, RunId
from repro_tui.journal.layout import Layout, journals_in
from repro_tui.journal.lines import decode_object, parse_header
from repro_tui.journal.sealed import blocks_of, find, head_of

MAX_FILES = 500
"""Single files that are remembered of a run; folders are not counted."""
_SETTLED_S = 120.0
"""Seconds after a run's end in which its fingerprints may still be completed."""
_BLOCK = 1 << 22
_HEADER = 1 << 12
_FORMAT = 1


class Read(msgspec.Struct, frozen=True, array_like=True):
    """A file or folder that a run read."""

    path: str
    digest: Digest | None = None
    size: int = 0
    files: int | None = None
    """Number of files of a folder, None for a file."""


class RunReads(msgspec.Struct, frozen=True, array_like=True):
    """One run, as far as its reading goes."""

    uid: RunId
    name: str = ""
    t: float = 0.0
    user: str = ""
    inputs: tuple[Read, ...] = ()
    """By path; each path once, with its fingerprint before the run where there is one."""
    ended: float | None = None


class _Entry(msgspec.Struct, array_like=True):
    """What is remembered of a run's folder."""

    folder: int
    """ctime of the journal's folder in nanoseconds, and thereby what files are in it."""
    files: dict[str, tuple[int, int]]
    """Size and mtime of each journal."""
    settled: bool
    reads: RunReads | None


class _Memory(msgspec.Struct):
    """The file in the cache."""

    format: int
    entries: dict[str, _Entry]


class RunReader:
    """Knows what runs read; looks only at what is new since it was last asked. Any thread."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._path = layout.cache / "reads"
        self._entries: dict[str, _Entry] | None = None
        self._lock = threading.Lock()

    def runs(self) -> tuple[RunReads, ...]:
        """Give every run that can be read, newest first."""
        with self._lock:
            if self._entries is None:
                self._entries = _remembered(self._path)
            before = self._entries
            found = dict(self._look(before))
            changed = any(entry.settled and before.get(name) is not entry for name, entry in found.items())
            self._entries = found
            if changed:
                self._remember()
            reads = _merged(entry.reads for entry in found.values() if entry.reads is not None)
        return tuple(sorted(reads, key=lambda run: (-run.t, run.uid)))

    def _look(self, known: Mapping[str, _Entry]) -> Iterable[tuple[str, _Entry]]:
        for folder in self._layout.run_folders():
            entry = known.get(folder.name)
            journal = folder / "journal"
            try:
                stamp = os.stat(journal).st_ctime_ns  # noqa: PTH116 - a hot path
            except OSError:
                continue
            if entry is None or entry.folder != stamp or not entry.settled:
                files = _signature(journal)
                reads = entry.reads if entry is not None and entry.files == files else read_run(folder)
                entry = _Entry(stamp, files, _is_settled(reads), reads)
            yield folder.name, entry

    def _remember(self) -> None:
        """Write the cache; without it the next process reads again."""
        assert self._entries is not None
        body = msgspec.json.encode(_Memory(_FORMAT, {n: e for n, e in self._entries.items() if e.settled}))
        with contextlib.suppress(OSError):
            if not self._path.parent.is_dir():
                return
            descriptor, name = tempfile.mkstemp(dir=self._path.parent, prefix=".reads-")
            try:
                with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
                    file.write(body)
                Path(name).replace(self._path)
            except OSError:
                with contextlib.suppress(OSError):
                    Path(name).unlink()


def read_run(folder: Path) -> RunReads | None:
    """Read one run's journals for what it read; None without a readable header."""
    gathered = _Gathered()
    for path in journals_in(folder / "journal"):
        try:
            _read_journal(path, gathered)
        except OSError:
            continue
    return gathered.reads()


class _Gathered:
    """Collects lines of one run's journals."""

    def __init__(self) -> None:
        self.uid = ""
        self.name = ""
        self.named = ""
        self.user = ""
        self.t = 0.0
        self.ended: float | None = None
        self.inputs: dict[str, tuple[int, Read]] = {}

    def take(self, line: Mapping[str, object]) -> None:
        """Take a decoded line of a kind that matters."""
        kind = line.get("k")
        if kind == "start":
            self.name = _text(line, "name")
            self.user = _text(line, "user")
            self.t = self.t or _number(line.get("t"))
        elif kind == "name":
            self.named = _text(line, "name")
        elif kind == "end":
            self.ended = max(self.ended or 0.0, _number(line.get("t")))
        elif kind == "file" and line.get("dir") is True and "r" in str(line.get("mode", "")):
            self._input(0, Read(_text(line, "path"), files=0))
        elif kind == "print" and line.get("role") == "in":
            self._print(line)

    def _print(self, line: Mapping[str, object]) -> None:
        """Take a fingerprint: the one before the run counts, if it is known."""
        digest, size, files = line.get("d"), line.get("size"), line.get("files")
        found = Read(
            _text(line, "path"),
            Digest(digest) if isinstance(digest, str) else None,
            size if isinstance(size, int) else 0,
            files if isinstance(files, int) else None,
        )
        rank = (2 if found.digest else 0) + (1 if line.get("when") != "after" else 0)
        self._input(rank, found)

    def _input(self, rank: int, read: Read) -> None:
        known = self.inputs.get(read.path)
        if read.path and (known is None or known[0] < rank):
            self.inputs[read.path] = (rank, read)

    def reads(self) -> RunReads | None:
        """Give the run."""
        if not self.uid:
            return None
        inputs = [read for _, (_, read) in sorted(self.inputs.items())]
        files = [read for read in inputs if read.files is None]
        kept = {read.path for read in files[:MAX_FILES]}
        inputs = [read for read in inputs if read.files is not None or read.path in kept]
        return RunReads(RunId(self.uid), self.named or self.name, self.t, self.user, tuple(inputs), self.ended)


_MARKS = (b'"k":"print"', b'"k":"start"', b'"k":"end"', b'"k":"name"', b'"dir":true')


def _read_journal(path: Path, gathered: _Gathered) -> None:
    first = decode_object(head_of(path, _HEADER).partition(b"\n")[0])
    header = parse_header(first) if first else None
    if header is None or not header.run:
        return
    gathered.uid = str(header.run)
    rest = b""
    for block in blocks_of(path, _BLOCK):
        if not any(mark in block or mark in rest for mark in _MARKS):
            rest = (rest + block).rpartition(b"\n")[2]
            continue
        lines = (rest + block).split(b"\n")
        rest = lines.pop()
        _take(lines, gathered)


def _take(lines: list[bytes], gathered: _Gathered) -> None:
    for line in lines:
        if line.startswith(b'{"s":') or not any(mark in line for mark in _MARKS):
            continue
        if (found := decode_object(line)) is not None:
            gathered.take(found)


def _merged(runs: Iterable[RunReads]) -> list[RunReads]:
    """Join what two folders say of the same run, as after a merge of two copies."""
    found: dict[str, RunReads] = {}
    for run in runs:
        other = found.get(run.uid)
        if other is None or len(other.inputs) < len(run.inputs):
            found[run.uid] = run
    return list(found.values())


def _is_settled(reads: RunReads | None) -> bool:
    return reads is not None and reads.ended is not None and time.time() - reads.ended > _SETTLED_S


def _signature(journal: Path) -> dict[str, tuple[int, int]]:
    found = {}
    for path in journals_in(journal):
        stat = find(path)
        if stat is not None:
            found[path.name] = (stat.st_size, stat.st_mtime_ns)
    return found


def _remembered(path: Path) -> dict[str, _Entry]:
    try:
        memory = msgspec.json.decode(path.read_bytes(), type=_Memory)
    except (OSError, msgspec.MsgspecError):
        return {}
    return memory.entries if memory.format == _FORMAT else {}


def _text(line: Mapping[str, object], key: str) -> str:
    found = line.get(key)
    return found if isinstance(found, str) else ""


def _number(raw: object) -> float:
    return float(raw) if isinstance(raw, int | float) else 0.0
