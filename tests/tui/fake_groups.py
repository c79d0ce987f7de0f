"""Lines of several runs, as the drawn screens have them: folded by all parameters but the seed, or by one of them."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import replace

from repro_tui.domain.grouping import REPEATS, Folded
from repro_tui.domain.run import State
from repro_tui.domain.view import RunRow
from tests.tui.fake_runs import Sketch


def fold(group: str, keys: Sequence[int], sketches: Mapping[int, Sketch]) -> tuple[list[int], Folded]:
    """Fold keys as a catalog would."""
    groups: dict[object, list[int]] = {}
    for key in keys:
        groups.setdefault(_value(group, key, sketches[key]), []).append(key)
    first: dict[object, int] = {}
    for key in sorted(sketches):
        first.setdefault(_value(group, key, sketches[key]), key)
    several = {value: members for value, members in groups.items() if len(members) > 1}
    lines = [-first[value] if value in several else members[0] for value, members in groups.items()]
    labels = {} if group == REPEATS else {-first[value]: f"{group.partition(':')[2]} {value}" for value in several}
    return lines, Folded(group, {-first[value]: tuple(members) for value, members in several.items()}, labels)


def _value(group: str, key: int, sketch: Sketch) -> object:
    if group != REPEATS:
        return sketch.params.get(group.partition(":")[2], ("", key))
    if sketch.state is State.RUNNING:
        return ("", key)
    return tuple(sorted((name, value) for name, value in sketch.params.items() if name != "seed"))


def line(key: int, members: Sequence[RunRow], folded: Folded) -> RunRow:
    """Make the row of a line."""
    newest = max(members, key=lambda row: row.started)
    numbers = {
        column: [row.cells[column] for row in members if column in row.cells]
        for column in newest.cells
        if column.startswith("metric:")
    }
    means = {column: statistics.fmean(values) for column, values in numbers.items()}
    spread = {column: statistics.stdev(values) for column, values in numbers.items() if len(values) > 1}
    same = {
        column: value if len({row.cells.get(column) for row in members}) == 1 else "2 values"
        for column, value in newest.cells.items()
        if column.startswith("param:")
    }
    return replace(
        newest, key=key, name=folded.labels.get(key, newest.name), cells={**newest.cells, **same, **means},
        tags=(), note="", pinned=False, changed="····", because="", spark=(),
        members=tuple(row.uid for row in members), leader=newest.key, spread=spread,
    )  # fmt: skip
