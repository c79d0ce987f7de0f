"""A change of data, in values and in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from repro_tui.domain.data_change import compare, phrase, summary_lines, types_of
from repro_tui.domain.data_words import moved_number, moved_share, number, percent
from repro_tui.domain.ids import Digest
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.profile import ColumnProfile, FileLine, Overlap, Profile, Renamed, TableProfile

EVEN = {str(n): 5000 for n in range(10)}
MORE = {**EVEN, "3": 6204}


def line(path, digest="1", size=100):
    return FileLine(path, size, Digest(f"b3:{digest}") if digest else None)


def col(name, kind="BIGINT", **more):
    return ColumnProfile(name, kind, more.pop("nulls", 0.0), **more)


X = col("x", quartiles=(1.0, 2.0, 5.0), mean=2.0, low="0", high="9", distinct=10, fingerprint="0000000100000002")
LABEL = col("label", distinct=10)


def tab(columns=(X, LABEL), rows=50_000, **more):
    return TableProfile(more.pop("name", "a.csv"), "csv", 1, rows, tuple(columns), **more)


def change(before, after, files=(("a.csv", "1"),), later=(("a.csv", "2"),), **more):
    old, new = ([line(*file) for file in side] for side in (files, later))
    return compare(old, new, Profile(types_of(old), before), Profile(types_of(new), after), **more)


SCANS = change(
    (tab(label="label", classes=EVEN, name="scans_a.csv"),),
    (tab(label="label", classes=MORE, rows=51_204, name="*.csv"),),
    files=[("scans_a.csv", "1")],
    later=[("scans_a.csv", "1"), ("scans_b.csv", "2")],
    overlaps=[Overlap("test", 0, 51_204)],
)


def test_the_change_of_the_specification_is_said_in_its_words():
    assert phrase(SCANS) == "+1,204 rows, label 3: 10.0 % → 12.1 %"
    assert phrase(SCANS, ascii_only=True) == "+1,204 rows, label 3: 10.0 % to 12.1 %"
    assert summary_lines(SCANS, 80) == [
        "files   1 added  scans_b.csv   0 changed   0 removed",
        "rows    50,000 to 51,204   columns same   nulls same",
        "label   0 1 2 3 4 5 6 7 8 9   distance 0.02",
        "before  ▅▅▅▅▅▅▅▅▅▅",
        "after   ▅▅▅▆▅▅▅▅▅▅",
        "shared with test: 0 rows",
    ]


def test_nothing_changed_is_empty():
    same = change((tab(),), (tab(),), later=[("a.csv", "1")])
    assert same.empty
    assert phrase(same) == "no change known"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([line("a")], [line("a"), line("b", "2"), line("c", "3")], "2 files added"),
        ([line("a")], [line("b")], "1 file renamed"),
        ([line("a"), line("c", "3")], [line("b"), line("d", "4")], "1 file added, 1 removed, 1 renamed"),
        ([line("a")], [line("a", "2", 160)], "a changed (+60 bytes)"),
        ([line("\x1b[31ma")], [line("\x1b[31ma", "2")], "a changed"),
    ],
)
def test_files_are_counted(before, after, said):
    found = compare(before, after)
    assert phrase(found) == said
    assert found.unknown == ("the version before was not looked into", "this version was not looked into")


def test_files_that_were_not_read_are_told_apart_by_size_and_time_and_that_is_said():
    old = FileLine("a", 5, None, mtime_ns=1)
    assert compare([old], [old]).modified == ()
    found = compare([old], [replace(old, mtime_ns=2)], Unavailable("it is damaged"), None)
    assert len(found.modified) == 1
    assert found.unknown[0] == "1 file was not read: told apart by size and time only"
    assert found.unknown[1] == "the version before: it is damaged"


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ((replace(X, quartiles=(1.0, 4.0, 5.0)), LABEL), "x median 2 → 4"),
        ((X, LABEL, col("age")), "column age added"),
        ((LABEL,), "column x removed"),
        ((replace(X, name="ex"), LABEL), "x probably renamed to ex"),
        ((replace(X, type="VARCHAR"), LABEL), "x BIGINT → VARCHAR"),
        ((replace(X, nulls=0.25), LABEL), "nulls in x: 0 % → 25.0 %"),
        ((replace(X, high="99"), LABEL), "values of x changed"),
    ],
)
def test_columns_are_said(after, said):
    assert phrase(change((tab(),), (tab(after),))) == said


def test_a_column_of_few_values_is_only_renamed_when_its_statistics_agree():
    flag = col("a", distinct=2, quartiles=(0.0, 0.0, 1.0), mean=0.3, fingerprint="0000000100000002")
    other = replace(flag, name="b", mean=0.9, quartiles=(1.0, 1.0, 1.0))
    (found,) = change((tab((flag,)),), (tab((other, LABEL)),)).tables or (None,)
    assert found is None or found.renamed == ()
    (twin,) = change((tab((flag, LABEL)),), (tab((replace(flag, name="b"), LABEL)),)).tables
    assert twin.renamed == (Renamed("a", "b"),)


def test_rows_in_another_order_are_said_to_be_that():
    one = tab(content="aa")
    assert phrase(change((one,), (one,))) == "same rows in another order or writing"
    assert change((one,), (one,), later=[("a.csv", "1")]).empty


def test_what_samples_do_by_chance_is_no_change():
    old = tab(sampled=10_000)
    shaken = replace(X, quartiles=(1.01, 2.02, 5.03), mean=2.03, distinct=9)
    assert change((old,), (tab((shaken, LABEL), sampled=10_000),)).tables == ()
    moved = replace(X, quartiles=(1.5, 2.9, 5.9))
    (found,) = change((old,), (tab((moved, LABEL), sampled=10_000),)).tables
    assert [c.name for c in found.changed] == ["x"]


def test_rows_shared_with_the_test_set_are_always_said():
    told = change((tab(),), (tab(rows=50_100),), overlaps=[Overlap("test", 7, 50_100)])
    assert phrase(told, most=1) == "7 rows shared with test"
    assert phrase(told) == "+100 rows, 7 rows shared with test"
    assert summary_lines(told, 80)[-1] == "shared with test: 7 rows of 50,100 compared"


def test_names_of_others_cannot_move_the_cursor():
    told = change((tab((col("\x1b[2Jevil\n\u202ename"), LABEL)),), (tab((LABEL,)),))
    assert "\x1b" not in phrase(told)
    assert phrase(told) == "column evil␤name removed"


def test_folders_of_images_tell_files_first_and_then_classes():
    def images(cat, dog):
        return TableProfile("images", "images", cat + dog, cat + dog, (), "folder", {"cat": cat, "dog": dog})

    told = change((images(1, 1),), (images(3, 1),), [("a", "1"), ("b", "2")], [("a", "1"), ("b", "2"), ("c", "3")])
    assert phrase(told) == "1 file added, folder cat: 50.0 % → 75.0 %"
    assert not any(text.startswith("rows") for text in summary_lines(told, 60))


@pytest.mark.parametrize(
    ("share", "said"),
    [(0, "0 %"), (1, "100 %"), (0.101, "10.1 %"), (0.0001, "0.01 %"), (1e-9, "<0.001 %"), (0.9999, "99.99 %")],
)
def test_a_share_never_reads_as_nothing_or_everything_when_it_is_not(share, said):
    assert percent(share) == said


def test_numbers_are_short():
    assert [number(v) for v in (0.0, 1234.0, 3.14159, 1e12, -0.5, None)] == [
        "0",
        "1,234",
        "3.142",
        "1e+12",
        "-0.5",
        "-",
    ]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (24_999.5, 25_601.5, "25,000 to 25,602"),
        (1000.01, 1000.04, "1000.01 to 1000.04"),
        (5.0, 6.0, "5 to 6"),
        (12_345_678.1, 12_345_678.2, "12345678.1 to 12345678.2"),
    ],
)
def test_two_numbers_that_differ_never_read_the_same(before, after, said):
    assert moved_number(before, after, "to") == said


def test_two_shares_that_differ_never_read_the_same():
    assert moved_share(0.0970, 0.09749, "to") == "9.70 % to 9.75 %"
    assert moved_share(0.101, 0.122, "to") == "10.1 % to 12.2 %"


def test_a_number_for_each_row_says_no_more_than_the_number_of_rows():
    def numbered(rows):
        index = col("id", distinct=rows, low="1", high=str(rows), quartiles=(rows / 4, rows / 2, rows * 0.75))
        return tab((index, X), rows=rows)

    told = change((numbered(1000),), (numbered(1200),))
    assert phrase(told) == "+200 rows"
    assert any("max 1000 → 1200" in text for text in summary_lines(told, 80)), "whoever asks sees it all the same"


def test_tables_of_one_name_are_told_apart_by_their_columns():
    one, two = tab((X, LABEL), name="*.csv"), tab((col("u"), col("v")), rows=7, name="*.csv")
    grown = replace(two, rows=9)
    (found,) = change((one, two), (grown, one)).tables
    assert (found.before, found.after, found.added) == (two, grown, ())


def test_what_could_not_be_read_is_said_of_either_version():
    broken = "a.csv row 3: 4 columns, not 2; left out"
    old = Profile((), (tab(),), ("b.csv is empty",))
    new = Profile((), (tab(rows=50_001, problem=broken),), ("b.csv is empty",))
    told = compare([line("a.csv")], [line("a.csv", "2")], old, new)
    assert (told.faults_before, told.faults_after) == (("b.csv is empty",), ("b.csv is empty", broken))
    assert summary_lines(told, 80)[-2:] == ["problem before and now: b.csv is empty", f"problem now: {broken}"]
    gone = compare([line("a.csv", "2")], [line("a.csv")], new, old)
    assert summary_lines(gone, 80)[-1] == f"problem before: {broken}"


def test_no_character_is_counted_narrower_than_it_is_drawn():
    from rich.cells import cell_len

    from repro_tui.domain.plain import clean, width

    every = (clean(chr(code)) for code in (*range(0x20, 0xD800), *range(0xE000, 0x20000)))
    assert [text for text in every if cell_len(text) > width(text)] == []


def test_a_table_that_could_not_be_read_is_neither_gone_nor_new():
    unread = TableProfile("a.csv", "csv", 1, None, (), unread=True)
    for name in ("a.csv", "**/*.csv"):
        table = tab(name=name)
        told = compare(
            [line("a.csv")], [line("a.csv", "2")], Profile((), (table,)), Profile((), (unread,), ("a.csv is empty",))
        )
        assert (told.tables, phrase(told)) == ((), "a.csv changed, 1 problem in reading")
        back = compare([line("a.csv", "2")], [line("a.csv")], Profile((), (unread,)), Profile((), (table,)))
        assert back.tables == ()
