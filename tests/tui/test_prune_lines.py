"""The lines of the prune screen, its rules and its sums, as pure functions: what fits, what gives way, what is said."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repro_tui.domain.retention import DAY_S, Best, GiveUp, Policy, Verdict
from repro_tui.domain.retention_decide import decide
from repro_tui.errors import UsageError
from repro_tui.tui.policy_lines import WORDS, PolicyTable, about, cleared, short, stepped, value_text, written
from repro_tui.tui.prune_lines import ORDERS, PruneTable, decided, listed, name_cells, overridden
from repro_tui.tui.render.lines import line_width
from repro_tui.tui.render.prune import Outlook, summary
from repro_tui.tui.render.text import width
from tests.tui.fake_retention import MB, NOW, FakeRetention, candidate, drawn
from tests.tui.pruning_places import RULES

GB = 10**9
POLICIES = (
    RULES,
    Policy(),
    Policy(keep_last=99),
    Policy(keep_last=1, give_up=(GiveUp("data"),)),
    Policy(keep_best=(Best("nobody-logged-this", 2),), max_size=MB),
)


def rows_by(policy, candidates=None, overrides=()):
    stock = FakeRetention(drawn() if candidates is None else candidates).stock()
    return stock, decided(stock, decide(policy, stock, dict(overrides)))


def written_line(pieces):
    return "".join(text for text, _ in pieces)


@pytest.mark.parametrize("cells", [20, 43, 48, 60, 78, 120, 200])
def test_every_line_fits_and_the_reason_is_the_last_to_give_way(cells):
    hostile = [candidate(90, "漢字" * 30, 60), candidate(91, "a\x1b[31m\n\u202e", 120, why="\x07bad")]
    for policy in POLICIES:
        _, rows = rows_by(policy, [*drawn(), *hostile])
        for ascii_only in (False, True):
            table = PruneTable.of(rows, NOW, ORDERS[0], name_cells(rows), ascii_only=ascii_only)
            for index in range(len(rows)):
                line = written_line(table.line(index, cells))
                assert width(line) <= cells
                assert "\x1b" not in line
                assert not ascii_only or line.isascii()
    head = written_line(table.head(cells))
    assert ("level" in head) == (cells >= 120)
    assert ("own" in head) == ("age" in head) == (cells >= 78)
    assert "verd" in head or cells < 43


@pytest.mark.parametrize("cells", [42, 58, 78, 118])
def test_every_sum_fits_and_says_the_date(cells):
    for policy in POLICIES:
        stock, rows = rows_by(policy, overrides=[(drawn()[2].digest, Verdict.KEEP)])
        outlook = Outlook.of(policy, stock, [row.decision for row in rows])
        for shown in ("", short(policy)):
            for most in (0, 2, 4, 9):
                lines = summary(outlook, shown, NOW, cells, most)
                assert len(lines) <= (most or 99)
                for line in lines:
                    assert line_width(line) <= cells
                if outlook.whole or outlook.lessened:
                    said = "".join(text for line in lines[:2] for text, _ in line)
                    assert "30 Nov" in said


@given(st.sampled_from(sorted(WORDS)), st.lists(st.sampled_from([1, -1]), max_size=40), st.integers(0, 10**14))
@settings(max_examples=60, deadline=None)
def test_whatever_is_stepped_through_can_be_written_and_read_again(rule, steps, size):
    policy = Policy(keep_best=(Best("acc", 2), Best("loss", 1)), keep_tags=("paper",))
    for step in steps:
        policy = stepped(policy, rule, step, size=size)
        text = value_text(policy, rule)
        if text not in {"-", "all of it"}:
            assert written(Policy(), rule, text) == Policy(**{rule: getattr(policy, rule)})
    assert cleared(policy, rule) == Policy(
        **{name: getattr(policy, name) for name in policy.__dataclass_fields__ if name != rule}
    )


def test_steps_are_such_that_a_person_gets_somewhere():
    assert stepped(Policy(), "keep_within", 1, size=0).keep_within == DAY_S
    assert stepped(Policy(keep_within=30 * DAY_S), "keep_within", 1, size=0).keep_within == 37 * DAY_S
    limit = stepped(Policy(), "max_size", 1, size=31 * GB + 123)
    assert limit.max_size == 32 * GB
    assert stepped(limit, "max_size", -1, size=0).max_size == 31 * GB
    assert stepped(Policy(keep_failed=0), "keep_failed", -1, size=0).keep_failed is None
    assert stepped(Policy(), "keep_last", -1, size=0) == Policy()


def test_what_is_written_wrong_names_the_rule():
    for rule, text in (("keep_daily", "many"), ("max_size", "20 parsecs"), ("keep_within", "6m"), ("per", "day")):
        with pytest.raises(UsageError, match=rule):
            written(Policy(), rule, text)


def test_the_file_is_told_where_a_rule_differs_from_it():
    changed = Policy(keep_daily=9)
    assert about(changed, Policy(keep_daily=7), "keep_daily").endswith("(repro.yaml: 7)")
    assert "repro.yaml" not in about(changed, changed, "keep_daily")
    table = PolicyTable(changed, Policy())
    for cells in (12, 28, 42):
        assert width(written_line(table.head(cells))) <= cells + 4
        for index in range(len(table.keys)):
            assert width(written_line(table.line(index, cells))) <= cells


def test_orders_and_filters():
    _, rows = rows_by(RULES)
    by = {order.id: order for order in ORDERS}
    names = [row.candidate.name for row in listed(rows, "", by["own"], turned=False, only=False)]
    assert names[0] == "wide-crane-38"
    gone = listed(rows, "", by["age"], turned=False, only=True)
    assert all(row.decision.verdict is Verdict.REMOVE for row in gone)
    assert [row.candidate.name for row in listed(rows, "FAILED wren", by["age"], turned=False, only=False)] == [
        "plain-wren-37"
    ]
    for order in ORDERS:
        both = [listed(rows, "", order, turned=turned, only=False) for turned in (False, True)]
        assert len(both[0]) == len(both[1]) == len(rows)


def test_an_override_said_twice_is_none():
    _, rows = rows_by(RULES)
    for row in rows:
        once = overridden({}, row.decision)
        assert once[row.decision.digest] is not row.decision.verdict
        assert overridden(once, row.decision) == {}
        part = overridden({}, row.decision, lessen=True)
        assert part == {row.decision.digest: Verdict.LESSEN}
        assert overridden(part, row.decision, lessen=True) == {}
