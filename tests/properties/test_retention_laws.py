"""Laws of retention: one verdict each, what is protected stays, in any order, twice is once, more keeps more."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from repro_tui.domain.footprint import Removing, joined
from repro_tui.domain.retention import DAY_S, Policy, Verdict
from repro_tui.domain.retention_decide import decide
from repro_tui.domain.retention_impossible import impossible
from repro_tui.domain.retention_size import missing
from tests.domain.stocks import COUNTS, NOW, carried_out, goes_too, overrides, policies, removed, stocks


@given(policies(), stocks(), overrides())
def test_each_snapshot_has_one_verdict_with_reasons_and_what_goes_of_it(policy, stock, said):
    decisions = decide(policy, stock, said)
    assert [decision.digest for decision in decisions] == [candidate.digest for candidate in stock.candidates]
    for decision, candidate in zip(decisions, stock.candidates, strict=True):
        assert decision.reasons
        assert all(reason.rule and reason.words for reason in decision.reasons)
        names = {part.name for part in candidate.parts}
        fits = {Verdict.KEEP: set(), Verdict.REMOVE: {"*"}, Verdict.LESSEN: set(decision.parts) & names}
        assert decision.parts == fits[decision.verdict]
        assert bool(decision.parts) is (decision.verdict is not Verdict.KEEP)
    assert all(isinstance(sentence, str) and sentence for sentence in impossible(stock, decisions))


@given(policies(), stocks(), overrides())
def test_nobody_removes_what_is_protected(policy, stock, said):
    past = [c for c in stock.candidates if c.t <= NOW and not c.why]
    newest = {c.lineage: c.digest for c in sorted(past, key=lambda c: (c.t, [-ord(x) for x in c.digest]))}
    for decision, candidate in zip(decide(policy, stock, said), stock.candidates, strict=True):
        last = newest.get(candidate.lineage) == candidate.digest
        if candidate.pinned or candidate.running or candidate.why or candidate.t > NOW or last:
            assert decision.verdict is Verdict.KEEP
            assert decision.fixed


@given(policies(), stocks(), overrides())
def test_what_a_person_says_is_done_where_it_may_be(policy, stock, said):
    for decision in decide(policy, stock, said):
        wanted = said.get(decision.digest)
        assert decision.overridden is (wanted is not None and not decision.fixed)
        if decision.overridden and wanted is not Verdict.LESSEN:
            assert decision.verdict is wanted
            assert decision.reasons[0].rule == "you"


@given(policies(sized=False), stocks(), overrides())
def test_what_something_kept_was_made_from_is_kept_too(policy, stock, said):
    policy = replace(policy, keep_parents=True)
    decisions = decide(policy, stock, said)
    kept = {d.digest for d in decisions if d.verdict is Verdict.KEEP}
    gone = {d.digest for d in decisions if said.get(d.digest) in {Verdict.REMOVE, Verdict.LESSEN}}
    there = [c for c in stock.candidates if c.digest in kept]
    for child in (c for c in there if not c.why and "give_up" not in rules(decisions, c.digest)):
        for parent in child.parents - {child.run} - child.versions:
            holders = [c for c in stock.candidates if (c.run == parent or parent in c.versions) and not c.why]
            assert not holders or any(c.digest in kept | gone for c in holders)


def rules(decisions, digest) -> set[str]:
    return {reason.rule for d in decisions if d.digest == digest for reason in d.reasons}


@given(policies(), stocks(), overrides(), st.randoms(use_true_random=False))
def test_the_order_of_the_snapshots_does_not_matter(policy, stock, said, draw: random.Random):
    mixed = list(stock.candidates)
    draw.shuffle(mixed)
    one = {d.digest: d for d in decide(policy, stock, said)}
    other = {d.digest: d for d in decide(policy, replace(stock, candidates=tuple(mixed)), said)}
    assert one == other


@given(policies(), stocks(), overrides())
def test_deciding_again_on_what_is_left_removes_nothing(policy, stock, said):
    after = carried_out(stock, decide(policy, stock, said))
    assert removed(decide(policy, after, said)) == {}


@given(policies(sized=False), stocks(), st.sampled_from([*COUNTS, "keep_within", "keep_failed"]))
def test_raising_a_number_never_removes_more(policy, stock, name):
    number = getattr(policy, name)
    assume(number if name != "keep_failed" else number is not None)
    more = replace(policy, **{name: number * 2 if name == "keep_within" else number + 1})
    assert goes_too(removed(decide(more, stock)), removed(decide(policy, stock)))


@given(policies(sized=False), stocks())
def test_one_more_of_the_best_never_removes_more(policy, stock):
    assume(policy.keep_best)
    more = replace(policy, keep_best=tuple(replace(best, n=best.n + 1) for best in policy.keep_best))
    assert goes_too(removed(decide(more, stock)), removed(decide(policy, stock)))


@given(policies(), stocks(), st.integers(1, 300), st.integers(1, 300), overrides())
def test_a_larger_store_never_removes_more(policy, stock, size, more, said):
    small, large = replace(policy, max_size=size), replace(policy, max_size=size + more)
    assert goes_too(removed(decide(large, stock, said)), removed(decide(small, stock, said)))


@given(policies(sized=False), stocks(), st.floats(0, 1000 * DAY_S))
def test_time_alone_removes_nothing(policy, stock, later):
    here = replace(stock, candidates=tuple(c for c in stock.candidates if c.t <= NOW))
    assert decide(policy, here, now=NOW + later) == decide(policy, here)


@given(stocks(), st.booleans())
def test_an_empty_policy_removes_nothing_and_says_so(stock, parents):
    for decision in decide(Policy(keep_parents=parents), stock):
        assert decision.verdict is Verdict.KEEP
        assert decision.fixed or decision.reasons[0].words == "the policy is empty"


@given(policies(), stocks())
def test_a_store_fits_or_all_that_may_go_is_gone(policy, stock):
    assume(policy.max_size is not None)
    decisions = decide(policy, stock)
    left = [d for d in decisions if d.verdict is not Verdict.REMOVE and not d.fixed]
    assert not left or not missing(policy, stock, decisions)


@given(policies(), stocks())
def test_nothing_is_given_up_for_its_size_while_the_rest_fits(policy, stock):
    assume(policy.max_size is not None)
    without = decide(replace(policy, max_size=None), stock)
    if not missing(policy, stock, without):
        assert removed(decide(policy, stock)) == removed(without)


@given(stocks(), st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["*", "", "code", "data:a", "outputs"]))))
def test_taking_one_after_the_other_frees_what_taking_all_at_once_frees(stock, steps):
    candidates = [c.digest for c in stock.candidates]
    gone = [(candidates[number], {name}) for number, name in steps if number < len(candidates)]
    left = Removing(stock.footprint)
    freed = sum(left.remove(digest, names) for digest, names in gone)
    assert freed == stock.footprint.freed(joined(gone))
    assert left.left == stock.footprint.size - freed


@given(stocks())
def test_the_portions_of_all_snapshots_are_the_whole_store(stock):
    whole = sum(stock.footprint.portions.values()) / 65536
    assert whole == pytest.approx(stock.footprint.size, abs=0.1)
