"""Which lines the tabs of a run's screen show; metrics and log have widgets of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from repro_tui.domain.missing import Unavailable
from repro_tui.tui.render import facts as overview
from repro_tui.tui.render.code import code
from repro_tui.tui.render.environment import environment
from repro_tui.tui.render.files import files
from repro_tui.tui.run_facts import RunFacts
from repro_tui.tui.widgets.lines import Page

PageOf = Callable[[RunFacts | Unavailable, float, int], Page]
"""From a run, the time in seconds since the epoch and a width in cells to a page."""


def _overview(facts: RunFacts | Unavailable, now: float, cells: int) -> Page:
    if isinstance(facts, Unavailable):
        return Page(overview.unreadable(facts))
    return Page(overview.overview(facts, now, cells))


def _files(facts: RunFacts | Unavailable, _now: float, cells: int) -> Page:
    if isinstance(facts, Unavailable):
        return Page(overview.unreadable(facts))
    head, lines = files(facts.run, cells)
    return Page(lines, head)


def _environment(facts: RunFacts | Unavailable, _now: float, cells: int) -> Page:
    if isinstance(facts, Unavailable):
        return Page(overview.unreadable(facts))
    return Page(environment(facts.run, facts.documents, cells))


def _code(facts: RunFacts | Unavailable, _now: float, _cells: int) -> Page:
    if isinstance(facts, Unavailable):
        return Page(overview.unreadable(facts))
    return Page(code(facts.run, facts.documents))


PAGES: Mapping[str, PageOf] = {
    "overview": _overview,
    "files": _files,
    "environment": _environment,
    "code": _code,
}
"""Tab to what makes its page."""
