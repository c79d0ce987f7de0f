"""The braille raster: what lies outside is cut, a line has no holes, ASCII says the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from repro_tui.tui.render.braille import Raster, braille, plain


def dots(raster: Raster) -> set[tuple[int, int]]:
    return {
        (column, row) for column, bits in enumerate(raster.columns) for row in range(raster.height) if bits >> row & 1
    }


def test_one_dot_is_one_bit_of_its_cell():
    raster = Raster(1, 1)
    raster.bar(1, 3, 3)
    assert list(raster.masks(0)) == [0x80]
    assert braille(0x80) == "⢀"


coordinate = st.floats(-50, 50)


@given(coordinate, coordinate, coordinate, coordinate)
def test_a_line_stays_inside_and_has_no_holes(x0, y0, x1, y1):
    raster = Raster(10, 5)
    raster.line(x0, y0, x1, y1)
    filled = [bits for bits in raster.columns if bits]
    assert all(bits < 1 << raster.height for bits in filled)
    for bits in filled:
        trimmed = bits >> (bits & -bits).bit_length() - 1
        assert trimmed & (trimmed + 1) == 0


def test_neighbouring_columns_of_a_line_touch():
    raster = Raster(10, 10)
    raster.line(0, 39, 19, 0)
    filled = dots(raster)
    assert {column for column, _ in filled} == set(range(20))
    for column in range(19):
        here = {row for c, row in filled if c == column}
        there = {row for c, row in filled if c == column + 1}
        assert min(abs(a - b) for a in here for b in there) <= 1


@given(st.integers(0, 255))
def test_every_cell_has_a_stand_in_of_one_ascii_character(mask):
    assert len(plain(mask)) == 1
    assert plain(mask).isascii()
    assert (plain(mask) == " ") == (mask == 0) == (braille(mask) == " ")


def test_a_raster_without_room_draws_nothing():
    raster = Raster(0, 0)
    raster.line(0, 0, 5, 5)
    raster.bar(0, 0, 3)
    assert raster.columns == []
