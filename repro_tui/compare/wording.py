"""Says of a difference what its content tells: the rows that a dataset gained, the hunks of a file."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from repro_tui.compare.meaning import LAYOUT, default_of, only_lines
from repro_tui.domain.comparison import Change, FilePatch, Kind, Row
from repro_tui.domain.ids import Digest
from repro_tui.domain.traits import Section, Trait, Traits
from repro_tui.errors import ReproError
from repro_tui.ports import Datasets

_LINE = 32
"""Characters of a line of code that stand in a sentence."""
_BESIDE = 8
"""Of these before and after what differs, where the line is longer."""

if TYPE_CHECKING:  # most rows need none of it
    from repro_tui.compare.code_side import CodeSide
    from repro_tui.domain.case import Case
    from repro_tui.store.store import Store


def reworded(case: Case, datasets: Datasets, before: CodeSide, after: CodeSide, store: Store) -> Case:
    """Give the same case with fuller words."""
    sections = {change.section for change in case.changes}
    patches: Mapping[str, FilePatch] = {}
    if Section.CODE in sections:
        from repro_tui.compare.code_change import code_change

        patches = {patch.path: patch for patch in code_change(before, after, store).files}
    names = {spec.name for spec in datasets.specs()} if Section.DATA in sections else set()
    return replace(case, changes=_told(case.changes, patches, names, datasets))


def _told(
    changes: Sequence[Change], patches: Mapping[str, FilePatch], names: set[str], datasets: Datasets
) -> list[Change]:
    """Give the changes with fuller words, and a change of code that only sets a parameter with that one's name."""
    said = [_said(change, patches, names, datasets) for change in changes]
    lines = [_lines(change, patches) for change in changes]
    return [replace(c, sets=default_of(pair, changes)) if pair else c for c, pair in zip(said, lines, strict=True)]


def _lines(change: Change, patches: Mapping[str, FilePatch]) -> tuple[str, str] | None:
    patch = patches.get(change.name) if change.section is Section.CODE else None
    return only_lines(patch) if patch is not None else None


def noted(row: Row, before: Traits, after: Traits, datasets: Datasets, names: Collection[str]) -> Row:
    """Say at the end of a line of two runs what a dataset gained or lost, as far as it is known already."""
    if row.section is not Section.DATA or not row.differs or row.name not in names:
        return row
    sides = [each.by_key.get((row.section, row.name)) for each in (before, after)]
    words = _phrase(sides[0], sides[1], datasets)
    return replace(row, note=words) if words else row


def _said(change: Change, patches: Mapping[str, FilePatch], names: set[str], datasets: Datasets) -> Change:
    if change.kind is not Kind.CHANGED:
        return change
    patch = patches.get(change.name) if change.section is Section.CODE else None
    if patch is not None and patch.lines:
        return replace(change, words=f"{change.name}: {_of(patch)}", harmless=LAYOUT if patch.layout else "")
    if patch is not None and patch.why:
        return replace(change, words=f"{change.name} ({patch.why.partition(':')[0]})")
    if change.section is Section.DATA and change.name in names:
        words = _phrase(change.before, change.after, datasets)
        return replace(change, words=f"{change.name}: {words}") if words else change
    return change


def _of(patch: FilePatch) -> str:
    """Say what a patch does: the line itself where there is but one, else how much."""
    pair = only_lines(patch)
    if pair is not None and all(pair):
        old, new = _around(*pair)
        return f"`{old}` to `{new}`"
    return f"{patch.hunks} hunk{'' if patch.hunks == 1 else 's'}, +{patch.added} -{patch.removed}"


def _around(old: str, new: str) -> tuple[str, str]:
    """Cut two lines to what differs and a little of what stands around it, where they are long."""
    if max(len(old), len(new)) <= _LINE:
        return old, new
    shorter = min(len(old), len(new))
    head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    tail = next((at for at in range(shorter - head) if old[-1 - at] != new[-1 - at]), shorter - head)
    start = _at_word(old, max(0, head - _BESIDE))
    return _piece(old, start, tail), _piece(new, start, tail)


def _at_word(line: str, start: int) -> int:
    """Go back to where the word begins that would be cut, if that is near: `rng.normal(`, not `mal(`."""
    near = range(start, max(-1, start - _BESIDE - 1), -1)
    return next((at for at in near if not at or not (line[at - 1].isalnum() or line[at - 1] in "_.")), start)


def _piece(line: str, start: int, tail: int) -> str:
    end = min(start + _LINE, len(line) - tail + _BESIDE)
    return f"{'…' if start else ''}{line[start:end].strip()}{'…' if end < len(line) else ''}"


def _phrase(before: Trait | None, after: Trait | None, datasets: Datasets) -> str:
    """Say how a dataset changed, as far as it is known already."""
    if before is None or after is None or not before.digest or not after.digest:
        return ""
    try:
        return datasets.phrase(after.name, Digest(before.digest), Digest(after.digest))
    except ReproError:
        return ""
