"""The one command that would tell more: a repeat, or a run that has only one of several differences."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from repro_tui.domain.case import Case
from repro_tui.domain.comparison import Change
from repro_tui.domain.explain_noise import Kin, Kind, Verdict
from repro_tui.domain.explanation import Candidate, Finding, Standing
from repro_tui.domain.run import State
from repro_tui.domain.traits import Part, Section

_SEEDS = frozenset({"seed", "random_seed", "random_state", "rng_seed", "manual_seed"})

_FEW = 2
"""Runs of a side, repeats and all, that allow so much that one more is worth its time."""


def advice(case: Case, verdict: Verdict, candidates: Sequence[Candidate]) -> str:
    """Give a command for the code, data and environment that lie here; empty when none would tell, or none is known."""
    ended = {case.before.result.state, case.after.result.state} == {State.DONE}
    wide = verdict.finding is Finding.WITHIN and any(len(group.draws) <= _FEW for group in verdict.groups)
    open_ = wide or verdict.finding in {Finding.BEYOND, Finding.UNTOLD}
    if verdict.kin is not Kin.STRANGERS or not open_ or not ended:
        return ""
    sides = [side for side in _sides(case, candidates) if case.argv[side]]
    if not sides:
        return ""
    fewest = min(sides, key=lambda side: len(verdict.groups[side].draws))
    if verdict.by is None or wide:
        return _repeat(case, verdict, fewest)
    one_seed = verdict.by.kind is Kind.EXACT and not verdict.by.any_seed and bool(verdict.by.of.seeds)
    return _apart(case, sides[0], candidates) or (_repeat(case, verdict, fewest) if one_seed else "")


def _sides(case: Case, candidates: Sequence[Candidate]) -> Sequence[int]:
    """Give the runs whose commands can be started again here, the later one first."""
    uids = case.before.result.uid, case.after.result.uid
    if case.here is not None:
        return [side for side in (1, 0) if uids[side] in case.here]
    only = all(c.section in {Section.PARAMETERS, Section.DETERMINISM, Section.COMMAND} for c in candidates)
    return (1, 0) if only else ()


def _command(case: Case, side: int, argv: Sequence[str]) -> str:
    """Write a command with the variables before it that the run asked for."""
    before = "".join(f"{name}={shlex.quote(value)} " for name, value in sorted(case.variables[side].items()))
    return f"{before}repro-tui run -- {shlex.join(argv)}"


def _repeat(case: Case, verdict: Verdict, side: int) -> str:
    """Run one of them again with another seed; where none can be typed, only if none was set at all."""
    result = (case.before, case.after)[side].result
    further = max(1, sum(len(group.draws) for group in verdict.groups) - 1)
    argv = list(case.argv[side])
    for at, name, text in _words(argv):
        if name.rpartition(".")[2] in _SEEDS and text.lstrip("-").isdigit():
            argv[at] = argv[at].removesuffix(text) + str(int(text) + further)
            return _command(case, side, argv)
    told = case.options[side].get("seed", "")
    if told.lstrip("-").isdigit():  # a name of one word is the option's own: of others it is not known how it is typed
        return _command(case, side, [*argv, "--seed", str(int(told) + further)])
    return "" if result.seeds else _command(case, side, argv)


def _apart(case: Case, side: int, candidates: Sequence[Candidate]) -> str:
    """Run one with a single parameter as the other has it, where several differences have not been told apart."""
    possible = [c for c in candidates if c.standing is Standing.POSSIBLE]
    if len(possible) < 2:  # noqa: PLR2004 - one needs no telling apart
        return ""
    for candidate in possible:
        if candidate.section is Section.PARAMETERS and len(candidate.changes) == 1:
            argv = _exchanged(case, side, candidate.changes[0])
            if argv and candidate.changes[0].part is Part.INPUT:
                return _command(case, side, argv)
    return ""


def _exchanged(case: Case, side: int, change: Change) -> list[str] | None:
    """Give a command line with one parameter from the other one; None where it is not known how that is typed."""
    name = _plain(change.name)
    argv, others = list(case.argv[side]), case.argv[1 - side]
    mine = [(at, text) for at, word, text in _words(argv) if word == name]
    theirs = [(at, text) for at, word, text in _words(others) if word == name]
    if len(mine) == 1:
        at, text = mine[0]
        value = theirs[0][1] if len(theirs) == 1 else case.options[1 - side].get(name) if not theirs else None
        return None if value is None else [*argv[:at], argv[at].removesuffix(text) + value, *argv[at + 1 :]]
    if not mine and len(theirs) == 1 and name in case.options[side]:
        at, text = theirs[0]
        return [*argv, *others[at - (others[at] == text) : at + 1]]
    return None


def _plain(name: str) -> str:
    return name.lstrip("-+").replace("-", "_")


def _words(argv: Sequence[str]) -> list[tuple[int, str, str]]:
    """Give (index, name, value) of each `--name value`, `--name=value` and `name=value`."""
    found = []
    for at, text in enumerate(argv):
        name, sign, value = text.partition("=")
        if sign and value and name.strip("-"):
            found.append((at, _plain(name), value))
        elif text.startswith("--") and not sign and at + 1 < len(argv):
            found.append((at + 1, _plain(text), argv[at + 1]))
    return found
