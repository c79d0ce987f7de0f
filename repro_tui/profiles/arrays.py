"""Arrays in NumPy files, alone (.npy) or several in an archive (.npz): header, and statistics on a sample of values."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from repro_tui.domain.profile import ColumnProfile, TableProfile
from repro_tui.profiles.array_header import Header, header_of
from repro_tui.profiles.array_statistics import column_of
from repro_tui.profiles.array_values import Layout, Read, count_classes, layout_of, sample
from repro_tui.profiles.budget import Clock
from repro_tui.profiles.connect import TooLongError
from repro_tui.profiles.labels import GUESSES, MOST_CLASSES, label_of
from repro_tui.profiles.places import Place, UnfitError

_HEAD = (1 << 16) + 12
_UNPACKED = 256_000_000
"""Bytes of a packed array that are unpacked at most."""
_MOST_MEMBERS = 64
_ENDS = tuple(f"_{word}" for word in GUESSES)
_STARTS = tuple(f"{word}_" for word in GUESSES)


@dataclass(frozen=True, slots=True)
class Part:
    """One array of a table."""

    name: str
    header: Header
    read: Read
    size: int
    """Bytes that there are, its header included."""

    @property
    def rows(self) -> int:
        """Count the rows that are really there."""
        header = self.header
        per_row = header.size * header.count // header.rows if header.rows else 0
        if not per_row or header.columnwise:
            return header.rows if self.size >= header.start + header.size * header.count else 0
        return max(0, min(header.rows, (self.size - header.start) // per_row))


def header_at(place: Place) -> Header:
    """Read the header of a .npy file; raises UnfitError."""
    return header_of(_reader(place)(0, _HEAD))


def part_of(place: Place, header: Header) -> Part:
    """Take a .npy file as an array."""
    return Part(place.name, header, _reader(place), place.path.stat().st_size)


def _reader(place: Place) -> Read:
    """Give what reads a file. It is opened each time: there may be more files than descriptors."""

    def read(start: int, size: int) -> bytes:
        try:
            descriptor = os.open(place.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                return os.pread(descriptor, size, start)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise UnfitError(f"cannot be read: {error.strerror}") from error

    return read


def members(place: Place) -> Iterator[Part | str]:
    """Give the arrays of an archive, and a problem for each that is none; raises UnfitError for a damaged archive."""
    try:
        archive = zipfile.ZipFile(place.path)
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UnfitError(f"is no whole archive: {getattr(error, 'strerror', None) or error}") from error
    with archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        for info in infos[:_MOST_MEMBERS]:
            title = f"{place.name}/{info.filename.removesuffix('.npy')}"
            read = _member_reader(archive, info)
            try:
                yield Part(title, header_of(read(0, _HEAD)), read, info.file_size)
            except UnfitError as error:
                yield f"{title} {error}"
        if len(infos) > _MOST_MEMBERS:
            yield f"{place.name} holds {len(infos):,} arrays; the first {_MOST_MEMBERS} were looked at"


def _member_reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Read:
    """Give what reads a member of an archive, forwards; what lies too far behind is not unpacked."""
    streams: list[zipfile.ZipExtFile] = []

    def read(start: int, size: int) -> bytes:
        if start + size > _UNPACKED:
            size = max(0, _UNPACKED - start)
        try:
            if not streams:
                streams.append(archive.open(info))  # type: ignore[arg-type]  # opened for reading it is a ZipExtFile
            streams[0].seek(start)
            return streams[0].read(size)
        except (
            OSError,
            EOFError,
            zipfile.BadZipFile,
            zlib.error,
            RuntimeError,
            NotImplementedError,
            ValueError,
        ) as error:
            raise UnfitError(f"cannot be unpacked: {error}") from error

    return read


def describe(name: str, form: str, parts: Sequence[Part], label: str, clock: Clock) -> TableProfile:
    """Describe arrays of the same form as one table. Raises UnfitError, TooLongError."""
    first = parts[0].header
    rows = sum(part.rows for part in parts)
    shape = first.shape if len(parts) == 1 else (rows, *first.shape[1:])
    problems = [
        f"{part.name} is cut off: {part.rows:,} of {part.header.rows:,} rows are there"
        for part in parts
        if part.rows < part.header.rows
    ]
    stem = PurePosixPath(parts[0].name).stem if len(parts) == 1 else ""
    layout = layout_of(first, stem if _names_labels(stem, label) else "values")
    if first.objects:
        problems.append("it holds Python objects, which are never opened")
    whole = [(part.header, part.read, part.rows) for part in parts]
    drawn = sample(whole, layout, lambda: _stop(clock))
    columns = tuple(
        column_of(column, kind, values) if values is not None else ColumnProfile(column, kind, 0.0)
        for column, kind, values in zip(layout.names, layout.types, drawn.values, strict=True)
    )
    chosen = _label(columns, layout, stem, label, rows)
    classes = {} if chosen is None else count_classes(whole, layout, chosen, lambda: _stop(clock))
    return TableProfile(
        name=name,
        form=form,
        files=len(parts),
        rows=rows,
        columns=columns,
        label="" if chosen is None or not classes else columns[chosen].name,
        classes=classes if len(classes) <= MOST_CLASSES else {},
        sampled=drawn.sampled,
        shape=shape,
        problem="; ".join(problems[:3]),
    )


def _stop(clock: Clock) -> None:
    if clock.over:
        raise TooLongError


def _names_labels(stem: str, label: str) -> bool:
    low = stem.lower()
    return bool(stem) and (stem == label or low in GUESSES or low.endswith(_ENDS) or low.startswith(_STARTS))


def _label(columns: Sequence[ColumnProfile], layout: Layout, stem: str, label: str, rows: int) -> int | None:
    """Find what holds the classes: a field of a usual name, or all of an array that has such a name."""
    if layout.flat or not rows:
        return None
    if len(columns) == 1 and _names_labels(stem, label):
        return 0 if (columns[0].distinct or MOST_CLASSES + 1) <= MOST_CLASSES else None
    return label_of(columns, label, rows)
