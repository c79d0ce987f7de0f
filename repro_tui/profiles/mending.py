"""Files of fields that DuckDB refuses as a whole, written anew so that it reads them: UTF-8, one kind of line ends.

Rows appended on another system end in other ways than those before them, and much that is called Latin-1 was written
by Windows. Which file of a table it is, DuckDB does not say, so each is tried alone.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from repro_tui.profiles.connect import Bench
from repro_tui.profiles.delimited import relation_of
from repro_tui.profiles.heads import Head, open_plain
from repro_tui.profiles.places import Place, UnfitError

_MOST = 256 * 1024 * 1024
"""Bytes, unpacked, of a file that is written anew."""
_PIECE = 1 << 20
_NUMBERS = itertools.count()


def mended(bench: Bench, places: Sequence[Place], head: Head, problems: list[str]) -> tuple[list[Place], Head]:
    """Give the files of a table that can be read, some of them written anew, and how they are read.

    What cannot be read all the same is noted in `problems` and left out. Raises TooLongError.
    """
    kept: list[Place] = []
    plain = replace(head, encoding="utf-8", foreign="Windows-1252") if head.encoding == "latin-1" else head
    for place in places:
        try:
            if plain is not head or not _is_readable(bench, place, head):
                place = _written_anew(bench, place, head)  # noqa: PLW2901 - the same file in another writing
                bench.ask(f"SELECT count(*) FROM {relation_of(bench, [place], plain)}")  # noqa: S608 - quoted
            kept.append(place)
        except (UnfitError, ValueError) as error:
            problems.append(f"{place.shown} cannot be read: {str(error).splitlines()[0]}")
    return kept, plain


def _is_readable(bench: Bench, place: Place, head: Head) -> bool:
    try:
        bench.ask(f"SELECT count(*) FROM {relation_of(bench, [place], head)}")  # noqa: S608 - quoted
    except ValueError:
        return False
    return True


def _written_anew(bench: Bench, place: Place, head: Head) -> Place:
    """Write a file with newlines alone at the ends of its lines; bytes that mean nothing stay for DuckDB to refuse."""
    target = bench.folder / f"mended{next(_NUMBERS)}.{place.form}"
    if head.encoding == "latin-1":
        source, wrong = "cp1252", "replace"
    else:
        source, wrong = {"utf-8": "utf-8-sig"}.get(head.encoding, head.encoding), "surrogateescape"
    wrong_out = "surrogateescape" if source == "utf-8-sig" else "replace"
    try:
        with (
            open_plain(place) as raw,
            io.TextIOWrapper(raw, encoding=source, errors=wrong, newline=None) as lines,
            target.open("w", encoding="utf-8", errors=wrong_out, newline="") as stream,
        ):
            _copy(lines, stream)
    except (OSError, EOFError, UnicodeError) as error:
        raise UnfitError(str(getattr(error, "strerror", None) or error)) from error
    return bench.add(Place(place.name, Path(target), place.form, "", target.stat().st_size))


def _copy(lines: io.TextIOWrapper, stream: io.TextIOBase) -> None:
    written = 0
    while piece := lines.read(_PIECE):
        written += stream.write(piece)
        if written > _MOST:
            raise UnfitError("it has line ends of several kinds, or bytes of Windows, and is larger than 256 MB")
