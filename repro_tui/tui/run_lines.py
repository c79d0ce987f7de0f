"""From rows to lines of the run table: which columns, how wide, and the text of each cell. Pure, and told the time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from repro_tui.domain.alarms import AlarmKind, that_fit, told
from repro_tui.domain.columns import Column, better_is_lower, split_key
from repro_tui.domain.events import Scalar
from repro_tui.domain.ids import ColumnKey
from repro_tui.domain.run import GLYPHS, State
from repro_tui.domain.view import RunRow
from repro_tui.tui.render import ages, numbers
from repro_tui.tui.render.numbers import Digits
from repro_tui.tui.render.spark import spark
from repro_tui.tui.render.text import fit, shorten, width, window

GUTTER = 6
"""Cells before the name: cursor, mark, baseline, a space, the state's glyph, a space."""
NAME_MOST = 28
NAME_LEAST = 8
CELL_MOST = 18
"""A parameter that is a long text must not push the others out."""
COLOURED_MARKS, COUNTED = 8, 100  # above COUNTED marks nobody counts them, and every line would have to
TAIL_LEAST, TAIL_WIDE = 10, 34
"""Cells that are kept at the line's end for tags and the words that say why a run stands where it stands."""
SPARK_LEAST = 3
SPARK_MOST = 8
TIGHT = 32
"""With less room than this beside the name, one number says more than letters and level."""
ROOMY, SPACIOUS = 50, 100
"""With less room than the one nothing is kept free for the line's end; from the other on, enough for a sentence."""
GROUP_CELLS = 15
"""Cells of what only lines of several runs have: the spread of one metric, and the number of runs."""
METRICS_MOST = 8
PARAMS_MOST = 10

AGE = ColumnKey("field:age")
CHANGED = ColumnKey("field:changed")
LEVEL = ColumnKey("field:level")
RUNS = ColumnKey("field:runs")
"""How many runs a line stands for."""
SPREAD = "field:spread:"
"""Begins the key of a column with the standard deviation of a metric over the runs of a line."""
FOLDED, UNFOLDED = ("▸", ">"), ("▾", "v")
"""Signs of a line that stands for several runs, with their ASCII stand-ins."""

Piece = tuple[str, str]
"""A text and the name of its style."""

_STATE_STYLES: dict[State, str] = {
    State.RUNNING: "running",
    State.DONE: "done",
    State.FAILED: "failed",
    State.DIED: "died",
    State.SILENT: "silent",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One column as it is drawn."""

    key: ColumnKey
    head: str
    width: int
    right: bool = True
    """Numbers are aligned to the right."""
    digits: Digits = field(default_factory=lambda: Digits(0))


@dataclass(frozen=True, slots=True)
class Layout:
    """Widths and digits of all columns, the same for every line."""

    name_width: int = NAME_LEAST
    shown: tuple[Shown, ...] = ()
    ascii_only: bool = False

    @property
    def frozen(self) -> int:
        """Cells at the left that do not scroll."""
        return GUTTER + self.name_width

    @property
    def scrolled(self) -> int:
        """Cells of all columns that scroll."""
        return sum(column.width + 2 for column in self.shown)


def value_of(row: RunRow, key: ColumnKey, now: float) -> Scalar:
    """Give a row's value in a column; what every row has comes from its own fields."""
    if key == AGE:
        return ages.age(now - row.started)
    if key == CHANGED:
        return row.changed
    if key == LEVEL:
        return row.level
    if key == RUNS:
        return len(row.members) or None
    if key.startswith(SPREAD):
        return row.spread.get(ColumnKey(f"metric:{key.removeprefix(SPREAD)}"))
    if key == "field:state":
        return row.state.value
    if key == "field:tags":
        return " ".join(row.tags)
    if key == "field:note":
        return row.note
    if key == "field:duration":
        return ages.duration((now if row.ended is None else row.ended) - row.started)
    return row.cells.get(key)


def choose(columns: Sequence[Column], room: int, *, folded: bool = False) -> tuple[ColumnKey, ...]:
    """Choose columns that fit: the metrics logged last and the parameters that vary, taking turns.

    Args:
        columns: What there is, as a list of runs orders it.
        room: Cells for everything right of the name.
        folded: Lines of several runs need room for the spread of a metric and their number.
    """
    room -= GROUP_CELLS if folded else 0
    metrics = [c for c in columns if c.kind == "metric"][:METRICS_MOST]
    params = [c for c in columns if c.kind == "param" and c.distinct > 1][:PARAMS_MOST]
    is_tight = room < TIGHT
    # How many of a line are done says more than what its level is, where there is room for one of both.
    facts = (CHANGED,) if folded and room < ROOMY else (CHANGED, LEVEL)
    tail = TAIL_WIDE if room >= SPACIOUS else TAIL_LEAST if room >= ROOMY or folded else 0
    ends = 9 + tail + (7 if LEVEL in facts else -1)
    left = max(9, room - 6 - (0 if is_tight else ends))
    chosen: set[ColumnKey] = set()
    for column in _in_turns(metrics, params):
        needed = max(7 if column.kind == "metric" else 5, min(width(column.name) + 1, CELL_MOST)) + 2
        if needed > left:
            break
        left -= needed
        chosen.add(column.key)
    middle = [c.key for c in (*metrics, *params) if c.key in chosen]
    return (AGE, *middle) if is_tight else (AGE, *middle, *facts)


def without_groups(keys: Sequence[ColumnKey]) -> tuple[ColumnKey, ...]:
    """Leave out the columns that only lines of several runs have: they come and go with the folding."""
    return tuple(key for key in keys if key != RUNS and not key.startswith(SPREAD))


def with_groups(keys: Sequence[ColumnKey]) -> tuple[ColumnKey, ...]:
    """Put the spread beside the first metric, and the number of runs before the letters or at the end."""
    main = next((key for key in keys if key.startswith("metric:")), None)
    out: list[ColumnKey] = []
    for key in keys:
        if key == CHANGED:
            out.append(RUNS)
        out.append(key)
        if key == main:
            out.append(ColumnKey(f"{SPREAD}{split_key(key)[1]}"))
    return tuple(out) if RUNS in out else (*out, RUNS)


def _in_turns(first: Sequence[Column], second: Sequence[Column]) -> Iterable[Column]:
    for i in range(max(len(first), len(second))):
        yield from first[i : i + 1]
        yield from second[i : i + 1]


def head_of(key: ColumnKey, *, ascii_only: bool = False) -> str:
    """Write a column's head; the arrow of a metric is its good direction."""
    kind, name = split_key(key)
    if key == RUNS:
        return "n"
    if key.startswith(SPREAD):
        return "+-" if ascii_only else "±"
    if kind != "metric":
        return name
    down, up = ("v", "^") if ascii_only else ("↓", "↑")
    return name + (down if better_is_lower(name) else up)


def measure(
    keys: Sequence[ColumnKey],
    rows: Iterable[RunRow],
    now: float,
    *,
    ascii_only: bool = False,
    before: Layout | None = None,
) -> Layout:
    """Find widths and digits for the rows in sight; columns never become narrower than they were before.

    Args:
        keys: Columns in order.
        rows: Rows in sight.
        now: Seconds since the epoch.
        ascii_only: Heads without arrows of Unicode.
        before: The layout in use, so that columns do not jump when rows come and go.
    """
    rows = list(rows)
    old = {column.key: column for column in before.shown} if before else {}
    name = max([NAME_LEAST, before.name_width if before else 0, *(width(shorten(r.name, NAME_MOST)) for r in rows)])
    shown = tuple(_measure_one(key, rows, now, ascii_only=ascii_only, old=old.get(key)) for key in keys)
    return Layout(name, shown, ascii_only)


def _measure_one(key: ColumnKey, rows: Sequence[RunRow], now: float, *, ascii_only: bool, old: Shown | None) -> Shown:
    values = [value_of(row, key, now) for row in rows]
    floats = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    # A spread has the digits of the values that it belongs to.
    metric = ColumnKey(f"metric:{key.removeprefix(SPREAD)}")
    measured = [v for row in rows if isinstance(v := row.cells.get(metric), int | float)]
    decimals = max(
        numbers.digits_of(measured if key.startswith(SPREAD) else floats).decimals, old.digits.decimals if old else 0
    )
    digits = Digits(decimals)
    head = shorten(head_of(key, ascii_only=ascii_only), CELL_MOST, ascii_only=ascii_only)
    texts = [width(cell_text(v, digits, key, ascii_only=ascii_only)) for v in values]
    # Ages grow while one looks: room for three characters keeps the columns where they are.
    least = {AGE: 4, CHANGED: 7, LEVEL: 5}.get(key, 4)
    cells = max([least, width(head), old.width if old else 0, *texts])
    return Shown(
        key, head, min(cells, CELL_MOST), key == AGE or bool(floats) or (old.right if old else not rows), digits
    )


def cell_text(value: Scalar, digits: Digits, key: ColumnKey, *, ascii_only: bool = False) -> str:
    """Write a value; a parameter is never rounded, because two that differ must not look the same."""
    if value is None:
        return "-" if not key.startswith("field:") else ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return shorten(numbers.scalar(value), CELL_MOST, ascii_only=ascii_only)
    if key.startswith(SPREAD):
        return numbers.spread(value, digits)
    text = numbers.number(float(value) if isinstance(value, float) else value, digits)
    if key.startswith("param:") and not _is_exact(text, value):
        text = numbers.scalar(value)
    # Digits that are cut off without a sign would be another number.
    return shorten(text, CELL_MOST, ascii_only=ascii_only)


def _is_exact(text: str, value: float) -> bool:
    try:
        return float(text) == value
    except (ValueError, OverflowError):
        return False


def name_pieces(row: RunRow, layout: Layout, *, unfolded: bool = False) -> list[Piece]:
    """Write the glyph and the name; a line of several runs has a sign of its own in the colour of their state."""
    signs = (UNFOLDED if unfolded else FOLDED) if row.members else GLYPHS[row.state]
    glyph = signs[1 if layout.ascii_only else 0]
    name = fit(row.name, layout.name_width, ascii_only=layout.ascii_only)
    return [(glyph, _STATE_STYLES[row.state]), (" ", ""), (name, "name")]


def column_pieces(
    row: RunRow, layout: Layout, now: float, quiet: Mapping[ColumnKey, Scalar] | None = None
) -> list[Piece]:
    """Write the cells of the columns, each two spaces after the one before.

    Args:
        row: The run.
        layout: Widths.
        now: Seconds since the epoch.
        quiet: Values of the baseline; a parameter that is the same is written in grey.
    """
    pieces: list[Piece] = []
    for column in layout.shown:
        value = value_of(row, column.key, now)
        pieces.append(("  ", ""))
        if column.key == CHANGED:
            pieces += _changed_pieces(row.changed, column.width, ascii_only=layout.ascii_only)
            continue
        text = cell_text(value, column.digits, column.key, ascii_only=layout.ascii_only)
        text = fit(text, column.width, "right" if column.right else "left", ascii_only=layout.ascii_only)
        pieces.append((text, _style_of(column.key, value, row, quiet)))
    return pieces


def _style_of(key: ColumnKey, value: Scalar, row: RunRow, quiet: Mapping[ColumnKey, Scalar] | None) -> str:
    if value is None or key.startswith("field:"):
        return "quiet"
    if key.startswith("param:") and quiet is not None and key in quiet and quiet[key] == value:
        return "faint"
    return "live" if row.state is State.RUNNING and key.startswith("metric:") else "value"


def _changed_pieces(letters: str, cells: int, *, ascii_only: bool) -> list[Piece]:
    """Write the letters strong and the dots faint."""
    letters = fit(letters, min(4, cells), ascii_only=ascii_only)
    pieces = [(letter, "changed" if letter.isalpha() else "faint") for letter in letters]
    return [*pieces, (" " * (cells - width(letters)), "")]


def tail_pieces(row: RunRow, cells: int, *, ascii_only: bool = False) -> list[Piece]:
    """Write what stands at the line's end, as far as there is room: reason, alarms, live curve, tags, pin, note."""
    parts: list[Piece] = []
    if row.because:
        parts.append((row.because, "trouble" if row.state in {State.FAILED, State.DIED} else "quiet"))
    alarms = told(row.alarms, row.because)
    words = that_fit(alarms, cells - 2 - sum(width(text) + 2 for text, _ in parts), width)
    parts += [
        (text, "quiet" if alarm.kind is AlarmKind.DUPLICATE else "trouble")
        for alarm, text in zip(alarms, words, strict=True)
    ]
    room = cells - sum(width(shorten(text, cells)) + 2 for text, _ in parts) - 2
    if row.state is State.RUNNING and row.spark and room >= SPARK_LEAST:
        parts.append((spark(row.spark[-min(room, SPARK_MOST) :], ascii_only=ascii_only), "running"))
    parts += [(f"#{tag}", "tag") for tag in row.tags]
    if row.pinned:
        parts.append(("pinned", "quiet"))
    if row.note:
        parts.append((row.note, "faint"))
    pieces: list[Piece] = []
    for text, style in parts:
        if cells < 4:  # noqa: PLR2004 - two spaces and too little to be read
            break
        fitting = shorten(text, cells - 2, ascii_only=ascii_only)
        pieces += [("  ", ""), (fitting, style)]
        cells -= 2 + width(fitting)
    return pieces


def scrolled_to(layout: Layout, left: int, cells: int, columns: int) -> int:
    """Say how many cells are scrolled away when one moves by so many columns; the last one ends at the edge."""
    starts = [0]
    for column in layout.shown:
        starts.append(starts[-1] + column.width + 2)
    furthest = max(0, layout.scrolled - max(1, cells - layout.frozen))
    stops = [*(start for start in starts if start < furthest), furthest] if furthest else [0]
    at = max((i for i, stop in enumerate(stops) if stop <= left), default=0)
    return stops[max(0, min(len(stops) - 1, at + columns))]


def mark_of(runs: Sequence[int], marks: Mapping[int, None]) -> int | None:
    """Give the place of a run's mark; of a line of several, or among very many, one that nobody counts; None without.

    A line of several runs is marked when all of them are.
    """
    if not all(run in marks for run in runs):
        return None
    few = len(runs) == 1 and len(marks) <= COUNTED
    return next((i for i, key in enumerate(marks) if key == runs[0]), COUNTED) if few else COUNTED


def gutter_pieces(*, cursor: bool, place: int | None, baseline: bool) -> list[Piece]:
    """Write cursor, mark and baseline before a name; `place` is the number of the mark, None without one."""
    mark: Piece = (" ", "")
    if place is not None:
        mark = (str(place + 1), f"run-{place + 1}") if place < COLOURED_MARKS else ("+", "marked")
    return [(">" if cursor else " ", "sorted"), mark, ("b" if baseline else " ", "sorted"), (" ", "")]


def head_pieces(layout: Layout, sort: ColumnKey) -> list[Piece]:
    """Write the heads of the columns; the sorted one is marked by its style and named in the line above."""
    pieces: list[Piece] = []
    for column in layout.shown:
        text = fit(column.head, column.width, "right" if column.right else "left", ascii_only=layout.ascii_only)
        bare = text.strip(" ")
        before, _, after = text.partition(bare) if bare else (text, "", "")
        pieces += [("  " + before, ""), (bare, "sorted" if column.key == sort else "head"), (after, "")]
    return pieces


def windowed(pieces: Sequence[Piece], skip: int, cells: int) -> list[Piece]:
    """Cut `cells` cells out of a line of pieces, after skipping some; a wide sign that is cut becomes a space."""
    out: list[Piece] = []
    at = 0
    for text, style in pieces:
        size = width(text)
        start, stop = max(0, skip - at), min(size, skip + cells - at)
        if stop > start:
            out.append((text if (start, stop) == (0, size) else window(text, start, stop - start), style))
        at += size
    filled = sum(width(text) for text, _ in out)
    if filled < cells:
        out.append((" " * (cells - filled), ""))
    return out
