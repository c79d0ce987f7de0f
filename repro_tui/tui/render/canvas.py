"""A page of cells, each a character and the name of its style; two pages can be compared cell by cell.

What is drawn onto a page and sent to a terminal is decided apart: only cells that differ are sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rich.cells import get_character_cell_size

Cell = tuple[str, str]
"""A character and a style name. The second half of a wide character is the empty text."""

Row = list[Cell]

BLANK: Cell = (" ", "")

_NEAR = 6
"""Changed cells so near to each other are sent together: moving the cursor costs about as many bytes."""


@dataclass(slots=True)
class Canvas:
    """Cells to draw on; what lies outside is cut."""

    width: int
    height: int
    rows: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.width, self.height = max(0, self.width), max(0, self.height)
        self.rows = [[BLANK] * self.width for _ in range(self.height)]

    def put(self, x: int, y: int, text: str, style: str = "") -> None:
        """Write a cleaned text from a cell on; it ends at the right edge."""
        if not 0 <= y < self.height:
            return
        row = self.rows[y]
        for character in text:
            size = get_character_cell_size(character)
            if x + max(1, size) > self.width:
                return
            if not size:
                _join(row, x - 1, character)
                continue
            if x >= 0:
                row[x] = (character, style)
                if size > 1:
                    row[x + 1] = ("", style)
            x += size

    def cell(self, x: int, y: int) -> Cell:
        """Give one cell, a blank outside."""
        return self.rows[y][x] if 0 <= y < self.height and 0 <= x < self.width else BLANK


def _join(row: Row, x: int, mark: str) -> None:
    """Put a combining mark onto the character before it."""
    while x > 0 and not row[x][0]:
        x -= 1
    if x >= 0:
        row[x] = (row[x][0] + mark, row[x][1])


def spans(row: Sequence[Cell]) -> Iterator[Cell]:
    """Join neighbouring cells of one style.

    A blank shows nothing of a colour, so it goes with its neighbour: each change of style costs some twenty bytes.
    """
    text: list[str] = []
    current = ""
    for cell in row:
        character, style = cell
        if cell == BLANK and "reverse" not in current:
            style = current
        elif style != current and not current and not "".join(text).strip(" "):
            current = style if "reverse" not in style else current
        if style != current:
            if text:
                yield "".join(text), current
            text, current = [], style
        text.append(character)
    if text:
        yield "".join(text), current


def changes(before: Sequence[Row], after: Sequence[Row]) -> Iterator[tuple[int, int, int]]:
    """Give (x, y, width) of what differs between two pages of equal size."""
    for y, (old, new) in enumerate(zip(before, after, strict=True)):
        if old != new:
            yield from ((x, y, width) for x, width in _changed(old, new))


def _changed(old: Row, new: Row) -> Iterator[tuple[int, int]]:
    start = last = -1
    for x, (a, b) in enumerate(zip(old, new, strict=True)):
        if a == b:
            continue
        if start >= 0 and x - last > _NEAR:
            yield start, last - start + 1
            start = x
        elif start < 0:
            start = x
        last = x
    if start >= 0:
        yield start, last - start + 1
