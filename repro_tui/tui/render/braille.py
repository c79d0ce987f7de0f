"""A raster of braille dots, two by four a cell: one bar from top to bottom for each dot column.

A curve with two values a dot column (the least and the greatest) is drawn in time that depends on the width alone.
"""

from __future__ import annotations

from collections.abc import Iterator

ROWS = 4
"""Dot rows in a cell."""
COLUMNS = 2
"""Dot columns in a cell."""

_LEFT = (0x01, 0x02, 0x04, 0x40)
_RIGHT = (0x08, 0x10, 0x20, 0x80)
_BLANK = 0x2800


def _column_bits(dots: tuple[int, int, int, int]) -> tuple[int, ...]:
    """Give, for each of the 16 fillings of one dot column, its bits in a braille character."""
    return tuple(sum(bit for row, bit in enumerate(dots) if filling >> row & 1) for filling in range(16))


_LEFT_BITS = _column_bits(_LEFT)
_RIGHT_BITS = _column_bits(_RIGHT)


class Raster:
    """Dots of one curve. Row 0 is the top, column 0 the left; both count dots, not cells."""

    __slots__ = ("columns", "height", "width")

    def __init__(self, cells_wide: int, cells_high: int) -> None:
        self.width = max(0, cells_wide) * COLUMNS
        self.height = max(0, cells_high) * ROWS
        self.columns = [0] * self.width
        """For each dot column a number whose bit n says that dot row n is filled."""

    def bar(self, column: int, top: int, bottom: int) -> None:
        """Fill the dots of one column from row `top` to row `bottom`, whichever is above; what lies outside is cut."""
        if top > bottom:
            top, bottom = bottom, top
        top, bottom = max(0, top), min(self.height - 1, bottom)
        if 0 <= column < self.width and top <= bottom:
            self.columns[column] |= ((1 << (bottom - top + 1)) - 1) << top

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Draw a straight line between two points in dots, at most one bar for each column that it crosses."""
        if x0 > x1:
            x0, y0, x1, y1 = x1, y1, x0, y0
        first, last = max(0, round(x0)), min(self.width - 1, round(x1))
        if x1 - x0 < 1:
            self.bar(round(x1), round(y0), round(y1))
            return
        slope = (y1 - y0) / (x1 - x0)
        before = y0 if first == round(x0) else y0 + slope * (first - 0.5 - x0)
        for column in range(first, last + 1):
            after = y0 + slope * (min(column + 0.5, x1) - x0)
            self.bar(column, round(before), round(after))
            before = after

    def masks(self, row: int) -> Iterator[int]:
        """Give the braille bits of each cell in a row of cells, 0 where there is no dot."""
        shift = row * ROWS
        columns = self.columns
        for left in range(0, self.width, COLUMNS):
            yield _LEFT_BITS[columns[left] >> shift & 15] | _RIGHT_BITS[columns[left + 1] >> shift & 15]

    def filled(self) -> Iterator[tuple[int, int, int]]:
        """Give (x, y, braille bits) of each cell that has a dot: as many steps as the curve is long."""
        columns = self.columns
        for x in range(self.width // COLUMNS):
            left, right = columns[COLUMNS * x], columns[COLUMNS * x + 1]
            both = left | right
            while both:
                y = ((both & -both).bit_length() - 1) // ROWS
                shift = y * ROWS
                yield x, y, _LEFT_BITS[left >> shift & 15] | _RIGHT_BITS[right >> shift & 15]
                both = both >> (shift + ROWS) << (shift + ROWS)


def braille(mask: int) -> str:
    """Give the character of a cell's dots, a space when it has none."""
    return chr(_BLANK + mask) if mask else " "


_TOP, _UPPER, _LOWER, _BOTTOM = (left | right for left, right in zip(_LEFT, _RIGHT, strict=True))


def plain(mask: int) -> str:
    """Give the ASCII sign that comes nearest to a cell's dots: `'` and `-` and `.` by height, `|` for a steep bar."""
    if not mask:
        return " "
    top, upper, lower, bottom = (bool(mask & row) for row in (_TOP, _UPPER, _LOWER, _BOTTOM))
    if (top or upper) and bottom and (upper or lower):
        return "|"
    if top and bottom:
        return ":"
    if bottom:
        return "." if not lower else ","
    if top:
        return "'"
    return "-"
