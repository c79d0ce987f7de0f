"""Telling logs of a training from tables of data: both are CSV or JSON lines, and both may have a column `step`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePath

_SAMPLES = frozenset((
    "label", "labels", "target", "targets", "class", "true", "truth", "ground_truth", "gt", "actual",
    "pred", "preds", "predicted", "prediction", "predictions", "y_true", "y_pred", "y_hat", "y_test",
    "id", "sample_id", "image_id", "user_id", "item_id", "filename", "image", "text", "sentence",
    "prompt", "completion", "question", "answer",
))  # fmt: skip
"""Names that columns have where a row is a sample, and not a moment of a training."""

_FOLDERS = frozenset(("data", "dataset", "datasets", "corpus", "corpora", "features", "predictions"))
_WORDS = frozenset(("dataset", "features", "labels", "pred", "preds", "prediction", "predictions", "submission"))

_FEW = 2
_SHARE = 3


def holds_samples(names: Iterable[str]) -> bool:
    """Tell by the names of columns or keys whether rows are samples or predictions."""
    return any(name.strip().lower() in _SAMPLES for name in names)


def is_orderly(rows: Sequence[tuple[float | None, float | None]]) -> bool:
    """Tell whether (step, epoch) of successive rows go forward, as a training does, and not up and down as data do.

    A step may begin again with a new epoch, and all of it now and then, when a file goes on over several trainings.
    """
    falls, last_step, last_epoch = 0, float("-inf"), float("-inf")
    for step, epoch in rows:
        if epoch is not None:
            falls += epoch < last_epoch
        if step is not None and (epoch is None or epoch <= last_epoch):
            falls += step < last_step and not (epoch is not None and epoch < last_epoch)
        last_step = last_step if step is None else step
        last_epoch = last_epoch if epoch is None else epoch
    numbered = not rows or any(step is not None for step, _ in rows)
    return numbered and (falls < _FEW or falls * _SHARE <= len(rows))


def is_data_file(relative: PurePath, logs: Iterable[str]) -> bool:
    """Tell by its place and name whether a file is data; of its folders the innermost that says something counts.

    `logs` are names of folders in which tools leave their logs.
    """
    words = relative.stem.lower().replace("-", "_").replace(".", "_").split("_")
    if _WORDS.intersection(words):
        return True
    known = frozenset(logs)
    for part in reversed(relative.parts[:-1]):
        if part.lower() in known:
            return False
        if part.lower() in _FOLDERS:
            return True
    return False
