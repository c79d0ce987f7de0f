"""Killed at any instant while it prunes, brings back or empties: nothing kept is lost, and who and why stay known."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

import pytest

from repro_tui.domain.footprint import WHOLE
from repro_tui.domain.retention import Verdict
from repro_tui.domain.retention_decide import decide
from repro_tui.domain.retention_text import parse_line
from repro_tui.retention.service import RetentionService
from repro_tui.settings import open_project
from repro_tui.snapshots.service import SnapshotService
from repro_tui.store.check import check
from repro_tui.store.store import Store
from repro_tui.store.verify import verify
from tests.retention.kept import make_kept
from tests.store.deaths import KILLS, deaths, killed
from tests.store.keeping import entries_of
from tests.store.test_killed_retention import one_step_further

RUNS = 5


def no_index(work):
    """Answer as an index does that knows no runs: what is removed and told of does not depend on it."""
    return {}


class Scene:
    """A project with five kept runs, two of them in the trash, and data and results of a third."""

    def __init__(self, folder) -> None:
        self.folder = folder / "project"
        self.digests = make_kept(self.folder, RUNS)
        service = self.service()
        self.prune_by(service, "keep_last=3 per=project")
        self.prune_by(service, "keep_last=2 per=project give_up=data,outputs")
        self.copy = folder / "before"
        shutil.copytree(self.folder / ".repro", self.copy)

    def service(self) -> RetentionService:
        return RetentionService(open_project(self.folder, {}), no_index)

    @property
    def store(self) -> Store:
        return Store.of(open_project(self.folder, {}))

    def again(self) -> None:
        shutil.rmtree(self.folder / ".repro")
        shutil.copytree(self.copy, self.folder / ".repro")

    def prune_by(self, service, policy: str) -> None:
        stock = service.stock()
        decisions = decide(parse_line(policy), stock, {})
        service.prune(service.plan(stock, decisions))

    # The work, each safe to be called again.

    def prune(self) -> None:
        self.prune_by(self.service(), "keep_last=1 per=project")

    def undo(self) -> None:
        service = self.service()
        if trashed := service.trash():
            service.undo(trashed)

    def empty(self) -> None:
        service = self.service()
        service.empty(service.plan_emptying(early=True))

    # What must be so afterwards.

    def assert_whole(self) -> None:
        """See that what is kept verifies, and that journals, levels and the trash agree, as the next command leaves it.

        No step by hand comes before: looking is enough.
        """
        store, service = self.store, self.service()
        stock = service.stock()
        assert not stock.damaged
        shelf = SnapshotService(open_project(self.folder, {}))
        live = set(store.documents())
        assert self.digests[-1] in live
        for digest in live:
            dropped = {part.name for part in shelf.snapshot(digest).parts if part.dropped}
            if not dropped:
                assert verify(store, entries_of(store, digest)).ok
        report = shelf.check()
        assert report.ok, report.damages
        levels = {row.snapshot.digest: row.level for row in shelf.rows()}
        for one in stock.trashed:
            assert (one.user, one.batch) > ("", "")
            assert one.rule.startswith("beyond last")
            assert levels.get(one.digest, "1/6") == "1/6" or one.parts == {"outputs"}
        lessened = {digest for digest in live if any(part.dropped for part in shelf.snapshot(digest).parts)}
        assert {levels[digest] for digest in live - lessened} <= {"2/6"}
        assert not [path.name for path in store.places.trash.iterdir() if path.name.startswith("removing-")]


@pytest.fixture
def scene(tmp_path):
    return Scene(tmp_path)


def test_the_scene_is_what_it_says(scene):
    trashed = scene.service().stock().trashed
    assert sorted(sorted(one.parts) for one in trashed) == [[WHOLE], [WHOLE], ["data:train", "outputs"]]
    assert [d.verdict for d in decide(parse_line("keep_last=9"), scene.service().stock(), {})] == [Verdict.KEEP] * 3
    scene.assert_whole()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", ["prune", "undo", "empty"])
def test_dying_before_each_step(scene, kind, capsys):
    work: Callable[[], None] = getattr(scene, kind)
    for step in one_step_further(work):
        if step % 2:
            work()
        scene.assert_whole()
        work()
        assert len(scene.service().stock().trashed) == {"prune": 4, "undo": 0, "empty": 0}[kind]
        scene.again()
    with capsys.disabled():
        print(f"\n{kind}: died before each of its {step} steps, everything kept whole and told of")
    assert step >= 4


@pytest.mark.parametrize("kind", ["prune", "undo", "empty"])
def test_dying_at_random_instants(scene, kind, capsys):
    work = getattr(scene, kind)
    _, took = killed(lambda _: work(), None)
    assert took
    scene.again()
    for count, _ in enumerate(deaths(lambda _: work(), took, seed=len(kind))):
        if count % 2:
            work()
        scene.assert_whole()
        scene.again()
    with capsys.disabled():
        print(f"\n{kind}: killed {KILLS} times, everything kept whole and told of")


def test_what_a_dead_process_removed_is_told_of_as_its_work(scene, monkeypatch):
    """Who, why and until when are those of the prune that died, whoever looks next."""
    pid = os.fork()
    if not pid:
        service = scene.service()
        monkeypatch.setattr(service._teller, "_user", lambda: "bo")
        monkeypatch.setattr(service._teller, "removed", lambda *_: os._exit(77))
        try:
            scene.prune_by(service, "keep_last=1 per=project")
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 77
    newest = [one for one in scene.service().stock().trashed if one.user == "bo"]
    assert [one.rule for one in newest] == ["beyond last 1"] * 2
    assert check(scene.store).damages == ()
