"""Explained changes of datasets: what was looked up, what is wanted now, and what nobody wants any more."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from repro_tui.domain.dataset import Dataset, Now, Version
from repro_tui.ports import Datasets
from repro_tui.tui.data_lines import Spot
from repro_tui.tui.data_reading import MOST_PAIRS, ChangeRead, Pair, before, explain, phrase_only
from repro_tui.tui.errands import Errand
from repro_tui.tui.render.datasets import Told


def key_of(name: str, version: Version) -> str:
    """Give the identity of a version's line."""
    return Spot("version", name, version.number).key


def compared_with(dataset: Dataset, version: Version, marked: str) -> Version | None:
    """Give the version that another is compared with: the marked one of its dataset, or the one before."""
    found = next((v for v in dataset.versions if key_of(dataset.spec.name, v) == marked), None)
    return found if found is not None and found.number != version.number else before(dataset, version)


class ChangeBook:
    """Remembers changes, and makes the errand that explains one."""

    def __init__(self, datasets: Callable[[], Datasets]) -> None:
        """Make it.

        Args:
            datasets: Gives the service, when it is first needed.
        """
        self._datasets = datasets
        self._known: dict[Pair, ChangeRead] = {}
        self.wanted: Pair | None = None
        """What is looked at; an explanation of anything else is stopped."""

    def __len__(self) -> int:
        """Count what is remembered."""
        return len(self._known)

    def forget(self) -> None:
        """Explain everything anew."""
        self._known.clear()

    def keep(self, read: ChangeRead) -> None:
        """Remember an explanation."""
        self._known[read.pair] = read
        while len(self._known) > MOST_PAIRS:
            self._known.pop(next(iter(self._known)))

    def told(self, dataset: Dataset, version: Version, marked: str, now: Now | None) -> Told | None:
        """Say how a version differs from the one it is compared with; None when there is none."""
        other = compared_with(dataset, version, marked)
        if other is None:
            self.wanted = None
            return None
        earlier, later = sorted((other, version), key=lambda found: found.number)
        pair = self.wanted = (dataset.spec.name, earlier.digest, later.digest)
        # Only what lies there can be looked into, which takes its time: that happens when a key asks for it.
        unread = later.profile is None and (now is None or now.same_as == later.number)
        read = self._known.get(pair)
        change = read.change if read else None
        return Told(earlier, later, read.phrase if read else "", change, unread and change is None)

    def errand(self, told: Told) -> Errand | None:
        """Make the errand that finds out what is not known yet of the wanted change."""
        pair = self.wanted
        known = self._known.get(pair) if pair else None
        # What was only said in a few words is explained as soon as its tables were looked into.
        if pair is None or (known is not None and (known.change is not None or told.unread)):
            return None
        if told.unread:
            return partial(phrase_only, self._datasets(), pair)
        return partial(explain, self._datasets(), pair, lambda: self.wanted == pair)
