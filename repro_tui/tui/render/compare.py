"""A comparison in words: the paragraph with the ranked table, what each of it rests on, and what stands instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from repro_tui.domain.comparison import NOW, Comparison
from repro_tui.domain.explanation import Candidate, Explanation, Standing
from repro_tui.domain.traits import Part, Section
from repro_tui.tui.render.lines import EMPTY, Line, Piece, title, wrapped
from repro_tui.tui.render.text import clean, fit, shorten, width

READING = "Comparing ..."

EMPTY_WORDS = """Nothing is compared yet.

  1       to the runs; there
  space   mark two to eight of them
  c       compare them, or the one under > with the baseline

  w       here or there: what would differ if that one were run again now
"""

_DULL = frozenset({Standing.RULED_OUT, Standing.IDLE})
_NAMED = 4
"""Differences that a sentence names."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of why two of the runs differ."""

    comparison: Comparison
    chosen: int
    explanation: Explanation | None = None
    """None while it is being looked for."""
    error: str = ""


def block(told: Told, cells: int, rows: int) -> list[Line]:
    """Write as much as there is room for: the paragraph first, at least a third of the lines for the ranked table."""
    cells -= 2
    found = told.explanation
    sentences = _sentences(told)
    candidates = found.candidates if found else ()
    share = min(len(candidates), max(1, rows // 3)) + (1 if told.comparison.notes else 0)
    lines = flow(sentences, cells)
    if rows and len(lines) > rows - share:
        lines = lines[: max(1, rows - share)]
        lines[-1] = _with_more(lines[-1], cells)
    caveat = _caveat(told, cells) if NOW not in {column.uid for column in told.comparison.columns} else []
    left = rows - len(lines) - len(caveat) if rows else len(candidates)
    lines += [*ranked(candidates, cells, left), *caveat]
    if found and found.advice and rows > len(lines) + 1:
        lines += [EMPTY, (("What would tell: ", "label"), (shorten(found.advice, cells - 17), "value"))]
    return [((" ", ""), *line) for line in lines]


def _caveat(told: Told, cells: int) -> list[Line]:
    """Say in one line that not everything could be compared."""
    notes = told.comparison.notes
    if not notes:
        return []
    more = f" and {len(notes) - 1:,} more" if len(notes) > 1 else ""
    sign = f"{more} (v)"
    return [(("  ? ", "warn"), (shorten(notes[0], cells - 4 - width(sign)) + sign, "warn"))]


def _with_more(line: Line, cells: int) -> Line:
    """End a line with the sign that there is more."""
    text = "".join(part for part, _ in line)
    sign = " … (v)"
    return ((shorten(text, cells - len(sign)).rstrip("… ") + sign, line[0][1] if line else "value"),)


def _sentences(told: Told) -> list[Piece]:
    """Give the sentences of the paragraph, the first one of which is what most people want to know."""
    if told.error:
        return [(told.error, "warn")]
    column = told.comparison.columns[told.chosen]
    if NOW in {column.uid, told.comparison.columns[0].uid}:
        return _now_sentences(told)
    if told.explanation is None:
        return [("explaining ...", "faint")]
    first, *rest = [statement.text for statement in told.explanation.paragraph] or [""]
    return [(first, "strong"), *((text, "value") for text in rest)]


def _now_sentences(told: Told) -> list[Piece]:
    """Say what would differ if a run were started again at this moment."""
    columns = told.comparison.columns
    run = clean(next(c.name for c in (columns[told.chosen], columns[0]) if c.uid != NOW))
    names, unknown = [], []
    for row in told.comparison.rows:
        if row.section is Section.OUTCOME:
            continue
        mine, base = row.cells[told.chosen], row.cells[0]
        if mine.token is None or base.token is None:
            unknown.append(clean(row.name))
        elif mine.token != base.token and row.part is Part.INPUT and row.differs:
            names.append(clean(row.name))
    notes = told.comparison.notes
    if names:
        listed = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED:,} more" * (len(names) > _NAMED))
        found = [(f"If {run} were run again now, it would differ in {listed}.", "strong")]
    elif unknown or notes:
        found = [(f"As far as is known, nothing that can matter would differ if {run} were run again now.", "strong")]
    else:
        found = [(f"If {run} were run again now, nothing that can matter would differ.", "strong")]
    if unknown:
        listed = ", ".join(unknown[:_NAMED]) + (f" and {len(unknown) - _NAMED:,} more" * (len(unknown) > _NAMED))
        found.append((f"Not known: {listed}.", "warn"))
    return [*found, *((f"{clean(note)}.".replace("..", "."), "label") for note in notes)]


def flow(sentences: Sequence[Piece], cells: int) -> list[Line]:
    """Set sentences one after the other, broken at words, each in its own style."""
    lines: list[Line] = []
    line: list[Piece] = []
    used = 0
    for text, style in sentences:
        for part in wrapped(text, cells, style):
            for word in part[-1][0].split(" "):
                size = width(word)
                if used and used + 1 + size > cells:
                    lines.append(tuple(line))
                    line, used = [], 0
                gap = " " if used else ""
                line.append((gap + word, style))
                used += len(gap) + size
    return [_joined(each) for each in [*lines, tuple(line)] if each]


def _joined(line: Line) -> Line:
    """Put neighbours of one style together, so that a line is few pieces."""
    found: list[Piece] = []
    for text, style in line:
        if found and found[-1][1] == style:
            found[-1] = (found[-1][0] + text, style)
        else:
            found.append((text, style))
    return tuple(found)


def ranked(candidates: Sequence[Candidate], cells: int, most: int) -> list[Line]:
    """Write the ranked table: what differs, and why it may or may not be the cause."""
    if not candidates or most <= 0:
        return []
    shown = candidates if len(candidates) <= most else candidates[: max(1, most - 1)]
    because = min(max(width(clean(c.because)) for c in shown), cells * 45 // 100)
    room = min(max(width(clean(c.words)) for c in shown), cells - because - 6)
    lines: list[Line] = []
    for number, candidate in enumerate(shown, 1):
        style = "dim" if candidate.standing in _DULL else "warn" if candidate.standing is Standing.UNKNOWN else "value"
        lines.append(
            (
                (f"{number:>3} ", "faint"),
                (fit(candidate.words, room), style),
                ("  " + shorten(candidate.because, cells - room - 6), "label"),
            )
        )
    if len(shown) < len(candidates) and len(lines) < most:
        lines.append(((f"    and {len(candidates) - len(shown):,} more (v)", "faint"),))
    return lines


def why_page(told: Told, cells: int) -> list[Line]:
    """Write all of an explanation, each statement with what it rests on."""
    found = told.explanation
    lines: list[Line] = []
    if found is None:
        lines += flow(_sentences(told), cells)
    for statement in found.paragraph if found else ():
        lines += wrapped(statement.text, cells, "value")
        for evidence in statement.evidence:
            lines += wrapped(f"from {evidence.words}", cells, "dim", indent=4)
    if found and found.candidates:
        lines += [EMPTY, title("What differs, in the order to look in")]
        for number, candidate in enumerate(found.candidates, 1):
            lines += _candidate(number, candidate, cells)
    if found and found.advice:
        lines += [EMPTY, title("What would tell"), *wrapped(found.advice, cells, "value", indent=2)]
    notes = told.comparison.notes
    if notes:
        lines += [EMPTY, title("What could not be compared")]
        for note in notes:
            lines += wrapped(note, cells, "value", indent=2)
    return lines


def _candidate(number: int, candidate: Candidate, cells: int) -> list[Line]:
    words = wrapped(candidate.words, cells - 4, "value")
    first, *rest = words or [EMPTY]
    lines: list[Line] = [((f"{number:>3} ", "faint"), *first), *((("    ", ""), *line) for line in rest)]
    lines += wrapped(candidate.because, cells, "dim", indent=6)
    for evidence in candidate.evidence:
        lines += wrapped(f"from {evidence.words}", cells, "faint", indent=6)
    return lines


def count_words(differing: int, total: int, *, everything: bool, sought: str, ignored: int) -> str:
    """Say how many rows differ, and which of them are listed."""
    verb = "differs" if differing == 1 else "differ"
    words = (
        f"{differing:,} of {total:,} rows {verb} (=)"
        if not everything
        else f"all {total:,} rows, {differing:,} differ (=)"
    )
    if sought:
        words = f"/{clean(sought)}   {words}"
    return f"{words}, {ignored:,} ignored (X)" if ignored else words


def instead_of_rows(comparison: Comparison, *, everything: bool, sought: str, ignored: int) -> str:
    """Say why there are no rows."""
    if sought:
        further = "" if everything else "\n  =   look among equal rows too"
        return f"No row that is listed has all of {clean(sought)!r} in its name.\n\n  /   change it{further}"
    if not comparison.rows:
        return "Nothing was recorded of them that could be compared."
    if everything:
        return "All rows are ignored.\n\n  X   the ignore list"
    further = ""
    if ignored:
        further = f"\n  X   {ignored:,} ignored rows"
    known = "" if not comparison.notes else " that is known"
    return f"Nothing{known} differs: {len(comparison.rows):,} rows are equal.\n\n  =   show them{further}"
