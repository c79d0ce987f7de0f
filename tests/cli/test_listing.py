"""The list as text: aligned, never wider than the terminal, whatever the runs are called."""

from __future__ import annotations

import io
import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro_tui.cli.columns import chosen_columns, column_named, default_columns
from repro_tui.cli.listing import print_rows
from repro_tui.cli.output import PLAIN_WIDTH, Output
from repro_tui.domain.alarms import Alarm, AlarmKind
from repro_tui.domain.view import RunQuery
from repro_tui.errors import UsageError
from repro_tui.tui.render.text import width
from tests.tui.fake import NOW, FakeWorkbench

WORKBENCH = FakeWorkbench()
KNOWN = WORKBENCH.runs(RunQuery()).columns


NAN = Alarm(AlarmKind.NAN, "loss NaN at step 40", brief="NaN in loss")


def listed(cells=80, *, columns=None, change=lambda row: row, **options):
    stdout = io.StringIO()
    output = Output(stdout, None, **{"terminal": True, "color": False, "width": cells, **options})
    shown = columns or default_columns(KNOWN)
    keys = WORKBENCH.runs(RunQuery()).keys[:12]
    rows = [change(row) for row in WORKBENCH.rows(keys, [column.key for column in shown])]
    print_rows(output, rows, shown, NOW)
    return stdout.getvalue().splitlines()


def test_the_list_at_eighty_columns_shows_what_the_runs_screen_shows():
    head, first, second, *_ = listed(columns=chosen_columns("run,age,acc,loss,lr,changed,level", KNOWN))
    assert head == "  run             age     acc   loss     lr  changed  level"
    assert first == "● quick-vole-41   40s  0.8120  0.512  0.100  ··P·     1/6    epoch 3/20"
    assert second == "✓ amber-otter-40   6m  0.9731  0.091  0.050  ·D··     2/6"


def test_a_list_begins_with_metrics_and_parameters_that_vary():
    titles = [column.title for column in default_columns(KNOWN)]
    assert titles[:2] == ["run", "age"]
    assert set(titles[2:-2]) == {"acc", "loss", "lr", "depth", "seed"}
    assert titles[-2:] == ["changed", "level"]


def test_numbers_of_a_column_end_below_each_other():
    lines = listed()
    ends = {re.search(r"0\.\d{4}", line).end() for line in lines[1:] if re.search(r"0\.\d{4}", line)}
    assert len(ends) == 1


@pytest.mark.parametrize(
    ("cells", "said"), [(120, "loss NaN at step 40"), (72, "NaN in loss"), (PLAIN_WIDTH, NAN.text)]
)
def test_an_alarm_is_said_in_as_many_words_as_there_is_room_for(cells, said):
    columns = chosen_columns("run,age,acc,loss,changed,level", KNOWN)
    done = listed(cells, columns=columns, change=lambda row: replace(row, alarms=(NAN,)))[2]
    assert done.endswith(f"    {said}")


def test_an_alarm_has_a_colour_and_what_only_ran_before_has_none():
    twin = Alarm(AlarmKind.DUPLICATE, "ran before: calm-heron-40", brief="ran before")
    done = listed(120, color=True, change=lambda row: replace(row, alarms=(NAN, twin)))[2]
    assert done.endswith("\x1b[33mloss NaN at step 40\x1b[0m  \x1b[2mran before: calm-heron-40\x1b[0m")


@pytest.mark.parametrize("cells", [20, 30, 50, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(cells):
    assert max(width(line) for line in listed(cells)) <= cells


def test_nothing_is_shortened_where_there_is_no_terminal():
    lines = listed(PLAIN_WIDTH, terminal=False, change=lambda row: replace(row, name="x" * 200, note="n" * 200))
    assert "x" * 200 in lines[1]
    assert "n" * 200 in lines[1]


def test_ascii_is_ascii():
    assert all(line.isascii() for line in listed(ascii=True))
    assert listed(ascii=True)[1].startswith("* quick-vole-41")


@given(text=st.text(max_size=80), cells=st.integers(20, 120))
def test_foreign_text_neither_breaks_out_nor_widens_a_line(text, cells):
    lines = listed(cells, change=lambda row: replace(row, name=text, note=text, tags=(text,), because=text))
    assert len(lines) == 13
    for line in lines:
        assert width(line) <= cells
        assert not {unicodedata.category(character) for character in line} & {"Cc", "Cf", "Cs", "Zl", "Zp"}, ascii(line)


def test_columns_are_chosen_by_name_kind_or_field():
    keys = [column.key for column in chosen_columns("run, acc,param.lr , metric:loss,commit", KNOWN)]
    assert keys == ["field:run", "metric:acc", "param:lr", "metric:loss", "field:commit"]


def test_a_column_that_no_run_has_is_refused_with_those_there_are():
    with pytest.raises(UsageError) as caught:
        column_named("accuracy", KNOWN)
    assert "accuracy" in caught.value.message
    assert "acc" in caught.value.hint
