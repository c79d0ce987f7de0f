"""Excerpts of tables that are too large to be read: pieces from everywhere in them, always the same ones."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from repro_tui.profiles.connect import Bench
from repro_tui.profiles.heads import beginning
from repro_tui.profiles.places import Place, UnfitError

PIECES = 64
"""Pieces that an excerpt is made of."""


def excerpt(bench: Bench, places: Sequence[Place], *, header: bool) -> Place:
    """Write whole lines from everywhere in some files into one file, which is as large as the budget says.

    Of a packed file, which can only be read from its beginning, that is the beginning. A line break within quotes may
    cost the row in which it lies. Raises UnfitError.
    """
    target = bench.folder / f"excerpt.{places[0].form}"
    try:
        with target.open("wb") as stream:
            if header:
                stream.write(_first_line(places[0]))
            for place, start, size in _pieces(places, bench.clock.budget.excerpt):
                stream.write(_lines(place, start, size, header=header))
    except OSError as error:
        raise UnfitError(f"cannot be read: {error.strerror}") from error
    return bench.add(Place(places[0].name, target, places[0].form, "", target.stat().st_size))


def _pieces(places: Sequence[Place], size: int) -> Iterator[tuple[Place, int, int]]:
    """Say where the pieces begin: at even distances in all files together."""
    total = sum(place.size for place in places)
    each = size // PIECES
    before = 0
    wanted = [number * total // PIECES for number in range(PIECES)]
    for place in places:
        here = [at - before for at in wanted if before <= at < before + place.size]
        if place.packing:
            if here:
                yield place, 0, each * len(here)
        else:
            for at in here:
                yield place, at, each
        before += place.size


def _first_line(place: Place) -> bytes:
    line, _, _ = beginning(place).partition(b"\n")
    return line + b"\n"


def _lines(place: Place, start: int, size: int, *, header: bool) -> bytes:
    """Give the whole lines of a piece, without the first line of the file where that names the columns."""
    if place.packing:
        raw = beginning(place, size)
    else:
        descriptor = os.open(place.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            raw = os.pread(descriptor, size, start)
        finally:
            os.close(descriptor)
    if start or header:
        raw = raw.partition(b"\n")[2]
    return raw[: raw.rfind(b"\n") + 1]


def windows(rows: int, most: int) -> str:
    """Write a condition on the number of a row in its file that is true in some stretches of so many rows in all."""
    each = max(1, most // PIECES)
    if rows <= most:
        return "true"
    starts = [number * rows // PIECES for number in range(PIECES)]
    return " OR ".join(f"file_row_number BETWEEN {start} AND {start + each - 1}" for start in starts)
