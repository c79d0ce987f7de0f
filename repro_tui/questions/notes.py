"""What the questions need to know of a run, read from its journals without reading its metrics.

Of the journals that supervisors and programs write only the beginning and the end are read; those of people, which hold
answers and snapshots, are small and are read whole.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

from repro_tui.domain.events import Header
from repro_tui.domain.fold_kept import KeptFold
from repro_tui.domain.foreign import MAX_NAME, ForeignError, text, texts
from repro_tui.domain.ids import RunId, is_run_id
from repro_tui.domain.question import SNAPSHOT
from repro_tui.domain.sweep import Member
from repro_tui.journal.layout import journal_name, journals_in
from repro_tui.journal.lines import as_count, as_time, decode_object, parse_header
from repro_tui.journal.read import Tailer
from repro_tui.journal.sealed import Source, blocks_of, opened

_HEAD = 1 << 16
_LONG = 1 << 21
"""Bytes looked at where a command line is so long that the head does not hold its `start`."""
_TAIL = 1 << 16
_MOST_TAIL = 1 << 23
_WORDS = 200
"""Characters of a command line that are kept."""
_PERSON_BYTES = 16 << 20
_END = b'"k":"end"'
_RESULT = re.compile(rb'"role":"out"|"k":"save"|"mode":"r?w"')
_BLOCK = 1 << 20
_STAMP = "%Y%m%d-%H%M%S"

Mark = tuple[int, int]
"""Size and modification time of a journal: what tells, without reading, that nothing was added."""


class RunNote(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One run's folder, as far as questions care; also what is remembered of it between sessions."""

    folder: str
    uid: str = ""
    name: str = ""
    user: str = ""
    lineage: str = ""
    words: str = ""
    """The command line."""
    began: float = 0.0
    ended: float | None = None
    """None while it runs, or when nobody saw its end."""
    how: str = ""
    """`exit 1` or `signal 9`; empty when it is done."""
    series: str = ""
    parent: str = ""
    answer: str = ""
    """The answer about its snapshot that stands; empty when nobody was asked."""
    by: str = ""
    answered: float = 0.0
    order: tuple[int, str, int] = (0, "", 0)
    """What wins over an answer told elsewhere."""
    kept: bool = False
    """There is a snapshot of it that was not given up."""
    marks: dict[str, Mark] = {}

    @property
    def member(self) -> Member:
        """Give what tells whether the run belongs to others."""
        left = None if self.ended is None and not self.answered else max(self.ended or 0.0, self.answered)
        parent = RunId(self.parent) if self.parent else None
        return Member(RunId(self.uid), self.began, left, self.lineage, self.series, parent, self.by == "person")


def marks_of(folder: Path) -> dict[str, Mark] | None:
    """Give the marks of a run's journals; None when they cannot be told right now."""
    found: dict[str, Mark] = {}
    try:
        with os.scandir(folder / "journal") as entries:
            for entry in entries:
                name = journal_name(entry.name)
                if name and entry.is_file(follow_symlinks=False):
                    stat = entry.stat(follow_symlinks=False)
                    found[name] = (stat.st_size, stat.st_mtime_ns)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError:
        return None
    return found


def read_note(folder: Path) -> RunNote:
    """Read one run's folder; of one that cannot be read nothing but its name is known. Never raises."""
    reading = _Reading(folder.name)
    marks = marks_of(folder) or {}
    for path in journals_in(folder / "journal"):
        try:
            reading.read(path)
        except OSError:
            marks.pop(path.name, None)  # it is looked at again next time
    return reading.note(marks)


class _Reading:
    """One reading of one folder."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._fields: dict[str, object] = {}
        self._uid = ""
        self._name: tuple[tuple[int, str, int], str] = ((0, "", 0), "")
        self._ends: dict[int, list[tuple[float, str]]] = {}
        self._supervisors: dict[int, int] = {}
        self._kept = KeptFold()
        self._order: tuple[int, str, int] = (0, "", 0)

    def read(self, path: Path) -> None:
        """Read one journal; raises OSError."""
        with opened(path) as source:
            head = source.pread(_HEAD, 0)
            first = decode_object(head.partition(b"\n")[0])
            header = parse_header(first) if first else None
            if header is None:
                return
            self._uid = self._uid or header.run
            if header.role == "person":
                self._person(path)
            elif header.role == "supervisor" or b'"k":"start"' in head:
                self._start(
                    head if b'"k":"start"' in head or len(head) < _HEAD else head + source.pread(_LONG, len(head))
                )
                self._end(source, header)

    def _start(self, head: bytes) -> None:
        for line in head.split(b"\n")[1:]:
            if b'"k":"start"' in line and (fields := decode_object(line)) and fields.get("k") == "start":
                if as_count(fields.get("c"), 0) >= as_count(self._fields.get("c"), 0):
                    self._fields = fields
                return

    def _end(self, source: Source, header: Header) -> None:
        """Look for the end that a supervisor wrote, from the back: not much comes after it."""
        self._supervisors[header.attempt] = self._supervisors.get(header.attempt, 0) + 1
        size = source.size
        block = b""
        at = size
        while at > 0 and size - at < _MOST_TAIL:
            at = max(at - _TAIL, 0)
            block = source.pread(min(_TAIL, size - at), at) + block[: 1 << 12]
            place = block.rfind(_END)
            if place >= 0:
                begin, stop = block.rfind(b"\n", 0, place) + 1, block.find(b"\n", place)
                fields = decode_object(block[begin : stop if stop >= 0 else len(block)])
                if fields and fields.get("k") == "end":
                    self._ends.setdefault(header.attempt, []).append((as_time(fields.get("t")), _how(fields)))
                return

    def _person(self, path: Path) -> None:
        batch = Tailer(path).read(max_bytes=_PERSON_BYTES, seconds=1.0)
        for event in batch.events:
            try:
                if event.kind == "answer":
                    self._kept.answer(event)
                    if event.body.get("question") == SNAPSHOT:
                        self._order = max(self._order, event.order)
                elif event.kind == "snapshot":
                    self._kept.taken(event)
                elif event.kind == "dropped":
                    self._kept.dropped(event)
                elif event.kind == "name":
                    self._name = max(self._name, (event.order, text(event.body, "name", limit=MAX_NAME)))
            except ForeignError:
                continue

    def note(self, marks: dict[str, Mark]) -> RunNote:
        """Give what was read."""
        said = self._kept.answers().get(SNAPSHOT)
        attempt = max(self._supervisors, default=0)
        ends = self._ends.get(attempt, [])
        over = bool(ends) and len(ends) >= self._supervisors[attempt]
        fields = self._fields
        return RunNote(
            folder=self._folder,
            uid=self._uid,
            name=self._name[1] or _text(fields, "name"),
            user=_text(fields, "user"),
            lineage=_text(fields, "lineage"),
            words=_words(fields),
            began=as_time(fields.get("began")) or as_time(fields.get("t")),
            ended=max(t for t, _ in ends) if over else None,
            how=max((how for _, how in ends), default=""),
            series=_text(fields, "series"),
            parent=_parent(fields),
            answer=said.answer if said else "",
            by=said.by if said else "",
            answered=said.t if said else 0.0,
            order=self._order,
            kept=any(not kept.dropped for kept in self._kept.snapshots()),
            marks=marks,
        )


def _how(fields: Mapping[str, object]) -> str:
    if isinstance(number := fields.get("signal"), int):
        return f"signal {number}"
    code = fields.get("exit")
    return f"exit {code}" if isinstance(code, int) and code else ""


def _text(fields: Mapping[str, object], key: str) -> str:
    try:
        return text(fields, key, "", MAX_NAME)
    except ForeignError:
        return ""


def _words(fields: Mapping[str, object]) -> str:
    try:
        return " ".join(texts(fields, "argv", _WORDS))[:_WORDS]
    except ForeignError:
        return ""


def _parent(fields: Mapping[str, object]) -> str:
    """Name the run that started this one."""
    relations = fields.get("relations")
    for item in relations if isinstance(relations, list) else []:
        if isinstance(item, Mapping) and item.get("role") == "parent" and is_run_id(str(item.get("uid", ""))):
            return str(item["uid"])
    return ""


def has_outputs(folder: Path) -> bool:
    """Tell whether a run wrote or declared a result; its log alone is none. Looks for the words, without decoding."""
    for path in journals_in(folder / "journal"):
        kept = b""
        try:
            for block in blocks_of(path, _BLOCK):
                if _RESULT.search(kept + block):
                    return True
                kept = block[-64:]
        except OSError:
            continue
    return False


def newest(runs: Path, most: int, since: float = 0.0) -> list[RunNote]:
    """Read the folders that were made last, newest first: enough for what has to do with a run that ended just now.

    Args:
        runs: the folder of run folders.
        most: how many are read.
        since: older ones are not, in seconds since the epoch.
    """
    least = time.strftime(_STAMP, time.gmtime(max(since - 1.0, 0.0)))
    try:
        with os.scandir(runs) as entries:
            made = [(_made(e), e.name) for e in entries if not e.name.startswith(".") and e.is_dir()]
    except OSError:
        return []
    found = sorted((each for each in made if each[0] >= least), reverse=True)
    return [read_note(runs / name) for _, name in found[:most]]


def _made(entry: os.DirEntry[str]) -> str:
    """Give what sorts folders by their time: the label of most begins with it, others are looked at."""
    if entry.name[:8].isdigit() and entry.name[8:9] == "-":
        return entry.name[:15]
    try:
        return time.strftime(_STAMP, time.gmtime(entry.stat().st_mtime))
    except OSError:
        return ""
