"""What the panel of questions says: the question, the offer under it, how things stand, and the keys."""

from __future__ import annotations

from collections.abc import Sequence

from repro_tui.domain.data_change import summary_lines
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.profile import DataChange
from repro_tui.domain.snapshot import Offer
from repro_tui.tui.commands import commands_in, outward
from repro_tui.tui.keymap import Keymap
from repro_tui.tui.queue import Entry, Queue
from repro_tui.tui.render import numbers, offers
from repro_tui.tui.render.lines import EMPTY, Line, wrapped
from repro_tui.tui.render.text import clean, fit, shorten, width

BEFORE = "Before saving results, snapshot environment and dataset. This creates a reproducible package (recommended)."
SAVE = "Save snapshot?"
EMPTY_WORDS = (
    "A run that ended without an answer leaves its question here; p keeps any run, asked or not. The palette (ctrl+p) "
    "changes what happens when a run ends."
)
CHECKPOINT = "Checkpoint this version?"
CHOICES = "[Yes / No / Always / Never]"

ALWAYS_THERE = frozenset({"leave", "refresh", "explain"})
"""What can be done where there is no question."""

_MOST_HEAD = 2
"""Lines that tell how a dataset changed; its summary follows below."""

DATASET_TITLES = {"questions.always": "Always", "questions.never": "Never"}
"""Of a dataset these answers hold for the dataset, not for the project."""


def head(queue: Queue, cells: int, *, short: bool = False, ascii_only: bool = False) -> list[Line]:
    """Ask the question that belongs to the highlighted line, and say which of how many it is."""
    here = queue.here
    if here is None:
        return [(("Questions", "strong"),)]
    count = f"{queue.cursor + 1} of {len(queue.entries)}"
    if here.question.kind == "dataset":
        told = f"Dataset {clean(here.question.title)} {clean(here.question.detail)}".rstrip(".") + "."
        lines = [] if short else [list(line) for line in wrapped(told, cells, "strong")[:_MOST_HEAD]]
        asked = f"{CHECKPOINT} {CHOICES}"
    else:
        parts = [] if short else wrapped(f"{BEFORE} {SAVE}", cells - width(count) - 2, "strong")
        lines = [list(line) for line in parts[:-1]]
        asked = "".join(text for text, _ in parts[-1]) if parts else SAVE
    asked = fit(asked, max(0, cells - width(count)), ascii_only=ascii_only)
    drawn = [tuple(line) for line in lines]
    return [*(offers.plain(drawn) if ascii_only else drawn), ((asked, "strong"), (count, "dim"))]


def nothing(cells: int, rows: int) -> list[Line]:
    """Say what leads to questions, where none waits."""
    return wrapped(EMPTY_WORDS, cells)[:rows]


def told(entry: Entry | None, cells: int, rows: int, *, ascii_only: bool = False) -> list[Line]:
    """Say what a yes would do, in at most so many rows; the level is said whatever else has to be left out."""
    if entry is None:
        return []
    lines = [*_result(entry, cells), *_told(entry, cells, ascii_only=ascii_only)]
    if len(lines) > rows > 1:
        last = _level_rows(lines) if isinstance(entry.told, Offer) else 0
        last = last if last < rows - 1 else 0
        kept = rows - 1 - last
        more = f"and {len(lines) - kept - last} more lines (d)"
        lines = [*lines[:kept], ((more, "dim"),), *(lines[-last:] if last else [])]
    return offers.plain(lines[:rows]) if ascii_only else lines[:rows]


def _level_rows(lines: Sequence[Line]) -> int:
    """Count the last lines, from the one that says the level on."""
    starts = [i for i, line in enumerate(lines) if line and line[0][0].startswith("level")]
    return len(lines) - starts[-1] if starts else 0


def _result(entry: Entry, cells: int) -> list[Line]:
    """Say what came of an answer, above what was offered."""
    if entry.answered is None:
        return [*wrapped("It does not wait any more: it was answered elsewhere.", cells), EMPTY] if entry.gone else []
    said = entry.answered.text if entry.answered.ok else f"Not done: {entry.answered.text}"
    return [*wrapped(said, cells, "good" if entry.answered.ok else "bad"), EMPTY]


def _told(entry: Entry, cells: int, *, ascii_only: bool) -> list[Line]:
    told = entry.told
    if told is None:
        return [] if entry.gone else [(("looking what there is to keep ...", "dim"),)]
    if isinstance(told, Unavailable):
        return wrapped(f"Nothing can be kept: {told.reason}", cells, "warn")
    if isinstance(told, DataChange):
        return [((clean(text), "value"),) for text in summary_lines(told, cells, ascii_only=ascii_only)]
    return offers.brief(told, cells, ascii_only=ascii_only)


def status(queue: Queue, said: Line | tuple[str, str], standing: str, cells: int, *, ascii_only: bool) -> list[Line]:
    """Say the news, or what the marked ones cost together, or what holds in this project."""
    text, style = str(said[0]), str(said[1])
    if not text and queue.marked:
        text, style = _together(queue), "accent"
    elif not text:
        text, style = standing, "dim"
    return [((shorten(text, cells, ascii_only=ascii_only), style),)]


def _together(queue: Queue) -> str:
    """Add up what is marked."""
    marked = queue.marked
    known = [entry.told for entry in marked if isinstance(entry.told, Offer)]
    looking = sum(entry.told is None for entry in marked)
    text = f"{len(marked):,} marked"
    if known:
        new = numbers.size(sum(offer.new for offer in known))
        text += f": {new} new, {offers.seconds(sum(offer.seconds for offer in known))}"
    return f"{text}, still looking at {looking:,}" if looking else text


def key_pairs(scope: str, keymap: Keymap, entry: Entry | None) -> list[tuple[str, str]]:
    """Give the keys that work here with their titles, in the order of the footer."""
    dataset = entry is not None and entry.question.kind == "dataset"
    inner: dict[str, tuple[int, str, str]] = {}
    for name in reversed(list(outward(scope))):
        for command in commands_in(name):
            if command.footer and (entry is not None or command.action in ALWAYS_THERE):
                title = DATASET_TITLES.get(command.id, command.title) if dataset else command.title
                inner[command.action] = (command.footer, keymap.shown(command.id), title)
    return [(key, title) for _, key, title in sorted(inner.values())]


def keys(pairs: Sequence[tuple[str, str]], cells: int, rows: int) -> list[Line]:
    """Set the keys on as many rows as there are, the first ones first."""
    lines: list[list[tuple[str, str]]] = [[]]
    used = 0
    for key, title in pairs:
        size = width(key) + 1 + width(title)
        if used and used + 2 + size > cells:
            if len(lines) == rows:
                break
            lines.append([])
            used = 0
        gap = "  " if used else ""
        lines[-1] += [(gap, ""), (key, "accent"), (f" {title}", "dim")]
        used += len(gap) + size
    return [tuple(line) for line in lines]
