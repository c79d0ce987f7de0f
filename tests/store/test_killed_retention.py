"""Killed at any instant while snapshots are removed, brought back or deleted for good, nothing that is kept is lost.

Each kind of work dies at random instants, and once before each of its renames, deletions and flushes.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from repro_tui.errors import StorageError
from repro_tui.store.check import check
from repro_tui.store.emptying import Order, empty
from repro_tui.store.footprints import holdings
from repro_tui.store.store import Store
from repro_tui.store.trash import bring_back, in_trash
from repro_tui.store.verify import verify
from tests.store.deaths import KILLS, deaths, killed
from tests.store.keeping import entries_of, keep, prune, random_bytes, store_at

NOW = 4e9
STEPS = ("rename", "unlink", "fsync", "write", "writev")
_DIED = 77
ROUNDS = 16
DAY_S = 86_400.0


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
        prune(store, self.digests[:2], 0, NOW)
        self.copy = folder / "before"
        shutil.copytree(folder / ".repro", self.copy)

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
        prune(store_at(self.folder), self.digests[2:4], NOW, NOW * 2)

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
        ended = not dies_before(work, last)
        yield last
        if ended:
            return
    raise AssertionError("it does not end")


def dies_before(work: Callable[[], None], step: int) -> bool:
    """Let work die in a process of its own before its step of that number; tells whether it came so far."""
    pid = os.fork()
    if not pid:
        _die_before(step)
        try:
            work()
        except BaseException:  # noqa: BLE001 - nothing may leave the child as if it were the test
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in {0, _DIED}
    return code == _DIED


def _die_before(step: int) -> None:
    """Make this process end before its step of that number, as a loss of power would."""
    count = 0

    def counted(call):
        def die(*args, **fields):
            nonlocal count
            count += 1
            if count > step:
                os._exit(_DIED)
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


class Story:
    """Snapshots are taken, removed, brought back and emptied in any order, and half of the time the process dies."""

    def __init__(self, folder: Path, *, locks: bool) -> None:
        self.folder = folder
        self.locks = locks
        self.now = time.time()
        self.dice = random.Random(f"{locks}")
        self.taken = 0
        self.acts = {
            "take": self.take,
            "prune": self.prune,
            "undo": self.undo,
            "empty": self.empty,
            "early": self.early,
        }

    def store(self) -> Store:
        return Store(self.folder / "store", self.folder / "locks", threads=1, use_locks=self.locks)

    def trash(self) -> list[str]:
        return [one.digest for one in in_trash(self.store())]

    def take(self) -> None:
        root = self.folder / f"data{self.taken}"
        root.mkdir()
        for seed in self.dice.sample(range(12), 4):
            (root / str(seed)).write_bytes(random_bytes(3000 + 500 * seed, seed))
        keep(self.store(), root, f"run{self.taken}")
        self.taken += 1

    def prune(self) -> None:
        store = self.store()
        there = store.documents()
        chosen = self.dice.sample(there, len(there) // 2)
        self.perhaps_dying(lambda: prune(store, chosen, self.now, self.now + 7 * DAY_S))

    def undo(self) -> None:
        chosen = self.trash()[:1]
        self.perhaps_dying(lambda: bring_back(self.store(), chosen))

    def empty(self, *, early: bool = False) -> None:
        gone = dict.fromkeys(self.trash()[::2], "*")
        order = Order(gone, self.now, early=early, max_unneeded=self.dice.choice([0.0, 0.05, 1.0]))

        def work() -> None:
            with contextlib.suppress(StorageError):  # too early, without locks
                empty(self.store(), order)

        self.perhaps_dying(work)

    def early(self) -> None:
        self.empty(early=True)

    def perhaps_dying(self, work: Callable[[], None]) -> None:
        """Do something, or die before one of its steps."""
        if self.dice.random() < 0.5:
            work()
        else:
            dies_before(work, self.dice.randrange(30))

    def assert_whole(self, before: set[str], act: str) -> None:
        store = self.store()
        assert check(store).damages == ()
        there = {*store.documents(), *self.trash()}
        assert before <= there or act in {"empty", "early"}
        for digest in store.documents():
            assert verify(store, entries_of(store, digest)).ok


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("locks", [True, False])
def test_whatever_happens_in_whatever_order_nothing_is_lost(tmp_path, locks):
    story = Story(tmp_path, locks=locks)
    for number in range(ROUNDS):
        act = "take" if number < 3 else story.dice.choice([*story.acts, "take"])
        before = {*story.store().documents()} if number else set()
        story.acts[act]()
        story.assert_whole(before, act)
        story.now += story.dice.choice([3600.0, 2 * DAY_S, 8 * DAY_S])
    for _ in range(3):
        story.now += 30 * DAY_S
        empty(story.store(), Order(dict.fromkeys(story.trash(), "*"), story.now, max_unneeded=0))
    store = story.store()
    held = holdings(store, {digest: store.document(digest) for digest in store.documents()})
    if locks:
        assert sum(path.stat().st_size - 8 for path in store.places.packs.rglob("*.pack")) == held.footprint.size
