"""The queue of questions as a value: nothing moves in it, and an answer is about what was under the cursor."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from repro_tui.domain.question import Answered, Question
from repro_tui.tui.answering import STOPPED, carry_out, summary
from repro_tui.tui.queue import Queue
from tests.tui.fake_questions import OFFERS, OTTER, QUESTIONS


def question(id_: str) -> Question:
    return Question(id_, "snapshot", f"run {id_}", "", 0.0)


def queue_of(*ids: str) -> Queue:
    return Queue().merged([question(id_) for id_ in ids])


def ids(queue: Queue) -> list[str]:
    return [entry.id for entry in queue.entries]


def test_what_comes_up_goes_to_the_end_and_what_vanishes_stays_in_its_place():
    queue = queue_of("a", "b", "c").moved(1).merged([question("new"), question("b"), question("c")])
    assert ids(queue) == ["a", "b", "c", "new"]
    assert queue.here.id == "b"
    assert [entry.gone for entry in queue.entries] == [True, False, False, False]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.sampled_from("abcdef"), unique=True), max_size=6), st.integers(0, 5))
def test_no_list_that_arrives_moves_a_question_from_under_the_cursor(lists, at):
    queue = queue_of("a", "b", "c").moved(at)
    for listed in lists:
        before, queue = queue, queue.merged([question(id_) for id_ in listed])
        assert ids(queue)[: len(before.entries)] == ids(before)
        assert queue.here.id == before.here.id
        assert {entry.id for entry in queue.waiting} == set(listed)


def test_an_answer_is_about_the_marked_ones_or_else_the_one_under_the_cursor():
    queue = queue_of("a", "b", "c").moved(2)
    assert [entry.id for entry in queue.targets] == ["c"]
    queue = queue.moved(-2).toggled().moved(1).toggled().moved(1)
    assert [entry.id for entry in queue.targets] == ["a", "b"]
    assert [entry.id for entry in queue.moved(-2).toggled().targets] == ["b"]


def test_what_does_not_wait_any_more_is_neither_marked_nor_answered():
    queue = queue_of("a", "b").toggled().merged([question("b")])
    assert queue.targets == ()
    assert queue.toggled().moved(1).targets == (queue.entries[1],)


def test_a_failure_leaves_the_question_open_and_marked_and_later_closes_nothing():
    results = [Answered("a", ok=True, text="kept"), Answered("b", ok=False, text="the disk is full")]
    queue = queue_of("a", "b", "c").toggled().moved(1).toggled().answered(results, closes=True)
    assert [entry.gone for entry in queue.entries] == [True, False, False]
    assert queue.marks == {"b"}
    later = queue_of("a").answered([Answered("a", ok=True, text="later")], closes=False)
    assert [entry.id for entry in later.targets] == ["a"]


def test_what_a_yes_would_do_is_forgotten_when_it_is_looked_for_again():
    queue = Queue().merged(QUESTIONS).told(OTTER, OFFERS[OTTER])
    assert queue.here.told is OFFERS[OTTER]
    assert queue.forgotten().here.told is None


def test_answers_are_carried_out_one_by_one_and_stopping_leaves_the_rest():
    from repro_tui.errors import CancelledError, StorageError

    said: list[str] = []

    def one(id_, progress):
        progress(1, 2, "packing")
        if id_ == "b":
            raise StorageError("The disk is full.", "Free 2 GB.")
        if id_ == "c":
            raise CancelledError("Stopped.")
        return Answered(id_, ok=True, text="kept")

    named = [(id_, f"run {id_}") for id_ in "abcd"]
    results = carry_out(named, one, lambda done, total, what: said.append(what))
    assert [(r.question, r.ok, r.text) for r in results] == [
        ("a", True, "kept"),
        ("b", False, "The disk is full. Free 2 GB."),
        ("c", False, STOPPED),
    ]
    assert "2 of 4, run b: packing" in said
    assert summary(results, [title for _, title in named]) == "1 of 4 answered; run b: The disk is full. Free 2 GB."
    assert summary(results[:1], ["run a"]) == "kept"
