"""What changed between two versions: their file lists, what their tables hold, and rows shared with a test set."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from repro_tui.datasets.looking import Looker
from repro_tui.domain.data_change import compare, phrase
from repro_tui.domain.dataset import Spec
from repro_tui.domain.ids import Digest
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.profile import DataChange, FileLine, Overlap, Profile
from repro_tui.domain.progress import Progress
from repro_tui.errors import StorageError
from repro_tui.journal.datasets import DatasetLedger
from repro_tui.profiles import from_document, in_child, no_label, overlap_in_child, to_document, was_lost

TRAIN = frozenset({"train", "training"})
TEST = frozenset({"test", "testing", "val", "valid", "validation", "dev", "eval", "holdout"})
_WAIT_S = 120.0
_ARRAYS = frozenset({"npy", "npz"})
"""Forms of which a label is only named where there are few classes."""

Listing = tuple[FileLine, ...] | Unavailable


def is_pair(one: str, two: str) -> bool:
    """Tell by their names whether one dataset is there to test what the other trained: `train` and `mnist-test`."""
    words = [re.split(r"[-_.]", name.lower()) for name in (one, two)]
    splits = [(set(w) & TRAIN, set(w) & TEST) for w in words]
    rest = [[word for word in w if word not in TRAIN | TEST] for w in words]
    crossed = (splits[0][0] and splits[1][1]) or (splits[0][1] and splits[1][0])
    return bool(crossed) and rest[0] == rest[1]


def _knows_label(profile: Profile, spec: Spec) -> bool:
    """Tell whether the classes were counted in the column that is declared now, or it was said that there is none."""
    having = [table for table in profile.tables if any(column.name == spec.label for column in table.columns)]
    if not spec.label or not profile.tables:
        return True
    if not having:
        return no_label(spec.label) in profile.problems
    return all(table.label == spec.label for table in having if table.form not in _ARRAYS)


class Explainer:
    """Compares versions with what is known of them, and looks into those whose bytes are still there."""

    def __init__(self, ledger: DatasetLedger, looker: Looker) -> None:
        self._ledger = ledger
        self._looker = looker

    def change(self, specs: Sequence[Spec], spec: Spec, before: Digest, after: Digest) -> DataChange | Unavailable:
        """Compare two versions from what is known now."""
        lists = self._listing(spec, before), self._listing(spec, after)
        for listing, which in zip(lists, ("before", "after"), strict=True):
            if isinstance(listing, Unavailable):
                return Unavailable(f"the version {which} cannot be compared: {listing.reason}")
        assert isinstance(lists[0], tuple)
        assert isinstance(lists[1], tuple)
        overlaps = self._ledger.ask(lambda fold: fold.overlaps(spec.name, after))
        current = {other.name for other in specs}
        return compare(
            lists[0],
            lists[1],
            self.profile(spec.name, before),
            self.profile(spec.name, after),
            digests=(before, after),
            overlaps=[overlap for overlap in overlaps if overlap.other in current],
        )

    def phrase(self, specs: Sequence[Spec], spec: Spec, before: Digest, after: Digest) -> str:
        """Say it in a few words; empty when nothing can be said."""
        change = self.change(specs, spec, before, after)
        return phrase(change) if isinstance(change, DataChange) else ""

    def profile(self, name: str, version: Digest) -> Profile | Unavailable | None:
        """Give what a version is known to hold; None when nobody has looked."""
        document = self._ledger.profile(name, version)
        return from_document(document) if isinstance(document, Mapping) else document

    def look_into(self, spec: Spec, version: Digest, progress: Progress | None = None) -> None:
        """Look into a version that lies there now, if nobody has yet, and note what it holds.

        What changes meanwhile is not noted. A project that cannot be written to learns nothing.
        """
        known = self.profile(spec.name, version)
        done = isinstance(known, Profile) and not known.unfinished and _knows_label(known, spec)
        if done or not self._looker.lies_there(spec, version):
            return
        listing = self._listing(spec, version)
        if isinstance(listing, Unavailable):
            return
        if progress:
            progress(0, 0, f"looking into {spec.name}")
        profile = in_child(Path(self._looker.place(spec.path)), listing, spec, _WAIT_S)
        if not was_lost(profile) and self._looker.lies_there(spec, version):
            self._note_profile(spec.name, version, profile)

    def compare_rows(self, specs: Sequence[Spec], spec: Spec, version: Digest) -> None:
        """Count the rows that a version shares with the test (or train) set that belongs to it, if nobody has yet."""
        for other in specs:
            if not is_pair(spec.name, other.name):
                continue
            theirs = self._looker.digest(other)
            if theirs is None or not self._looker.lies_there(spec, version):
                continue
            one, two = (spec.name, str(version)), (other.name, str(theirs))
            if self._ledger.ask(lambda fold, one=one, two=two: fold.overlap(one, two)) is None:  # type: ignore[misc]  # a lambda's defaults have no types
                self._compare_rows((spec, version), (other, theirs))

    def _compare_rows(self, one: tuple[Spec, Digest], two: tuple[Spec, Digest]) -> None:
        lists = [self._listing(*side) for side in (one, two)]
        if isinstance(lists[0], Unavailable) or isinstance(lists[1], Unavailable):
            return
        roots = [Path(self._looker.place(side[0].path)) for side in (one, two)]
        key = one[0].key if one[0].key == two[0].key else ""
        found = overlap_in_child(roots[0], lists[0], roots[1], lists[1], other=two[0].name, key=key, timeout_s=_WAIT_S)
        if found is None or not all(self._looker.lies_there(*side) for side in (one, two)):
            return
        self._note_overlap(one, two, found)

    def _note_overlap(self, one: tuple[Spec, Digest], two: tuple[Spec, Digest], found: Overlap) -> None:
        sides = [{"name": spec.name, "d": digest} for spec, digest in (one, two)]
        try:
            self._ledger.write("overlap", a=sides[0], b=sides[1], rows=found.rows, of=found.of, sampled=found.sampled)
        except StorageError:
            return

    def _note_profile(self, name: str, version: Digest, profile: Profile) -> None:
        try:
            self._ledger.note_profile(name, version, to_document(profile), profile)
        except StorageError:
            return

    def _listing(self, spec: Spec, version: Digest) -> Listing:
        """Give a file list from the facts, or of what lies there now, where it could not be noted."""
        found = self._ledger.listing(spec.name, version)
        if isinstance(found, Unavailable) and self._looker.lies_there(spec, version):
            return self._looker.read(spec).files
        return found
