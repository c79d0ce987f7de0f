"""The part of the fold that is about kept bytes: answers to questions, snapshots, what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from repro_tui.domain.events import Event
from repro_tui.domain.foreign import MAX_NAME, ForeignError, digest, flag, text, texts, whole
from repro_tui.domain.ids import Digest
from repro_tui.domain.registers import Registers
from repro_tui.domain.run import Answered, Kept, KeptPart

MAX_SNAPSHOTS = 1_000
"""Snapshots, and answers, that are kept of one run."""
MAX_PARTS = 1_000
WHOLE = "*"
"""Stands for all parts of a snapshot in a `dropped` event."""
_COVERAGES = frozenset({"full", "metadata", "pending"})


class KeptFold:
    """Gathers `answer`, `snapshot`, `verified` and `dropped` events in any order."""

    def __init__(self) -> None:
        self._answers: Registers[str, Answered] = Registers(MAX_SNAPSHOTS)
        self._taken: Registers[str, Kept] = Registers(MAX_SNAPSHOTS)
        self._verified: Registers[str, tuple[bool, str]] = Registers(MAX_SNAPSHOTS)
        self._dropped: Registers[tuple[str, str], bool] = Registers(MAX_SNAPSHOTS * 4)

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
        part = text(event.body, "part", WHOLE, MAX_NAME)
        on = flag(event.body, "on") if "on" in event.body else True
        self._dropped.put((_named(event), part), event.order, on)

    def answers(self) -> dict[str, Answered]:
        """Give the answers that stand, by question."""
        return dict(self._answers.items())

    def snapshots(self) -> tuple[Kept, ...]:
        """Give the snapshots with what became of them, by digest."""
        given_up = {key for key, on in self._dropped.items() if on}
        return tuple(self._now(kept, given_up) for kept in self._taken.values())

    def became(self, digest: Digest) -> Kept:
        """Give what became of a snapshot of which no event tells when it was taken: that of a dataset's version."""
        ok, why = self._verified.get(digest) or (None, "")
        gone = [part for (name, part), on in self._dropped.items() if name == digest and on]
        parts = tuple(KeptPart(part, "data", dropped=True) for part in gone if part != WHOLE)
        return Kept(digest, 0.0, parts, dropped=WHOLE in gone, verified=ok, why=why)

    def _now(self, kept: Kept, given_up: set[tuple[str, str]]) -> Kept:
        ok, why = self._verified.get(kept.digest) or (None, "")
        parts = tuple(replace(p, dropped=(kept.digest, p.name) in given_up) for p in kept.parts)
        return replace(kept, parts=parts, dropped=(kept.digest, WHOLE) in given_up, verified=ok, why=why)


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
