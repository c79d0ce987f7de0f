"""What every Retention promises: the real service and the screens' fake both pass this."""

from __future__ import annotations

import pytest

from repro_tui.domain.footprint import WHOLE
from repro_tui.domain.retention import PrunePlan, Verdict
from repro_tui.domain.retention_decide import decide
from repro_tui.domain.retention_text import parse_line
from repro_tui.errors import NotFoundError, ReadOnlyError, UsageError
from repro_tui.ports.retention import Retention


def planned(retention: Retention, policy: str = "keep_last=2 per=project") -> PrunePlan:
    """Decide by a policy, and plan that."""
    stock = retention.stock()
    return retention.plan(stock, decide(parse_line(policy), stock, {}))


class RetentionContract:
    """Derive from it and give fixtures `retention` and `looking` (read-only), with four snapshots or more."""

    def test_stock_is_newest_first_and_says_what_lies_in_it(self, retention):
        stock = retention.stock()
        assert len(stock.candidates) >= 4
        assert [c.t for c in stock.candidates] == sorted((c.t for c in stock.candidates), reverse=True)
        assert stock.footprint.size <= stock.size
        assert all(stock.footprint.freed({c.digest: (WHOLE,)}) == c.own for c in stock.candidates)
        assert stock.trashed == ()
        assert stock.stamp == retention.stock().stamp

    def test_planning_changes_nothing(self, retention):
        before = retention.stock().stamp
        plan = planned(retention)
        assert plan.moves
        assert plan.stamp == before == retention.stock().stamp
        assert plan.frees >= 0
        assert plan.until > 0
        assert retention.trash() == ()

    def test_what_is_pruned_waits_comes_back_and_is_pruned_again(self, retention):
        plan = planned(retention)
        done = retention.prune(plan)
        assert done.moved == plan.moves
        trashed = retention.trash()
        assert {one.digest for one in trashed} == {move.digest for move in plan.moves}
        assert {one.batch for one in trashed} == {done.batch}
        assert {one.rule for one in trashed} == {"beyond last 2"}
        assert all(one.until > one.t and one.user for one in trashed)
        assert {c.digest for c in retention.stock().candidates}.isdisjoint(one.digest for one in trashed)
        back = retention.undo(trashed[:1])
        assert [one.digest for one in back] == [trashed[0].digest]
        assert len(retention.trash()) == len(trashed) - 1
        with pytest.raises(NotFoundError):
            retention.undo(trashed[:1])
        retention.undo(retention.trash())
        assert retention.trash() == ()
        assert planned(retention).moves == plan.moves

    def test_parts_wait_by_themselves(self, retention):
        stock = retention.stock()
        decisions = decide(parse_line("keep_last=2 per=project give_up=data"), stock, {})
        lessened = {d.digest for d in decisions if d.verdict is Verdict.LESSEN}
        assert lessened
        retention.prune(retention.plan(stock, decisions))
        assert all(one.parts == {"data:train"} for one in retention.trash())
        after = {c.digest: c for c in retention.stock().candidates}
        assert lessened <= after.keys()
        assert all("data:train" not in {p.name for p in after[digest].parts} for digest in lessened)
        retention.undo(retention.trash())
        parts = {c.digest: c.parts for c in retention.stock().candidates}
        assert parts == {c.digest: c.parts for c in stock.candidates}

    def test_a_plan_of_what_has_changed_since_is_refused(self, retention):
        old = planned(retention)
        retention.prune(planned(retention, "keep_last=3 per=project"))
        with pytest.raises(UsageError):
            retention.prune(old)
        emptying = retention.plan_emptying(early=True)
        retention.undo(retention.trash())
        with pytest.raises(UsageError):
            retention.empty(emptying)

    def test_only_what_is_due_is_emptied_unless_it_is_asked_early(self, retention):
        plan = planned(retention)
        retention.prune(plan)
        waiting = retention.plan_emptying()
        assert waiting.trashed == ()
        assert len(waiting.waiting) == len(plan.moves)
        early = retention.plan_emptying(early=True)
        assert early.early
        assert len(early.trashed) == len(plan.moves)
        some = retention.plan_emptying(early.trashed[:1], early=True)
        assert [one.digest for one in some.trashed] == [early.trashed[0].digest]
        done = retention.empty(early)
        assert {one.digest for one in done.gone} == {move.digest for move in plan.moves}
        assert done.freed == early.packs.frees
        assert retention.trash() == ()
        with pytest.raises(NotFoundError):
            retention.undo(early.trashed)

    def test_a_session_that_only_reads_plans_and_refuses_to_act(self, looking):
        plan = planned(looking)
        assert plan.moves
        for act in (
            lambda: looking.prune(plan),
            lambda: looking.empty(looking.plan_emptying(early=True)),
            lambda: looking.save_policy(parse_line("keep_last=1")),
            lambda: looking.undo(()),
        ):
            with pytest.raises(ReadOnlyError):
                act()

    def test_a_policy_that_is_saved_is_the_policy(self, retention):
        policy = parse_line("keep_last=4 keep_tags=paper give_up=data,outputs>100MB")
        retention.save_policy(policy)
        assert retention.policy() == policy
