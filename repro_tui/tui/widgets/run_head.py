"""The first line of a run's screen: what it is, where it stands, what was run, and its level."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from repro_tui.domain.run import GLYPHS, State
from repro_tui.tui.render import ages
from repro_tui.tui.render.facts import command_line, signal_name
from repro_tui.tui.render.text import clean, shorten, width
from repro_tui.tui.run_facts import RunFacts

_COLOURS = {
    State.RUNNING: "$live",
    State.DONE: "$success",
    State.FAILED: "$error",
    State.DIED: "$warning",
    State.SILENT: "$quiet",
}


def state_words(facts: RunFacts, now: float) -> str:
    """Say where a run stands: `done in 4m12s`, `running for 40s`, `failed with exit status 1 after 3.0s`."""
    run, state = facts.run, facts.state
    attempt = run.attempts[-1] if run.attempts else None
    if attempt is None:
        return state.value
    if state is State.RUNNING:
        return f"running for {ages.duration(now - attempt.started)}"
    last = run.ended if run.ended is not None else attempt.last_sign
    took = ages.duration(last - attempt.started) if last >= attempt.started else "-"
    if state is State.DONE:
        return f"done in {took}"
    if state is State.SILENT:
        return f"silent for {ages.age(now - attempt.last_sign)}"
    return f"{state.value}{_cause(facts)} after {took}"


def _cause(facts: RunFacts) -> str:
    for ending in facts.run.attempts[-1].endings:
        if ending.why:
            return f", {ending.why.replace('-', ' ')}"
        if ending.signal is not None:
            return f" by signal {signal_name(ending.signal)}"
        if ending.exit:
            return f" with exit status {ending.exit}"
    return ""


class RunHead(Widget):
    """One line; the name and the level never give way, the command does."""

    facts: reactive[RunFacts | None] = reactive(None)
    now: reactive[float] = reactive(0.0)
    """Seconds since the epoch; set again while a run lasts."""

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._ascii = ascii_only

    def render(self) -> Content:
        """Draw the line."""
        if self.facts is None:
            return Content("")
        facts, cells = self.facts, self.size.width
        glyph = GLYPHS[facts.state][1 if self._ascii else 0]
        name = shorten(facts.run.name or facts.run.uid[:12], max(12, cells // 3), ascii_only=self._ascii)
        level = f"level {facts.level_text} "
        words = state_words(facts, self.now)
        left = [(f" {name}", "bold"), (f"   {glyph} ", f"bold {_COLOURS[facts.state]}"), (words, _COLOURS[facts.state])]
        left += [("  pinned", "$quiet")] if facts.run.pinned else []
        left += [(f"  {clean(tag)}", "$secondary") for tag in sorted(facts.run.tags)]
        used = sum(width(text) for text, _ in left)
        room = cells - used - width(level) - 5
        if room < 0:
            return Content.assemble(*left)
        command = shorten(command_line(facts.run), room, ascii_only=self._ascii)
        gap = " " * max(0, cells - used - 3 - width(command) - width(level))
        return Content.assemble(*left, (f"   {command}", "$quiet"), gap, (level, "$accent"))
