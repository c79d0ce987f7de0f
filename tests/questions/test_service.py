"""The questions that wait, and what becomes of the answers."""

from __future__ import annotations

import time

import pytest

from repro_tui.datasets.service import DatasetService
from repro_tui.domain.dataset import Spec, Watch
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.question import Answer, Standing
from repro_tui.domain.snapshot import Offer
from repro_tui.errors import StorageError
from repro_tui.journal.layout import Layout
from repro_tui.journal.write import open_writer
from repro_tui.questions.service import QuestionService
from repro_tui.settings import open_project
from repro_tui.snapshots.service import SnapshotService
from tests.questions.journals import Keeper, folder_of, write_answer, write_event, write_run


class Bench:
    """A project with its questions."""

    def __init__(self, root, settings=""):
        (root / "repro.yaml").write_text(settings)
        self.project = open_project(root, {})
        self.layout = Layout.of(self.project)
        self.layout.create()
        self.keeper = Keeper()
        self.service = self.another()

    def another(self):
        """Open the questions as another session would."""
        datasets = DatasetService(self.project, lambda: SnapshotService(self.project))
        return QuestionService(self.project, self.keeper, datasets)

    def waiting_run(self, number, **start):
        uid = write_run(self.layout, number, **start)
        write_answer(self.layout, uid, "later")
        return uid

    def answers(self, uid):
        from tests.e2e.asking import events

        return [event["answer"] for event in events(folder_of(self.layout, uid), "answer")]


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


def test_only_ones_own_runs_that_were_left_for_later_wait(bench):
    waiting = bench.waiting_run(1)
    write_run(bench.layout, 2)
    bench.waiting_run(3, user="somebody-else")
    answered = bench.waiting_run(4)
    write_answer(bench.layout, answered, "no", "person")
    kept = bench.waiting_run(5)
    write_event(bench.layout, kept, "snapshot", d="b3:" + "1" * 64, parts=[], size=1, new=1, partial=[])
    (question,) = bench.service.open()
    assert (question.id, question.title, question.runs) == (waiting, "run-1", (waiting,))
    assert question.detail == "python train.py --lr 1"


def test_a_snapshot_that_was_given_up_has_its_question_again(bench):
    uid = bench.waiting_run(1)
    for on in (True, False):
        write_event(bench.layout, uid, "snapshot", d="b3:" + "1" * 64, parts=[], size=1, new=1, partial=[])
        write_event(bench.layout, uid, "dropped", d="b3:" + "1" * 64, part="*", on=on, why="pruned")
        assert len(bench.another().open()) == on


def test_what_another_session_answers_is_gone_here(bench):
    uid = bench.waiting_run(1)
    assert len(bench.service.open()) == 1
    write_answer(bench.layout, uid, "no", "person")
    assert bench.service.open() == ()


def test_a_run_that_is_left_for_later_by_another_session_comes_up(bench):
    assert bench.service.open() == ()
    bench.waiting_run(1)
    assert len(bench.service.open()) == 1


def test_a_deleted_run_takes_its_question_along(bench):
    import shutil

    uid = bench.waiting_run(1)
    assert len(bench.service.open()) == 1
    shutil.rmtree(folder_of(bench.layout, uid))
    assert bench.service.open() == ()
    assert not bench.service.answer(uid, Answer.YES).ok


def test_the_runs_of_a_loop_are_one_question_and_have_one_answer(bench):
    uids = [bench.waiting_run(n, began=1000.0 + 10 * n, ended=1009.9 + 10 * n) for n in range(1, 4)]
    for uid in uids:
        write_answer(bench.layout, uid, "later", t=1009.9 + 10 * int(uid, 16))
    (question,) = bench.service.open()
    assert question.title == "sweep of 3"
    assert question.detail.startswith("python train.py --lr ... (since ")
    assert question.runs == tuple(uids)
    offer = bench.service.offer(question.id)
    assert isinstance(offer, Offer)
    assert {part.name: part.size for part in offer.parts} == {"code": 4_000, "outputs": 3_000_000}
    answered = bench.service.answer(question.id, Answer.YES)
    assert (answered.ok, answered.text) == (True, "kept 3: 3 kB new")
    assert bench.keeper.taken == uids
    assert [bench.answers(uid)[-1] for uid in uids] == ["yes"] * 3
    assert bench.service.open() == ()


def test_answers_are_events_and_always_and_never_stand(bench):
    first, second = (bench.waiting_run(number, series="") for number in (1, 2))
    assert bench.service.standing() is Standing.ASK
    assert bench.service.answer(first, Answer.ALWAYS).ok
    assert bench.service.standing() is Standing.ALWAYS
    assert bench.keeper.taken == [first]
    assert bench.service.answer(second, Answer.NEVER).ok
    assert bench.another().standing() is Standing.NEVER
    assert [bench.answers(uid)[-1] for uid in (first, second)] == ["always", "never"]


def test_a_persons_word_wins_over_repro_yaml(tmp_path):
    bench = Bench(tmp_path, "snapshot: {ask: never}\n")
    assert bench.service.standing() is Standing.NEVER
    for standing in (Standing.KEY, Standing.ASK, Standing.LATER):
        bench.service.stand(standing)
        assert bench.service.standing() is standing
        assert bench.another().standing() is standing


@pytest.mark.parametrize("standing", [Standing.NEVER, Standing.KEY])
def test_who_does_not_want_to_be_asked_sees_no_questions_until_they_do(bench, standing):
    bench.waiting_run(1)
    bench.service.stand(standing)
    assert bench.service.open() == ()
    bench.service.stand(Standing.ASK)
    assert len(bench.service.open()) == 1


def test_what_cannot_be_kept_says_why_and_waits_on(bench):
    """What one run of a sweep cannot does not keep the others from theirs."""
    uids = [bench.waiting_run(n, began=1000.0, ended=1000.0 + n) for n in range(1, 4)]
    bench.keeper.broken = {uids[1]}
    (question,) = bench.service.open()
    answered = bench.service.answer(question.id, Answer.YES)
    assert (answered.ok, answered.text) == (False, "2 of 3 kept. run-2: The store is full. Free some space.")
    (left,) = bench.service.open()
    assert left.runs == (uids[1],)
    assert isinstance(bench.service.offer(left.id), Unavailable)


def test_what_was_stopped_is_asked_again(bench):
    uid = bench.waiting_run(1)
    bench.keeper.stop = True
    answered = bench.service.answer(uid, Answer.YES, lambda *_: None)
    assert not answered.ok
    assert answered.text.startswith("stopped")
    assert bench.answers(uid)[-1] == "later"
    assert len(bench.service.open()) == 1


def test_a_question_that_is_gone_answers_so(bench):
    assert isinstance(bench.service.offer("0" * 32), Unavailable)
    assert not bench.service.answer("dataset:train:b3:00", Answer.YES).ok


def test_a_run_that_cannot_be_written_to_is_spoken_of_in_the_projects_journal(bench, monkeypatch):
    """A colleague's run in a shared project; the tests may run as root, whom no mode keeps from writing."""
    uid = bench.waiting_run(1)

    def refused(folder, **header):
        if header["run"]:
            raise StorageError(f"{folder} cannot be written: Permission denied.")
        return open_writer(folder, **header)

    monkeypatch.setattr("repro_tui.questions.answers.open_writer", refused)
    assert bench.service.answer(uid, Answer.NO).ok
    assert bench.service.open() == ()
    assert bench.another().open() == ()


def test_damaged_journals_and_caches_cost_only_themselves(bench):
    uid = bench.waiting_run(1)
    broken = bench.waiting_run(2)
    for path in (folder_of(bench.layout, broken) / "journal").iterdir():
        path.write_bytes(b'{"repro":1\n\x00\xff garbage\n' * 50)
    (bench.layout.runs / "20260101-000009-empty").mkdir()
    assert [q.id for q in bench.service.open()] == [uid]
    (bench.layout.cache / "questions.json").write_text('{"version":1,"notes":[[1,2]]}')
    assert [q.id for q in bench.another().open()] == [uid]


def test_events_of_other_types_change_nothing(bench):
    uid = bench.waiting_run(1)
    write_event(bench.layout, uid, "answer", question=7, answer=["no"], by={}, c=99)
    write_event(bench.layout, uid, "dropped", d=1)
    assert [q.id for q in bench.service.open()] == [uid]


def test_the_count_is_there_at_once_and_right_in_a_moment(bench):
    for number in range(1, 6):
        bench.waiting_run(number, series="")
    deadline = time.monotonic() + 30
    while bench.service.count() != 5:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    begun = time.process_time()
    for _ in range(1000):
        bench.service.count()
    assert time.process_time() - begun < 0.3


def test_a_dataset_that_changed_is_a_question_when_it_is_watched(tmp_path):
    """Kept by a yes, and not asked again after a no; the standing of runs has nothing to do with it."""
    bench = Bench(tmp_path)
    bench.keeper = SnapshotService(bench.project)
    service = bench.another()
    datasets = DatasetService(bench.project, lambda: bench.keeper)
    (tmp_path / "train.csv").write_text("x\n1\n")
    datasets.add(Spec("train", "train.csv"))
    (tmp_path / "train.csv").write_text("x\n1\n2\n")
    datasets.now("train", read=True)
    assert service.open() == ()
    datasets.watch("train", Watch.ASK)
    (question,) = service.open()
    assert (question.kind, question.title) == ("dataset", "train")
    assert question.detail.startswith("changed since v1")
    assert not isinstance(service.offer(question.id), Offer | Unavailable)
    assert service.answer(question.id, Answer.LATER).ok
    assert len(service.open()) == 1
    assert service.answer(question.id, Answer.YES).ok
    assert service.open() == ()
    (tmp_path / "train.csv").write_text("x\n1\n2\n3\n")
    datasets.now("train", read=True)
    (question,) = service.open()
    assert service.answer(question.id, Answer.NEVER).ok
    assert datasets.spec("train").watch is Watch.NEVER
    assert service.open() == ()
