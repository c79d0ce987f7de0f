"""The part of the fold that is about files: observations and fingerprints become one fact a path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from repro_tui.domain.events import Event
from repro_tui.domain.foreign import digest, text, whole
from repro_tui.domain.ids import Digest
from repro_tui.domain.registers import Registers
from repro_tui.domain.run import Coverage, FileFact

MAX_FILES = 20_000
"""Paths that are kept of one run; twice what a recorder notes before it goes over to folders."""
_ROLES = frozenset({"in", "out", "config", "source"})
_SURE = {Coverage.PENDING: 0, Coverage.METADATA: 1, Coverage.FULL: 2}
_LATEST = 2**31
"""Rank of a fingerprint that was completed outside of any attempt."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """How a path was noticed."""

    reads: bool
    writes: bool
    by: frozenset[str]
    size: int | None


@dataclass(frozen=True, slots=True)
class _Print:
    """One fingerprint."""

    role: str
    digest: Digest | None
    size: int | None
    files: int | None
    coverage: Coverage
    stat: tuple[int, ...] = ()


def _join(one: _Seen, two: _Seen) -> _Seen:
    return _Seen(
        one.reads or two.reads,
        one.writes or two.writes,
        one.by | two.by,
        max((size for size in (one.size, two.size) if size is not None), default=None),
    )


class FileFold:
    """Gathers `file` and `print` events in any order."""

    def __init__(self) -> None:
        self._seen: Registers[str, _Seen] = Registers(MAX_FILES)
        self._prints: Registers[tuple[str, str], _Print] = Registers(2 * MAX_FILES)

    @property
    def overflowed(self) -> bool:
        """Tell whether there were more paths than are kept."""
        return len(self._seen) + len(self._prints) > 0 and (self._seen.overflowed or self._prints.overflowed)

    def see(self, event: Event) -> None:
        """Take a `file` event; raises ForeignError."""
        mode, by = text(event.body, "mode", ""), text(event.body, "by", "", 20)
        found = event.body.get("st")
        size = found[0] if isinstance(found, list) and found and isinstance(found[0], int) else None
        size = size if size is not None and 0 <= size < 2**63 else None
        seen = _Seen("r" in mode, "w" in mode, frozenset((by,) if by else ()), size)
        self._seen.merge(text(event.body, "path"), seen, _join)

    def fingerprint(self, event: Event) -> None:
        """Take a `print` event; raises ForeignError."""
        body = event.body
        path, role, when = text(body, "path"), text(body, "role", ""), text(body, "when", "before")
        word = text(body, "cov", "pending")
        coverage = Coverage(word) if word in set(Coverage) else Coverage.PENDING
        fact = _Print(
            role if role in _ROLES else "",
            digest(body, "d"),
            whole(body, "size"),
            whole(body, "files"),
            coverage,
            _stat(body.get("st")),
        )
        order = (event.attempt or _LATEST, _SURE[coverage], event.counter, str(event.writer), event.position)
        self._prints.put((path, "after" if when == "after" else "before"), order, fact)

    def facts(self) -> Iterator[FileFact]:
        """Give one fact a path, in the order of the paths."""
        prints: dict[str, dict[str, _Print]] = {}
        for (path, when), fact in self._prints.items():
            prints.setdefault(path, {})[when] = fact
        seen = dict(self._seen.items())
        for path in sorted(seen.keys() | prints.keys())[:MAX_FILES]:
            yield _fact(path, seen.get(path), prints.get(path, {}))


def _fact(path: str, seen: _Seen | None, prints: dict[str, _Print]) -> FileFact:
    """Say what is known of one path: of an output its last fingerprint counts, of anything else its first."""
    before, after = prints.get("before"), prints.get("after")
    role = next((p.role for p in (after, before) if p and p.role), "")
    chosen = (after or before) if role == "out" else (before or after)
    if chosen and chosen.digest is None and (other := after if chosen is before else before) and other.digest:
        chosen = other
    reads = seen.reads if seen else role != "out"
    writes = seen.writes if seen else role == "out"
    changed = role != "out" and before is not None and after is not None and _differ(before, after)
    return FileFact(
        path=path,
        mode=("r" if reads else "") + ("w" if writes else "") or "r",
        role=role,
        by=tuple(sorted(seen.by)) if seen else (),
        digest=chosen.digest if chosen else None,
        size=chosen.size if chosen and chosen.size is not None else (seen.size if seen else None),
        files=chosen.files if chosen else None,
        coverage=chosen.coverage if chosen else Coverage.PENDING,
        changed_during=changed,
        stat=chosen.stat if chosen else (),
    )


def _stat(raw: object) -> tuple[int, ...]:
    """Read the state that a fingerprint belongs to; empty for anything that is none."""
    if not isinstance(raw, list) or len(raw) != 4:  # noqa: PLR2004 - size, mtime, ctime, inode
        return ()
    numbers = tuple(n for n in raw if isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 2**64)
    return numbers if len(numbers) == len(raw) else ()


def _differ(before: _Print, after: _Print) -> bool:
    """Tell whether two fingerprints prove a change; two of different coverage prove none."""
    if before.digest is None or after.digest is None or before.coverage != after.coverage:
        return False
    return before.digest != after.digest
