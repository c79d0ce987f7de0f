"""What happens about the snapshot question at a run's end, as a table."""

from __future__ import annotations

from itertools import product

import pytest

from repro_tui.domain.policy import Doing, End, Plan, Rules, Said, Situation, decide
from repro_tui.domain.question import Answer, Standing

ASK, TAKE, SKIP, LATER = Doing.ASK, Doing.TAKE, Doing.SKIP, Doing.LATER
YES = Said(Answer.YES, "person")
NO = Said(Answer.NO, "person")
LEFT = Said(Answer.LATER, "timeout")
POLICY_LEFT = Said(Answer.LATER, "policy")
AWAY = {"terminal": False}
BEHIND = {"foreground": False}


def outcome(rules: Rules, **situation: object) -> Plan:
    return decide(rules, Situation(**situation))


@pytest.mark.parametrize(
    ("situation", "rules", "doing", "why"),
    [
        ({}, {}, ASK, "it is done"),
        ({"rank": 1}, {}, SKIP, "rank 1 leaves it to rank 0"),
        ({"rank": 3, "terminal": False}, {"unattended": Standing.ALWAYS}, SKIP, "rank 3 leaves it to rank 0"),
        ({"rank": 1}, {"failed": True}, SKIP, "rank 1 leaves it to rank 0"),
        ({"end": End.FAILED}, {}, SKIP, "it failed"),
        ({"end": End.INTERRUPTED}, {}, SKIP, "it was interrupted"),
        ({"outputs": False}, {}, SKIP, "it has no outputs"),
        ({"end": End.FAILED}, {"ask": Standing.ALWAYS}, SKIP, "it failed"),
        ({"end": End.FAILED}, {"failed": True}, ASK, "it is done"),
        ({"outputs": False}, {"failed": True}, ASK, "it is done"),
        ({}, {"ask": Standing.ALWAYS}, TAKE, "repro.yaml says so"),
        ({}, {"ask": Standing.NEVER}, SKIP, "repro.yaml says so"),
        ({}, {"ask": Standing.LATER}, LATER, "repro.yaml says so"),
        ({}, {"ask": Standing.KEY}, SKIP, "repro.yaml says so"),
        (AWAY, {}, LATER, "there is no terminal"),
        (BEHIND, {}, LATER, "it runs in the background"),
        (AWAY, {"unattended": Standing.ALWAYS}, TAKE, "repro.yaml says so"),
        (AWAY, {"unattended": Standing.NEVER}, SKIP, "repro.yaml says so"),
        (AWAY, {"ask": Standing.ALWAYS}, LATER, "there is no terminal"),
        ({"standing": Standing.NEVER}, {"ask": Standing.ALWAYS}, SKIP, "you said so for this project"),
        ({"standing": Standing.ALWAYS}, {"ask": Standing.NEVER}, TAKE, "you said so for this project"),
        ({"standing": Standing.ASK}, {"ask": Standing.NEVER}, ASK, "it is done"),
        ({"standing": Standing.KEY}, {}, SKIP, "you said so for this project"),
        ({"standing": Standing.NEVER, **AWAY}, {"unattended": Standing.ALWAYS}, SKIP, "you said so for this project"),
        ({"standing": Standing.ALWAYS, **AWAY}, {}, TAKE, "you said so for this project"),
        ({"standing": Standing.ASK, **AWAY}, {"unattended": Standing.NEVER}, SKIP, None),
        ({"nested": True}, {}, LATER, "the run that started it is asked about"),
        ({"nested": True, "standing": Standing.ALWAYS}, {}, TAKE, None),
        ({"new": 999}, {"always_below": 1000}, TAKE, None),
        ({"new": 1000}, {"always_below": 1000}, ASK, None),
        ({"new": 0}, {"always_below": 0}, ASK, None),
        ({"new": 5, **AWAY}, {"always_below": 1000}, TAKE, None),
        ({"new": 5, "outputs": False}, {"always_below": 1000}, SKIP, None),
        ({"new": 5, "standing": Standing.NEVER}, {"always_below": 1000}, SKIP, None),
    ],
)  # fmt: skip
def test_what_is_done(situation, rules, doing, why):
    plan = outcome(Rules(**rules), **situation)
    assert plan.doing is doing
    assert why is None or plan.why == why


@pytest.mark.parametrize(
    ("loop", "doing", "holds"),
    [
        ([], ASK, False),
        ([YES], ASK, True),
        ([NO], ASK, True),
        ([LEFT], LATER, False),
        ([POLICY_LEFT, LEFT], LATER, False),
        ([POLICY_LEFT], ASK, False),
        ([Said(Answer.LATER, "person"), YES], LATER, False),
        ([YES, YES], TAKE, False),
        ([NO, YES], SKIP, False),
        ([Said(Answer.YES, "policy"), YES, YES], TAKE, False),
        ([Said(Answer.NO, "policy"), NO, YES], SKIP, False),
        ([Said(Answer.YES, "policy"), YES], ASK, True),
    ],
)
def test_a_loop_is_one_question(loop, doing, holds):
    """Left alone it is asked once; answered it is asked twice, and the second time says that the answer holds."""
    plan = outcome(Rules(), loop=loop)
    assert (plan.doing, plan.holds) == (doing, holds)


@pytest.mark.parametrize(
    ("history", "offered"),
    [
        ([], False),
        ([NO], False),
        ([NO, NO], True),
        ([NO, NO, YES], True),
        ([NO, YES, NO], False),
        ([YES, NO, NO], False),
        ([NO, LEFT, NO], True),
        ([NO, POLICY_LEFT, NO], True),
    ],
)
def test_after_two_nos_in_a_row_it_is_offered_to_ask_no_more(history, offered):
    assert outcome(Rules(), history=history).offers_key is offered


def test_nothing_is_ever_asked_where_nobody_is():
    """Whatever the rules, the standing answer and the history."""
    for ask, unattended, standing, failed in product(Standing, Standing, [None, *Standing], [True, False]):
        rules = Rules(ask, unattended, failed=failed)
        for where in ({"terminal": False}, {"foreground": False}, {"rank": 2}, {"nested": True}):
            assert outcome(rules, standing=standing, **where).doing is not ASK


def test_whoever_is_not_asked_has_the_answer_noted_with_the_reason():
    for ask, terminal in product(Standing, [True, False]):
        plan = outcome(Rules(ask=ask), terminal=terminal)
        assert plan.why
        assert (plan.answer is not None) == (plan.doing in {TAKE, LATER})
