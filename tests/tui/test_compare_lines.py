"""The lines of a comparison: which columns are in sight, what is told apart, and that nothing leaves its room."""

from __future__ import annotations

import pytest

from repro_tui.domain.comparison import Column, Comparison
from repro_tui.domain.explanation import Candidate, Explanation, Finding, Standing, Statement
from repro_tui.domain.ids import RunId
from repro_tui.domain.rows import Outcome, delta, rows
from repro_tui.domain.traits import Section, Traits
from repro_tui.tui.compare_lines import ComparisonLines, counted, is_sought, key_of
from repro_tui.tui.render.compare import Told, block, count_words
from repro_tui.tui.render.lines import line_width
from repro_tui.tui.render.text import width
from tests.tui.fake_compare import trait


def comparison(count: int, values=lambda n: f"value-{n}", section=Section.PARAMETERS) -> Comparison:
    """Compare runs that differ in one trait."""
    traits = [Traits({(section, "lr"): trait(section, "lr", values(n))}) for n in range(count)]
    outcomes = [{"acc": Outcome(0.9 + n / 100)} for n in range(count)]
    columns = tuple(Column(RunId(f"{n:032x}"), f"amber-otter-{n}") for n in range(count))
    return Comparison(columns, 0, rows(traits, outcomes, 0, {"acc": "up"}))


def shown(found: Comparison, cells: int, **how) -> ComparisonLines:
    lines = ComparisonLines(found, found.rows, **how)
    lines.widths(cells)
    return lines


def text_of(lines: ComparisonLines, key: str, cells: int) -> str:
    return "".join(text for text, _ in lines.line(list(lines.keys).index(key), cells))


@pytest.mark.parametrize("cells", [20, 60, 79, 119, 199])
@pytest.mark.parametrize("count", [2, 3, 8])
def test_no_line_is_wider_than_two_columns_need_or_than_its_room(cells, count):
    lines = shown(comparison(count, lambda n: f"a long value 漢字 {n}" * 3), cells)
    for index in range(len(lines.keys)):
        assert sum(width(text) for text, _ in lines.line(index, cells)) <= max(cells, 14 + 2 * (17 + 2))


@pytest.mark.parametrize("chosen", range(1, 8))
def test_the_chosen_column_is_in_sight_beside_the_baseline(chosen):
    found = shown(comparison(8), 79, chosen=chosen).widths(79)
    assert found.columns[0][0] == 0
    assert chosen in [index for index, _ in found.columns]


def test_columns_move_no_further_than_they_have_to():
    first = shown(comparison(8), 79, chosen=5)
    again = shown(comparison(8), 79, chosen=4, first=first.first)
    assert again.first == first.first


def test_values_that_begin_alike_show_where_they_differ():
    found = comparison(2, lambda n: "x" * 60 + str(n))
    line = text_of(shown(found, 79), "parameters/lr", 79)
    assert "x0" in line or "x1" in line


def test_data_at_one_place_is_told_by_its_content():
    found = comparison(2, lambda n: f"data/train.csv, b3:{n}{n}{n}{n}, 1,000 bytes", Section.DATA)
    line = text_of(shown(found, 79), "data/lr", 79)
    assert "b3:0000, 1,000 bytes" in line
    assert "data/train.csv" not in line


def test_data_at_two_places_is_told_by_both():
    found = comparison(2, lambda n: f"data/{n}.csv, b3:{n}{n}{n}{n}", Section.DATA)
    assert "data/1.csv" in text_of(shown(found, 119), "data/lr", 119)


def test_only_ascii_is_drawn_where_nothing_else_can_be():
    found = comparison(2, lambda n: f"größe → {n}")
    lines = shown(found, 79, ascii_only=True)
    assert all(text.isascii() for i in range(len(lines.keys)) for text, _ in lines.line(i, 79))


def test_a_filter_looks_at_section_and_name():
    row = comparison(2).rows[-1]
    assert is_sought(row, ["param", "lr"])
    assert not is_sought(row, ["code"])
    assert key_of(row) == "parameters/lr"


@pytest.mark.parametrize("rows_of_room", [3, 6, 9])
@pytest.mark.parametrize("cells", [40, 80, 200])
def test_the_paragraph_and_the_ranked_table_stay_in_their_room(cells, rows_of_room):
    found = comparison(2)
    candidates = tuple(
        Candidate((), Section.CODE, f"f{n}.py", f"f{n}.py: 2 hunks", Standing.POSSIBLE, 0.5, "no run changed it alone")
        for n in range(30)
    )
    paragraph = tuple(Statement(f"Sentence number {n} says something of some length.") for n in range(9))
    uids = (found.columns[0].uid, found.columns[1].uid)
    explanation = Explanation(*uids, "acc", "up", (0.9, 0.91), Finding.UNTOLD, None, paragraph, candidates)
    lines = block(Told(found, 1, explanation), cells, rows_of_room)
    assert len(lines) <= rows_of_room
    assert all(line_width(line) <= cells for line in lines)
    text = "\n".join("".join(part for part, _ in line) for line in lines)
    assert "(v)" in text, "there is more, and a key for it"


def test_the_count_says_what_is_listed():
    plain = {"everything": False, "sought": "", "ignored": 0}
    assert count_words(1, 214, **plain) == "1 of 214 rows differs (=)"
    assert count_words(9, 214, **plain) == "9 of 214 rows differ (=)"
    assert count_words(9, 214, everything=True, sought="lr", ignored=2) == (
        "/lr   all 214 rows, 9 differ (=), 2 ignored (X)"
    )


def test_ids_of_files_lose_the_kind_that_all_have_and_gain_the_lines_that_differ():
    found = comparison(2, lambda n: f"sha256:{n}b6b6b", Section.CODE)
    row = next(row for row in found.rows if row.section is Section.CODE)
    lines = ComparisonLines(found, [counted(row, [{}, {"lr": "+3 -1"}])])
    assert text_of(lines, "code/lr", 79).split() == ["lr", "0b6b6b", "1b6b6b", "+3", "-1"]
    mixed = comparison(2, lambda n: ("git:" if n else "sha256:") + "6b6b6b", Section.CODE)
    assert "sha256:6b6b6b" in text_of(shown(mixed, 79), "code/lr", 79)


def test_great_distances_are_written_out():
    assert [delta(0.0, value) for value in (999.4, 999.7, -5000.0, 2e9)] == ["+999", "+1,000", "-5,000", "+2e+09"]
