"""The declared datasets around a run: what they were before it, what they are after it, and whether it used them.

All of them are looked at when the run begins, by stat alone. One counts as data of the run as soon as the run is seen
reading a file in it; only then is what changed in it hashed, and its fingerprint noted. A run that writes into a
dataset makes a version of it.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from repro_tui.capture.outbox import Outbox
from repro_tui.capture.prepare import Recording
from repro_tui.domain.data_change import compare, phrase
from repro_tui.domain.dataset import Spec, Watch
from repro_tui.domain.dataset_specs import read_specs
from repro_tui.domain.ids import Digest
from repro_tui.domain.profile import Profile
from repro_tui.errors import ReproError, StorageError
from repro_tui.fingerprint import Budget, Fingerprint, Fingerprinter
from repro_tui.journal.datasets import DatasetLedger
from repro_tui.profiles import from_document, in_child, to_document, was_lost
from repro_tui.recorder.line import from_text, to_text
from repro_tui.source.secrets import redact_argv

_WORDS_S = 0.3
"""Seconds before the deadline in which what is known by then is put in words and sent."""
_LOOK_S = 60.0
"""Seconds that looking into the tables of a version may take."""


@dataclass(slots=True)
class _Set:
    """One declared dataset during the run."""

    spec: Spec
    place: str
    """Absolute path."""
    real: str
    """The same without links, as journals write it."""
    known: int
    """Versions that were known when the run began."""
    newest: Digest | None
    """The last of them."""
    used: bool = False
    written: bool = False
    before: Fingerprint | None = None
    after: Fingerprint | None = None
    told: bool = False
    looked: set[Digest] = field(default_factory=set)
    """Versions that were looked into."""

    @property
    def read(self) -> Digest | None:
        """The version that the run read: what lay there before it, or after it when only that is known."""
        before = self.before.digest if self.before else None
        return before or (self.after.digest if self.after and not self.written else None)


class DeclaredSets:
    """Follows the declared datasets. `seen` and `use` are for the thread that looks, the rest for the one that hashes.

    Nothing in here raises: what cannot be noted is a problem of the run.
    """

    def __init__(self, recording: Recording, outbox: Outbox, prints: Fingerprinter, wake: Callable[[], None]) -> None:
        self._recording = recording
        self._outbox = outbox
        self._prints = prints
        self._wake = wake
        self._ledger = DatasetLedger(recording.layout, lambda: recording.user)
        self._sets: list[_Set] = []
        self._folders: dict[str, str] = {}
        self._into: list[tuple[Spec, str, Digest]] = []
        self._looker: threading.Thread | None = None

    def load(self) -> None:
        """Read what is declared now."""
        project = self._recording.project
        root = to_text(str(project.root))
        specs = read_specs(project.settings.records("datasets"), root)
        for dataset in self._ledger.ask(lambda fold: fold.datasets(specs)):
            plain = from_text(dataset.spec.path)
            place = plain if plain.startswith("/") else f"{project.root}/{plain}"
            newest = dataset.versions[0].digest if dataset.versions else None
            real = to_text(self._recording.inside(os.path.realpath(place)))
            self._sets.append(_Set(dataset.spec, place, real, len(dataset.versions), newest))

    # From the thread that looks

    def use(self, path: str) -> bool:
        """Count a path as data of the run because a person said so; tell whether it is a dataset."""
        found = [each for each in self._sets if path in {each.spec.path, each.real}]
        for each in found:
            each.used = True
        if found:
            self._wake()
        return bool(found)

    def seen(self, path: str, mode: str) -> bool:
        """Take note of a file that the run opened; tell whether datasets speak for it, so that it need not be noted."""
        if not self._sets:
            return False
        names = {path, self._real(path)}
        found = [
            each
            for each in self._sets
            if any(name == own or name.startswith(own + "/") for name in names for own in (each.spec.path, each.real))
        ]
        for each in found:
            if "r" in mode and not each.used:
                each.used = True
                self._wake()
            each.written = each.written or "w" in mode
        return bool(found) and "w" not in mode

    def _real(self, path: str) -> str:
        """Give a path without links in its folders; each folder is looked up once."""
        folder, _, name = path.rpartition("/")
        known = self._folders.get(folder)
        if known is None:
            plain = from_text(folder)
            full = plain if path.startswith("/") else f"{self._recording.project.root}/{plain}"
            known = self._folders[folder] = to_text(self._recording.inside(os.path.realpath(full)))
        return f"{known}/{name}" if known != "." else name

    # From the thread that hashes

    def look(self, budget: Budget) -> None:
        """See what the datasets were before the run: all by stat, and by reading those that it uses."""
        for each in self._sets:
            if each.before is None:
                each.before = self._prints.check([each.place])[0]
            if each.used and not each.told and not budget.is_over():
                self._read_before(each, budget)

    def _read_before(self, each: _Set, budget: Budget) -> None:
        assert each.before is not None
        if each.before.digest is None and each.before.size is not None:
            each.before = self._prints.take([each.place], budget)[0]
        if budget.is_over():
            return
        each.told = True
        self._tell(each, "before", each.before)
        self._note(each, each.before, budget)

    def finish(self, deadline: float) -> None:
        """See what they are after it, until a time on the monotonic clock."""
        final = Budget(deadline=deadline)
        for each in self._sets:
            if not each.used and not each.written:
                continue
            if each.used and not each.told and each.before is not None:
                self._tell(each, "before", each.before)
            after = self._prints.check([each.place])[0]
            if after.digest is None and after.size is not None:
                after = self._prints.take([each.place], final)[0]
            each.after = after
            if each.used and (not each.written or (each.before is not None and each.before.digest is not None)):
                self._tell(each, "after", after)  # else it would pass for what the run read
            self._note(each, after, final)
            if each.written:
                self._note_making(each, after)

    def tell(self, deadline: float) -> None:
        """Say what changed. New versions are looked into first: what comes next may overwrite them at once."""
        if self._looker is not None:
            self._looker.join(max(deadline - _WORDS_S - time.monotonic(), 0.0))
        for each in self._sets:
            if self._is_news(each):
                self._quiet(each)

    def linger(self, seconds: float) -> None:
        """Let what is being looked into come to its end; nobody waits for it."""
        if self._looker is not None:
            self._looker.join(seconds)
        self._ledger.close()

    def _tell(self, each: _Set, when: str, found: Fingerprint) -> None:
        self._outbox.event("print", path=each.spec.path, role="in", when=when, **found.fields())

    def _note(self, each: _Set, found: Fingerprint, budget: Budget) -> None:
        """Note a version that was not known, with its file list."""
        if found.digest is None:
            return
        try:
            known = self._ledger.known(each.spec.name, found.digest)
            if known is not None and known.listing is not None:
                if known.profile is None:
                    self._look_into(each, found.digest)
                return
            listed = self._prints.lists([each.place], budget)[0]
            if listed.fingerprint.digest != found.digest:
                return  # it changes right now; what it becomes is seen at the end
            run = self._recording.uid
            if self._ledger.note_version(each.spec, found.digest, found.coverage, listed.files, run):
                self._look_into(each, found.digest)
        except StorageError as error:
            self._outbox.problem("datasets", f"{each.spec.name}: {error.message}", error.hint)

    def _note_making(self, each: _Set, after: Fingerprint) -> None:
        """Note that this run made what lies there now, if it was something else before."""
        before = each.before.digest if each.before else None
        if before is None or after.digest is None or before == after.digest:
            return
        argv = [to_text(word) for word in redact_argv(self._recording.argv)[0]]
        source = {"name": each.spec.name, "d": before, "path": each.spec.path}
        try:
            self._ledger.write(
                "made", name=each.spec.name, d=after.digest, of=[source], argv=argv, note="", uid=self._recording.uid
            )
        except StorageError as error:
            self._outbox.problem("datasets", f"{each.spec.name}: {error.message}", error.hint)

    # What the tables hold

    def _look_into(self, each: _Set, version: Digest) -> None:
        """Have another thread look into a version while its bytes are there."""
        if version in each.looked:
            return
        each.looked.add(version)
        self._into.append((each.spec, each.place, version))
        if self._looker is None or not self._looker.is_alive():
            self._looker = threading.Thread(target=self._look_into_all, name="profiles", daemon=True)
            self._looker.start()

    def _look_into_all(self) -> None:
        while self._into:
            spec, place, version = self._into.pop(0)
            files = self._ledger.listing(spec.name, version)
            if not isinstance(files, tuple):
                continue
            profile = in_child(Path(place), files, spec, _LOOK_S)
            if not was_lost(profile) and self._still(place, version):
                try:
                    self._ledger.note_profile(spec.name, version, to_document(profile), profile)
                except StorageError:
                    return

    def _still(self, place: str, version: Digest) -> bool:
        """Tell whether a version still lies there; what was written a moment before it was read is read again."""
        found = self._prints.check([place])[0]
        if found.digest is None and found.size is not None:
            found = self._prints.take([place])[0]
        return found.digest == version

    # The quiet line

    def _is_news(self, each: _Set) -> bool:
        """Tell whether the run used a version that nobody had seen, of a dataset that had been seen before."""
        found = each.read
        if not each.used or found is None or each.newest is None:
            return False
        known = self._ledger.known(each.spec.name, found)
        return known is not None and known.number > each.known

    def _quiet(self, each: _Set) -> None:
        """Say that a dataset is not what it was, to somebody who did not ask to be asked."""
        name, found = each.spec.name, each.read
        if each.spec.watch is not Watch.NEVER or found is None or each.newest is None:
            return
        words = self._words(name, each.newest, found)
        changed = f"data {name} changed since v{each.known}{f': {words}' if words else ''}"
        self._outbox.quiet(f"watch {name}", f"{changed} (to be asked: repro-tui data watch {name} ask)")

    def _words(self, name: str, before: Digest, after: Digest) -> str:
        try:
            lists = [self._ledger.listing(name, version) for version in (before, after)]
            if not isinstance(lists[0], tuple) or not isinstance(lists[1], tuple):
                return ""
            return phrase(compare(lists[0], lists[1], self._profile(name, before), self._profile(name, after)), most=1)
        except ReproError:
            return ""

    def _profile(self, name: str, version: Digest) -> Profile | None:
        document = self._ledger.profile(name, version)
        found = from_document(document) if isinstance(document, Mapping) else None
        return found if isinstance(found, Profile) else None
