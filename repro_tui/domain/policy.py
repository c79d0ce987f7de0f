"""What happens about the snapshot question when a run has ended: decided from values alone, by one list of rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from repro_tui.domain.question import Answer, Standing

NOS = 2
"""No's in a row after which it is offered not to ask any more."""
SAID = 2
"""Answers of a person within one loop after which the latest holds for the rest of it."""


class End(StrEnum):
    """How a run ended, as far as the question cares."""

    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class Doing(StrEnum):
    """What is done about the question."""

    ASK = "ask"
    TAKE = "take"
    """Keep without asking."""
    SKIP = "skip"
    """Neither keep nor ask, now or later."""
    LATER = "later"
    """Leave the question to the dashboard."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What repro.yaml says."""

    ask: Standing = Standing.ASK
    """For a run on a terminal."""
    unattended: Standing = Standing.LATER
    """For one without."""
    always_below: int = 0
    """Bytes; fewer new ones are kept without asking."""
    failed: bool = False
    """Also after failed runs and runs without outputs."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer that was given before."""

    answer: Answer
    by: str
    """`person`, `timeout`, `policy` or `interrupt`."""


@dataclass(frozen=True, slots=True)
class Situation:
    """A run that has just ended, and where."""

    end: End = End.DONE
    outputs: bool = True
    """It wrote or declared a result."""
    rank: int = 0
    terminal: bool = True
    """Keys can be read from, and words be written to, the terminal that this process belongs to."""
    foreground: bool = True
    nested: bool = False
    """A recorded run started it, and stands for it."""
    standing: Standing | None = None
    """What a person said for the whole project; None when nobody did."""
    history: Sequence[Said] = ()
    """The user's own answers so far, the latest first."""
    loop: Sequence[Said] = ()
    """Answers to the runs before it in the same loop of a shell, the latest first."""
    new: int | None = None
    """Bytes that a snapshot would add; None while that was not looked at."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, and why."""

    doing: Doing
    why: str
    """A sentence fragment: `it failed`, `there is no terminal`."""
    answer: Answer | None = None
    """What is noted for a run that nobody is asked about."""
    offers_key: bool = False
    """The question also offers to ask only when a key is pressed."""
    holds: bool = False
    """The answer holds for the rest of the loop, and the question says so."""


def decide(rules: Rules, situation: Situation) -> Plan:
    """Say what is done about the question for a run that has just ended."""
    plan = _out_of_question(rules, situation) or _by_standing(rules, situation) or _on_terminal(situation)
    waits = plan.doing in {Doing.ASK, Doing.LATER}
    if waits and situation.new is not None and situation.new < rules.always_below:
        return Plan(Doing.TAKE, "less than snapshot.always_below is new", Answer.YES)
    return plan


def _out_of_question(rules: Rules, situation: Situation) -> Plan | None:
    """Tell whether there is nothing to ask about."""
    if situation.rank > 0:
        return Plan(Doing.SKIP, f"rank {situation.rank} leaves it to rank 0")
    if rules.failed:
        return None
    if situation.end is not End.DONE:
        return Plan(Doing.SKIP, "it failed" if situation.end is End.FAILED else "it was interrupted")
    return None if situation.outputs else Plan(Doing.SKIP, "it has no outputs")


def _by_standing(rules: Rules, situation: Situation) -> Plan | None:
    """Follow what was said once for all runs: by a person, else by repro.yaml."""
    attended = situation.terminal and situation.foreground
    standing = situation.standing or (rules.ask if attended else rules.unattended)
    whose = "you said so for this project" if situation.standing else "repro.yaml says so"
    if standing is Standing.ASK and not attended:
        standing, whose = rules.unattended, "repro.yaml says so for runs without a terminal"
        standing = Standing.LATER if standing is Standing.ASK else standing  # nobody is there to be asked
    if not attended and standing is Standing.LATER and situation.standing is None:
        whose = "it runs in the background" if situation.terminal else "there is no terminal"
    match standing:
        case Standing.ALWAYS:
            return Plan(Doing.TAKE, whose, Answer.YES)
        case Standing.NEVER | Standing.KEY:
            return Plan(Doing.SKIP, whose)
        case Standing.LATER:
            return Plan(Doing.LATER, whose, Answer.LATER)
    return None


def _on_terminal(situation: Situation) -> Plan:
    """Ask, unless this run belongs to others that are one question with it."""
    if situation.nested:
        return Plan(Doing.LATER, "the run that started it is asked about", Answer.LATER)
    asked = [said for said in situation.loop if said.by != "policy"]
    if asked:
        return _in_loop(asked)
    latest = [said.answer for said in situation.history if said.by == "person"][:NOS]
    return Plan(Doing.ASK, "it is done", offers_key=latest == [Answer.NO] * NOS)


def _in_loop(asked: Sequence[Said]) -> Plan:
    """Follow what was answered for the runs before, the latest first: a loop is one question.

    With the first run nobody can know that it is a loop; with the second the question says that its answer holds.
    """
    if asked[0].answer is Answer.LATER:
        return Plan(Doing.LATER, "the run before it in this loop was left for later", Answer.LATER)
    if len(asked) < SAID:
        return Plan(Doing.ASK, "it is done", holds=True)
    if asked[0].answer in {Answer.YES, Answer.ALWAYS}:
        return Plan(Doing.TAKE, "you said Yes to this loop", Answer.YES)
    return Plan(Doing.SKIP, "you said No to this loop", Answer.NO)
