"""The differences between two runs as possible causes, in the order in which a colleague would look at them."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from repro_tui.domain.case import Case, Result, inputs_of, is_open
from repro_tui.domain.command_line import program_of
from repro_tui.domain.comparison import Change, Kind
from repro_tui.domain.explain_noise import Kin, Verdict
from repro_tui.domain.explain_noise import Kind as NoiseKind
from repro_tui.domain.explain_text import count, fitting, listed, name_of, signed, told
from repro_tui.domain.explain_trials import MOST_ASKED, Move, Seen, Trial, place_of, pool, sides_of, trials
from repro_tui.domain.explanation import Candidate, Evidence, Finding, Standing
from repro_tui.domain.traits import Part, Section, Trait

_LIKELY = {
    Section.DATA: 0.60,
    Section.PARAMETERS: 0.58,
    Section.CODE: 0.56,
    Section.ENVIRONMENT: 0.46,
    Section.HARDWARE: 0.42,
    Section.DETERMINISM: 0.36,
    Section.COMMAND: 0.30,
}
"""Where nothing else is known: how often such a change is what moved a result, by experience. Orders a table only."""

_SEED_UNRULED = 0.50
_TOGETHER = frozenset({Section.CODE, Section.ENVIRONMENT, Section.HARDWARE})
"""Sections whose differences are one candidate when no run has one without the other: an upgrade, a commit, a host."""

_WEIGHT = {
    Standing.ONLY: 1.0,
    Standing.SHOWN: 0.95,
    Standing.UNKNOWN: 0.25,
    Standing.RULED_OUT: 0.1,
    Standing.IDLE: 0.0,
}
_LEFT = 0.85
_WEIGHTIEST = tuple(Part)
_STEP = 1e-4
"""Between two of the same weight, in the order in which they were given."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One difference, before anything is known of it."""

    changes: tuple[Change, ...]
    part: Part
    unknown: bool
    trials: tuple[Trial, ...] = ()
    asked: bool = False
    """Other runs were looked at for it."""

    @property
    def counts(self) -> bool:
        """Tell whether it may decide the result."""
        return not self.unknown and self.part is Part.INPUT


def kin_of(case: Case) -> Kin:
    """Say how both runs are related: nothing is claimed as long as something is unknown."""
    if unknown_of(case) or any(change.kind is Kind.UNKNOWN for change in counted(case)):
        return Kin.STRANGERS
    parts = {_part(change) for change in counted(case)}
    if Part.INPUT in parts:
        return Kin.STRANGERS
    same = Part.SEED not in parts and case.before.result.seeds == case.after.result.seeds
    return Kin.TWINS if same else Kin.REPEATS


def unknown_of(case: Case) -> dict[Section, str]:
    """Give the sections of which not everything is known on either side, with the reason."""
    hidden = [
        trait for side in (case.after, case.before) for trait in inputs_of(side.traits).values() if is_open(trait)
    ]
    found = {trait.section: f"{trait.name} is not known" for trait in hidden}
    return {**found, **case.after.traits.unknown, **case.before.traits.unknown}


def counted(case: Case) -> list[Change]:
    """Give the differences without outcomes and places."""
    return [c for c in case.changes if c.section is not Section.OUTCOME and c.part is not Part.PLACE]


def _part(change: Change) -> Part:
    """Say what part a difference can play: content that only lies elsewhere plays none."""
    if change.harmless:
        return Part.IDLE
    old, new = change.before, change.after
    moved = old is not None and new is not None and old.name != new.name
    if old is not None and new is not None and moved and not is_open(old):
        return Part.IDLE if old.token == new.token and old.basis == new.basis else change.part
    return change.part


def candidates(case: Case, verdict: Verdict) -> tuple[Candidate, ...]:
    """Give every difference once, the likeliest first."""
    seen = pool(case)
    drafts = _drafts(case, seen)
    sides = [sides_of(draft.changes) if draft.counts else () for draft in drafts]
    asked = [i for i, draft in enumerate(drafts) if draft.counts]
    found = trials(case, verdict, [sides[i] for i in asked], seen)
    for number, (i, alone) in enumerate(zip(asked, found, strict=True)):
        drafts[i] = replace(drafts[i], trials=tuple(alone), asked=number < MOST_ASKED)
    whole = _Whole.of(case, verdict, drafts)
    judged = [_judge(case, verdict, draft, whole, number) for number, draft in enumerate(drafts)]
    judged = _what_is_left(verdict, judged)
    return tuple(sorted(judged, key=lambda candidate: -candidate.weight))


def _drafts(case: Case, seen: Sequence[Seen]) -> list[Draft]:
    """Put together what no run has apart."""
    grouped: dict[tuple[object, ...], list[Change]] = {}
    scripts = {name for program in programs_of(case) for name in _files_of(program)}
    typed = _types_seeds(case)
    by_parameter = {c.name for c in counted(case) if c.section is Section.PARAMETERS}
    for number, change in enumerate(counted(case)):
        unknown = change.kind is Kind.UNKNOWN
        part = _part(change)
        key: tuple[object, ...] = (change.section, part, unknown)
        if part is Part.SEED and not unknown:
            key = ("the program",) if typed else (Part.SEED,)
        elif part is Part.INPUT and not unknown:
            together = change.section in _TOGETHER
            if change.section is Section.COMMAND or (change.section is Section.CODE and change.name in scripts):
                key = ("the program",)
            elif change.sets in by_parameter:
                key = ("parameter, and what it leads to", change.sets)
            elif change.section in {Section.PARAMETERS, Section.DATA} and change.name in by_parameter:
                key = ("parameter, and what it leads to", change.name)
            else:
                key += tuple(place_of(run, sides_of([change])) for run in seen) if together else (number,)
        elif not unknown:
            key += (number,)
        grouped.setdefault(key, []).append(change)
    return [
        Draft(tuple(g), min(map(_part, g), key=_WEIGHTIEST.index), g[0].kind is Kind.UNKNOWN) for g in grouped.values()
    ]


def _types_seeds(case: Case) -> bool:
    """Tell whether two command lines differ in their seeds alone, and no parser named them: that is one difference."""
    changes = counted(case)
    seeds = [c for c in changes if c.part is Part.SEED]
    plain = all(c.section is Section.DETERMINISM for c in seeds) and any(c.section is Section.COMMAND for c in changes)
    if not seeds or not plain or not all(case.argv):
        return False
    first, second = (Counter(argv) for argv in case.argv)
    words = {*(first - second), *(second - first)}
    return words <= {trait.text for c in seeds for trait in (c.before, c.after) if trait is not None}


def _spoken(draft: Draft) -> Sequence[Change]:
    """Choose what to speak of: a seed by its parameter, a file by what leads to it, a script by the command.

    Of many that come together those are named first that were there before, and the interpreter before its packages.
    """
    leading = [change for change in draft.changes if change.section in {Section.PARAMETERS, Section.COMMAND}]
    return leading or sorted(draft.changes, key=lambda c: (c.kind is not Kind.CHANGED, c.name != "python"))


def programs_of(case: Case) -> tuple[tuple[str, ...], ...]:
    """Give the programs of both runs where they are not the same."""
    changed = next((c for c in case.changes if c.section is Section.COMMAND and c.kind is Kind.CHANGED), None)
    if changed is None or changed.before is None or changed.after is None:
        return ()
    programs = tuple(map(_program, (changed.before, changed.after)))
    return programs if all(programs) and len(set(programs)) > 1 else ()


def _program(command: Trait) -> tuple[str, ...]:
    try:
        words = json.loads(command.token)
    except ValueError:
        return ()
    return program_of([str(word) for word in words]) if isinstance(words, list) and words else ()


def _files_of(program: Sequence[str]) -> tuple[str, str]:
    """Give the names that the file of a program may have among the code: as it was typed, and of a module."""
    typed = program[-1].removeprefix("./")
    return typed, f"{typed.replace('.', '/')}.py"


@dataclass(frozen=True, slots=True)
class _Whole:
    """What is true of all differences together."""

    only: bool
    """One of them is all that can matter, besides what is not used and a seed that noise accounts for."""
    beside: str
    """What that one is alone besides."""

    @classmethod
    def of(cls, case: Case, verdict: Verdict, drafts: Sequence[Draft]) -> _Whole:
        """Look at all of them once."""
        parts = {draft.part for draft in drafts}
        known = not unknown_of(case) and not any(draft.unknown for draft in drafts)
        single = sum(draft.part is Part.INPUT for draft in drafts) == 1
        beside = ["the seed"] if Part.SEED in parts and verdict.kin is not Kin.REPEATS else []
        harmless = any(change.harmless for draft in drafts for change in draft.changes)
        beside += ["what cannot matter" if harmless else "what was not used"] if Part.IDLE in parts else []
        return cls(known and single and (Part.SEED not in parts or verdict.covers_seeds), " and ".join(beside))

    @property
    def words(self) -> str:
        """Say why it is the only one."""
        return f"only difference besides {self.beside}" if self.beside else "only difference that can matter"


def _judge(case: Case, verdict: Verdict, draft: Draft, whole: _Whole, number: int) -> Candidate:
    standing, weight, because, evidence = _standing(case, verdict, draft, whole)
    first, more = _spoken(draft)[0], len(_spoken(draft)) - 1
    weight -= _STEP * min(number, 99)
    return Candidate(
        changes=draft.changes,
        section=first.section,
        name="seed" if draft.part is Part.SEED else first.name + (f" and {more} more" if more else ""),
        words=_words(draft),
        standing=standing,
        weight=round(max(0.0, min(1.0, weight)), 6),
        because=because,
        evidence=evidence,
        moved=next((t.moved for t in draft.trials[:1] if t.move is Move.UNTOLD and t.effect is None), None),
        against=_is_against(draft.trials),
    )


def _words(draft: Draft) -> str:
    """Say what differs, and where the code only sets a parameter, that it does."""
    spoken = _spoken(draft)
    said = fitting([told(change.words) for change in spoken]) if len(spoken) > 1 else spoken[0].words
    setting = [change.name for change in draft.changes if change.sets and change not in spoken]
    return f"{said}, its default in {setting[0]}" if setting else said


def _is_against(alone: Sequence[Trial]) -> bool:
    """Tell whether nothing but movements the other way was seen of it."""
    moves = {trial.move for trial in alone}
    return Move.AGAINST in moves and not moves & {Move.MADE, Move.BROKE, Move.ALIKE, Move.SAME, Move.STAYED}


_Judged = tuple[Standing, float, str, tuple[Evidence, ...]]


def _standing(case: Case, verdict: Verdict, draft: Draft, whole: _Whole) -> _Judged:
    if draft.unknown:
        why = next((change.why for change in draft.changes if change.why), "not known on one side")
        return Standing.UNKNOWN, _WEIGHT[Standing.UNKNOWN], why, ()
    if draft.part is Part.IDLE:
        moved = draft.changes[0].part is Part.INPUT
        unused = "the same content, elsewhere" if moved else "not used by either run, as far as was seen"
        why = draft.changes[0].harmless or unused
        return Standing.IDLE, _WEIGHT[Standing.IDLE], why, ()
    if draft.part is Part.SEED:
        return _of_seed(case, verdict, whole)
    if whole.only:
        return Standing.ONLY, _WEIGHT[Standing.ONLY], whole.words, _own_evidence(case)
    if draft.changes[-1].section is Section.COMMAND and programs_of(case):
        return Standing.POSSIBLE, _LEFT, "another program was run, so all else may follow from it", ()
    prior = 0.3 + 0.5 * _LIKELY.get(draft.changes[0].section, 0.3) + 0.02 * _far(draft)
    moves = {trial.move for trial in draft.trials}
    if not draft.trials:
        because = "no other run changed it alone" if draft.asked else "one of too many to look for in other runs"
        return Standing.POSSIBLE, prior, because, ()
    evidence = tuple(_evidence(trial, draft) for trial in draft.trials[:4])
    because = _because(draft.trials)
    judged = verdict.finding in {Finding.BEYOND, Finding.UNTOLD}
    if moves & {Move.MADE, Move.ALIKE} and not moves & {Move.STAYED, Move.SAME, Move.AGAINST}:
        return (Standing.SHOWN, _WEIGHT[Standing.SHOWN], because, evidence) if judged else (
            Standing.POSSIBLE, prior, because, evidence
        )  # fmt: skip
    if moves & {Move.STAYED, Move.SAME} and not moves & {Move.MADE, Move.ALIKE, Move.AGAINST}:
        return Standing.RULED_OUT, _WEIGHT[Standing.RULED_OUT], because, evidence
    return Standing.POSSIBLE, _weight(case, draft, prior), because, evidence


def _weight(case: Case, draft: Draft, prior: float) -> float:
    """Weigh what was tried alone by the share of the distance that it made there, however uncertain that is."""
    before, after = case.before.result.value, case.after.result.value
    if any(trial.move is Move.BROKE for trial in draft.trials):
        return _LEFT
    moved = next((trial.moved for trial in draft.trials if trial.moved is not None), None)
    if moved is None or before is None or after is None or not math.isfinite(after - before) or after == before:
        return prior * 0.8
    return 0.3 + 0.5 * max(0.0, min(1.0, moved / (after - before)))


def _far(draft: Draft) -> float:
    """Tell how far a number moved, 0 to 1: a tenfold step weighs more than one of a tenth."""
    change = draft.changes[0]
    pair = [trait.number for trait in (change.before, change.after) if trait is not None and trait.number is not None]
    if len(pair) != 2 or not all(map(math.isfinite, pair)) or not any(pair):  # noqa: PLR2004 - both sides
        return 0.0
    return abs(pair[0] - pair[1]) / max(abs(pair[0]), abs(pair[1])) / 2


def _own_evidence(case: Case) -> tuple[Evidence, ...]:
    pair = case.before.result, case.after.result
    return (Evidence(f"everything else that is recorded of {_names(pair[:1])} and {_names(pair[1:])} is equal",
                     tuple(result.uid for result in pair)),)  # fmt: skip


def _of_seed(case: Case, verdict: Verdict, whole: _Whole) -> _Judged:
    if verdict.kin is Kin.REPEATS:
        return Standing.ONLY, _WEIGHT[Standing.ONLY], whole.words, _own_evidence(case)
    by = verdict.by
    if verdict.finding is Finding.BEYOND and by is not None and verdict.covers_seeds:
        runs = tuple(draw.uid for draw in by.draws)
        evidence = Evidence(f"{count(len(runs), 'run')} that differ only in the seed", runs)
        because = (
            "other seeds give the same bits"
            if by.kind is NoiseKind.EXACT
            else "other seeds alone do not reach so far (95 %)"
        )
        return Standing.RULED_OUT, _WEIGHT[Standing.RULED_OUT], because, (evidence,)
    drawn = any(group.kind is NoiseKind.DRAWS for group in verdict.groups)
    because = "how much seeds do is not known"
    if drawn:
        within = verdict.finding is Finding.WITHIN
        because = (
            "repeats with other seeds differ as much" if within else "whether other seeds reach so far is not told"
        )
    return Standing.POSSIBLE, _SEED_UNRULED, because, ()


def _because(alone: Sequence[Trial]) -> str:
    """Say what the most telling trial was, and whether another speaks against it."""
    order = (Move.MADE, Move.BROKE, Move.ALIKE, Move.SAME, Move.STAYED, Move.AGAINST, Move.WEAK, Move.UNTOLD)
    trial = min(alone, key=lambda t: order.index(t.move))
    sizes = len(trial.first), len(trial.second)
    runs = f" ({sizes[0]} and {sizes[1]} runs)" if max(sizes) > 1 else ""
    said = f"alone in {name_of(trial.first[0])}/{name_of(trial.second[0])}{runs}: {_move_words(trial)}"
    still = {t.move for t in alone} & {Move.STAYED, Move.SAME}
    against = {t.move for t in alone} & {Move.AGAINST}
    if trial.move in {Move.MADE, Move.ALIKE} and (still or against):
        return f"{said}, but not in all other runs: it depends on the rest"
    if trial.move in {Move.SAME, Move.STAYED} and against:
        return f"{said}, but elsewhere it moved the other way"
    return said


def _move_words(trial: Trial) -> str:
    effect = trial.effect
    moved = signed(effect.middle, effect.half) if effect is not None else ""
    apart = f"moved {signed(trial.moved)}" if trial.moved is not None else "no number to tell by"
    return {
        Move.MADE: "gave this very result, bit by bit",
        Move.BROKE: "no number there either",
        Move.ALIKE: f"moved alike ({moved})",
        Move.AGAINST: f"moved the other way ({moved})",
        Move.SAME: "every logged value stayed",
        Move.STAYED: "no effect beyond noise",
        Move.WEAK: f"not beyond noise, which could hide an effect ({moved})",
        Move.UNTOLD: f"moved {moved} beyond noise" if effect is not None else f"{apart}, noise is not known",
    }[trial.move]


def _evidence(trial: Trial, draft: Draft) -> Evidence:
    runs = tuple(result.uid for result in (*trial.first, *trial.second))
    what = "the seed" if draft.part is Part.SEED else listed([change.name for change in draft.changes], most=1)
    said = f"{_names(trial.first)} and {_names(trial.second)} differ only in {what}"
    noise = ", with the noise of the repeats of both" if trial.borrowed else ""
    return Evidence(f"{said}: {_move_words(trial)}{noise}", runs)


def _names(results: Sequence[Result]) -> str:
    more = len(results) - 1
    return name_of(results[0]) + (f" (and {count(more, 'repeat')})" if more else "")


def _what_is_left(verdict: Verdict, judged: list[Candidate]) -> list[Candidate]:
    """Where all but one are ruled out, that one is left."""
    live = [c for c in judged if c.standing in {Standing.POSSIBLE, Standing.SHOWN, Standing.ONLY, Standing.UNKNOWN}]
    ruled = [c for c in judged if c.standing is Standing.RULED_OUT and c.name != "seed"]
    if (
        verdict.finding is not Finding.BEYOND
        or len(live) != 1
        or live[0].standing is not Standing.POSSIBLE
        or not ruled
    ):
        return judged
    left = live[0]
    because = left.because if left.evidence else "all else is ruled out"
    evidence = (*left.evidence, *(e for c in ruled for e in c.evidence[:1]))
    fresh = replace(left, weight=_LEFT, because=because, evidence=evidence)
    return [fresh if c is left else c for c in judged]
