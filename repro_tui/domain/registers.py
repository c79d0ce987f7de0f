"""Bounded collections whose content does not depend on the order, the grouping or the repetition of what was put in.

A bound must not break that law: which entries stay may depend on nothing but the entries. So the smallest keys stay,
as an entry that was pushed out can never belong to the smallest again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, Protocol, TypeVar

_SLACK = 256


class Ordered(Protocol):
    """What can be compared with its like."""

    def __lt__(self, other: Any, /) -> bool:  # noqa: ANN401 - tuples of mixed types compare with themselves only
        """Tell whether this comes before the other."""
        ...


K = TypeVar("K", bound=Ordered)
V = TypeVar("V")


class Registers(Generic[K, V]):
    """Key to a value; of two values for a key the one with the greater order stays.

    At most `limit` keys are kept: the smallest ones, and `overflowed` tells that there were more.
    """

    __slots__ = ("_entries", "limit", "overflowed")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.overflowed = False
        self._entries: dict[K, tuple[Ordered, V]] = {}

    def put(self, key: K, order: Ordered, value: V) -> None:
        """Put a value in; the same entry twice is once."""
        known = self._entries.get(key)
        if known is None or known[0] < order or (not order < known[0] and repr(known[1]) < repr(value)):
            self._entries[key] = (order, value)
            if len(self._entries) > self.limit + _SLACK:
                self._trim()

    def merge(self, key: K, value: V, join: Callable[[V, V], V]) -> None:
        """Put a value in that is joined with the one there; `join` must itself be free of order."""
        known = self._entries.get(key)
        self._entries[key] = (0, value if known is None else join(known[1], value))
        if len(self._entries) > self.limit + _SLACK:
            self._trim()

    def _trim(self) -> None:
        if len(self._entries) > self.limit:
            self.overflowed = True
            kept = sorted(self._entries)[: self.limit]
            self._entries = {key: self._entries[key] for key in kept}

    def __len__(self) -> int:
        self._trim()
        return len(self._entries)

    def __contains__(self, key: K) -> bool:
        return key in self._entries

    def get(self, key: K) -> V | None:
        """Give a key's value, None when it has none."""
        known = self._entries.get(key)
        return None if known is None else known[1]

    def items(self) -> Iterator[tuple[K, V]]:
        """Give keys and values in the order of the keys."""
        self._trim()
        return ((key, self._entries[key][1]) for key in sorted(self._entries))

    def values(self) -> Iterator[V]:
        """Give the values in the order of their keys."""
        return (value for _, value in self.items())
