"""What is said of differences of which none is the only one: what was shown, what is left, and what cannot be told."""

from __future__ import annotations

from collections.abc import Sequence

from repro_tui.domain.explain_text import listed, phrase, signed, word
from repro_tui.domain.explain_text import told as told_of
from repro_tui.domain.explanation import Candidate, Standing
from repro_tui.domain.traits import Part

_PAIR = 2

Said = tuple[str, Sequence[Candidate]]
"""A sentence, and the differences on whose evidence it rests."""


def several(live: Sequence[Candidate], *, beyond: bool) -> Said | None:
    """Say which of several differences it is as far as that can be told; `beyond` when the distance is no noise."""
    shown = [c for c in live if c.standing is Standing.SHOWN]
    if shown:
        return _shown(shown, live)
    open_ones = [c for c in live if c.standing is Standing.POSSIBLE]
    ruled = [c for c in live if c.standing is Standing.RULED_OUT and c.name != "seed"]
    if beyond and ruled:
        return _ruled(open_ones, ruled)
    against = [c for c in open_ones if c.against]
    if beyond and against and len(against) < len(open_ones):
        return _other_way([c for c in open_ones if not c.against], against)
    return _which(open_ones, len(live) - len(open_ones)) if len(open_ones) > 1 else None


def _shown(shown: Sequence[Candidate], live: Sequence[Candidate]) -> Said:
    first = shown[0]
    text = f"{word(told_of(first.words), 160)} is the likeliest: {first.because}"
    if len(shown) > 1:
        text = f"{listed([phrase(c) for c in shown])} each moved it alike where nothing else differed"
    against = [c.name for c in live if c.against]
    if against:
        text += f"; {listed(against, most=2)} alone moved it the other way"
    rest = [c for c in live if c.standing is Standing.POSSIBLE and not c.against]
    if rest:
        text += f"; what {listed([c.name for c in rest], most=2)} may add is not told"
    return text, shown


def _ruled(open_ones: Sequence[Candidate], ruled: Sequence[Candidate]) -> Said:
    without = f"{listed([c.name for c in ruled], most=2)} had no effect beyond noise where nothing else differed"
    if not open_ones:
        return f"{without}: none of what differs is seen to explain it alone", ruled
    left = listed([phrase(c) for c in open_ones])
    if len(open_ones) == 1:
        return f"{left} is what is left: {without}", [*open_ones, *ruled]
    return f"{left} are left, and which of them it is cannot be told; {without}", [*open_ones, *ruled]


def _other_way(rest: Sequence[Candidate], against: Sequence[Candidate]) -> Said:
    """Leave out what moved the outcome the other way: it cannot be why it moved this way."""
    without = f"{listed([c.name for c in against], most=2)} moved it the other way where nothing else differed"
    left = listed([phrase(c) for c in rest])
    if len(rest) == 1:
        return f"{left} is what is left: {without}", [*rest, *against]
    return f"{left} are left, and which of them it is cannot be told; {without}", [*rest, *against]


def _which(open_ones: Sequence[Candidate], others: int) -> Said:
    words = listed([phrase(c) for c in open_ones])
    them = "the two" if len(open_ones) == _PAIR and not others else "them"
    which = f"{words} differ: which of {them} matters cannot be told"
    if any(c.evidence or c.changes[0].part is Part.SEED for c in open_ones):
        alone = [f"{c.name} moved it by {signed(c.moved)}" for c in open_ones if c.moved is not None]
        return f"{which} from the runs there are{f'; alone, {listed(alone)}' if alone else ''}", open_ones
    if not all(c.because.startswith("no other run") for c in open_ones):
        return which, open_ones
    return f"{which}, as no other run changed one of them alone", open_ones
