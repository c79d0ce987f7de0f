"""Which blobs an adder need not store: those that are there, and those that it, or another of its threads, has stored.

It remembers what it relied on, so that it can be asked after the document is written whether that is still safe.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

from repro_tui.store.index import Index, Table, extended, numbered
from repro_tui.store.pack import ID, ROW, Sealed


class Claims:
    """Answers "must I store this?" once with yes for each new blob, for any number of threads."""

    def __init__(self, index: Index, condemned: frozenset[str]) -> None:
        self.index = index
        """What was in the store at the beginning."""
        self._marked_tables = [(table, bytearray(len(table))) for table in index.tables]
        self._shunned = _numbers(index.packs, condemned)
        self._open: dict[bytes, object] = {}
        self._lock = threading.Lock()
        self._own: tuple[Table, ...] = ()
        self._own_packs: list[str] = []
        self._own_shunned: frozenset[int] = frozenset()
        self._published: set[str] = set()

    def take(self, blob: bytes) -> bool:
        """Tell whether the caller must store a blob; everybody else is told no from then on."""
        if self._rely_on(blob):
            return False
        token = object()
        if self._open.setdefault(blob, token) is not token:
            return False
        if self._is_sealed(blob):  # asked after the claim: a pack that was sealed meanwhile takes its claims away last
            del self._open[blob]
            return False
        return True

    def rely(self, blobs: Iterable[bytes]) -> bool:
        """Tell whether all of some blobs are there, or are being stored."""
        return all(self._rely_on(blob) or blob in self._open or self._is_sealed(blob) for blob in blobs)

    def _rely_on(self, blob: bytes) -> bool:
        """Tell whether a blob was there at the beginning, in a pack that nobody wants to delete; and remember that."""
        for table, marks in self._marked_tables:
            row = table.first(blob)
            if row >= 0 and self._shunned:
                row = next((row for row in table.all(blob) if table.pack(row) not in self._shunned), -1)
            if row >= 0:
                marks[row] = 1
                return True
        return False

    def _is_sealed(self, blob: bytes) -> bool:
        return any(table.pack(row) not in self._own_shunned for table in self._own for row in table.all(blob))

    def sealed(self, pack: Sealed) -> None:
        """Note a pack that was filled: its blobs are found in its rows from now on, which takes less memory."""
        with self._lock:
            number = len(self._own_packs)
            self._own_packs.append(pack.name)
            self._own = extended(self._own, [numbered(pack.rows, number)])
        for at in range(0, len(pack.rows), ROW.size):
            self._open.pop(pack.rows[at : at + ID], None)

    def published(self, pack: Sealed) -> None:
        """Note a pack that has its name now."""
        if pack.name not in self._own_packs:
            self.sealed(pack)
        self._published.add(pack.name)

    def relied(self) -> set[str]:
        """Give the names of the packs that must be there for what was added to be whole."""
        names = set(self._published)
        for table, marks in self._marked_tables:
            names.update(self.index.packs[number] for number in table.packs(marks))
        return names

    def _marked(self) -> Iterator[tuple[Table, int, int]]:
        """Give (table, number of the pack, row) of everything that was relied on."""
        for table, marks in self._marked_tables:
            row = marks.find(1)
            while row >= 0:
                yield table, table.pack(row), row
                row = marks.find(1, row + 1)

    def endangered(self, condemned: frozenset[str]) -> list[bytes]:
        """Give the blobs that were relied on and lie only in packs that somebody wants to delete.

        They are to be stored again: `take` says so from now on.
        """
        shunned = _numbers(self.index.packs, condemned)
        own_shunned = _numbers(self._own_packs, condemned)
        if not shunned and not own_shunned:
            return []
        self._shunned, self._own_shunned = self._shunned | shunned, self._own_shunned | own_shunned
        found = {_id(table, row) for table, number, row in self._marked() if number in self._shunned}
        for table in self._own:
            found.update(_id(table, row) for row in range(len(table)) if table.pack(row) in self._own_shunned)
        return sorted(blob for blob in found if not self._rely_on(blob) and not self._is_sealed(blob))


def _id(table: Table, row: int) -> bytes:
    return bytes(table.rows[row * ROW.size : row * ROW.size + ID])


def _numbers(packs: Iterable[str], wanted: frozenset[str]) -> frozenset[int]:
    """Give the numbers of some packs."""
    return frozenset(number for number, name in enumerate(packs) if name in wanted) if wanted else frozenset()
