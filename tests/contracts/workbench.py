"""What every Workbench promises, whatever is behind it: the real session and the screens' fake both pass this."""

from __future__ import annotations

import math

import pytest

from repro_tui.domain.filters import AllOf, Not, Qualified, Word
from repro_tui.domain.ids import ColumnKey, RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import Run, State
from repro_tui.domain.series import CurveQuery
from repro_tui.domain.view import Annotation, RunQuery, RunRow, Sort
from repro_tui.errors import NotFoundError
from repro_tui.ports import Workbench

NOBODY = RunId("f" * 32)


class WorkbenchContract:
    """Derive from it and give a fixture `workbench` with three runs or more, some of them with metrics."""

    @pytest.fixture
    def rows(self, workbench: Workbench) -> list[RunRow]:
        while workbench.advance(0.5):
            pass
        found = workbench.runs(RunQuery())
        return list(workbench.rows(found.keys, [c.key for c in found.columns]))

    def test_says_where_it_works(self, workbench):
        assert workbench.project
        assert workbench.root.startswith("/")
        assert workbench.host

    def test_every_key_is_one_row_and_the_newest_run_is_first(self, workbench, rows):
        found = workbench.runs(RunQuery())
        assert [row.key for row in rows] == list(found.keys)
        assert len(found.keys) == found.total >= 3
        assert [row.started for row in rows] == sorted((row.started for row in rows), reverse=True)
        assert found.live == sum(row.state is State.RUNNING for row in rows)

    def test_the_same_question_gets_the_same_answer_under_the_same_revision(self, workbench, rows):
        first, second = workbench.runs(RunQuery()), workbench.runs(RunQuery())
        assert (first.revision, list(first.keys), first.columns) == (second.revision, list(second.keys), second.columns)

    def test_rows_come_in_the_order_of_their_keys_and_a_key_that_is_gone_is_left_out(self, workbench, rows):
        keys = [row.key for row in rows][::-1]
        answer = workbench.rows([987_654_321, *keys], [])
        assert [row.key for row in answer] == keys
        assert all(dict(row.cells) == {} for row in answer)
        assert list(workbench.rows([], [])) == []

    def test_rows_in_brief_say_who_runs_are_and_how_they_stand(self, workbench, rows):
        said = [
            (row.key, row.uid, row.name, row.state, row.started, row.tags, row.note, row.pinned)
            for row in workbench.brief([987_654_321, *[row.key for row in rows]])
        ]
        assert said == [
            (row.key, row.uid, row.name, row.state, row.started, row.tags, row.note, row.pinned) for row in rows
        ]
        assert list(workbench.brief([])) == []

    def test_a_filter_and_its_negation_share_all_runs_between_them(self, workbench, rows):
        everything = set(workbench.runs(RunQuery()).keys)
        for term in (Qualified("state", ("done",)), Word(rows[0].name[:4]), Qualified("tag", ("nobody-has-it",))):
            yes, no = (set(workbench.runs(RunQuery(where)).keys) for where in (term, Not(term)))
            assert yes | no == everything
            assert not yes & no

    def test_a_name_finds_its_run(self, workbench, rows):
        assert rows[0].key in workbench.runs(RunQuery(AllOf((Qualified("name", (rows[0].name,)),)))).keys
        assert workbench.find(rows[0].name) == rows[0].uid
        assert workbench.find(rows[0].uid) == rows[0].uid

    def test_an_unknown_name_is_an_error_and_an_unknown_run_is_unavailable(self, workbench, rows):
        with pytest.raises(NotFoundError):
            workbench.find("no-such-run")
        assert isinstance(workbench.run(NOBODY), Unavailable)
        assert isinstance(workbench.log(NOBODY), Unavailable)
        assert not workbench.last_metrics(NOBODY)
        assert list(workbench.curves(CurveQuery((NOBODY,), ("loss",)))) == []

    def test_a_sort_by_any_column_puts_runs_without_a_value_last_either_way(self, workbench, rows):
        for column in workbench.runs(RunQuery()).columns:
            if not column.numeric:
                continue
            for descending in (False, True):
                found = workbench.runs(RunQuery(sort=Sort(column.key, descending)))
                cells = [row.cells.get(column.key) for row in workbench.rows(found.keys, [column.key])]
                present = [cell for cell in cells if cell is not None]
                assert present == sorted(present, reverse=descending)
                assert cells[: len(present)] == present
                assert len(found.keys) == len(rows)

    def test_columns_are_unique_and_parameters_that_vary_stand_before_metrics(self, workbench, rows):
        columns = workbench.runs(RunQuery()).columns
        assert len({c.key for c in columns}) == len(columns)
        kinds = [c.kind for c in columns if c.kind == "metric" or c.distinct > 1]
        assert kinds == sorted(kinds, key=lambda kind: kind != "param")

    def test_a_run_says_of_itself_what_its_row_says(self, workbench, rows):
        for row in rows[:5]:
            run = workbench.run(row.uid)
            assert isinstance(run, Run)
            assert (run.uid, run.name) == (row.uid, row.name)
            assert workbench.state(row.uid) is row.state
            level, why = workbench.level(row.uid)
            assert row.level == f"{level}/6"
            assert why
            assert tuple(workbench.alarms(row.uid)) == row.alarms

    def test_a_curve_is_in_order_and_counts_every_point_once(self, workbench, rows):
        seen = 0
        for row in rows[:5]:
            names = tuple(workbench.last_metrics(row.uid))
            for curve in workbench.curves(CurveQuery((row.uid,), names, buckets=20)):
                seen += 1
                assert curve.run == row.uid
                assert [b.x for b in curve.buckets] == sorted(b.x for b in curve.buckets)
                assert len(curve.buckets) <= 20
                assert all(b.low <= b.last <= b.high and b.x <= b.x_last and b.count > 0 for b in curve.buckets)
        assert seen

    def test_the_value_at_the_far_right_is_the_last_one(self, workbench, rows):
        for row in rows[:5]:
            last = {name: end for name, end in workbench.last_metrics(row.uid).items() if math.isfinite(end[1])}
            at = workbench.values_at(CurveQuery((row.uid,), tuple(last)), 1e15)
            assert {name: end[0] for (_, name), end in at.items()} == {name: end[0] for name, end in last.items()}

    def test_the_previous_run_began_earlier(self, workbench, rows):
        began = {row.uid: row.started for row in rows}
        for row in rows[:5]:
            before = workbench.previous(row.uid)
            assert before is None or began[before] < row.started
            assert all(isinstance(phrase, str) and phrase for phrase in workbench.since_previous(row.uid))

    def test_what_a_person_says_is_seen_after_the_next_reading(self, workbench, rows):
        uid, key = rows[1].uid, rows[1].key
        workbench.annotate([uid], Annotation(add_tags=("chosen",), note="look here", pinned=True))
        while workbench.advance(0.5):
            pass
        (row,) = workbench.rows([key], [])
        assert ("chosen" in row.tags, row.note, row.pinned) == (True, "look here", True)
        workbench.annotate([uid], Annotation(remove_tags=("chosen",), pinned=False))
        while workbench.advance(0.5):
            pass
        (row,) = workbench.rows([key], [])
        assert ("chosen" in row.tags, row.note, row.pinned) == (False, "look here", False)

    def test_completions_replace_the_token_under_the_cursor(self, workbench, rows):
        offered = [candidate.text for candidate in workbench.complete("tag:x st", 8)]
        assert any(text.startswith("state:") for text in offered)
        assert all("tag:x" not in text for text in offered)

    def test_columns_that_nobody_has_are_empty(self, workbench, rows):
        answer = workbench.rows([rows[0].key], [ColumnKey("param:no such thing"), ColumnKey("metric:%';--")])
        assert dict(answer[0].cells) == {}

    def test_it_can_be_closed_twice(self, workbench, rows):
        workbench.close()
        workbench.close()
