"""Which columns and keys of foreign files are steps and times, and what counts as a number there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

STEPS = (
    "global_step", "trainer/global_step", "step", "steps", "_step", "total_timesteps", "timesteps_total",
    "time/total_timesteps", "num_env_steps_sampled_lifetime", "env_steps", "timestep", "timesteps",
    "training_iteration", "iteration", "iterations", "iter", "it", "n_iter", "update", "updates", "n_updates",
    "round", "epoch", "epochs", "train/epoch", "batch",
)  # fmt: skip
"""Names of step columns, the finest count of the whole run first: where several are there, the first is the step."""

EPOCHS = ("epoch", "epochs", "train/epoch")

TIMES = ("timestamp", "_timestamp", "wall_time", "walltime", "wall time", "unix_time", "time", "t", "ts", "date")

_SETTINGS = ("config/", "hyperparameters/", "args/", "params/", "perf/")
_NO_METRIC = {"pid", "seed", "rank", "local_rank", "level", "lineno", "line", "node_ip", "trial_id", "experiment_id"}

_EPOCH_BEGAN, _EPOCH_ENDS = 1e9, 1e11
_NAMED = {"nan": math.nan, "inf": math.inf, "+inf": math.inf, "-inf": -math.inf, "infinity": math.inf}


def pick(names: Iterable[str], wanted: tuple[str, ...]) -> str:
    """Give the name that stands first among the wanted, whatever its case; empty when there is none."""
    found = {name.strip().lower(): name for name in names}
    return next((found[name] for name in wanted if name in found), "")


def may_be_metric(name: str) -> bool:
    """Tell by the (joined) key of a JSON object whether its number can be a result, and is no setting or identity."""
    return name not in _NO_METRIC and not name.startswith(_SETTINGS)


def number(value: object) -> float | None:
    """Read a number from a cell or a JSON value, None for anything else; truth values are no metrics."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if abs(value) < 1e300 or isinstance(value, float) else None  # noqa: PLR2004 - no float beyond
    if not isinstance(value, str):
        return None
    text = value.strip()
    if not text or len(text) > 64 or "_" in text:  # noqa: PLR2004 - no number is written with more characters
        return None
    try:
        return float(text)
    except ValueError:
        return _NAMED.get(text.lower())


def seconds(value: object) -> float | None:
    """Read a time as seconds since the epoch, None when it is no such time (but, say, seconds since the start)."""
    found = number(value)
    if found is None:
        return None
    if _EPOCH_BEGAN < found < _EPOCH_ENDS:
        return found
    if _EPOCH_BEGAN * 1000 < found < _EPOCH_ENDS * 1000:
        return found / 1000
    return None


def flat(values: Mapping[str, object], prefix: str = "", depth: int = 4) -> dict[str, object]:
    """Join the keys of nested mappings with `/`, as most tools show them."""
    found: dict[str, object] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            if depth:
                found |= flat(value, f"{prefix}{key}/", depth - 1)
        else:
            found[f"{prefix}{key}"] = value
    return found
