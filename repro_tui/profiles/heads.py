"""The beginning of a file of rows: how it is encoded, what separates its fields, whether it names its columns.

Decided here and not by DuckDB's sniffer, so that two versions of a table are always read in the same way and a broken
row cannot change how the others are understood.
"""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, cast

from repro_tui.profiles.places import Place, UnfitError

HEAD = 1 << 20
"""Bytes that are looked at."""
_LINES = 200
"""Rows that are looked at."""
_SEPARATORS = {"csv": (",", ";", "\t", "|"), "tsv": ("\t",)}
_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Head:
    """How a file of fields is to be read."""

    encoding: str
    """`utf-8`, `utf-16` or `latin-1`, as DuckDB calls them."""
    separator: str
    header: bool
    names: tuple[str, ...]
    """Of the columns; invented where the file has none, made different where it repeats one."""
    problem: str = ""
    """What is odd about it: `names column x twice`."""
    foreign: str = ""
    """What it was taken for when it is no UTF-8: `Latin-1`."""

    @property
    def key(self) -> tuple[object, ...]:
        """What files of one table have in common."""
        return (self.encoding, self.separator, self.header, self.names)


@contextlib.contextmanager
def open_plain(place: Place) -> Iterator[IO[bytes]]:
    """Open a file so that its unpacked bytes are read; never waits for a pipe. Reading raises OSError, EOFError."""
    descriptor = os.open(place.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with contextlib.ExitStack() as stack:
        stream = stack.enter_context(open(descriptor, "rb"))  # noqa: PTH123 - pathlib cannot open descriptors
        yield _unpacked(stream, place.packing, stack)


def _unpacked(stream: IO[bytes], packing: str, stack: contextlib.ExitStack) -> IO[bytes]:
    if packing == "gzip":
        return cast(IO[bytes], stack.enter_context(gzip.GzipFile(fileobj=stream)))
    if packing == "zstd":
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
        return cast(IO[bytes], stack.enter_context(zstd.ZstdFile(stream)))
    return stream


def beginning(place: Place, size: int = HEAD) -> bytes:
    """Give the first bytes of a file, unpacked; raises UnfitError."""
    try:
        with open_plain(place) as stream:
            return stream.read(size)
    except (OSError, EOFError) as error:
        raise UnfitError(f"cannot be read: {getattr(error, 'strerror', None) or error}") from error
    except Exception as error:
        raise UnfitError(f"cannot be unpacked: {error}") from error


def head_of(place: Place) -> Head:
    """Look at the beginning of a file of fields; raises UnfitError when it cannot be a table."""
    raw = beginning(place)
    encoding, text = _decode(raw)
    if not text.strip():
        raise UnfitError("is empty")
    if "\0" in text:
        raise UnfitError("is no text: it holds NUL bytes")
    if len(raw) == HEAD:
        text, newline, _ = text.rpartition("\n")
        if not newline:
            raise UnfitError("row 1 is longer than 1 MB, which is no table")
    separator = _separator(text, place.form)
    rows = [row for row in _rows(text, separator) if row]
    if not rows:
        raise UnfitError("is empty")
    header = _is_header(rows)
    names, problem = _names(rows[0], header=header)
    return Head(encoding, separator, header, names, problem, "Latin-1" if encoding == "latin-1" else "")


def _decode(raw: bytes) -> tuple[str, str]:
    """Give encoding and text; what is no UTF-8 is read byte by byte as Latin-1, which never fails."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", raw[: len(raw) // 2 * 2].decode("utf-16", "replace")
    try:
        return "utf-8", raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if len(raw) == HEAD and error.start >= len(raw) - 4:
            return "utf-8", raw[: error.start].decode("utf-8-sig")
        return "latin-1", raw.decode("latin-1")


def _rows(text: str, separator: str) -> Iterator[list[str]]:
    csv.field_size_limit(HEAD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    for _ in range(_LINES):
        try:
            yield next(reader)
        except (csv.Error, StopIteration):
            return


def _separator(text: str, form: str) -> str:
    """Choose what splits most rows into the same number of fields, and into more than one."""
    best = _SEPARATORS[form][0]
    most = 0.0
    for separator in _SEPARATORS[form]:
        counts = [len(row) for row in _rows(text, separator) if row]
        usual = max(set(counts), key=lambda n: (counts.count(n), n)) if counts else 1
        score = counts.count(usual) / len(counts) + (1 if counts[0] == usual else 0) if usual > 1 else 0.0
        if score > most:
            best, most = separator, score
    return best


def _is_number(field: str) -> bool:
    return _NUMBER.fullmatch(field) is not None


def _is_header(rows: list[list[str]]) -> bool:
    """Tell whether the first row names columns: it is all words, or counts from 0 or 1, or a word above numbers."""
    first, rest = [field.strip() for field in rows[0]], rows[1:]
    if first in ([str(i) for i in range(len(first))], [str(i + 1) for i in range(len(first))]) and len(first) > 1:
        return True
    words = [i for i, field in enumerate(first) if field and not _is_number(field)]
    if len(words) == len(first) or (len(words) == len(first) - 1 and not first[0]):
        return True
    return any(
        rest and all(len(row) > i and (_is_number(row[i]) or not row[i].strip()) for row in rest[:20]) for i in words
    )


def _names(first: list[str], *, header: bool) -> tuple[tuple[str, ...], str]:
    """Give each column a name of its own."""
    if not header:
        return tuple(f"column{i}" for i in range(len(first))), ""
    names: list[str] = []
    seen: dict[str, int] = {}
    twice = ""
    for i, field in enumerate(first):
        wanted = field.strip() or (f"column{i}" if i else "index")
        seen[wanted] = seen.get(wanted, 0) + 1
        if seen[wanted] > 1:
            twice = twice or wanted
            wanted = f"{wanted}.{seen[wanted] - 1}"
            while wanted in seen:
                wanted += "_"
            seen[wanted] = 1
        names.append(wanted)
    return tuple(names), f"names column {twice} more than once" if twice else ""
