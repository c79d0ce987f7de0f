"""A snapshot in words: the few lines below or beside the table, and the page that says all of it."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Mapping, Sequence

from repro_tui.domain.ids import Digest, short
from repro_tui.domain.retention import Trashed
from repro_tui.domain.run import COVERAGE_WORDS, Coverage
from repro_tui.domain.snapshot import LeftOut, Part, PartKind, Snapshot, SnapshotRow, StoreUsage
from repro_tui.tui.render import ages, numbers
from repro_tui.tui.render.keeping import LEVELS
from repro_tui.tui.render.kept_files import Files
from repro_tui.tui.render.kept_files import lines as file_lines
from repro_tui.tui.render.lines import EMPTY, Line, Piece, beside, cut_pieces, fact, long_fact, title, wrapped
from repro_tui.tui.render.prune import emptied_from, is_due
from repro_tui.tui.render.text import clean, fit, shorten, width
from repro_tui.tui.snapshot_lines import age_of, name_of

_BESIDE_FROM = 76
"""Cells from which parts and what is left out stand side by side."""
_PART_NAME = 24
_STATE_LEAST = 6
"""Cells below which no word says what became of a part's bytes."""
_LABEL = 10
"""Cells of the names of what is not in it, in the pane."""
_PANE_MOST = 16
"""Lines that a pane fills when it may have as many as it needs."""
_SPARE = 5
"""Lines beside the parts from which the sentence about the level may take two."""
_LINKS = 200
"""Links of a part that its page lists."""

KIND_WORDS = {"redacted": "redacted", "withheld": "withheld", "changed": "changed", "left_out": "left out"}

EMPTY_WORDS = """No snapshot is kept here.

  repro-tui snapshot         keeps the newest run: code, environment, data
  p                          in Runs (1) keeps the run under the cursor
  repro-tui run -- COMMAND   asks when the command has ended

The results of a run are on disk whatever you keep."""

READING = "Reading the store ..."


def store_words(
    usage: StoreUsage | None, shown: int, total: int, trashed: Sequence[Trashed] = (), now: float = 0.0
) -> str:
    """Say how large the store is, how many snapshots are listed, and when what only the trash needs is freed."""
    count = f"{shown:,} of {total:,} snapshots" if shown != total else f"{total:,} snapshot{'s' * (total != 1)}"
    if usage is None:
        return count
    trash = f"   trash {numbers.size(usage.trash)}" if usage.trash else ""
    trash += f" {emptied_from(trashed, now)}" if trash and trashed else ""
    return f"store {numbers.size(usage.size)}   {count}   {numbers.size(usage.free)} free{trash}"


def pruning_hint(usage: StoreUsage | None, trashed: Sequence[Trashed], now: float) -> str:
    """Point to pruning where the store is larger than the setting says, and to what is due; it is only said."""
    due = sum(is_due(one, now) for one in trashed)
    said = []
    if usage is not None and usage.is_large:
        limit = numbers.size(usage.hint_above)
        said.append(f"The store holds {numbers.size(usage.size)}, more than {limit}: x shows what could go.")
    if due:
        freed = numbers.size(sum(one.frees for one in trashed if is_due(one, now)))
        what = "1 removed snapshot is" if due == 1 else f"{due:,} removed snapshots are"
        said.append(f"{what} due: T shows what emptying frees ({freed}).")
    return " ".join(said)


def part_state(part: Part) -> Piece:
    """Say what there is of a part's bytes, when they are not simply there."""
    if part.dropped:
        return f"freed: {clean(part.dropped)}", "warn"
    if part.linked:
        where = clean(part.linked[0].path)
        more = f" and {len(part.linked) - 1:,} more" if len(part.linked) > 1 else ""
        return f"linked to {where}{more}", "warn"
    return "", ""


def _part_lines(parts: Sequence[Part], cells: int) -> list[Line]:
    names = [shorten(part.name, _PART_NAME) for part in parts]
    wide = max((width(name) for name in names), default=0)
    counts = [f"{part.files:,} {_things(part)}" for part in parts]
    figures_wide = max(map(len, counts), default=0)
    lines: list[Line] = []
    for part, name, count in zip(parts, names, counts, strict=True):
        state, style = part_state(part)
        figures = f"  {count:>{figures_wide}}  {numbers.size(part.size):>6}"
        room = cells - wide - width(figures) - 2
        told = ((f"  {shorten(state, room)}", style),) if state and room > _STATE_LEAST else ()
        lines.append(((fit(name, wide), "label"), (figures, "value"), *told))
    return lines


def _things(part: Part) -> str:
    return "package" + "s" * (part.files != 1) if part.kind is PartKind.WHEELS else "file" + "s" * (part.files != 1)


def _omissions(snapshot: Snapshot, cells: int, most: int | None = None) -> list[Line]:
    """Name what is not in it, by the reason; with `most` on so many lines at most."""
    by_kind: dict[str, list[LeftOut]] = defaultdict(list)
    for item in _besides(snapshot):
        by_kind[KIND_WORDS.get(item.kind, item.kind)].append(item)
    lines: list[Line] = [_noted("partial", clean(sentence), "warn") for sentence in snapshot.partial]
    for word in ("withheld", "left out", "changed", "redacted"):
        items = by_kind.pop(word, [])
        if word == "redacted" and items:
            lines.append(_noted(word, ", ".join(clean(item.what) for item in items)))
            continue
        lines += [_noted(word, _omission(item)) for item in items]
    cut = [_cut(line, cells) for line in lines]
    if most is not None and len(cut) > most:
        return [*cut[: most - 1], ((f"and {len(cut) - most + 1:,} more (enter)", "dim"),)]
    return cut


def _besides(snapshot: Snapshot) -> list[LeftOut]:
    """Give what is left out, without what the sentences about a partial snapshot say already."""
    said = snapshot.partial
    return [
        item
        for item in snapshot.left_out
        if item.kind != "changed" or not any(sentence.startswith(f"{item.what} ") for sentence in said)
    ]


def _noted(label: str, text: str, style: str = "value") -> Line:
    return (fit(label, _LABEL), "label"), (text, style)


def _omission(item: LeftOut) -> str:
    size = f" {numbers.size(item.size)}" if item.size else ""
    return f"{clean(item.what)}{size}, {clean(item.why)}" if item.why else f"{clean(item.what)}{size}"


def _cut(line: Line, cells: int) -> Line:
    return tuple(cut_pieces(line, cells))


def verified_words(row: SnapshotRow) -> Piece:
    """Say what the last full reading found."""
    if row.verified is None:
        return "never since it was kept: V reads and compares every byte", "dim"
    if row.verified:
        return "every byte was read and compared", "good"
    return f"it is damaged: {clean(row.why)}" if row.why else "it is damaged", "bad"


def level_line(row: SnapshotRow, cells: int, most: int) -> list[Line]:
    """Say the level of the run and why it is not higher, in the words of Runs, on at most so many lines."""
    if not row.level:
        return []
    told = level_word(row.level) + (f"; {clean(row.level_why)}" if row.level_why else "")
    head: Line = (("level     ", "label"), (f"{clean(row.level)}  ", "value"))
    room = cells - sum(width(text) for text, _ in head)
    parts = wrapped(told, room, "dim")
    if len(parts) > most:
        rest = " ".join("".join(text for text, _ in part) for part in parts[most - 1 :])
        parts = [*parts[: most - 1], ((shorten(rest, room), "dim"),)]
    blank = " " * (cells - room)
    return [_cut((*(head if i == 0 else ((blank, ""),)), *part), cells) for i, part in enumerate(parts)]


def level_word(level: str) -> str:
    """Give the word for a level that is written as `2/6` or `2 linked`."""
    return LEVELS[min(int(level[0]), len(LEVELS) - 1)] if level[:1] in set("0123456789") else ""


def pane(row: SnapshotRow, versions: Mapping[Digest, str], now: float, cells: int, rows: int) -> list[Line]:
    """Say the most telling things about the snapshot under the cursor, in `rows` lines; 0 for all that it takes."""
    snapshot = row.snapshot
    cells -= 2
    rows = rows or _PANE_MOST
    head: list[Line] = [
        ((shorten(name_of(snapshot, versions), 40), "strong"), (f"  {_by(snapshot, now)}", "dim")),
        ((shorten(_bytes(row), cells), "dim"),),
        _cut((("verified  ", "label"), verified_words(row)), cells),
    ]
    if not snapshot.parts and row.why:
        return _inset([head[0], *wrapped(row.why, cells, "bad")])
    stacked = cells < _BESIDE_FROM
    nothing = not snapshot.partial and not snapshot.left_out
    parts = _part_lines(snapshot.parts, cells if stacked or nothing else cells // 2)
    if stacked:
        level = level_line(row, cells, 4)
        omitted = _omissions(snapshot, cells, max(2, rows - len(parts) - len(level) - 6))
        return _inset([*head, *level, EMPTY, *parts, EMPTY, *omitted])
    level = level_line(row, cells, 2 if rows - len(parts) > _SPARE else 1)
    room = max(2, rows - 2 - len(level))
    left = max((sum(width(text) for text, _ in line) for line in parts), default=0) + 2
    omitted = _omissions(snapshot, cells - left - 3, room)
    first: Line = (*head[0], ("   ", ""), *head[1])
    return _inset([_cut(first, cells), head[2], *level, *beside(parts, omitted, left)])


def _inset(lines: Sequence[Line]) -> list[Line]:
    return [((" ", ""), *line) for line in lines]


def _by(snapshot: Snapshot, now: float) -> str:
    age = age_of(snapshot, now)
    who = f"by {clean(snapshot.user)} on {clean(snapshot.host)}" if snapshot.user else ""
    return f"{age} ago, {who}" if snapshot.t > 0 else who


def _bytes(row: SnapshotRow) -> str:
    return f"{numbers.size(row.snapshot.size)} when restored{'   pinned' if row.pinned else ''}"


# The page.


def page(row: SnapshotRow, versions: Mapping[Digest, str], now: float, cells: int, files: Files = None) -> list[Line]:
    """Say everything that is known about a snapshot; `files` are its largest ones, as far as they were read."""
    snapshot = row.snapshot
    cells -= 2
    lines = [*_identity(row, versions, now, cells), EMPTY]
    if not snapshot.parts and row.why:
        return _inset([*lines, *wrapped(row.why, cells, "bad")])
    lines += [title("Parts", "each can be restored by itself"), *_part_lines(snapshot.parts, cells)]
    for part in snapshot.parts:
        lines += _linked(part, cells)
    lines += [EMPTY, title("Not in it")]
    lines += _all_omissions(snapshot, cells) or [((_nothing_missing(snapshot), "dim"),)]
    lines += [EMPTY, title("Get it again"), *_commands(snapshot, versions)]
    return _inset([*lines, EMPTY, *file_lines(files, snapshot.parts, cells)])


def _nothing_missing(snapshot: Snapshot) -> str:
    """Say that nothing is missing, but for what is known to lie elsewhere or was given up."""
    if any(part.dropped for part in snapshot.parts):
        return "what was freed since, as said above"
    if any(part.linked for part in snapshot.parts):
        return "what is linked, as said above; everything else that the run used is in it"
    what = "everything that lay there" if snapshot.dataset else "everything that the run used"
    return f"nothing is missing: {what} is in it"


def _identity(row: SnapshotRow, versions: Mapping[Digest, str], now: float, cells: int) -> list[Line]:
    snapshot = row.snapshot
    taken = f"{ages.moment(snapshot.t)}, {_by(snapshot, now)}" if snapshot.t > 0 else "not known"
    of = f"version {short(snapshot.version)} of the dataset {snapshot.dataset}" if snapshot.version else "run"
    what = of if snapshot.dataset else f"the run {snapshot.run or 'not known'}"
    lines = [
        title(clean(name_of(snapshot, versions))),
        long_fact("digest", snapshot.digest, cells),
        fact("taken", taken),
        fact("keeps", what),
        fact("size", f"{numbers.size(snapshot.size)} when restored", note=_stored(row)),
    ]
    if row.level:
        lines.append(fact("level", f"{row.level}  {level_word(row.level)}"))
        lines += _labelled("", f"not higher: {row.level_why}", "dim", cells) if row.level_why else []
    lines += [fact("pinned", "prune never takes it")] if row.pinned else []
    text, style = verified_words(row)
    return [*lines, *(_labelled("verified", text, style, cells) or [fact("verified", "")])]


def _stored(row: SnapshotRow) -> str:
    return f"in the store {numbers.size(row.own)} own, {numbers.size(row.shared)} shared"


def _linked(part: Part, cells: int) -> list[Line]:
    """List where linked data lay, with what it is known by."""
    if not part.linked:
        return []
    lines: list[Line] = [EMPTY, title(f"{clean(part.name)} is linked", "its bytes are not in the store")]
    longest = max(width(clean(link.path)) for link in part.linked[:_LINKS])
    for link in part.linked[:_LINKS]:
        known = short(link.digest) if link.digest else "no digest"
        coverage = (
            COVERAGE_WORDS.get(Coverage(link.coverage), "") if link.coverage in set(Coverage) else clean(link.coverage)
        )
        note = f"{numbers.size(link.size)}   {known}   {coverage}"
        room = max(12, min(longest, cells - width(note) - 3))
        lines.append(((fit(link.path, room, keep="end"), "value"), (f"   {note}", "dim")))
    rest = len(part.linked) - _LINKS
    return [*lines, ((f"and {rest:,} more", "dim"),)] if rest > 0 else lines


def _all_omissions(snapshot: Snapshot, cells: int) -> list[Line]:
    lines: list[Line] = []
    for sentence in snapshot.partial:
        lines += _labelled("partial", sentence, "warn", cells)
    for item in sorted(_besides(snapshot), key=lambda item: item.kind):
        lines += _labelled(KIND_WORDS.get(item.kind, item.kind), _omission(item), "value", cells)
    return lines


def _labelled(label: str, text: str, style: str, cells: int) -> list[Line]:
    parts = wrapped(text, cells - 14, style)
    return [((fit(label if i == 0 else "", 14), "label"), *part) for i, part in enumerate(parts)]


def _commands(snapshot: Snapshot, versions: Mapping[Digest, str]) -> list[Line]:
    name = restore_name(snapshot, versions)
    return [
        (("repro-tui restore ", "value"), (name, "value"), (" DIR", "value"), ("   or r here", "dim")),
        (("repro-tui verify ", "value"), (name, "value"), ("   or V here", "dim")),
    ]


def restore_name(snapshot: Snapshot, versions: Mapping[Digest, str]) -> str:
    """Give what a command finds a snapshot by, quoted where a shell needs that."""
    if snapshot.dataset:
        known = versions.get(snapshot.version, "") if snapshot.version else ""
        name = known.replace(" v", "@v") if known else snapshot.digest
    else:
        name = short(snapshot.digest)
    return shlex.quote(clean(name))
