"""Says what becomes of each pack when some of what lies in it is needed no more; pure, so that a plan costs nothing.

A pack in which nothing is needed is deleted. Of the others, those with the largest unneeded fraction are written again
until what stays unneeded is a small fraction of the whole, and further while that costs little
(docs/design/0022-giving-bytes-back.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from repro_tui.domain.retention import PackWork
from repro_tui.store.pack import MOST_BLOBS, MOST_BYTES, PACK_MAGIC, sidecar_size

MAX_UNNEEDED = 0.05
"""Bytes that nobody needs and that stay all the same, in packs with others, as a fraction of those that are needed."""

CHEAP = 256 << 20
"""Bytes that are written again although less than that fraction is unneeded: it takes a second or two, and gives back
what was said."""
_LEAST = 64
"""Only packs of which at least one part in so many is unneeded are worth it then."""


@dataclass(slots=True)
class Load:
    """One pack, and what is needed of it."""

    name: str
    size: int
    """Bytes of the pack."""
    blobs: int
    """All blobs in it."""
    needed: int = 0
    """Bytes that what is needed of it takes, heads included."""
    count: int = 0
    """Blobs that are needed."""

    @property
    def disk(self) -> int:
        """Count the bytes of the pack and its sidecar."""
        return self.size + sidecar_size(self.blobs)

    @property
    def unneeded(self) -> int:
        """Count the bytes that could go."""
        return self.size - len(PACK_MAGIC) - self.needed


@dataclass(frozen=True, slots=True)
class Batch:
    """Packs of which what is needed is written again, together into one new pack."""

    loads: tuple[Load, ...]

    @property
    def scratch(self) -> int:
        """Count the bytes of the new pack and its sidecar."""
        return written_size(self.loads)

    @property
    def frees(self) -> int:
        """Count the bytes that the disk gets back."""
        return sum(load.disk for load in self.loads) - self.scratch


@dataclass(frozen=True, slots=True)
class Sorted:
    """What becomes of the packs."""

    deleted: tuple[Load, ...]
    batches: tuple[Batch, ...]
    """In the order in which they are written: those that need the least room first."""
    left: tuple[Load, ...]
    """Packs with something unneeded in them that stay as they are."""

    def work(self) -> PackWork:
        """Count it."""
        return PackWork(
            deleted=len(self.deleted),
            rewritten=sum(len(batch.loads) for batch in self.batches),
            left=len(self.left),
            frees=sum(load.disk for load in self.deleted) + sum(batch.frees for batch in self.batches),
            stays=sum(load.unneeded for load in self.left),
            scratch=max((batch.scratch for batch in self.batches), default=0),
        )


def sort_packs(
    loads: Iterable[Load],
    *,
    max_unneeded: float = MAX_UNNEEDED,
    cheap: int = CHEAP,
    touchable: Callable[[str], bool] | None = None,
) -> Sorted:
    """Decide about packs; those that `touchable` refuses stay."""
    every = list(loads)
    deleted, partial, left = [], [], []
    for load in every:
        if load.count and not load.unneeded:
            continue
        if touchable and not touchable(load.name):
            left.append(load)
        elif load.count:
            partial.append(load)
        else:
            deleted.append(load)
    allowed = max_unneeded * sum(load.needed for load in every)
    over = sum(load.unneeded for load in (*partial, *left)) - allowed
    rewritten = []
    for load in sorted(partial, key=_wasteful):
        if over > 0 or (load.needed <= cheap and load.unneeded * _LEAST >= load.size):
            rewritten.append(load)
            over -= load.unneeded
            cheap -= load.needed
        else:
            left.append(load)
    by_name = sorted(left, key=_name)
    return Sorted(tuple(sorted(deleted, key=_name)), tuple(batched(rewritten)), tuple(by_name))


def batched(loads: Iterable[Load]) -> list[Batch]:
    """Put packs together whose needed blobs fit into one; those with the least come first."""
    batches: list[list[Load]] = []
    size = count = 0
    for load in sorted(loads, key=_small):
        size += load.needed
        count += load.count
        if not batches or len(PACK_MAGIC) + size > MOST_BYTES or count > MOST_BLOBS:
            batches.append([])
            size, count = load.needed, load.count
        batches[-1].append(load)
    return [Batch(tuple(batch)) for batch in batches]


def written_size(loads: Sequence[Load]) -> int:
    """Count the bytes of a pack with what is needed of some, and of its sidecar."""
    blobs = sum(load.count for load in loads)
    return len(PACK_MAGIC) + sum(load.needed for load in loads) + sidecar_size(blobs)


def _wasteful(load: Load) -> tuple[float, str]:
    return (-load.unneeded / load.size, load.name)


def _small(load: Load) -> tuple[int, str]:
    return (load.needed, load.name)


def _name(load: Load) -> str:
    return load.name
