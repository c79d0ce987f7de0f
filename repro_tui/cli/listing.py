"""A list of runs as text: one line a run, numbers under each other, nothing wider than the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from repro_tui.cli.columns import SPREAD_HEAD, Shown, cell
from repro_tui.cli.output import Output
from repro_tui.domain.alarms import Alarm, AlarmKind, that_fit, told
from repro_tui.domain.columns import split_key
from repro_tui.domain.ids import ColumnKey
from repro_tui.domain.run import GLYPHS, State
from repro_tui.domain.view import RunRow
from repro_tui.tui.render.numbers import Digits, digits_of
from repro_tui.tui.render.text import Align, clean, pad, shorten, width

GAP = "  "
FOLDED = ("▸", ">")
"""The sign of a line that stands for several runs, and its ASCII stand-in."""
NARROWEST = 8
"""Cells that the last words of a line must have to be shown at all."""
_LEAST = 4
"""Cells of which nothing can be read with fewer."""

STATE_STYLES = {
    State.RUNNING: "blue",
    State.DONE: "green",
    State.FAILED: "red",
    State.DIED: "red",
    State.SILENT: "yellow",
}


def print_rows(output: Output, rows: Sequence[RunRow], columns: Sequence[Shown], now: float) -> None:
    """Print a head and one line a run; of columns that do not fit, parameters are left out first."""
    digits = _digits(rows, columns)
    table = [[_fit(output, cell(row, shown, digits, now)) for shown in columns] for row in rows]
    titles = [shown.title.replace(SPREAD_HEAD, "+-") if output.ascii else shown.title for shown in columns]
    widths = [max([width(title), *(width(line[place]) for line in table)]) for place, title in enumerate(titles)]
    words = NARROWEST + len(GAP) if any(_words(row, 0) for row in rows) else 0
    kept = _that_fit(columns, widths, output.width - 2 - words)
    head = GAP.join(pad(_fit(output, titles[i]), widths[i], _side(columns[i])) for i in kept)
    output.line(output.style(f"  {head}".rstrip(), "dim"))
    for row, line in zip(rows, table, strict=True):
        cells = GAP.join(_cell(output, columns[i], line[i], widths[i]) for i in kept)
        room = output.width - 2 - sum(widths[i] + len(GAP) for i in kept)
        output.line(f"{_sign(output, row)} {cells}{_tail(output, row, room)}".rstrip())


def glyph(output: Output, state: State) -> str:
    """Draw a run's state."""
    sign = GLYPHS[state][1 if output.ascii else 0]
    return output.style(sign, STATE_STYLES[state])


def _sign(output: Output, row: RunRow) -> str:
    """Draw a run's state, or the sign of a line that stands for several, in the colour of their state."""
    if not row.members:
        return glyph(output, row.state)
    return output.style(FOLDED[1 if output.ascii else 0], STATE_STYLES[row.state])


def _digits(rows: Sequence[RunRow], columns: Sequence[Shown]) -> dict[ColumnKey, Digits]:
    """Choose one number of digits for each column of numbers."""
    return {
        shown.key: digits_of(
            float(v)
            for row in rows
            if isinstance(v := row.cells.get(shown.key), int | float) and not isinstance(v, bool)
        )
        for shown in columns
        if split_key(shown.key)[0] != "field"
    }


def _fit(output: Output, text: str) -> str:
    """Make foreign text fit for a cell, of at most a third of the line."""
    limit = max(NARROWEST, output.width // 3) if output.terminal else output.width
    return shorten(text, limit, ascii_only=output.ascii)


def _side(shown: Shown) -> Align:
    return "right" if shown.right else "left"


def _cell(output: Output, shown: Shown, text: str, cells: int) -> str:
    padded = pad(text, cells, _side(shown))
    if split_key(shown.key)[1] == "run":
        return output.style(padded, "bold")
    return output.style(padded, "dim") if text in {"-", "····"} else padded


def _that_fit(columns: Sequence[Shown], widths: Sequence[int], room: int) -> list[int]:
    """Choose the columns that fit, from left to right, parameters after all others."""
    kept: list[int] = []
    for place in sorted(range(len(columns)), key=lambda place: split_key(columns[place].key)[0] == "param"):
        needed = widths[place] + (len(GAP) if kept else 0)
        if needed <= room or not kept:
            kept.append(place)
            room -= needed
    return sorted(kept)


def alarm_style(alarm: Alarm) -> str:
    """Give the colour of an alarm; that something ran before is no trouble."""
    return "dim" if alarm.kind is AlarmKind.DUPLICATE else "yellow"


def _words(row: RunRow, room: int) -> list[tuple[str, str]]:
    """Give what is special about a run, each with its style: how it ended, its alarms, its tags, its note."""
    ended = [(row.because, "red" if row.state in {State.FAILED, State.DIED} else "dim")] if row.because else []
    alarms = told(row.alarms, row.because)
    texts = that_fit(alarms, room - sum(width(text) + len(GAP) for text, _ in ended), width)
    said = [(text, alarm_style(alarm)) for alarm, text in zip(alarms, texts, strict=True)]
    further = (" ".join(f"#{tag}" for tag in row.tags), row.note)
    return [*ended, *said, *((text, "dim") for text in further if text)]


def _tail(output: Output, row: RunRow, room: int) -> str:
    """Say what is special about a run in the room that is left."""
    told_so_far = ""
    for text, style in _words(row, room) if room >= NARROWEST else ():
        if room < _LEAST:
            break
        shown = shorten(clean(text), room, ascii_only=output.ascii)
        told_so_far += GAP + output.style(shown, style)
        room -= width(shown) + len(GAP)
    return told_so_far
