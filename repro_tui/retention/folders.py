"""The folders of runs that ended long ago: what would be done with them, and doing it.

A journal always stays: it is sealed (compressed, and read as before). Output is sealed too; that of failed runs may be
removed. A run that may still write is never touched: it has to be over by the index, by its processes here, by what
moved in its folder last, and each file by itself must be as old as the policy asks.
"""

from __future__ import annotations

import errno
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from repro_tui.catalog.ended import EndedRun, ended_runs
from repro_tui.domain.data_words import bytes_word
from repro_tui.domain.progress import Progress
from repro_tui.domain.retention import Reason
from repro_tui.domain.retention_words import age_text
from repro_tui.domain.tidying import COMPRESS, REMOVE_OUTPUT, FolderMove, FolderPlan, FolderPolicy, Tidied
from repro_tui.errors import CancelledError, ChangedError, StorageError
from repro_tui.ingest.lifecycle import Asking
from repro_tui.journal.layout import Layout
from repro_tui.journal.sealed import SUFFIX
from repro_tui.retention.old_files import OldFile, OldFolder, look
from repro_tui.retention.policy_file import folder_policy_in
from repro_tui.retention.sealing import NoRoomError, clear_unfinished, seal
from repro_tui.retention.telling import Teller
from repro_tui.settings import Project
from repro_tui.store.durable import flush_folders

_AT_ONCE = 64
"""Runs whose output is removed between two looks at whether it was stopped; one batch of events each."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FEW_NAMES = 5
_MOST_SAID = 20
"""Troubles that are told one by one."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A move with the files that it is about."""

    move: FolderMove
    files: tuple[OldFile, ...]


class Folders:
    """Tidies the folders of one project's runs. Any thread."""

    def __init__(self, project: Project, ask: Asking) -> None:
        self._root = project.root
        self._layout = Layout.of(project)
        self._ask = ask

    def plan(self, progress: Progress | None = None) -> FolderPlan:
        """Say what would be done, without writing anything. Raises UsageError for a policy that cannot be read."""
        return self._plan(progress)[0]

    def carry_out(self, plan: FolderPlan, teller: Teller, progress: Progress | None = None) -> Tidied:
        """Do what a plan says, of what is still as it was: first what removes, then small files before large ones.

        So there is room for compressing even on a disk that was full.

        Raises:
            ChangedError: nothing of it is as it was.
        """
        begun = time.monotonic()
        _, found = self._plan(None)
        still = {one.move: one for one in found}
        wanted = [still[move] for move in plan.moves if move in still]
        if plan.moves and not wanted:
            raise ChangedError(
                "The folders of the runs have changed since the plan was made, so nothing was done.",
                "Look again: the list shows what is there now.",
            )
        work = _Work(self._layout, teller, progress, sum(one.move.size for one in wanted))
        work.left += [
            f"{move.name} has changed since, and is left as it is." for move in plan.moves if move not in still
        ]
        try:
            work.remove([one for one in wanted if one.move.action == REMOVE_OUTPUT])
            work.seal([one for one in wanted if one.move.action == COMPRESS])
        except CancelledError:
            work.stopped = True
        return Tidied(tuple(work.done), work.freed, work.stopped, _few(work.left), time.monotonic() - begun)

    def _plan(self, progress: Progress | None) -> tuple[FolderPlan, list[_Found]]:
        policy = folder_policy_in(self._root)
        ages = [age for age in (policy.compress_after, policy.remove_failed_after) if age]
        found: list[_Found] = []
        whys: Counter[str] = Counter()
        now = time.time()
        runs = [run for run in self._ask(ended_runs) if run.ended <= now - min(ages)] if ages else []
        for run in runs:
            if progress is not None:
                progress(0, 0, f"looking at folders of {len(runs):,} old runs")
            for name in run.folders:
                removes = bool(policy.remove_failed_after) and run.failed and not run.pinned
                removes = removes and run.ended <= now - policy.remove_failed_after
                folder = look(self._layout, name, run.uid, now, removes=removes)
                if folder.why:
                    whys[folder.why] += 1
                found += _moves(run, name, folder, policy, now, removes=removes)
        moves = tuple(one.move for one in found)
        left = tuple(
            f"{count:,} folder{'' if count == 1 else 's'} of old runs {'is' if count == 1 else 'are'} left as"
            f" {'it is' if count == 1 else 'they are'}: {why}."
            for why, count in sorted(whys.items())
        )
        stamp = blake2b(repr(moves).encode(), digest_size=16).hexdigest()
        return FolderPlan(moves, sum(move.frees for move in moves), stamp, left, policy), found


class _Work:
    """One carrying out."""

    def __init__(self, layout: Layout, teller: Teller, progress: Progress | None, total: int) -> None:
        self._layout = layout
        self._teller = teller
        self._progress = progress
        self._total = total
        self._passed = 0
        self.done: list[FolderMove] = []
        self.left: list[str] = []
        self.freed = 0
        self.stopped = False

    def remove(self, found: Sequence[_Found]) -> None:
        """Remove output; that it goes is written down first, for a death in between must not lose who and why."""
        batch = os.urandom(8).hex()
        for begin in range(0, len(found), _AT_ONCE):
            some = found[begin : begin + _AT_ONCE]
            self._say("removing output")
            told = self._tell(some, batch)
            for one in some:
                self._remove(one)
            if not told and not self._tell(some, batch):
                names = ", ".join(one.move.name for one in some[:_FEW_NAMES])
                self.left.append(f"There was no room to note whose output was removed: {names}.")

    def _tell(self, found: Sequence[_Found], batch: str) -> bool:
        """Write down what is removed; False where the disk is so full that room has to be made first."""
        try:
            self._teller.outputs_removed(
                ((one.move, {file.path.name.removesuffix(SUFFIX): file.size for file in one.files}) for one in found),
                batch,
            )
        except StorageError as error:
            if getattr(error.__cause__, "errno", None) not in _FULL:
                raise
            return False
        return True

    def _remove(self, one: _Found) -> None:
        try:
            for file in one.files:
                file.path.unlink(missing_ok=True)
                self.freed += file.disk
            flush_folders([one.files[0].path.parent])
        except OSError as error:
            self.left.append(f"The output of {one.move.name} cannot be removed: {error.strerror or error}.")
            return
        self._passed += one.move.size
        self.done.append(one.move)

    def seal(self, found: Sequence[_Found]) -> None:
        """Compress, the smallest files first."""
        waiting = {one.move: len(one.files) for one in found}
        refused: set[FolderMove] = set()
        lacking: list[NoRoomError] = []
        for file, move in sorted(((f, one.move) for one in found for f in one.files), key=lambda pair: pair[0].size):
            self._say("compressing")
            clear_unfinished(file.path.parent)
            try:
                self.freed += seal(file.path)
            except NoRoomError as error:
                lacking.append(error)
                refused.add(move)
            except StorageError as error:
                self.left.append(error.message)
                refused.add(move)
            self._passed += file.size
            waiting[move] -= 1
            if not waiting[move] and move not in refused:
                self.done.append(move)
        if lacking:
            files = f"{len(lacking):,} file{' is' if len(lacking) == 1 else 's are'}"
            need, free = bytes_word(max(error.need for error in lacking)), bytes_word(lacking[-1].free)
            self.left.append(
                f"{files} left as before: compressing needs up to {need} for a while, and {free} are free."
            )

    def _say(self, what: str) -> None:
        """Tell how far it is; raises CancelledError when it is to stop."""
        if self._progress is not None:
            self._progress(self._passed, self._total, what)


def _moves(
    run: EndedRun, name: str, folder: OldFolder, policy: FolderPolicy, now: float, *, removes: bool
) -> Iterator[_Found]:
    """Say what is to be done with one folder."""
    outputs = folder.outputs
    if removes:
        old = [file for file in outputs if file.t <= now - policy.remove_failed_after]
        reason = Reason("remove_failed_after", f"failed over {age_text(policy.remove_failed_after)} ago")
        if old:
            yield _found(run, name, REMOVE_OUTPUT, reason, old, sum(file.disk for file in old))
            outputs = tuple(file for file in outputs if file not in old)
    if policy.compress_after and run.ended <= now - policy.compress_after:
        least = now - policy.compress_after
        old = [f for f in (*folder.journals, *outputs) if f.t <= least and not f.sealed and f.saves > 0]
        if old:
            reason = Reason("compress_after", f"ended over {age_text(policy.compress_after)} ago")
            yield _found(run, name, COMPRESS, reason, old, sum(file.saves for file in old))


def _found(run: EndedRun, name: str, action: str, reason: Reason, files: Iterable[OldFile], frees: int) -> _Found:
    some = tuple(sorted(files, key=lambda file: file.name))
    size = sum(file.size for file in some)
    return _Found(
        FolderMove(run.uid, run.name, action, reason, tuple(file.name for file in some), size, frees, name), some
    )


def _few(left: Sequence[str]) -> tuple[str, ...]:
    """Keep a list of troubles within what a person reads."""
    if len(left) <= _MOST_SAID:
        return tuple(left)
    return (*left[:_MOST_SAID], f"{len(left) - _MOST_SAID:,} further files are left for the like.")
