"""The pane beside the list: what the highlighted or marked runs did, what changed, the level. Pure but for `fetch`."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean, stdev

from repro_tui.domain.alarms import Alarm, told_alone
from repro_tui.domain.columns import column_key
from repro_tui.domain.events import Scalar
from repro_tui.domain.ids import ColumnKey, RunId
from repro_tui.domain.level import Level, level_of
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.series import Curve, CurveQuery
from repro_tui.ports import Workbench
from repro_tui.tui.band import banded
from repro_tui.tui.render import numbers
from repro_tui.tui.render.braille import braille, plain
from repro_tui.tui.render.keeping import LEVELS
from repro_tui.tui.render.plot import Frame, Layer, rasterise
from repro_tui.tui.render.scale import Scale, around
from repro_tui.tui.render.text import clean, fit, shorten, width
from repro_tui.tui.run_facts import LINKABLE
from repro_tui.tui.run_lines import Piece

MOST_RUNS = 8
MOST_METRICS = 6
MOST_OF_LINE = 32
"""Runs of one line whose curves are drawn as a mean and the room between them."""
NAME_CELLS = 10
VALUE_CELLS, SPREAD_CELLS = 9, 10
TALL = 12
"""Above so many lines there is room for lists and whole sentences."""


@dataclass(frozen=True, slots=True)
class Band:
    """A line of several runs, which are drawn as one."""

    name: str
    runs: int
    """How many it stands for; of very many only the first are drawn."""
    means: Mapping[ColumnKey, Scalar] = field(default_factory=dict)
    """What its cells show."""
    spread: Mapping[ColumnKey, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the pane is to show."""

    runs: tuple[tuple[RunId, str], ...]
    """Uid and name; one when nothing is marked."""
    metrics: tuple[str, ...]
    """Metrics in the order of the list's columns."""
    buckets: int
    baseline: tuple[RunId, str] | None = None
    revision: int = 0
    """Of the catalog while a run is live, so that its curves are asked for again; else 0."""

    band: Band | None = None
    """A line of several runs: then `runs` are those of its runs that are drawn."""
    alarms: tuple[Alarm, ...] = ()
    """What to look at before the run, or the line, is trusted."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What was found out for the pane."""

    asked: Asked
    curves: tuple[Curve, ...] = ()
    last: tuple[dict[str, float], ...] = ()
    """Metric to last value, for each run."""
    base: dict[str, float] | None = None
    """The baseline's last values."""
    previous: str = ""
    """Name of the previous run of the lineage."""
    since: tuple[str, ...] = ()
    level: int = 0
    why: str = ""
    command: str = ""
    linked: bool = False
    """Its data is known by digest and place, not kept."""
    spread: dict[str, float] | None = None
    """Of a line of several runs: metric to standard deviation of the last values."""


def fetch(workbench: Workbench, asked: Asked) -> Preview:
    """Ask for everything that the pane shows; takes milliseconds and is called from a thread."""
    uids = tuple(uid for uid, _ in asked.runs)
    last = tuple({m: v for m, (_, v) in workbench.last_metrics(uid).items()} for uid in uids)
    metrics = tuple(m for m in asked.metrics if any(m in values for values in last))[:MOST_METRICS]
    curves = tuple(workbench.curves(CurveQuery(uids, metrics, buckets=asked.buckets))) if metrics else ()
    base = None
    if asked.baseline and asked.baseline[0] not in uids:
        base = {m: v for m, (_, v) in workbench.last_metrics(asked.baseline[0]).items()}
    if asked.band:
        return _of_line(asked, asked.band, curves, last, base)
    if len(uids) != 1:
        return Preview(asked, curves, last, base)
    level, why = workbench.level(uids[0])
    previous = workbench.previous(uids[0])
    before = workbench.run(previous) if previous else Unavailable("it is the first")
    run = workbench.run(uids[0])
    return Preview(
        asked,
        curves,
        last,
        base,
        "" if isinstance(before, Unavailable) else before.name,
        tuple(workbench.since_previous(uids[0])),
        level,
        why,
        "" if isinstance(run, Unavailable) else shlex.join(run.argv),
        level == LINKABLE and not isinstance(run, Unavailable) and level_of(run).linked,
    )


def _of_line(
    asked: Asked, band: Band, curves: Sequence[Curve], last: Sequence[dict[str, float]], base: dict[str, float] | None
) -> Preview:
    """Draw several runs as one: mean and room of each metric, with mean and standard deviation of the last values."""
    metrics = dict.fromkeys(curve.metric for curve in curves)
    drawn = [pair for metric in metrics if (pair := banded([c for c in curves if c.metric == metric]))]
    values = {m: [v for run in last if math.isfinite(v := run.get(m, math.nan))] for m in metrics}
    means = {metric: fmean(found) for metric, found in values.items() if found}
    spread = {metric: stdev(found) for metric, found in values.items() if len(found) > 1}
    for metric in metrics:  # the list knows those of all runs, also where few are drawn
        key = column_key("metric", metric)
        if isinstance(mean := band.means.get(key), int | float):
            means[metric] = float(mean)
            spread.pop(metric, None)
            spread |= {metric: band.spread[key]} if key in band.spread else {}
    lines = tuple(replace(curve, run=RunId(str(i))) for pair in drawn for i, curve in enumerate(pair))
    return Preview(asked, lines, (means,), base, spread=spread)


def preview_lines(preview: Preview, cells: int, height: int, *, ascii_only: bool) -> list[list[Piece]]:
    """Lay the pane out in exactly `height` lines; each is at most `cells` wide."""
    head = _head(preview, cells, tall=height > TALL, ascii_only=ascii_only)
    head[1:1] = _alarms(preview, cells, tall=height > TALL, ascii_only=ascii_only)
    foot = _foot(preview, cells, height, ascii_only=ascii_only)
    room = height - len(head) - len(foot)
    metrics = list(dict.fromkeys(c.metric for c in preview.curves))
    count = min(len(metrics), max(0, room))
    lines = head
    if count:
        tall = max(1, min(8, room // count - (1 if room // count > 3 else 0)))  # noqa: PLR2004 - then a gap looks better
        for metric in metrics[:count]:
            lines += _metric(preview, metric, cells, tall, ascii_only=ascii_only)
            if tall > 2:  # noqa: PLR2004 - charts that are high want air between them
                lines.append([])
    elif room > 0:
        lines.append([(" no metrics yet: call repro_tui.log(...), or write TensorBoard events or a CSV", "faint")])
    lines = lines[: height - len(foot)]
    lines += [[] for _ in range(height - len(foot) - len(lines))]
    return [_cut(line, cells) for line in (*lines, *foot)][:height]


def _cut(line: Sequence[Piece], cells: int) -> list[Piece]:
    out: list[Piece] = []
    for text, style in line:
        if cells <= 0:
            break
        shown = shorten(text, cells) if width(text) > cells else text
        out.append((shown, style))
        cells -= width(shown)
    return out


def _head(preview: Preview, cells: int, *, tall: bool, ascii_only: bool) -> list[list[Piece]]:
    if preview.asked.band:
        return _band_head(preview.asked.band, len(preview.asked.runs), cells, tall=tall, ascii_only=ascii_only)
    names = [shorten(name, 40, ascii_only=ascii_only) for _, name in preview.asked.runs]
    if len(names) != 1:
        marks = [[(f" {i + 1} ", f"run-{i % 8 + 1}"), (name, "name")] for i, name in enumerate(names)]
        if tall:
            return [[(f" {len(names)} marked runs", "title")], *marks, []]
        return [[(" ", ""), *[piece for mark in marks for piece in (*mark, ("  ", ""))]]]
    if tall:
        command = [[(f" {part}", "quiet")] for part in _wrapped(preview.command, cells - 2, 3, ascii_only=ascii_only)]
        since = [[(f"   {shorten(phrase, cells - 4, ascii_only=ascii_only)}", "value")] for phrase in preview.since[:6]]
        return [[(f" {names[0]}", "title")], *command, [], [(f" {_since(preview)}", "quiet")], *since, []]
    said = ", ".join(clean(phrase) for phrase in preview.since)
    line: list[Piece] = [(f" {names[0]}", "title"), ("   ", ""), (_since(preview), "quiet")]
    room = cells - sum(width(text) for text, _ in line) - 1
    return [[*line, (shorten(f" {said}", room, ascii_only=ascii_only), "value")]]


def _band_head(band: Band, drawn: int, cells: int, *, tall: bool, ascii_only: bool) -> list[list[Piece]]:
    """Name a line, and say what is drawn of its runs."""
    count = f"{drawn} runs" if drawn == band.runs else f"{drawn} of {band.runs:,} runs"
    said = f"{count}: their mean, and from the least to the greatest"
    name = shorten(band.name, 40, ascii_only=ascii_only)
    if tall:
        legend = [[(f" {part}", "quiet")] for part in _wrapped(said, cells - 2, 3, ascii_only=ascii_only)]
        return [[(f" {name}", "title")], *legend, []]
    said = shorten(said, max(0, cells - width(name) - 4), ascii_only=ascii_only)
    return [[(f" {name}", "title"), ("   ", ""), (said, "quiet")]]


def _alarms(preview: Preview, cells: int, *, tall: bool, ascii_only: bool) -> list[list[Piece]]:
    """Say below the name, in full, what the list has little room for."""
    said = told_alone(preview.asked.alarms)
    if tall:
        return [
            [(f" {line}", "trouble")] for text in said for line in _wrapped(text, cells - 2, 2, ascii_only=ascii_only)
        ]
    return [[(shorten(f" {clean('  '.join(said))}", cells, ascii_only=ascii_only), "trouble")]] if said else []


def _wrapped(text: str, cells: int, most: int, *, ascii_only: bool) -> list[str]:
    """Part a text at its spaces into at most so many lines; the last one is cut where it is too long."""
    lines: list[str] = []
    for word in clean(text).split():
        if lines and (width(lines[-1]) + 1 + width(word) <= cells or len(lines) == most):
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [shorten(line, cells, ascii_only=ascii_only) for line in lines]


def _since(preview: Preview) -> str:
    if not preview.previous:
        return "the first of its lineage"
    what = ":" if preview.since else ": nothing changed"
    return f"since {clean(preview.previous)}{what}"


def _foot(preview: Preview, cells: int, height: int, *, ascii_only: bool) -> list[list[Piece]]:
    if len(preview.asked.runs) != 1 or height < 3:  # noqa: PLR2004 - a head and a curve come first
        return []
    level = f" level {Level(preview.level, preview.why, preview.linked).text}"
    word = LEVELS[min(max(preview.level, 0), 6)]
    why = f" {word}" + (f"; {clean(preview.why)}" if preview.why else "")
    if height > TALL:
        parts = _wrapped(level + why, cells - 1, 4, ascii_only=ascii_only)
        return [[(" " + part, "value" if i == 0 else "quiet")] for i, part in enumerate(parts)]
    return [[(level, "value"), (shorten(why, cells - width(level), ascii_only=ascii_only), "quiet")]]


def _metric(preview: Preview, metric: str, cells: int, tall: int, *, ascii_only: bool) -> list[list[Piece]]:
    """Draw one metric's curves with their last values at the right, in `tall` lines."""
    values = [run.get(metric) for run in preview.last]
    shown = [v for v in values if v is not None]
    digits = numbers.digits_of(shown)
    texts = [
        (numbers.number(v, digits), f"run-{i % 8 + 1}" if len(values) > 1 else "value") for i, v in enumerate(values)
    ]
    beside = NAME_CELLS + 2 + VALUE_CELLS + (SPREAD_CELLS if preview.spread else 0)
    wide = max(8, min(cells - beside - (26 if cells > 70 else 2), 120))  # noqa: PLR2004 - room for a comparison
    rows = _plot(preview, metric, wide, tall, ascii_only=ascii_only)
    out: list[list[Piece]] = []
    label = f"{fit(f' {clean(metric)}', NAME_CELLS - 1, ascii_only=ascii_only)} "
    for y, row in enumerate(rows):
        line: list[Piece] = [(label if y == 0 else " " * NAME_CELLS, "quiet"), *row]
        if len(values) == 1 and y == 0:
            line += [(f"{texts[0][0]:>{VALUE_CELLS}}", "value")]
            if preview.spread and metric in preview.spread:
                sign = "+-" if ascii_only else "±"
                line += [(f" {sign} {numbers.spread(preview.spread[metric], digits)}", "quiet")]
            line += [*_against(preview, metric, values[0], digits)]
        elif len(values) > 1:
            line += _beside(texts, y, tall)
        out.append(line)
    return out


def _beside(texts: Sequence[Piece], y: int, tall: int) -> list[Piece]:
    """Put the last values of several runs beside the curve: below each other where it is high enough."""
    if len(texts) > tall:
        return [(f"  {text}", style) for text, style in texts] if y == 0 else []
    return [(f"{texts[y][0]:>{VALUE_CELLS}}", texts[y][1])] if y < len(texts) else []


def _against(preview: Preview, metric: str, value: float | None, digits: numbers.Digits) -> list[Piece]:
    """Say how far the baseline is; whether that means anything is not claimed."""
    base = preview.base.get(metric) if preview.base else None
    if base is None or value is None or not preview.asked.baseline:
        return []
    delta = numbers.difference(value, base, digits)
    return [(f"   {delta}", "value"), (f" against {clean(preview.asked.baseline[1])}", "quiet")]


def _plot(preview: Preview, metric: str, wide: int, tall: int, *, ascii_only: bool) -> list[list[Piece]]:
    order = {uid: i for i, (uid, _) in enumerate(preview.asked.runs)}
    if preview.asked.band:
        order = {RunId("0"): 0, RunId("1"): 1}  # mean and room
    curves = [c for c in preview.curves if c.metric == metric and c.run in order and c.buckets]
    y = around(v for c in curves for b in c.buckets for v in (b.low, b.high))
    if not curves or y is None:
        return [[(fit(" no finite values", wide), "faint")], *[[(" " * wide, "")] for _ in range(tall - 1)]]
    x = Scale(min(c.buckets[0].x for c in curves), max(c.buckets[-1].x_last for c in curves))
    layers = [
        Layer(c.buckets, "faint" if preview.asked.band and order[c.run] else f"run-{order[c.run] % 8 + 1}")
        for c in reversed(curves)
    ]
    masks, styles = rasterise(Frame(wide, tall, x, y), layers)
    sign = plain if ascii_only else braille
    return [_joined([(sign(m), s) for m, s in zip(mr, sr, strict=True)]) for mr, sr in zip(masks, styles, strict=True)]


def _joined(cells: Sequence[Piece]) -> list[Piece]:
    """Join neighbours of one style."""
    out: list[Piece] = []
    for text, style in cells:
        if out and (out[-1][1] == style or text == " "):
            out[-1] = (out[-1][0] + text, out[-1][1])
        else:
            out.append((text, style))
    return out
