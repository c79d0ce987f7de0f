"""Many curves become their mean and the room between them; one that has ended has no part in what follows."""

from __future__ import annotations

from repro_tui.domain.ids import RunId
from repro_tui.domain.series import Bucket, Curve
from repro_tui.tui.band import banded


def curve(name, *values, first=0.0):
    buckets = tuple(Bucket(first + i, v - 0.5, v + 0.5, v, first + i, 1) for i, v in enumerate(values))
    return Curve(RunId(name), "acc", buckets, len(values))


def test_mean_and_room_of_curves():
    mean, room = banded([curve("a", 1.0, 2.0, 3.0), curve("b", 3.0, 4.0, 5.0)])
    assert [bucket.last for bucket in mean.buckets] == [2.0, 3.0, 4.0]
    assert [(bucket.low, bucket.high) for bucket in room.buckets] == [(0.5, 3.5), (1.5, 4.5), (2.5, 5.5)]
    assert mean.points == room.points == 6


def test_a_curve_counts_only_where_it_is():
    mean, _ = banded([curve("a", 1.0, 1.0, 1.0, 1.0), curve("b", 5.0, 5.0, first=1.0)])
    assert [(bucket.x, bucket.last) for bucket in mean.buckets] == [(0.0, 1.0), (1.0, 3.0), (2.0, 3.0), (3.0, 1.0)]


def test_curves_without_values_make_no_band():
    assert banded([]) is None
    assert banded([curve("a")]) is None
    one, _ = banded([curve("a"), curve("b", 2.0)])
    assert [bucket.last for bucket in one.buckets] == [2.0]
