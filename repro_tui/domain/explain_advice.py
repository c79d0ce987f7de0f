"""The one command that would tell more: a repeat, or a run that has only one of several differences."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from repro_tui.domain.case import Case
from repro_tui.domain.comparison import Change
from repro_tui.domain.explain_noise import Kin, Verdict
from repro_tui.domain.explanation import Candidate, Finding, Standing
from repro_tui.domain.run import State
from repro_tui.domain.traits import Part, Section

_SEEDS = frozenset({"seed", "random_seed", "random_state", "rng_seed", "manual_seed"})


def advice(case: Case, verdict: Verdict, candidates: Sequence[Candidate]) -> str:
    """Give a command for the code, data and environment that lie here; empty when none would tell, or none is known."""
    ended = {case.before.result.state, case.after.result.state} == {State.DONE}
    if verdict.kin is not Kin.STRANGERS or verdict.finding not in {Finding.BEYOND, Finding.UNTOLD} or not ended:
        return ""
    side = _side(case, candidates)
    if side is None or not case.argv[side]:
        return ""
    if verdict.by is None:
        return _repeat(case, verdict, side)
    return _apart(case, side, candidates)


def _side(case: Case, candidates: Sequence[Candidate]) -> int | None:
    """Choose the run whose command can be started again here: the later one if both can."""
    uids = case.before.result.uid, case.after.result.uid
    if case.here is not None:
        return next((side for side in (1, 0) if uids[side] in case.here), None)
    only = all(c.section in {Section.PARAMETERS, Section.DETERMINISM, Section.COMMAND} for c in candidates)
    return 1 if only else None


def _command(case: Case, side: int, argv: Sequence[str]) -> str:
    """Write a command with the variables before it that the run asked for."""
    before = "".join(f"{name}={shlex.quote(value)} " for name, value in sorted(case.variables[side].items()))
    return f"{before}repro-tui run -- {shlex.join(argv)}"


def _repeat(case: Case, verdict: Verdict, side: int) -> str:
    """Run one of them again with another seed; without a seed on the command line, only where none was set at all."""
    result = (case.before, case.after)[side].result
    argv = list(case.argv[side])
    for at, name, text in _words(argv):
        if name.rpartition(".")[2] in _SEEDS and text.lstrip("-").isdigit():
            draws = sum(len(group.draws) for group in verdict.groups)
            argv[at] = argv[at].removesuffix(text) + str(int(text) + max(1, draws - 1))
            return _command(case, side, argv)
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
    """Give a command line with one parameter from the other one; None unless both have it."""
    name = _plain(change.name)
    mine = [(at, text) for at, word, text in _words(case.argv[side]) if word == name]
    theirs = [text for _, word, text in _words(case.argv[1 - side]) if word == name]
    if len(mine) != 1 or len(theirs) != 1:
        return None
    argv = list(case.argv[side])
    at, text = mine[0]
    argv[at] = argv[at].removesuffix(text) + theirs[0]
    return argv


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
