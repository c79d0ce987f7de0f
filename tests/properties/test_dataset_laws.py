"""Laws of the fold of datasets: the same from any order, grouping and repetition of events, whatever stands in them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from repro_tui.domain.dataset import Dataset, Spec, Watch
from repro_tui.domain.dataset_fold import DatasetFold
from repro_tui.domain.events import Event
from tests.properties.dataset_events import events

DECLARED = (Spec("raw", "data/raw", watch=Watch.ASK),)


def folded(found: list[Event]) -> tuple[tuple[Dataset, ...], list[object]]:
    fold = DatasetFold()
    for event in found:
        fold.add(event)
    datasets = fold.datasets(DECLARED)
    more: list[object] = [fold.overlaps(d.spec.name, v.digest) for d in datasets for v in d.versions]
    more += [sorted(fold.paths(d.spec.name)) for d in datasets]
    return datasets, more


@settings(max_examples=150, deadline=None)
@given(st.lists(events(), max_size=25), st.randoms(use_true_random=False))
def test_the_order_of_events_and_their_repetition_do_not_matter(found, chance):
    shuffled = found + chance.sample(found, len(found) // 2)
    chance.shuffle(shuffled)
    assert folded(shuffled) == folded(found)


@settings(max_examples=100, deadline=None)
@given(st.lists(events(), max_size=25))
def test_versions_are_numbered_without_gaps_in_the_order_in_which_they_were_first_seen(found):
    fold = DatasetFold()
    for event in found:
        fold.add(event)
    for dataset in fold.datasets(DECLARED):
        numbers = [version.number for version in dataset.versions]
        assert numbers == list(range(len(numbers), 0, -1))
        times = [version.t for version in dataset.versions]
        assert times == sorted(times, reverse=True)
        for version in dataset.versions:
            assert fold.known(dataset.spec.name, version.digest) == version
