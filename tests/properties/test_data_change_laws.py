"""Laws of comparing data: nothing from equal versions, the inverse the other way, order plays no part, lines fit."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from repro_tui.domain.data_change import compare, phrase, summary_lines, types_of
from repro_tui.domain.ids import Digest
from repro_tui.domain.plain import clean, shorten, to_ascii, width
from repro_tui.domain.profile import ColumnProfile, DataChange, FileLine, Overlap, Profile, TableProfile

names = st.sampled_from(["a", "b", "dir/c.csv", "d.png"]) | st.text(max_size=8)
finite = st.floats(-1e6, 1e6)

lines = st.lists(
    st.builds(
        FileLine,
        names,
        st.integers(0, 3),
        st.none() | st.sampled_from([Digest("b3:1"), Digest("b3:2"), Digest("b3:3")]),
    ),
    max_size=6,
    unique_by=lambda line: line.path,
)
columns = st.builds(
    ColumnProfile,
    names,
    st.sampled_from(["BIGINT", "DOUBLE", "VARCHAR"]),
    st.floats(0, 1),
    distinct=st.none() | st.integers(0, 20_000),
    low=st.sampled_from(["", "0", "1"]),
    high=st.sampled_from(["", "5", "x"]),
    quartiles=st.just(()) | st.tuples(finite, finite, finite).map(lambda t: tuple(sorted(t))),
    mean=st.none() | finite,
    fingerprint=st.sampled_from(["", "00000001", "0000000100000002", "00000003"]),
)
tables = st.builds(
    TableProfile,
    names,
    st.sampled_from(["csv", "parquet", "images"]),
    st.integers(1, 3),
    st.none() | st.integers(0, 10**9),
    st.lists(columns, max_size=4, unique_by=lambda column: column.name).map(tuple),
    label=names,
    classes=st.dictionaries(names, st.integers(0, 50), max_size=12),
    sampled=st.none() | st.integers(1, 1000),
    problem=st.sampled_from(["", "row 3 is broken"]),
    content=st.sampled_from(["", "aa", "bb"]),
)
profiles = st.lists(tables, max_size=3, unique_by=lambda t: (t.name, t.form)).map(lambda t: Profile((), tuple(t)))
overlaps = st.lists(st.builds(Overlap, names, st.integers(0, 5), st.integers(0, 9), st.booleans()), max_size=2)


@settings(max_examples=60)
@given(lines, profiles)
def test_equal_versions_have_no_change(files, profile):
    found = compare(files, files, profile, profile)
    assert found.empty
    assert found.types == ()


def turned(change: DataChange):
    """Reduce a change to what its inverse must have too, the other way round."""
    return (
        set(change.removed),
        set(change.added),
        {(new, old) for old, new in change.modified},
        {(pair.after, pair.before) for pair in change.renamed},
        [
            (
                table.after,
                table.before,
                set(table.removed),
                set(table.added),
                {(pair.after, pair.before) for pair in table.renamed},
                {(c.after, c.before) for c in (*table.retyped, *table.changed)},
                table.distance,
            )
            for table in sorted(change.tables, key=lambda t: repr((t.after, t.before)))
        ],
    )


def straight(change: DataChange):
    return (
        set(change.added),
        set(change.removed),
        set(change.modified),
        {(pair.before, pair.after) for pair in change.renamed},
        [
            (
                table.before,
                table.after,
                set(table.added),
                set(table.removed),
                {(pair.before, pair.after) for pair in table.renamed},
                {(c.before, c.after) for c in (*table.retyped, *table.changed)},
                table.distance,
            )
            for table in sorted(change.tables, key=lambda t: repr((t.before, t.after)))
        ],
    )


@settings(max_examples=60)
@given(lines, lines)
def test_the_change_back_of_files_is_the_inverse(before, after):
    assert straight(compare(before, after)) == turned(compare(after, before))


@settings(max_examples=60)
@given(tables, columns, st.data())
def test_the_change_back_of_a_table_is_the_inverse(table, column, data):
    from dataclasses import replace

    kept = data.draw(st.lists(st.sampled_from(table.columns), unique=True)) if table.columns else []
    other = replace(table, columns=(*kept, column) if column.name not in {c.name for c in kept} else tuple(kept))
    sides = Profile((), (replace(table, form="csv"),)), Profile((), (replace(other, form="csv", rows=1),))
    there, back = compare([], [], *sides), compare([], [], sides[1], sides[0])
    assert straight(there) == turned(back)


@settings(max_examples=60)
@given(lines, lines, profiles, profiles, st.randoms(use_true_random=False))
def test_order_plays_no_part(before, after, old, new, chance):
    first = compare(before, after, old, new)
    sides = [list(before), list(after)]
    for side in sides:
        chance.shuffle(side)
    shuffled = [Profile((), tuple(chance.sample(p.tables, len(p.tables)))) for p in (old, new)]
    again = compare(*sides, *shuffled)
    assert (again.added, again.removed, again.modified, again.renamed) == (
        first.added,
        first.removed,
        first.modified,
        first.renamed,
    )
    assert types_of(sides[0]) == types_of(before)


@settings(max_examples=80)
@given(lines, lines, profiles, profiles, overlaps, st.integers(40, 120), st.booleans())
def test_every_line_fits_and_is_plain(before, after, old, new, shared, cells, ascii_only):  # noqa: PLR0917 - what is drawn
    change = compare(before, after, old, new, overlaps=shared)
    for text in (*summary_lines(change, cells, ascii_only=ascii_only), phrase(change, ascii_only=ascii_only)):
        assert text.isascii() or not ascii_only
        assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in text)
    for text in summary_lines(change, cells, ascii_only=ascii_only):
        assert cell_len(text) <= width(text) <= cells


@settings(max_examples=150)
@given(st.text(), st.integers(0, 20))
def test_foreign_text_is_never_wider_than_it_is_counted(text, cells):
    plain = clean(text)
    assert cell_len(plain) <= width(plain)
    assert width(shorten(plain, cells)) <= cells
    assert to_ascii(plain).isascii()
