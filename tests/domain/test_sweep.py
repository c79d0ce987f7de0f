"""Which runs are one question."""

from __future__ import annotations

from itertools import permutations

from repro_tui.domain.ids import RunId
from repro_tui.domain.sweep import Member, groups, loop_before


def member(uid: str, began: float, left: float | None, **more: object) -> Member:
    fields = {"lineage": "train.py", "series": "host:1:2", **more}
    return Member(RunId(uid), began, left, **fields)


def names(found) -> list[list[str]]:
    return sorted(sorted(m.uid for m in group) for group in found)


LOOP = [member("a", 0, 70), member("b", 70.1, 75), member("c", 75.1, 80)]


def test_the_runs_of_a_loop_are_one_question():
    assert names(groups(LOOP)) == [["a", "b", "c"]]


def test_the_order_in_which_runs_are_read_changes_nothing():
    assert {tuple(map(tuple, names(groups(list(each))))) for each in permutations(LOOP)} == {(("a", "b", "c"),)}


def test_a_run_that_somebody_typed_is_a_question_of_its_own():
    typed = member("d", 90, 95)
    assert names(groups([*LOOP, typed])) == [["a", "b", "c"], ["d"]]
    assert loop_before(typed, LOOP) == []


def test_where_a_person_answered_only_the_very_next_moment_is_a_loop():
    """A hand that lies on the keys starts the next run faster than one that has to come from elsewhere."""
    answered = member("a", 0, 10, answered=True)
    assert loop_before(member("b", 10.2, None), [answered]) == [answered]
    assert loop_before(member("b", 11.5, None), [answered]) == []
    assert loop_before(member("b", 11.5, None), [member("a", 0, 10)])


def test_another_shell_or_another_script_is_another_question():
    others = [member("x", 75.1, 80, series="host:9:9"), member("y", 75.1, 80, lineage="eval.py")]
    assert names(groups([*LOOP, *others])) == [["a", "b", "c"], ["x"], ["y"]]


def test_runs_whose_shell_is_not_known_are_not_joined():
    assert names(groups([member("a", 0, 1, series=""), member("b", 1.1, 2, series="")])) == [["a"], ["b"]]


def test_parallel_runs_of_one_shell_are_one_question():
    assert names(groups([member("a", 0, 100), member("b", 0.1, 50), member("c", 50.2, 60)])) == [["a", "b", "c"]]


def test_the_tasks_of_a_job_array_are_one_question_whenever_they_ran():
    tasks = [member(uid, t, t + 5, series="array::77") for uid, t in (("a", 0), ("b", 1000), ("c", 50_000))]
    assert names(groups(tasks)) == [["a", "b", "c"]]


def test_a_run_is_one_question_with_those_that_it_started():
    jobs = [member(uid, 10, 20, parent=RunId("a"), series="") for uid in "pq"]
    deeper = member("r", 12, 13, parent=RunId("p"), series="")
    assert names(groups([*LOOP, *jobs, deeper])) == [["a", "b", "c", "p", "q", "r"]]


def test_jobs_whose_parent_is_not_here_are_one_question_all_the_same():
    jobs = [member(uid, 10, 20, parent=RunId("gone"), series="") for uid in "pq"]
    assert names(groups(jobs)) == [["p", "q"]]


def test_runs_that_name_each_other_as_parent_come_to_an_end():
    """Nobody writes that, but a journal is a file that anybody may write to."""
    assert sum(map(len, groups([member("a", 0, 1, parent=RunId("b")), member("b", 0, 1, parent=RunId("a"))]))) == 2


def test_the_loop_before_a_run_is_given_latest_first():
    assert [m.uid for m in loop_before(member("d", 80.5, None), LOOP)] == ["c", "b", "a"]
