"""Lines of styled pieces, made from values before any widget exists, and tables of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from repro_tui.tui.render.text import clean, cut, fit, pad, shorten, to_ascii, width, window

Piece = tuple[str, str]
"""A cleaned text and the name of its style."""

Line = tuple[Piece, ...]
"""One line of a screen."""

EMPTY: Line = ()

_LABEL = 14
"""Cells of the names of facts."""


def line_width(line: Line) -> int:
    """Count the cells of a line."""
    return sum(width(text) for text, _ in line)


def plain(lines: Sequence[Line], *, ascii_only: bool) -> list[Line]:
    """Give lines as they are, or in ASCII where nothing else can be drawn."""
    return [tuple((to_ascii(text), style) for text, style in line) for line in lines] if ascii_only else list(lines)


def cut_pieces(pieces: Sequence[Piece], cells: int) -> list[Piece]:
    """Cut a line at the room there is, with an ellipsis."""
    out: list[Piece] = []
    for text, style in pieces:
        if cells <= 0:
            break
        shown = shorten(text, cells) if width(text) > cells else text
        out.append((shown, style))
        cells -= width(shown)
    return out


def windowed(line: Line, start: int, cells: int) -> list[Piece]:
    """Cut exactly `cells` cells out of a line, from cell `start` on."""
    pieces: list[Piece] = []
    position = used = 0
    for text, style in line:
        size = width(text)
        first, last = max(0, start - position), min(size, start + cells - position)
        if last > first:
            whole = first == 0 and last == size
            pieces.append((text if whole else window(text, first, last - first), style))
            used += last - first
        position += size
        if used >= cells:
            break
    if used < cells:
        pieces.append((" " * (cells - used), ""))
    return pieces


def title(text: str, note: str = "") -> Line:
    """Head a block of lines."""
    return (text, "title"), (f"  {note}" if note else "", "dim")


def fact(label: str, value: str, style: str = "value", note: str = "") -> Line:
    """Name a fact and give it; foreign text is cleaned."""
    return (
        (fit(label, _LABEL), "label"),
        (clean(value), style),
        (f"  {clean(note)}" if note else "", "dim"),
    )


def long_fact(label: str, value: str, cells: int, style: str = "value") -> Line:
    """Name a fact whose value must be seen whole: where the room is small it moves up to its name."""
    room = max(width(label) + 1, min(_LABEL, cells - width(clean(value))))
    return (fit(label, room), "label"), (clean(value), style)


def missing(label: str, reason: str) -> Line:
    """Name a fact that is not to be had, with the reason."""
    return (fit(label, _LABEL), "label"), (f"- {clean(reason)}", "dim")


def wrapped(text: str, cells: int, style: str = "dim", indent: int = 0) -> list[Line]:
    """Break a sentence at its words into lines of at most `cells` cells."""
    room = max(8, cells - indent)
    lines: list[str] = []
    current = ""
    for word in clean(text).split(" "):
        candidate = f"{current} {word}" if current else word
        if width(candidate) <= room:
            current = candidate
            continue
        if current:
            lines.append(current)
        while width(word) > room:
            head = cut(word, room)
            lines.append(head)
            word = word[len(head) :]  # noqa: PLW2901 - the rest of the same word
        current = word
    if current:
        lines.append(current)
    return [((" " * indent, ""), (part, style)) for part in lines]


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a table of lines."""

    head: str
    right: bool = False
    most: int = 0
    """Cells at most; 0: as many as its texts need."""
    keep_end: bool = False
    """Cut at the start, as for paths."""
    style: str = "value"


def table(fields: Sequence[Field], rows: Sequence[Sequence[Piece]], cells: int) -> tuple[Line, list[Line]]:
    """Lay out rows under heads; the first column gives way when the room is too small. Gives head and lines."""
    wide = [max([width(f.head), *(width(clean(row[i][0])) for row in rows)]) for i, f in enumerate(fields)]
    wide = [min(w, f.most) if f.most else w for w, f in zip(wide, fields, strict=True)]
    rest = sum(wide[1:]) + 2 * (len(wide) - 1)
    wide[0] = max(12, min(wide[0], cells - rest))
    head = tuple((_cell(f, f.head, w) + "  ", "dim") for f, w in zip(fields, wide, strict=True))
    lines = [
        tuple((_cell(f, text, w) + "  ", style) for f, w, (text, style) in zip(fields, wide, row, strict=True))
        for row in rows
    ]
    return head, lines


def _cell(field: Field, text: str, cells: int) -> str:
    shown = shorten(text, cells, keep="end" if field.keep_end else "start")
    return pad(shown, cells, "right" if field.right else "left")


def beside(left: Sequence[Line], right: Sequence[Line], cells: int, gap: int = 3) -> list[Line]:
    """Put two blocks of lines side by side, the left one in `cells` cells."""
    count = max(len(left), len(right))
    lines: list[Line] = []
    for index in range(count):
        first = windowed(left[index], 0, cells) if index < len(left) else [(" " * cells, "")]
        lines.append((*first, (" " * gap, ""), *(right[index] if index < len(right) else ())))
    return lines
