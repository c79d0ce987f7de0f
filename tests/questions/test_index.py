"""What is known of runs is kept up to date without reading them again and again."""

from __future__ import annotations

import time

import pytest

from repro_tui.journal.layout import Layout
from repro_tui.questions import index as module
from repro_tui.questions.index import RunIndex
from repro_tui.questions.notes import has_outputs, newest, read_note
from tests.questions.journals import T0, folder_of, write_answer, write_event, write_run

MANY = 60


@pytest.fixture
def layout(tmp_path):
    found = Layout(tmp_path / ".repro")
    found.create()
    return found


@pytest.fixture
def reads(monkeypatch):
    """Count the folders that are read."""
    names: list[str] = []

    def counted(folder):
        names.append(folder.name)
        return read_note(folder)

    monkeypatch.setattr(module, "read_note", counted)
    return names


def test_each_folder_is_read_once(layout, reads):
    for number in range(MANY):
        write_run(layout, number)
    index = RunIndex(layout)
    assert index.refresh()
    assert len(reads) == MANY
    for thorough in (False, True):
        assert not index.refresh(thorough=thorough)
    write_run(layout, MANY)
    assert index.refresh()
    assert len(reads) == MANY + 1


def test_what_was_learnt_is_remembered_for_the_next_session(layout, reads):
    for number in range(MANY):
        write_run(layout, number)
    first = RunIndex(layout)
    first.refresh()
    first.remember()
    reads.clear()
    second = RunIndex(layout)
    second.refresh(thorough=True)
    assert reads == []
    assert second.notes == first.notes


def test_a_run_that_was_seen_just_after_its_end_is_looked_at_again_for_its_question(layout):
    """The end is written by one process, and the question a moment later by another."""
    now = time.time()
    uid = write_run(layout, 1, began=now - 60, ended=now)
    index = RunIndex(layout)
    index.refresh()
    write_answer(layout, uid, "later")
    assert index.refresh()
    assert [note.answer for note in index.notes] == ["later"]


def test_a_question_that_is_open_is_looked_at_each_time_and_others_when_it_is_thorough(layout, reads):
    waiting, settled = write_run(layout, 1), write_run(layout, 2)
    write_answer(layout, waiting, "later")
    index = RunIndex(layout)
    index.refresh()
    write_answer(layout, waiting, "no")
    write_answer(layout, settled, "later")
    index.refresh()
    assert {note.uid: note.answer for note in index.notes} == {waiting: "no", settled: ""}
    index.refresh(thorough=True)
    assert {note.uid: note.answer for note in index.notes} == {waiting: "no", settled: "later"}


def test_a_note_says_what_a_run_was(layout):
    relations = [{"role": "parent", "uid": "f" * 32}]
    uid = write_run(layout, 3, relations=relations, argv=["python", "-c", "x" * 9000])
    note = read_note(folder_of(layout, uid))
    assert (note.uid, note.name, note.lineage, note.parent) == (uid, "run-3", "train.py", "f" * 32)
    assert (note.began, note.ended, note.how) == (T0 + 300, T0 + 305, "")
    assert len(note.words) == 200
    assert not note.kept
    write_event(layout, uid, "name", name="better")
    write_event(layout, uid, "end", signal=9)  # a person's journal says nothing of the end
    assert read_note(folder_of(layout, uid)).name == "better"
    assert read_note(folder_of(layout, uid)).how == ""


def test_an_end_is_found_under_much_that_comes_after_it(layout):
    from repro_tui.journal.write import open_writer

    folder = layout.runs / "20260101-000000-long"
    with open_writer(folder, run="a" * 32, role="supervisor", attempt=1, layout=layout) as writer:
        writer.event("start", name="long", argv=["sh"], user="me")
        writer.event("end", t=77.0, exit=3)
        for number in range(2000):
            writer.event("print", path=f"data/{number:05d}" + "x" * 80, role="in", when="before", d=None, cov="pending")
    note = read_note(folder)
    assert (note.ended, note.how) == (77.0, "exit 3")


@pytest.mark.parametrize(
    ("event", "found"),
    [
        ({"kind": "file", "path": "a", "mode": "w", "by": "open"}, True),
        ({"kind": "file", "path": "a", "mode": "rw", "by": "open"}, True),
        ({"kind": "file", "path": "a", "mode": "r", "by": "open"}, False),
        ({"kind": "save", "paths": ["a"]}, True),
        ({"kind": "print", "path": "a", "role": "out", "when": "after"}, True),
        ({"kind": "print", "path": "a", "role": "in", "when": "before"}, False),
        ({"kind": "note", "text": '"k":"save" is how outputs are declared'}, False),
    ],
)
def test_a_result_is_seen_without_decoding(layout, event, found):
    uid = write_run(layout, 1)
    write_event(layout, uid, event.pop("kind"), **event)
    assert has_outputs(folder_of(layout, uid)) is found


def test_the_newest_folders_are_found_by_their_labels(layout):
    for number in range(5):
        write_run(layout, number)
    assert [note.name for note in newest(layout.runs, 2)] == ["run-4", "run-3"]
    assert newest(layout.runs, 5, since=4e9) == []
    assert newest(layout.runs / "gone", 5) == []
