"""Runs side by side: one row a metric or trait, with what each differs by from the baseline."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from repro_tui.domain.change_words import words_of
from repro_tui.domain.comparison import Cell, DetailKind, Direction, Kind, Row
from repro_tui.domain.diff import same
from repro_tui.domain.traits import Key, Part, Section, Trait, Traits
from repro_tui.domain.values import apart, times

_LONG = 60
_MANY, _TOO_MANY = 999.5, 1e9
"""Between them, three figures would be written as `5e+03`: all are written out instead."""
_ORDER = {section: number for number, section in enumerate(Section)}
_PARTS = list(Part)
_DETAILS: Mapping[Section, DetailKind] = {
    Section.CODE: "patch",
    Section.DATA: "data",
    Section.ENVIRONMENT: "packages",
    Section.OUTCOME: "curves",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run logged of one metric."""

    last: float
    low: float | None = None
    """Least value that is a number; None when that was not asked for."""
    high: float | None = None
    """Greatest value that is a number."""
    why: str = ""
    """What a person should know of it: `still going, at step 120`."""

    def best(self, direction: Direction) -> float | None:
        """Give its best value, where it is known which way is better."""
        return {"up": self.high, "down": self.low, "": None}[direction]


def rows(
    traits: Sequence[Traits],
    outcomes: Sequence[Mapping[str, Outcome]] = (),
    baseline: int = 0,
    directions: Mapping[str, Direction] | None = None,
) -> tuple[Row, ...]:
    """Put runs side by side.

    Args:
        traits: what is known of each.
        outcomes: of each run, metric to what it logged, the latest logged metric first.
        baseline: index of the run that deltas refer to.
        directions: metric to which way is better; one that is missing has no direction.
    """
    found = tuple(_outcome_rows(outcomes, baseline, directions or {}))
    keys = {key for each in traits for key in each.by_key}
    ordered = sorted((_trait_row(key, traits, baseline) for key in keys), key=_place)
    return (*found, *ordered)


def _place(row: Row) -> tuple[int, bool, str]:
    """Order rows by section and name, hundreds of packages that were not used behind those that may matter."""
    unused = row.section is Section.ENVIRONMENT and row.differs and row.part is Part.IDLE
    return _ORDER[row.section], unused, row.name


def _outcome_rows(
    outcomes: Sequence[Mapping[str, Outcome]], baseline: int, directions: Mapping[str, Direction]
) -> Iterator[Row]:
    for name in dict.fromkeys(name for each in outcomes for name in each):
        direction = directions.get(name, "")
        logged = [each.get(name) for each in outcomes]
        last = [each.last if each is not None else None for each in logged]
        why = [each.why if each is not None else "" for each in logged]
        yield _numbers(name, last, why, baseline, direction)
        best = [each.best(direction) if each is not None else None for each in logged]
        if any(one is not None and not _alike(one, other) for one, other in zip(best, last, strict=True)):
            yield _numbers(f"{name} best", best, why, baseline, direction)


def _numbers(name: str, values: Sequence[float | None], why: Sequence[str], baseline: int, direction: Direction) -> Row:
    known = [value for value in values if value is not None]
    finite = {value for value in known if math.isfinite(value)}
    ends = {"up": max, "down": min}
    best = ends[direction](finite) if direction and len(finite) > 1 else None
    base = values[baseline]
    cells = tuple(
        Cell(
            text="" if value is None else figure(value),
            token="" if value is None else repr(value + 0.0),
            number=value,
            delta="" if number == baseline else delta(base, value),
            better=None if number == baseline else _better(base, value, direction),
            best=best is not None and value == best,
            why=reason,
        )
        for number, (value, reason) in enumerate(zip(values, why, strict=True))
    )
    differs = len({cell.token for cell in cells}) > 1
    return Row(Section.OUTCOME, name, cells, differs, direction=direction, detail="curves")


def figure(value: float) -> str:
    """Write a number in up to six figures: two values that differ further behind are told apart by their delta."""
    return "NaN" if math.isnan(value) else f"{value:.6g}"


def delta(base: float | None, value: float | None) -> str:
    """Say by how much a number differs from the baseline's; empty when it does not, or one of both is no number."""
    if base is None or value is None or not (math.isfinite(base) and math.isfinite(value)) or base == value:
        return ""
    by = value - base
    return f"{by:+,.0f}" if _MANY <= abs(by) < _TOO_MANY else f"{by:+.3g}"


def _alike(one: float, other: float | None) -> bool:
    return other is not None and (one == other or (math.isnan(one) and math.isnan(other)))


def _better(base: float | None, value: float | None, direction: Direction) -> bool | None:
    if not direction or base is None or value is None or not (math.isfinite(base) and math.isfinite(value)):
        return None
    return None if base == value else (value > base) == (direction == "up")


def _trait_row(key: Key, traits: Sequence[Traits], baseline: int) -> Row:
    section, name = key
    found = [each.by_key.get(key) for each in traits]
    base = found[baseline]
    cells = tuple(
        _cell(trait, each.unknown.get(section, ""), None if number == baseline else base)
        for number, (trait, each) in enumerate(zip(found, traits, strict=True))
    )
    known = [trait for trait in found if trait is not None]
    part = min((trait.part for trait in known), key=_PARTS.index)
    detail = _DETAILS.get(section, "")
    if not detail and any(len(trait.text) > _LONG for trait in known):
        detail = "text"
    differs = _differs(found, cells)
    return Row(section, name, cells, differs, part, "", detail, _note(found, baseline, differs=differs))


def _cell(trait: Trait | None, unknown: str, base: Trait | None) -> Cell:
    if trait is None:
        return Cell("", None, why=unknown) if unknown else Cell("", "")
    if not trait.token:
        return Cell(trait.text, None, why="not hashed yet")
    said = "" if base is None or trait.part is Part.SEED else delta(base.number, trait.number)
    if said and base is not None and (factor := times(base.number, trait.number)):
        said = factor
    return Cell(trait.text, f"{trait.basis} {trait.token}".strip(), trait.number, said)


def _differs(found: Sequence[Trait | None], cells: Sequence[Cell]) -> bool:
    """Tell whether two known ones are not equal, or one is there and another, whose facts are known, is not."""
    known = [trait for trait in found if trait is not None and trait.token]
    if known and any(trait is None and cell.token is not None for trait, cell in zip(found, cells, strict=True)):
        return True
    different: dict[tuple[str, str], Trait] = {(trait.token, trait.basis): trait for trait in known}
    each = list(different.values())
    return any(same(one, other) is False for i, one in enumerate(each) for other in each[i + 1 :])


def _note(found: Sequence[Trait | None], baseline: int, *, differs: bool) -> str:
    """Say in a few words how two differ; of more each cell must speak for itself."""
    if not differs or len(found) != 2 or None in found:  # noqa: PLR2004 - two runs
        return ""
    before, after = found[baseline], found[1 - baseline]
    assert before is not None and after is not None, "both are there"  # noqa: PT018 - one thing is asserted
    if before.section is Section.DATA:
        return words_of(Kind.CHANGED, before, after).partition(": ")[2]
    if before.section is Section.PARAMETERS and max(len(before.text), len(after.text)) > _LONG:
        return " to ".join(apart(before.text, after.text))
    words = words_of(Kind.CHANGED, before, after)
    return words.rpartition(": ")[2] if before.section is Section.ENVIRONMENT and ": " in words else ""
