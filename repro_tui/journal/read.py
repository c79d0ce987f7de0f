"""Reading a journal that is being written: bounded by bytes and time, tolerant of damage, and able to go on later.

How a position is proved to be in the same file: an inode does not prove it (ext4 gave the same one again in 50 of 50
deletions), and device numbers differ between hosts. So a position carries fingerprints of the file's first bytes and of
the bytes just before it; when either differs, or the file is shorter, it was replaced and is read from its beginning.

What the ingest gets: rows of values as `PointLine` structs with a parallel list of offsets (`Batch.points`,
`Batch.offsets`). They have to be decoded to be checked; a second decoder over the same bytes would cost more than
walking the structs (see `lines`).
"""

from __future__ import annotations

import os
import stat
import time
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import Self

from repro_tui.domain.events import Event, Header
from repro_tui.domain.ids import WriterId
from repro_tui.journal.layout import writer_of
from repro_tui.journal.lines import (
    VERSION,
    Lines,
    PointLine,
    decode_lines,
    decode_object,
    make_event,
    parse_header,
    version_of,
)
from repro_tui.journal.sealed import Source, open_source

MAX_LINE = 1 << 20
"""Bytes; a longer line is skipped without being held in memory."""
_BLOCK = 1 << 18
_HEAD = 256
_TAIL = 64


@dataclass(frozen=True, slots=True)
class Position:
    """How far a journal was read, and what proves that it still is the same file."""

    offset: int = 0
    """Bytes that were read; the next line begins here unless `inside` is set."""
    head: str = ""
    """Fingerprint of the first bytes, with their number: `256:8f3a…`."""
    tail: str = ""
    """Fingerprint of the bytes before the offset."""
    inside: bool = False
    """The offset lies inside a line that is too long and is being passed over."""
    muted: bool = False
    """The lines here follow the header of another writer: two files were glued together."""

    def to_text(self) -> str:
        """Write it as one text for a column of the catalog."""
        return f"{self.offset}/{self.head}/{self.tail}/{int(self.inside)}{int(self.muted)}"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read what `to_text` wrote; anything else is the beginning of the file."""
        match text.split("/"):
            case [offset, head, tail, ("00" | "01" | "10" | "11") as flags] if offset.isascii() and offset.isdigit():
                return cls(int(offset), head, tail, flags[0] == "1", flags[1] == "1")
        return cls()


START = Position()


@dataclass(slots=True)
class Batch:
    """What one reading brought."""

    writer: WriterId
    """From the header, else from the file's name; empty when neither tells."""
    position: Position
    """Where the next reading goes on."""
    header: Header | None = None
    """The first line, each time it is known; None when it is damaged or not yet there."""
    restart: bool = False
    """The file was truncated, rewritten or replaced: forget this writer's rows and events, these begin anew."""
    gone: bool = False
    """There is no such file, or it cannot be opened."""
    newer: int = 0
    """The format version that the header claims when it is one that this reader does not know; nothing was read."""
    points: list[PointLine] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    """Byte offset of each point's line, parallel to `points`."""
    events: list[Event] = field(default_factory=list)
    skipped: int = 0
    """Lines passed over: no JSON object, too long, or another writer's."""
    trouble: str = ""
    """Why the file could not be read this time, empty when it could; try again at the next news."""
    more: bool = False
    """A limit ended the reading before the file's end."""

    @property
    def attempt(self) -> int:
        """The attempt that the points belong to; 1 where the header is damaged."""
        return self.header.attempt if self.header else 1

    @property
    def changed(self) -> bool:
        """Tell whether there is anything new in it."""
        return bool(self.restart or self.points or self.events or self.skipped or self.newer)


class Tailer:
    """Reads one journal file, from a position on, as often as it is asked. Holds no descriptor between readings.

    The same writer's file may be there twice, after a merge of two copies: feed the longer one and leave the other
    out, because what they share is equal, byte for byte.
    """

    def __init__(self, path: Path, position: Position = START) -> None:
        self.path = path
        self.position = position
        """Where the next reading begins."""
        self._header: Header | None = None
        self._newer = 0
        self._knows_header = False

    def read(self, *, max_bytes: int = 4 << 20, seconds: float = 0.25) -> Batch:
        """Read on, at most about so many bytes and seconds (a block of 256 KiB is always read to its end).

        Never raises for anything that the file holds; a file that cannot be opened is `gone`.
        """
        before = self.position
        batch = Batch(WriterId(writer_of(self.path)), before)
        try:
            source = open_source(self.path)
        except OSError:
            batch.gone = True
            return batch
        try:
            self._read(source, batch, max_bytes, time.monotonic() + seconds)
        except OSError as error:  # a flaky disk or a server that went away: this reading did not happen
            self.position = before
            batch = Batch(batch.writer, before, trouble=error.strerror or str(error))
        finally:
            source.close()
        return batch

    def _read(self, source: Source, batch: Batch, max_bytes: int, deadline: float) -> None:
        if not stat.S_ISREG(os.fstat(source.descriptor).st_mode):
            batch.gone = True
            return
        if self.position.offset and not _same(source, self.position):
            self.position, self._knows_header = START, False
            self._header, self._newer = None, 0
            batch.restart = True
        self._know_header(source, batch)
        if not self._knows_header or self._newer:
            batch.position = self.position
            return
        begin = self.position.offset
        batch.more = self._block(source, batch)
        while batch.more and self.position.offset - begin < max_bytes and time.monotonic() < deadline:
            batch.more = self._block(source, batch)
        if self.position.offset != begin or batch.restart:
            self.position = _marked(source, self.position)
        batch.position = self.position

    def _know_header(self, source: Source, batch: Batch) -> None:
        """Read the first line, once; as long as it is not whole nothing is read."""
        if not self._knows_header:
            first = source.pread(1 << 12, 0)
            if b"\n" not in first and len(first) == 1 << 12:
                first = source.pread(MAX_LINE, 0)
            end = first.find(b"\n")
            if end < 0 and len(first) < MAX_LINE:
                return
            fields = decode_object(first[:end]) if end >= 0 else None
            self._header = parse_header(fields) if fields else None
            version = version_of(fields) if fields else 0
            self._newer = version if version > VERSION else 0
            self._knows_header = True
        batch.header, batch.newer = self._header, self._newer
        if self._header:
            batch.writer = self._header.writer

    def _block(self, source: Source, batch: Batch) -> bool:
        """Read and decode one block; tell whether there may be more right now."""
        at = self.position
        block = source.pread(_BLOCK, at.offset)
        end = block.rfind(b"\n") + 1
        if block and not end and not at.inside and len(block) == _BLOCK:
            block = source.pread(MAX_LINE, at.offset)
            end = block.rfind(b"\n") + 1
        if at.inside:
            end = block.find(b"\n") + 1
            self.position = replace(at, offset=at.offset + (end or len(block)), inside=not end)
            return bool(block)
        if end:
            muted = _take(decode_lines(block[:end], at.offset), batch, muted=at.muted)
            self.position = replace(at, offset=at.offset + end, muted=muted)
            return len(block) >= _BLOCK
        if len(block) >= MAX_LINE:
            batch.skipped += 1
            self.position = replace(at, offset=at.offset + len(block), inside=True)
            return True
        return False


def _take(lines: Lines, batch: Batch, *, muted: bool) -> bool:
    """Put what a block holds into the batch, without what belongs to another writer; tell whether such lines go on."""
    batch.skipped += lines.skipped
    starts, ours = [0], [not muted]
    for offset, fields in lines.others:
        if offset and "k" not in fields:
            starts.append(offset)
            ours.append(_is_ours(fields, batch))
    if all(ours):
        batch.points += lines.points
        batch.offsets += lines.offsets
    else:
        for point, offset in zip(lines.points, lines.offsets, strict=True):
            if ours[bisect_right(starts, offset) - 1]:
                batch.points.append(point)
                batch.offsets.append(offset)
            else:
                batch.skipped += 1
    for offset, fields in lines.others:
        if "k" in fields and ours[bisect_right(starts, offset) - 1]:
            batch.events.append(make_event(fields, offset, batch.writer, batch.attempt))
        elif "k" in fields:
            batch.skipped += 1
    return not ours[-1]


def _is_ours(fields: dict[str, object], batch: Batch) -> bool:
    """Tell whether a header inside a file is this writer's own, as after a file was copied onto its end."""
    header = parse_header(fields)
    return header is not None and header.writer == batch.writer


def _same(source: Source, position: Position) -> bool:
    """Tell whether a file still begins and goes on as it did when the position was made.

    One that is shorter has fewer bytes before the offset, so that their fingerprint differs too.
    """
    number = position.head.partition(":")[0]
    length = int(number) if number.isascii() and number.isdigit() else 0
    return (
        0 < length <= _HEAD
        and _print(source.pread(length, 0)) == position.head
        and _print(source.pread(_TAIL, max(position.offset - _TAIL, 0))[: position.offset]) == position.tail
    )


def _marked(source: Source, position: Position) -> Position:
    """Put the fingerprints into a position."""
    if not position.offset:
        return position
    head = source.pread(min(_HEAD, position.offset), 0)
    tail = source.pread(_TAIL, max(position.offset - _TAIL, 0))[: position.offset]
    return replace(position, head=_print(head), tail=_print(tail))


def _print(data: bytes) -> str:
    return f"{len(data)}:{blake2b(data, digest_size=8).hexdigest()}"
