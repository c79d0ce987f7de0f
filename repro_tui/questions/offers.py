"""What a yes would do for several runs at once: a sweep is one question, and has one answer to "how much"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from repro_tui.domain.snapshot import LeftOut, Offer, PartKind, PartOffer

_LEAST_S = 0.1


def together(offers: Sequence[Offer], title: str) -> Offer:
    """Sum what several snapshots would keep.

    Code, environment and data of equal description are in the store once, so they count once; outputs are each run's
    own.
    """
    if len(offers) == 1:
        return offers[0]
    parts: dict[str, PartOffer] = {}
    seen: set[tuple[object, ...]] = set()
    new = 0
    for part in (part for offer in offers for part in offer.parts):
        mark = (part.name, part.what, part.files, part.size)
        if part.kind is not PartKind.OUTPUTS and mark in seen:
            continue
        seen.add(mark)
        new += part.new
        known = parts.get(part.name)
        parts[part.name] = part if known is None else _sum(known, part)
    all_new = sum(offer.new for offer in offers)
    return Offer(
        run=offers[0].run,
        name=title,
        parts=tuple(parts.values()),
        seconds=max(sum(o.seconds for o in offers) * (new / all_new if all_new else 1.0), _LEAST_S * len(offers)),
        free=offers[0].free,
        left_out=_different([item for offer in offers for item in offer.left_out]),
        changed=tuple(dict.fromkeys(text for offer in offers for text in offer.changed)),
        level=min(offer.level for offer in offers),
        why=min(offers, key=lambda offer: offer.level).why,
    )


def _sum(one: PartOffer, two: PartOffer) -> PartOffer:
    what = one.what if one.what == two.what or not two.what else f"{one.what}; {two.what}"
    return replace(
        one,
        what=what if len(what) < 80 else one.what,  # noqa: PLR2004 - a line of a terminal
        files=one.files + two.files,
        size=one.size + two.size,
        new=one.new + two.new,
        linked=one.linked and two.linked,
    )


def _different(items: Sequence[LeftOut]) -> tuple[LeftOut, ...]:
    return tuple(dict.fromkeys(items))
