"""What the runs of the fake workbench used of their machine, as a supervisor samples it."""

from __future__ import annotations

import math

from repro_tui.domain.ids import RunId
from repro_tui.domain.series import Bucket, Curve

RESOURCES = {"res:cpu": 720.0, "res:rss": 6.1e9, "res:gpu0.util": 97.0, "res:gpu0.mem": 3.1e10}
"""Resource to its highest value."""
_SAMPLES = 24
_SECONDS = 10.0


def resource_curve(uid: RunId, name: str) -> Curve:
    """Give a resource that rises while data are read and then stays, with a dip at each evaluation."""
    buckets = []
    for sample in range(_SAMPLES):
        share = (1 - math.exp(-sample / 3)) * (0.7 if sample % 8 == 7 and not name.endswith(("rss", "mem")) else 1.0)
        value, x = RESOURCES[name] * share, sample * _SECONDS
        buckets.append(Bucket(x, value, value, value, x, 1))
    return Curve(uid, name, tuple(buckets), _SAMPLES)
