"""The queue of questions under a person's fingers: nothing opens by itself, and no key means another question."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from textual import events
from textual.widgets import Input

from repro_tui.domain.missing import Unavailable
from repro_tui.domain.question import Answer, Question, Standing
from repro_tui.errors import StorageError
from repro_tui.tui.modals.details import DetailsModal
from repro_tui.tui.modals.making import MakingModal
from repro_tui.tui.modals.notice import TooSmallModal
from repro_tui.tui.modals.offering import EARLY, STILL_LOOKING, THREADS
from repro_tui.tui.modals.progress import ProgressModal
from repro_tui.tui.modals.questions import QuestionsModal
from repro_tui.tui.screens.runs import RunsScreen
from repro_tui.tui.widgets.header import Header
from tests.tui.driving import dashboard, lines, ready, text, until
from tests.tui.fake import NOW, FakeWorkbench
from tests.tui.fake_questions import CHANGED, CRANE, MOTH, OFFERS, OTTER, QUESTIONS, TRAIN, FakeQuestions

SIZE = (80, 24)
FULL = StorageError("/scratch/ada/.repro/store cannot be written: no space left.", "Free 43 MB there.")


def asked(*questions: Question) -> FakeWorkbench:
    """Give a project in which these questions wait; the three drawn ones when none is named."""
    workbench = FakeWorkbench()
    workbench.questions = FakeQuestions(questions or QUESTIONS)
    return workbench


async def opened(pilot) -> QuestionsModal:
    """Open the queue and wait until everything in it is known."""
    await ready(pilot)
    await pilot.press("exclamation_mark")
    return await settled(pilot)


async def settled(pilot) -> QuestionsModal:
    """Wait until the queue is on top and everything in it is known."""
    await until(pilot, lambda: isinstance(pilot.app.screen, QuestionsModal), "the queue")
    modal = pilot.app.screen
    await until(pilot, lambda: modal._queue.entries and modal.is_settled, "the offers")
    return modal


async def answered(pilot, questions: FakeQuestions, count: int) -> QuestionsModal:
    """Wait until so many answers were carried out and are shown."""
    await until(pilot, lambda: len(questions.answers) >= count, f"{count} answers")
    return await settled(pilot)


async def test_the_header_counts_what_waits_and_nothing_opens_by_itself():
    workbench = asked()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await until(pilot, lambda: "3 questions !" in lines(pilot.app)[0], "the count")
        workbench.questions.questions.append(CHANGED)
        await until(pilot, lambda: "4 questions !" in lines(pilot.app)[0], "the new count, without a change of runs")
        assert isinstance(pilot.app.screen, RunsScreen)
        workbench.questions.broken = FULL
        await until(pilot, lambda: "question" not in lines(pilot.app)[0], "no count where it cannot be told")
        assert "amber-otter-40" in text(pilot.app)


@pytest.mark.parametrize("keys", [(), ("enter",), ("4",), ("5",)], ids=["runs", "run", "snapshots", "data"])
async def test_it_opens_from_every_place_and_is_left_to_it(keys):
    async with dashboard(asked()).run_test(size=SIZE) as pilot:
        await ready(pilot)
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        place = pilot.app.screen
        assert "3 questions !" in lines(pilot.app)[0] or await header_counts(pilot)
        await pilot.press("exclamation_mark")
        await settled(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is place, "the place it was opened from")


async def header_counts(pilot) -> bool:
    await until(pilot, lambda: pilot.app.screen.query_one(Header).questions == 3, "the count in this place")
    return True


async def test_yes_keeps_what_is_under_the_cursor_and_nothing_moves():
    workbench = asked()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("down")
        await settled(pilot)
        await pilot.press("y")
        modal = await answered(pilot, workbench.questions, 1)
        assert workbench.questions.answers == [(CRANE, Answer.YES)]
        assert [entry.gone for entry in modal._queue.entries] == [False, True, False]
        assert modal._queue.here.id == CRANE
        assert "kept: 190 MB new, level 2 linked" in text(pilot.app)
        # A second press is about the same line, which does not wait any more.
        await pilot.press("y", "n")
        assert workbench.questions.answers == [(CRANE, Answer.YES)]


async def test_answers_are_carried_out_on_a_machine_with_one_core_whatever_else_is_open(monkeypatch):
    """Each open place and panel has threads that wait for errands; none of them may take the place of the work."""
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    workbench = asked()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.press("4")
        await pilot.press("5")
        await pilot.press("1")
        modal = await opened(pilot)
        assert sum(worker.group == "offers" and worker.is_running for worker in pilot.app.workers) == THREADS
        await pilot.press("y")
        await answered(pilot, workbench.questions, 1)
        assert modal._queue.entries[0].gone


async def test_marked_ones_are_answered_together_and_the_rest_is_left():
    workbench = asked(*QUESTIONS, CHANGED)
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("space", "down", "space")
        modal = await settled(pilot)
        assert "2 marked: 45 MB new, 5 s" in text(pilot.app)
        await pilot.press("n")
        await answered(pilot, workbench.questions, 2)
        assert workbench.questions.answers == [(OTTER, Answer.NO), (MOTH, Answer.NO)]
        assert "2 of 2 answered" in text(pilot.app)
        assert not modal._queue.marks


async def test_keys_that_were_typed_ahead_answer_nothing():
    workbench = asked()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await ready(pilot)
        for key, character in (("exclamation_mark", "!"), *zip("yanvy", "yanvy", strict=True)):
            pilot.app.post_message(events.Key(key, character))
        await settled(pilot)
        assert EARLY in text(pilot.app)
        assert workbench.questions.answers == []
        assert workbench.questions.stands is Standing.ASK


async def test_a_key_from_before_a_question_was_under_the_cursor_does_not_answer_it():
    workbench = asked()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        modal = await opened(pilot)
        pressed_then = pilot.app.pressed
        await pilot.press("down")
        await settled(pilot)
        pilot.app.pressed = pressed_then
        modal.action_yes()
        await pilot.pause()
        assert workbench.questions.answers == []
        assert EARLY in text(pilot.app)


async def test_yes_waits_for_the_offer_and_no_does_not():
    workbench = asked()
    workbench.questions.gate.clear()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "looking what there is" in text(pilot.app), "the list")
        modal = pilot.app.screen
        await until(pilot, lambda: modal.is_ready, "the moment from which answers are taken")
        await pilot.press("y")
        assert STILL_LOOKING in text(pilot.app)
        await pilot.press("down", "down", "n")
        await until(pilot, lambda: workbench.questions.answers, "the answer")
        assert workbench.questions.answers == [(MOTH, Answer.NO)]
        workbench.questions.gate.set()
        await settled(pilot)


async def test_what_comes_up_and_vanishes_while_it_is_open_does_not_move_the_cursor():
    workbench = asked()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("down")
        modal = await settled(pilot)
        workbench.questions.questions[:] = [CHANGED, *QUESTIONS[1:]]
        workbench.tell()
        await until(pilot, lambda: len(modal._queue.entries) == 4, "the new question")
        await settled(pilot)
        assert [entry.id for entry in modal._queue.entries] == [OTTER, CRANE, MOTH, TRAIN]
        assert modal._queue.here.id == CRANE
        assert "does not wait any more" in text(pilot.app)


async def test_what_fails_is_named_and_stays_open_and_the_rest_goes_on():
    workbench = asked()
    workbench.questions.errors[OTTER] = FULL
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("space", "space", "y")
        modal = await answered(pilot, workbench.questions, 1)
        assert workbench.questions.answers == [(CRANE, Answer.YES)]
        assert "1 of 2 kept; amber-otter-40: /scratch/ada/.repro/store cannot" in text(pilot.app)
        await pilot.press("g")
        assert "Not done: /scratch/ada/.repro/store cannot be written: no space left." in text(pilot.app)
        assert modal._queue.marks == {OTTER}
        del workbench.questions.errors[OTTER]
        await settled(pilot)
        await pilot.press("y")
        await answered(pilot, workbench.questions, 2)


async def test_stopping_keeps_nothing_and_leaves_the_question():
    workbench = asked()
    workbench.questions.going.clear()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        modal = await opened(pilot)
        await pilot.press("y")
        await until(pilot, lambda: isinstance(pilot.app.screen, ProgressModal), "the progress")
        await pilot.press("y", "y", "escape", "y")
        await settled(pilot)
        await until(pilot, lambda: modal._queue.here.answered, "the outcome")
        assert workbench.questions.answers == []
        assert not modal._queue.here.gone
        assert "stopped" in text(pilot.app)


async def test_leaving_answers_nothing_and_later_leaves_the_question():
    workbench = asked()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("L")
        modal = await answered(pilot, workbench.questions, 1)
        assert workbench.questions.answers == [(OTTER, Answer.LATER)]
        assert not modal._queue.here.gone
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, RunsScreen)
        assert len(workbench.questions.questions) == 3


async def test_a_dataset_that_is_kept_is_asked_about_and_a_command_line_is_told_from_a_note(monkeypatch):
    said = []
    workbench = asked(CHANGED)
    monkeypatch.setattr(workbench.datasets, "explain", lambda name, version, **how: said.append((name, version, how)))
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await opened(pilot)
        assert "Checkpoint this version? [Yes / No / Always / Never]" in text(pilot.app)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(pilot.app.screen, MakingModal), "how it was changed")
        assert workbench.questions.answers == [(TRAIN, Answer.ALWAYS)]
        field = pilot.app.screen.query_one(Input)
        field.value = "python add_scans.py --in 'raw scans'"
        await until(pilot, lambda: "kept as a command line" in text(pilot.app), "the command line")
        field.value = "removed blurred images"
        await until(pilot, lambda: "kept as a note" in text(pilot.app), "the note")
        field.value = "python add_scans.py --in 'raw scans'"
        await pilot.press("enter")
        await until(pilot, lambda: said, "the explanation")
        how = {"argv": ("python", "add_scans.py", "--in", "raw scans"), "note": ""}
        assert said == [("train", CHANGED.version, how)]


async def test_how_a_dataset_was_changed_can_be_skipped(monkeypatch):
    said = []
    workbench = asked(CHANGED)
    monkeypatch.setattr(workbench.datasets, "explain", lambda *words, **how: said.append(words))
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("y")
        await until(pilot, lambda: isinstance(pilot.app.screen, MakingModal), "how it was changed")
        await pilot.press(*"text", "escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, QuestionsModal), "the queue")
        assert said == []


async def test_what_cannot_be_read_is_said_in_its_place():
    workbench = asked()
    workbench.questions.offers[OTTER] = Unavailable("the run's folder is gone")
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await opened(pilot)
        assert "Nothing can be kept: the run's folder is gone" in text(pilot.app)
        workbench.questions.broken = FULL
        await pilot.press("R")
        await until(pilot, lambda: "Not done" in text(pilot.app) or "no space left" in text(pilot.app), "the reason")


async def test_details_name_every_file_and_esc_goes_back():
    async with dashboard(asked()).run_test(size=SIZE) as pilot:
        modal = await opened(pilot)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(pilot.app.screen, DetailsModal), "the details")
        assert "2 files, 12 MB" in text(pilot.app)
        await pilot.press("G")
        await until(pilot, lambda: "Imported sources" in text(pilot.app), "the files of the run")
        await pilot.press("y", "n", "escape")
        await until(pilot, lambda: pilot.app.screen is modal, "the queue")


async def test_an_empty_queue_says_so_and_takes_no_answer():
    workbench = FakeWorkbench()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await ready(pilot)
        await pilot.press("exclamation_mark")
        await until(pilot, lambda: "no question waits" in text(pilot.app), "the words")
        await pilot.press("y", "n", "a", "space", "down", "d", "question_mark")
        await until(pilot, lambda: "Keep what is shown" in text(pilot.app), "the help")
        await pilot.press("escape", "escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, RunsScreen), "the runs")
        assert workbench.questions.answers == []


async def test_what_a_run_does_when_it_ends_is_changed_from_the_palette():
    workbench = asked()
    async with dashboard(workbench).run_test(size=(100, 30)) as pilot:
        await ready(pilot)
        await pilot.press("colon", *"questions: ")
        await until(pilot, lambda: "questions: ask (now)" in text(pilot.app), "what holds")
        assert "only keep when I press p" in text(pilot.app)
        await pilot.press("escape")
        await pilot.press("colon", *"only keep when")
        await until(pilot, lambda: "questions: only keep" in text(pilot.app), "the line")
        await pilot.pause(0.2)
        await pilot.press("enter")
        await until(pilot, lambda: workbench.questions.stands is Standing.KEY, "the change")


async def test_a_terminal_made_tiny_and_large_again_shows_the_same_queue():
    workbench = asked()
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("down", "space")
        modal = await settled(pilot)
        before = text(pilot.app)
        await pilot.resize_terminal(20, 5)
        await until(pilot, lambda: isinstance(pilot.app.screen, TooSmallModal), "the cover")
        await pilot.press("y", "n", "a")
        await pilot.resize_terminal(*SIZE)
        await until(pilot, lambda: pilot.app.screen is modal and text(pilot.app) == before, "the queue as it was")
        assert workbench.questions.answers == []


@pytest.mark.parametrize("size", [(40, 8), (41, 15), (60, 16), (79, 24), (300, 80)])
async def test_what_matters_is_seen_at_any_size(size):
    many = [Question(f"{n:032x}", "snapshot", f"run-{n}", "python x.py", NOW - n) for n in range(30)]
    async with dashboard(asked(*QUESTIONS, *many)).run_test(size=size) as pilot:
        await opened(pilot)
        shown = text(pilot.app)
        assert "amber-otter" in shown
        assert "Save snapshot?" in shown
        assert "y Yes" in shown
        assert len(lines(pilot.app)) == size[1]
        await pilot.press("G")
        await until(pilot, lambda: "run-29" in text(pilot.app), "the last question")


async def test_of_a_sweep_that_grows_while_one_looks_the_offer_is_asked_for_anew():
    """What is shown is what a yes would keep, of all the runs that the question is about by now."""
    one = Question(OTTER, "snapshot", "amber-otter-40", "python train.py", NOW, (OTTER,))
    workbench = asked(one)
    async with dashboard(workbench).run_test(size=SIZE) as pilot:
        modal = await opened(pilot)
        assert "43 MB new" in text(pilot.app)
        offer = replace(OFFERS[OTTER], parts=tuple(replace(part, new=2 * part.new) for part in OFFERS[OTTER].parts))
        workbench.questions.offers[OTTER] = offer
        workbench.questions.questions[:] = [replace(one, title="sweep of 2", runs=(OTTER, MOTH))]
        modal._ask_list()
        await until(pilot, lambda: "86 MB new" in text(pilot.app), "the greater offer")
