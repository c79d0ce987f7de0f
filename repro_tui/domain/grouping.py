"""Runs that are listed as one line: equal but for the seed, or alike in one thing that they used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from repro_tui.errors import UsageError

REPEATS = "repeats"
"""Runs of which nothing that can matter differs, but for seeds."""
DATA = "data"
"""Runs that read the same data."""
FIELDS = ("tags", "commit", "lineage", "user", "host", "state")
"""Fields of which the runs with one value can be a line."""

MEANINGS: dict[str, str] = {
    REPEATS: "equal but for the seed",
    DATA: "read the same data",
    "tags": "have the same tags",
    "commit": "ran the same commit",
    "lineage": "are executions of the same script",
    "user": "were started by the same person",
    "host": "ran on the same host",
    "state": "are in the same state",
}
"""What runs of one line have in common."""


def split_group(group: str) -> tuple[str, str]:
    """Split what runs are grouped by into kind and name: `param:lr`, `data:data/train`, `field:commit`, `repeats`.

    Raises UsageError for anything else.
    """
    kind, _, name = group.partition(":")
    known = {
        REPEATS: not name,
        DATA: True,
        "param": bool(name),
        "field": name in FIELDS,
    }
    if not known.get(kind, False):
        raise UsageError(
            f"Runs cannot be grouped by {group!r}.",
            f"Write repeats, data, data:PATH, param:NAME, or one of {', '.join(f'field:{name}' for name in FIELDS)}.",
        )
    return kind, name


@dataclass(frozen=True, slots=True)
class Folded:
    """Which lines of a list stand for several runs."""

    group: str = ""
    """What they have in common; empty when nothing is folded."""
    members: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    """Key of a line to the keys of its runs, in the order of the list; two or more."""
    labels: Mapping[int, str] = field(default_factory=dict)
    """Key of a line to what its runs have in common: `lr 0.05`; not of repeats, which are named by the newest."""

    def runs(self, lines: Sequence[int]) -> Iterator[int]:
        """Give the keys of the runs that lines stand for."""
        for line in lines:
            yield from self.members.get(line, (line,))

    def line_of(self, key: int) -> int | None:
        """Give the line that a run is folded into; None when it is in none."""
        return next((line for line, members in self.members.items() if key in members), None)


NOT_FOLDED = Folded()
