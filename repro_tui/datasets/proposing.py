"""Which paths that runs were seen reading could be datasets: folders rather than their many files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from repro_tui.datasets.reads import RunReads
from repro_tui.domain.dataset import Proposal
from repro_tui.domain.ids import RunId

_FEW = 6
"""Files beside each other that may be a dataset each."""
_SPLITS = frozenset({"train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval", "holdout"})
_SIBLINGS = 3
"""Folders beside each other from which on the folder above is meant: one a class, as images often lie."""
_UNSAFE = re.compile(r"[^\w.+-]+")
_MAX = 50


@dataclass(slots=True)
class _Place:
    """A folder or file as all runs together saw it."""

    runs: set[RunId] = field(default_factory=set)
    files: dict[str, int] = field(default_factory=dict)
    """Path of each file seen in it to its size."""
    is_folder: bool = True
    count: int | None = None
    """Number of its files where a run noted the folder as a whole."""
    size: int = 0

    def join(self, other: _Place) -> None:
        """Take what was seen of another place into this one."""
        self.runs |= other.runs
        self.files |= other.files


def propose(runs: Iterable[RunReads], declared: Iterable[str], taken: Iterable[str]) -> tuple[Proposal, ...]:
    """Give what could be declared, the most read first.

    Args:
        runs: what each run read.
        declared: paths of the datasets that there are; nothing in or above them is proposed.
        taken: names that are not free.
    """
    places = _collapsed(_folders(runs, tuple(declared)))
    found: dict[str, _Place] = {}
    for path, place in places.items():
        if place.count is None and (len(place.files) == 1 or _are_splits(place.files)):
            for name, size in place.files.items():
                found[name] = _Place(_readers(runs, name), {name: size}, is_folder=False)
        else:
            found[path] = place
    order = sorted(found, key=lambda path: (-len(found[path].runs), path))
    names = set(taken)
    return tuple(_proposal(path, found[path], names) for path in order[:_MAX])


def _folders(runs: Iterable[RunReads], declared: tuple[str, ...]) -> dict[str, _Place]:
    """Gather what was read by the folder it lies in."""
    places: dict[str, _Place] = {}
    for run in runs:
        for read in run.inputs:
            if any(_overlap(read.path, path) for path in declared):
                continue
            folder = read.path if read.files is not None else posixpath.dirname(read.path)
            place = places.setdefault(folder or ".", _Place())
            place.runs.add(run.uid)
            if read.files is None:
                place.files[read.path] = read.size
            else:
                place.count, place.size = max(place.count or 0, read.files), max(place.size, read.size)
    return places


def _overlap(one: str, two: str) -> bool:
    return one == two or one.startswith(two + "/") or two.startswith(one + "/")


def _collapsed(places: Mapping[str, _Place]) -> dict[str, _Place]:
    """Put folders that lie beside each other and are no splits of a dataset into the folder above."""
    found = dict(places)
    for depth in range(max((path.count("/") for path in found), default=0), 0, -1):
        above: dict[str, list[str]] = {}
        for path in found:
            if path.count("/") == depth and _stem(path) not in _SPLITS:
                above.setdefault(posixpath.dirname(path), []).append(path)
        for parent, children in above.items():
            if parent in {"", "/"} or len(children) < _SIBLINGS:
                continue
            whole = found.setdefault(parent, _Place())
            for child in children:
                place = found.pop(child)
                whole.join(place)
                whole.count = (whole.count or 0) + (place.count or 0) if place.count or whole.count else None
                whole.size += place.size
    return found


def _are_splits(files: Iterable[str]) -> bool:
    """Tell whether files beside each other are a dataset each: `train.csv` and `test.csv`."""
    stems = [set(re.split(r"[-_.]", posixpath.basename(path).lower())) for path in files]
    return len(stems) <= _FEW and any(stem & _SPLITS for stem in stems)


def _readers(runs: Iterable[RunReads], path: str) -> set[RunId]:
    return {run.uid for run in runs if any(read.path == path for read in run.inputs)}


def _stem(path: str) -> str:
    return posixpath.basename(path).lower().partition(".")[0]


def _proposal(path: str, place: _Place, names: set[str]) -> Proposal:
    name = _free(path, names)
    names.add(name)
    size = max(place.size, sum(place.files.values()))
    files = max(place.count or 0, len(place.files)) if place.is_folder else None
    return Proposal(name, path, len(place.runs), size, files)


def _free(path: str, names: set[str]) -> str:
    """Make a name of a path that is not taken: its last part, with the one before when that is not enough."""
    base = (
        posixpath.basename(path).partition(".")[0] if "." in posixpath.basename(path)[1:] else posixpath.basename(path)
    )
    plain = _named(base) or "data"
    if plain not in names:
        return plain
    longer = _named(f"{posixpath.basename(posixpath.dirname(path))}-{base}")
    if longer and longer not in names:
        return longer
    return next(name for number in range(2, 10_000) if (name := f"{plain}-{number}") not in names)


def _named(text: str) -> str:
    return _UNSAFE.sub("-", text).strip("-.+")[:60]
