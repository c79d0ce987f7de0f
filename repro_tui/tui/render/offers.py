"""What a snapshot would keep, in lines: the parts with their bytes, what is left out, the level and why not higher."""

from __future__ import annotations

import math
from collections.abc import Sequence

from repro_tui.domain.run import FileFact, Run
from repro_tui.domain.snapshot import LeftOut, Offer, PartOffer
from repro_tui.tui.render import ages, numbers
from repro_tui.tui.render.lines import EMPTY, Line, line_width, title, windowed, wrapped
from repro_tui.tui.render.reasons import omitted
from repro_tui.tui.render.text import clean, fit, pad, shorten, to_ascii, width

_LABEL = 13
_MINUTES = 100
"""From so many seconds on minutes are said."""
_TIGHT = 1.05
"""How many times the new bytes must be free before the disk is called full."""

KINDS = {"left_out": "left out", "redacted": "redacted", "withheld": "withheld", "changed": "changed"}
"""Kind of an omission to its word."""


def seconds(expected: float) -> str:
    """Write expected seconds: `4 s`, `2m10s`; never less than a second, because nobody can promise that."""
    if not math.isfinite(expected):
        return "-"
    return f"{max(1, round(expected))} s" if expected < _MINUTES else ages.duration(expected)


def cost(offer: Offer) -> str:
    """Say what a yes costs: `43 MB new, 4 s`."""
    return f"{numbers.size(offer.new) if offer.new else 'nothing'} new, {seconds(offer.seconds)}"


def amount(part: PartOffer) -> str:
    """Say how large a part is, and how much of that is new where it is not all: `1.9 GB, 31 MB new`."""
    if part.linked:
        return f"{numbers.size(part.size)}, linked"
    new = "" if part.new >= part.size else f", {numbers.size(part.new) if part.new else 'nothing'} new"
    return f"{numbers.size(part.size)}{new}"


def part_name(part: PartOffer) -> str:
    """Name a part as a person would: `data train` for `data:train`."""
    return clean(part.name.replace(":", " "))


def brief(offer: Offer, cells: int, *, ascii_only: bool = False) -> list[Line]:
    """Say on a line each what is kept and what is not, then the level."""
    lines = [_line(part_name(p), clean(p.what), amount(p), cells) for p in offer.parts]
    lines += _omitted(offer, cells)
    if offer.changed:
        said = "; ".join(clean(sentence) for sentence in offer.changed)
        words = wrapped(f"{said}: partial, without what changed", cells - _LABEL, "warn")
        lines += _labelled("changed", words[:2], "warn")
    lines += _labelled("level", _level(offer, cells - _LABEL))
    return plain(lines) if ascii_only else lines


def plain(lines: Sequence[Line]) -> list[Line]:
    """Give lines in ASCII."""
    return [tuple((to_ascii(text), style) for text, style in line) for line in lines]


def _line(label: str, words: str, figures: str, cells: int, style: str = "value") -> Line:
    """Write a label, words, and figures at the right; figures that are wider than the rest of the line are cut."""
    figures = shorten(figures, cells - _LABEL)
    gap = min(2, cells - _LABEL - width(figures))
    words = fit(words, cells - _LABEL - gap - width(figures))
    return (fit(label, _LABEL - 1) + " ", "label"), (words, style), (" " * gap, ""), (figures, "value")


def _labelled(label: str, words: Sequence[Line], style: str = "label") -> list[Line]:
    return [((pad(label if i == 0 else "", _LABEL), style), *line) for i, line in enumerate(words)]


def _omitted(offer: Offer, cells: int) -> list[Line]:
    """Name what is left out with its limits, the room on the disk, then what was redacted and withheld."""
    by_kind = {kind: [o for o in offer.left_out if o.kind == kind] for kind in KINDS}
    free = f"{numbers.size(offer.free)} free"
    short_of = offer.free < offer.new * _TIGHT
    left = by_kind["left_out"]
    words = omitted(left) or "nothing"
    first = _line("left out", words, free, cells, "warn" if left else "dim")
    lines: list[Line] = [(*first[:-1], (first[-1][0], "bad" if short_of else "value"))]
    for kind in ("redacted", "withheld", "changed"):
        if by_kind[kind]:
            found = by_kind[kind]
            names = ", ".join(clean(o.what) for o in found) if kind == "redacted" else omitted(found)
            lines.append(
                ((pad(KINDS[kind], _LABEL), "label"), (shorten(names, cells - _LABEL), "warn")),
            )
    return lines


def _level(offer: Offer, cells: int) -> list[Line]:
    """Say the level that will be reached, and why it is not higher."""
    if not offer.level:
        return []
    level = f"{clean(offer.level)}  "
    words = wrapped(f"not higher: {offer.why}", cells - width(level)) if offer.why else [EMPTY]
    return [((level if i == 0 else " " * width(level), "accent"), *line) for i, line in enumerate(words)]


def details(offer: Offer, run: Run | None, cells: int) -> list[Line]:
    """Say everything: each part, each file of the run that is known, each thing that is left out and why."""
    lines: list[Line] = [title("What is kept", cost(offer))]
    for part in offer.parts:
        files = f"{part.files:,} file{'' if part.files == 1 else 's'}"
        lines.append(_line(part_name(part), clean(part.what), f"{files}, {amount(part)}", cells))
    lines += [_line("together", "", f"{numbers.size(offer.size)}, {cost(offer)}", cells)]
    lines += [_line("disk", "", f"{numbers.size(offer.free)} free", cells)]
    for kind in ("changed", "withheld", "left_out", "redacted"):
        found = [o for o in offer.left_out if o.kind == kind]
        lines += [EMPTY, title(_HEADS[kind])] if found else []
        lines += [line for o in found for line in _whole(o, cells)]
    if offer.changed:
        lines += [EMPTY, title("Changed since the run", "the snapshot will be partial")]
        lines += [line for sentence in offer.changed for line in wrapped(sentence, cells, "warn")]
    lines += [EMPTY, title("Level"), *_level(offer, cells)] if offer.level else []
    lines += _files(run, cells) if run else []
    # Heads give way by their notes; everything else was made for its room.
    return [tuple(windowed(line, 0, cells)) if line_width(line) > cells else line for line in lines]


_HEADS = {
    "changed": "Changed since the run, so not kept",
    "withheld": "Withheld",
    "left_out": "Left out",
    "redacted": "Redacted: the name is kept, the value never was",
}


def _whole(omitted: LeftOut, cells: int) -> list[Line]:
    """Write one thing that is left out, over as many lines as it needs."""
    size = f" {numbers.size(omitted.size)}" if omitted.size else ""
    return wrapped(f"{omitted.what}{size}: {omitted.why}", cells, "warn")


_ROLES = (("in", "Data read"), ("out", "Results"), ("config", "Configuration"), ("source", "Sources"))


def _files(run: Run, cells: int) -> list[Line]:
    """List the files of a run by what they were to it."""
    lines: list[Line] = []
    for role, head in _ROLES:
        found = [file for file in run.files if file.role == role]
        if found:
            lines += [EMPTY, title(head, f"{len(found):,}"), *(_file(file, cells) for file in found)]
    outside = sorted(run.sources)
    if outside:
        lines += [EMPTY, title("Imported sources", f"{len(outside):,}")]
        lines += [((shorten(path, cells, keep="end"), "value"),) for path in outside]
    return lines


def _file(file: FileFact, cells: int) -> Line:
    figures = numbers.size(file.size)
    if file.files is not None:
        figures = f"{file.files:,} files, {figures}"
    room = max(0, cells - width(figures) - 2)
    return (fit(file.path, room, keep="end"), "value"), ("  ", ""), (figures, "dim")
