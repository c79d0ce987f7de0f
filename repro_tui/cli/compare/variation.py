"""What varies over many runs, as a table: how each goes with the outcome, and the groups of what is no number."""

from __future__ import annotations

from repro_tui.cli.compare.grid import safe
from repro_tui.cli.compare.sentences import broken, print_prose, room_for
from repro_tui.cli.output import Output
from repro_tui.domain.explanation import Variation, Varied
from repro_tui.tui.render.numbers import Digits, digits_of, number
from repro_tui.tui.render.text import pad, shorten, width

SHOWN = 12
"""Things that are listed when not all were asked for."""
_GROUPS = 5
_LONGEST_NAME = 28


def print_variation(output: Output, found: Variation, *, every: bool) -> None:
    """Print what varies, the closest to the outcome first."""
    way = f" ({found.direction} is better)" if found.direction else ""
    over = f"{found.runs:,} run{'' if found.runs == 1 else 's'}"
    things = "thing is" if found.constant == 1 else "things are"
    same = f"{found.constant:,} {things} the same everywhere" if found.constant else ""
    title = safe(output, f"{found.metric or 'No outcome'}{way} over {over}")
    if same and width(title) + 2 + width(same) <= room_for(output):
        output.line(f"{output.style(title, 'bold')}; {same}")
    else:
        print_prose(output, title, "", "bold")
        print_prose(output, same)
    shown = found.varied if every else found.varied[:SHOWN]
    longest = min(_LONGEST_NAME, output.width // 3)
    names = [shorten(each.name, longest, keep="end", ascii_only=output.ascii) for each in shown]
    first = max(map(width, names), default=0)
    for name, each in zip(names, shown, strict=True):
        _print_varied(output, each, pad(name, first), every=every)
    if len(shown) < len(found.varied):
        output.line(output.style(f"  and {len(found.varied) - len(shown):,} more: --all", "dim"))
    for note in found.notes:
        print_prose(output, note, "", "dim")


def _print_varied(output: Output, varied: Varied, name: str, *, every: bool) -> None:
    values = f"{varied.values:,} values"
    indent = 2 + width(name) + 2
    room = max(20, room_for(output) - indent)
    for at, line in enumerate(broken(output, f"{values}: {varied.words}", room)):
        output.line(f"  {name if not at else ' ' * width(name)}  {line}".rstrip())
    groups = varied.groups if every else varied.groups[:_GROUPS]
    digits = digits_of(mean for _, _, mean in groups)
    for value, runs, mean in groups:
        _print_group(output, (value, runs, mean), digits, indent)
    if len(groups) < varied.values and groups:
        more = varied.values - len(groups)
        output.line(output.style(f"{' ' * indent}and {more:,} other value{'' if more == 1 else 's'}", "dim"))


def _print_group(output: Output, group: tuple[str, int, float], digits: Digits, indent: int) -> None:
    """Print one value, the mean of the outcome where it holds, and over how many runs."""
    value, runs, mean = group
    tail = f"  ({runs:,} run{'' if runs == 1 else 's'})"
    figure = number(mean, digits)
    room = max(8, room_for(output) - indent - len(figure) - 2 - len(tail))
    said = shorten(value, room, ascii_only=output.ascii)
    output.line(f"{' ' * indent}{output.style(figure, 'dim')}  {output.style(said + tail, 'dim')}")
