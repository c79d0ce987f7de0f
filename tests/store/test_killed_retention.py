"""Killed at any instant while snapshots are removed, brought back or deleted for good, nothing that is kept is lost.

Each kind of work dies at random instants, and once before each of its renames, deletions and flushes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from repro_tui.store.check import check
from repro_tui.store.emptying import Order, empty
from repro_tui.store.footprints import holdings
from repro_tui.store.trash import bring_back, in_trash, move_to_trash
from repro_tui.store.verify import verify
from tests.store.deaths import KILLS, deaths, killed
from tests.store.keeping import entries_of, keep, random_bytes, store_at

NOW = 4e9
STEPS = ("rename", "unlink", "fsync", "write", "writev")


class Scene:
    """A store with five snapshots, two of them in the trash; put up again before each death."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        store = store_at(folder)
        self.digests = []
        for number in range(5):
            root = folder / f"run{number}"
            root.mkdir()
            for seed in range(number, number + 3):
                (root / str(seed)).write_bytes(random_bytes(9000, seed))
            self.digests.append(keep(store, root, f"run{number}"))
        move_to_trash(store, self.digests[:2])
        store.condemn(holdings(store, self.documents()).condemnable(dict.fromkeys(self.digests[:2], "*")), NOW)
        self.copy = folder / "before"
        shutil.copytree(folder / ".repro", self.copy)

    def documents(self):
        store = store_at(self.folder)
        live = {digest: store.document(digest) for digest in store.documents()}
        return live | {one.digest: one.document for one in in_trash(store)}

    def again(self) -> None:
        shutil.rmtree(self.folder / ".repro")
        shutil.copytree(self.copy, self.folder / ".repro")

    def assert_whole(self) -> None:
        """See that all snapshots verify, those in the trash after they were brought back too."""
        store = store_at(self.folder)
        assert check(store).damages == ()
        moved = bring_back(store, [one.digest for one in in_trash(store)])
        assert not moved.lost
        assert not moved.absent
        for digest in store.documents():
            assert verify(store, entries_of(store, digest)).ok
        assert {*self.digests[2:]} <= set(store.documents())

    def size(self) -> int:
        return store_at(self.folder).usage().size

    # The work.

    def prune(self) -> None:
        store = store_at(self.folder)
        move_to_trash(store, self.digests[2:4])
        gone = dict.fromkeys(self.digests[:4], "*")
        store.condemn(holdings(store, self.documents()).condemnable(gone), NOW * 2)

    def undo(self) -> None:
        bring_back(store_at(self.folder), self.digests[:2])

    def empty(self) -> None:
        empty(store_at(self.folder), Order(dict.fromkeys(self.digests[:2], "*"), NOW, max_unneeded=0))


@pytest.fixture
def scene(tmp_path):
    return Scene(tmp_path)


def one_step_further(work: Callable[[], None]) -> Iterator[int]:
    """Let work die before each of its steps, one after the other, until it comes to its end."""
    for last in range(1000):
        pid = os.fork()
        if not pid:
            _die_before(last)
            try:
                work()
            except BaseException:  # noqa: BLE001 - nothing may leave the child as if it were the test
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        assert code in {0, 77}
        yield last
        if not code:
            return
    raise AssertionError("it does not end")


def _die_before(step: int) -> None:
    """Make this process end before its step of that number, as a loss of power would."""
    count = 0

    def counted(call):
        def die(*args, **fields):
            nonlocal count
            count += 1
            if count > step:
                os._exit(77)
            return call(*args, **fields)

        return die

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", ["prune", "undo", "empty"])
def test_dying_before_each_step(scene, kind, capsys):
    work = getattr(scene, kind)
    clean = None
    if kind == "empty":
        work()
        clean = scene.size()
        scene.again()
    for step in one_step_further(work):
        if step % 2 == 0:
            work()
            if clean:
                assert scene.size() == clean
        scene.assert_whole()
        scene.again()
    with capsys.disabled():
        print(f"\n{kind}: died before each of its {step} steps, everything kept whole")
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
        print(f"\n{kind}: killed {KILLS} times, everything kept whole")
