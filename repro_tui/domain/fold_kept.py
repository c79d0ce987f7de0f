"""The part of the fold that is about kept bytes: answers to questions, snapshots, what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from repro_tui.domain.events import Event
from repro_tui.domain.foreign import MAX_NAME, ForeignError, digest, flag, seconds, text, texts, whole
from repro_tui.domain.ids import Digest
from repro_tui.domain.registers import Registers
from repro_tui.domain.run import Answered, Kept, KeptPart, Removal

MAX_SNAPSHOTS = 1_000
"""Snapshots, and answers, that are kept of one run."""
MAX_PARTS = 1_000
WHOLE = "*"
"""Stands for all parts of a snapshot in a `dropped` event."""
_COVERAGES = frozenset({"full", "metadata", "pending"})


class KeptFold:
    """Gathers `answer`, `snapshot`, `verified` and `dropped` events in any order.

    Args:
        most: snapshots, and answers, that are kept; those of one run unless it gathers for a whole project.
    """

    def __init__(self, most: int = MAX_SNAPSHOTS) -> None:
        self._answers: Registers[str, Answered] = Registers(most)
        self._taken: Registers[str, Kept] = Registers(most)
        self._verified: Registers[str, tuple[bool, str]] = Registers(most)
        self._dropped: Registers[tuple[str, str], Removal | None] = Registers(most * 4)
        self._gone: dict[str, list[Removal]] | None = None

    @property
    def overflowed(self) -> bool:
        """Tell whether there were more snapshots than are kept."""
        return len(self._taken) > 0 and self._taken.overflowed

    def answer(self, event: Event) -> None:
        """Take an `answer` event; raises ForeignError."""
        body = event.body
        said = Answered(
            text(body, "answer", limit=MAX_NAME),
            text(body, "by", "", MAX_NAME),
            text(body, "user", "", MAX_NAME),
            event.t,
        )
        self._answers.put(text(body, "question", limit=MAX_NAME), event.order, said)

    def taken(self, event: Event) -> None:
        """Take a `snapshot` event; of several about the same document the earliest tells when. Raises ForeignError."""
        name = _named(event)
        raw = event.body.get("parts", [])
        if not isinstance(raw, list):
            raise ForeignError("parts")
        parts = tuple(_part(part) for part in raw[:MAX_PARTS] if isinstance(part, Mapping))
        kept = Kept(name, event.t, parts, texts(event.body, "partial", MAX_PARTS))
        self._taken.put(name, (-event.t, str(event.writer), event.position), kept)

    def verified(self, event: Event) -> None:
        """Take a `verified` event; raises ForeignError."""
        if not isinstance(event.body.get("ok"), bool):
            raise ForeignError("ok")
        self._verified.put(_named(event), event.order, (flag(event.body, "ok"), text(event.body, "why", "")))

    def dropped(self, event: Event) -> None:
        """Take a `dropped` event; raises ForeignError."""
        body = event.body
        part = text(body, "part", WHOLE, MAX_NAME)
        on = flag(body, "on") if "on" in body else True
        self._gone = None
        self._dropped.put((_named(event), part), event.order, _removal(event, part) if on else None)

    def answers(self) -> dict[str, Answered]:
        """Give the answers that stand, by question."""
        return dict(self._answers.items())

    def snapshots(self) -> tuple[Kept, ...]:
        """Give the snapshots with what became of them, by digest."""
        return tuple(self._now(kept) for kept in self._taken.values())

    def told(self, digest: Digest, part: str) -> bool:
        """Tell whether anything was ever said of giving this up, or of bringing it back."""
        return (digest, part) in self._dropped

    def removals(self, digest: Digest) -> tuple[Removal, ...]:
        """Give what was given up of a snapshot and was not brought back, by part."""
        if self._gone is None:
            self._gone = {}
            for (name, _), one in self._dropped.items():
                if one is not None:
                    self._gone.setdefault(name, []).append(one)
        return tuple(self._gone.get(digest, ()))

    def became(self, digest: Digest) -> Kept:
        """Give what became of a snapshot of which no event tells when it was taken: that of a dataset's version."""
        ok, why = self._verified.get(digest) or (None, "")
        gone = self.removals(digest)
        parts = tuple(KeptPart(one.part, "data", dropped=True) for one in gone if one.part != WHOLE)
        whole = any(one.part == WHOLE for one in gone)
        return Kept(digest, 0.0, parts, dropped=whole, verified=ok, why=why, removals=gone)

    def _now(self, kept: Kept) -> Kept:
        ok, why = self._verified.get(kept.digest) or (None, "")
        gone = self.removals(kept.digest)
        names = {one.part for one in gone}
        parts = tuple(replace(p, dropped=p.name in names) for p in kept.parts)
        return replace(kept, parts=parts, dropped=WHOLE in names, verified=ok, why=why, removals=gone)


def _removal(event: Event, part: str) -> Removal:
    body = event.body
    return Removal(
        part=part,
        t=event.t,
        until=seconds(body, "until"),
        why=text(body, "why", ""),
        rule=text(body, "rule", "", MAX_NAME),
        batch=text(body, "batch", "", MAX_NAME),
        user=text(body, "user", "", MAX_NAME),
        host=text(body, "host", "", MAX_NAME),
    )


def _named(event: Event) -> Digest:
    name = digest(event.body, "d")
    if name is None:
        raise ForeignError("d")
    return name


def _part(raw: Mapping[str, object]) -> KeptPart:
    coverage = text(raw, "cov", "full", MAX_NAME)
    return KeptPart(
        name=text(raw, "name", limit=MAX_NAME),
        kind=text(raw, "kind", "", MAX_NAME),
        files=whole(raw, "files") or 0,
        size=whole(raw, "size") or 0,
        linked=flag(raw, "linked"),
        coverage=coverage if coverage in _COVERAGES else "pending",
    )
