"""How far something long has come, in four lines: what, a bar, how much of how much, how long still."""

from __future__ import annotations

from dataclasses import dataclass

from repro_tui.tui.render import ages, numbers
from repro_tui.tui.render.lines import EMPTY, Line
from repro_tui.tui.render.text import shorten, to_ascii

_FULL, _REST = "█", "░"
_PLAIN_FULL, _PLAIN_REST = "#", "."

_COUNTED = frozenset({"snapshots", "runs"})
"""Words that say what is counted where they end what is being done; all else is told in bytes."""

_WINDOW = 5.0
"""Seconds that a rate is taken over: long enough to be steady, short enough to follow a disk that slows down."""

_LEAST = 0.5
"""Seconds before a rate is worth saying."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far something was at one time."""

    t: float
    """Seconds of a clock that only goes forward."""
    done: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far something long has come."""

    began: float
    """Seconds of a clock that only goes forward."""
    now: float
    done: int = 0
    """Bytes."""
    total: int = 0
    """Bytes; 0 while that is not known."""
    what: str = ""
    marks: tuple[Mark, ...] = ()
    """Of the last seconds, the oldest first."""

    def moved(self, now: float, done: int, total: int, what: str) -> Standing:
        """Give where it stands after news, or after time alone has passed."""
        marks = tuple(m for m in self.marks if now - m.t <= _WINDOW) or self.marks[-1:]
        if not marks or marks[-1].done != done:
            # Counting begins anew where the work does: a second stage, another file that is read again.
            marks = (*marks, Mark(now, done)) if not marks or marks[-1].done <= done else (Mark(now, done),)
        return Standing(self.began, now, done, max(total, 0), what, marks)

    @property
    def rate(self) -> float | None:
        """Give bytes a second over the last seconds; None while too little is known."""
        if not self.marks or self.now - self.marks[0].t < _LEAST:
            return None
        return (self.done - self.marks[0].done) / (self.now - self.marks[0].t)

    @property
    def remaining(self) -> float | None:
        """Give the seconds that are left at this rate; None while that cannot be told."""
        rate = self.rate
        return (self.total - self.done) / rate if rate and self.total > self.done else None


def lines(standing: Standing, cells: int, *, ascii_only: bool = False) -> list[Line]:
    """Write what is being done, the bar, and the figures; always the same number of lines."""
    rate = standing.rate
    last = standing.what.rpartition(" ")[2]
    amount, unit = (_counted, f" {last}") if last in _COUNTED else (numbers.size, "")
    figures = amount(standing.done)
    if standing.total:
        figures += f" of {amount(standing.total)}"
    parts = [figures + unit] if standing.done or standing.total else []
    parts += [f"{amount(rate)}/s"] if rate else []
    left = standing.remaining
    parts += [f"{ages.duration(left)} left"] if left is not None else []
    gone = standing.now - standing.began
    parts += [f"{ages.age(gone)} so far"] if gone >= 1 else []
    told = "   ".join(parts)
    return [
        ((shorten(standing.what, cells, keep="end", ascii_only=ascii_only), "value"),),
        _bar(standing, cells, ascii_only=ascii_only),
        ((to_ascii(told) if ascii_only else told, "dim"),),
    ]


def _counted(number: float) -> str:
    return f"{number:,.0f}"


def _bar(standing: Standing, cells: int, *, ascii_only: bool) -> Line:
    """Draw the bar; without a known total there is none, because it would move without saying anything."""
    if not standing.total:
        return EMPTY
    share = min(1.0, standing.done / standing.total)
    room = max(4, cells - 6)
    full = int(share * room)
    signs = (_PLAIN_FULL, _PLAIN_REST) if ascii_only else (_FULL, _REST)
    # Only what is really finished is called 100 %.
    per_cent = 100 if standing.done >= standing.total else min(99, int(share * 100))
    return (signs[0] * full, "accent"), (signs[1] * (room - full), "faint"), (f" {per_cent:>3} %", "value")
