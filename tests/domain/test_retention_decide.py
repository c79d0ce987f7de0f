"""What policies keep of small stocks, and in which words they say why."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from repro_tui.domain.retention import Best, Candidate, GiveUp, Per, Policy, StockPart, Trashed, Verdict
from repro_tui.domain.retention_decide import decide
from repro_tui.domain.retention_doubts import doubts
from repro_tui.domain.retention_size import missing
from repro_tui.domain.retention_text import parse_line
from repro_tui.domain.retention_value import Worth, worth
from tests.domain.stocks import NOW, digest, stock

HOUR, DAY = 3600.0, 86_400.0
KEEP, REMOVE, LESSEN = Verdict.KEEP, Verdict.REMOVE, Verdict.LESSEN


@pytest.fixture(autouse=True)
def _zone() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "CET-1CEST,M3.5.0,M10.5.0/3"
    time.tzset()
    yield
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


def one(number: int, age: float = 0.0, **fields: object) -> Candidate:
    """Make a snapshot of one lineage, so old."""
    return replace(Candidate(digest(number), NOW - age, f"run-{number}", lineage="train"), **fields)


def told(policy: Policy | str, candidates: list[Candidate], **more: object) -> list[str]:
    """Give "verdict: reasons" of each snapshot, the newest first."""
    found = stock(candidates, more.pop("holdings", None), **{k: v for k, v in more.items() if k != "said"})
    rules = parse_line(policy) if isinstance(policy, str) else policy
    decisions = decide(rules, found, more.get("said", {}))
    return [f"{d.verdict}: {'; '.join(reason.words for reason in d.reasons)}" for d in decisions]


def test_the_screen_of_the_design_in_its_words():
    candidates = [
        one(0, 120, metrics={"acc": 0.7}),
        one(1, 660, pinned=True, cited=("paper",)),
        one(2, HOUR),
        one(3, 2 * HOUR, failed=True),
        one(4, 3 * HOUR),
    ]
    policy = "keep_last=1 keep_daily=1 keep_cited=yes keep_failed=0"
    assert told(policy, candidates, said={digest(4): KEEP}) == [
        "keep: last 1; daily 1; last of its lineage",
        "keep: pinned; cited: paper",
        "remove: older twin of a kept day",
        "remove: failed, over keep failed 0",
        "keep: you said so",
    ]


def test_each_period_keeps_its_newest_and_periods_without_snapshots_do_not_count():
    noon = local("2026-11-23 12:00")
    days = (0, 0.01, 1, 2, 30, 31, 400)
    candidates = [replace(one(n), t=noon - day * DAY) for n, day in enumerate(days)]
    assert told("keep_daily=3 keep_monthly=2 keep_yearly=2", candidates, t=noon) == [
        "keep: daily 1; monthly 1; yearly 1; last of its lineage",
        "remove: older twin of a kept day",
        "keep: daily 2",
        "keep: daily 3",
        "keep: monthly 2",
        "remove: older twin of a kept month",
        "keep: yearly 2",
    ]


def test_weeks_are_those_of_iso_and_days_those_of_the_reader():
    times = ("2021-01-04 00:01", "2021-01-03 23:59", "2021-01-01 00:30", "2020-12-31 23:30")
    candidates = [replace(one(n), t=local(time)) for n, time in enumerate(times)]
    assert told("keep_weekly=2", candidates)[:3] == [
        "keep: weekly 1; last of its lineage",
        "keep: weekly 2",
        "remove: older twin of a kept week",
    ]
    assert told("keep_yearly=2", candidates)[2] == "remove: older twin of a kept year"
    assert told("keep_yearly=2", candidates)[3] == "keep: yearly 2", "by UTC the third is of 2020 too"


def test_within_counts_back_from_the_newest_so_a_project_that_rests_loses_nothing():
    candidates = [one(0, 100 * DAY), one(1, 101 * DAY), one(2, 103 * DAY)]
    assert told("keep_within=3d", candidates)[1:] == ["keep: within 3d", "remove: beyond within 3d"]


def test_rules_count_within_each_lineage_each_tag_or_the_project():
    candidates = [
        one(0, 1, tags=frozenset({"a", "b"})),
        one(1, 2, tags=frozenset({"a"}), lineage="other"),
        one(2, 3, tags=frozenset({"b"})),
        one(3, 4, lineage="other"),
        one(4, 5),
    ]
    by_tag = told("keep_last=1 per=tag", candidates)
    assert by_tag[0] == "keep: last 1 of a; last 1 of b; last of its lineage"
    assert by_tag[2] == "remove: beyond last 1"
    assert by_tag[3:] == ["keep: last 1", "remove: beyond last 1"], "what has no tag is a group too"
    assert told("keep_last=2", candidates)[2:4] == ["keep: last 2", "keep: last 2"]
    assert told("keep_last=2 per=project", candidates)[2:4] == ["remove: beyond last 2", "remove: beyond last 2"]


def test_the_best_are_kept_by_which_way_the_metric_is_better():
    values = (0.5, 0.9, float("nan"), 0.9, 0.1, float("inf"))
    candidates = [one(n, n, metrics={"acc": v, "loss": v, "odd": v}) for n, v in enumerate(values)]
    assert told("keep_best=acc:2", candidates)[1:] == [
        "keep: best 1 by acc",
        "remove: no rule keeps it",
        "keep: best 2 by acc",
        "remove: no rule keeps it",
        "remove: no rule keeps it",
    ]
    assert told("keep_best=loss:1", candidates)[4] == "keep: best by loss"
    unknown = told("keep_best=odd:1", candidates)
    assert unknown[3] == "keep: no way to tell the best odd: up or down?"
    assert unknown[2] == "remove: no rule keeps it"
    split = [replace(c, lineage=str(n % 2)) for n, c in enumerate(candidates)]
    assert [v[:4] for v in told("keep_best=acc:1:project", split)] == ["keep", "keep", "remo", "remo", "remo", "remo"]


def test_failed_ones_count_apart_but_what_names_them_keeps_them():
    candidates = [
        one(0, 0, failed=True),
        one(1, 1),
        one(2, 2, failed=True),
        one(3, 3, failed=True, tags=frozenset({"paper"})),
        one(4, 4),
    ]
    assert told("keep_last=2 keep_failed=1 keep_tags=paper", candidates) == [
        "keep: failed 1; last of its lineage",
        "keep: last 1; last of its lineage",
        "remove: failed, over keep failed 1",
        "keep: tag paper",
        "keep: last 2",
    ]
    assert told("keep_last=2", candidates)[:3] == [
        "keep: last 1; last of its lineage",
        "keep: last 2",
        "remove: beyond last 2",
    ]
    only_failed = told("keep_failed=0", candidates)
    assert only_failed[0] == "keep: last of its lineage"
    assert only_failed[2] == "remove: failed, over keep failed 0"
    assert only_failed[4] == "keep: no rule gives it up", "keep_failed says what goes, nothing of the others"


def test_what_nobody_may_remove_says_why():
    candidates = [
        one(0, -DAY),
        one(1, 1),
        one(2, 2, running=True),
        one(3, 3, pinned=True),
        one(4, 4, why="a bit is wrong"),
        one(5, 5),
        one(6, float("nan")),
    ]
    said = {candidate.digest: REMOVE for candidate in candidates}
    assert sorted(told("keep_tags=absent", candidates, said=said)) == [
        "keep: cannot be read: a bit is wrong",
        "keep: cannot be read: its time is no number",
        "keep: dated in the future",
        "keep: its run is going on",
        "keep: last of its lineage",
        "keep: pinned",
        "remove: you said so",
    ]


def test_a_wrong_clock_does_not_push_out_what_is_true():
    candidates = [one(0, -DAY), one(1, -2 * DAY), one(2, 1), one(3, 2), one(4, 3)]
    assert [v[:4] for v in told("keep_last=2", candidates)] == ["keep", "keep", "keep", "keep", "remo"]


def test_what_a_person_removes_leaves_its_place_to_the_next():
    candidates = [one(n, n) for n in range(4)]
    assert told("keep_last=2", candidates, said={digest(1): REMOVE}) == [
        "keep: last 1; last of its lineage",
        "remove: you said so",
        "keep: last 2",
        "remove: beyond last 2",
    ]


def local(text: str) -> float:
    """Give a moment by the clock of the reader."""
    return datetime.fromisoformat(text).timestamp()


def parts(*names: str) -> tuple[StockPart, ...]:
    return tuple(StockPart(name, name.partition(":")[0], 1000) for name in names)


def test_only_parts_are_given_up_where_the_policy_says_so():
    candidates = [
        one(0),
        one(1, 1, parts=parts("code", "environment", "data:train", "outputs")),
        one(2, 2, parts=parts("code", "environment")),
        one(3, 3, parts=parts("data:train")),
    ]
    policy = Policy(keep_last=1, give_up=(GiveUp("data"), GiveUp("outputs", 1000), GiveUp("wheels")))
    decisions = decide(policy, stock(candidates))
    assert [d.verdict for d in decisions] == [KEEP, LESSEN, KEEP, REMOVE]
    assert decisions[1].parts == {"data:train"}, "its outputs are no larger than 1000 bytes"
    assert decisions[2].reasons[-1].words == "nothing in it is given up"
    assert decisions[3].parts == {"*"}, "nothing would be left of it"
    by_hand = decide(Policy(keep_last=9), stock(candidates), {c.digest: LESSEN for c in candidates})
    assert [d.verdict for d in by_hand] == [KEEP, LESSEN, KEEP, REMOVE]
    assert by_hand[1].parts == {"data:train"}, "its data, where the policy gives up nothing"


def test_parents_stay_with_what_was_made_from_them():
    version = digest(99)
    candidates = [
        one(0, parents=frozenset({"2" * 32, version})),
        one(1, 1),
        one(2, 2, run="2" * 32, parents=frozenset({"5" * 32})),
        one(3, 3, run="2" * 32),
        one(4, 4, versions=frozenset({version}), run="4" * 32),
        one(5, 5, versions=frozenset({version}), name="train@v1", lineage="data train"),
        one(6, 6, run="5" * 32),
    ]
    assert told("keep_last=1 keep_parents=yes", candidates) == [
        "keep: last 1; last of its lineage",
        "remove: beyond last 1",
        "keep: run-0 was made from it",
        "remove: beyond last 1",
        "remove: beyond last 1",
        "keep: last 1; last of its lineage; run-0 was made from it",
        "keep: run-2 was made from it",
    ]


def test_what_a_person_keeps_keeps_what_it_was_made_from():
    candidates = [one(0), one(1, 1, parents=frozenset({"2" * 32})), one(2, 2, run="2" * 32)]
    assert told("keep_last=1 keep_parents=yes", candidates, said={digest(1): KEEP})[1:] == [
        "keep: you said so",
        "keep: run-1 was made from it",
    ]
    assert told("keep_last=2 keep_parents=yes", candidates, said={digest(1): LESSEN})[2] == "remove: beyond last 2"


SIZES = {digest(n): {"": [0], "code": [n]} for n in range(8)}
"""Each has 10 bytes that all share, and 10 to 17 of its own."""


def test_above_its_size_a_store_gives_up_the_least_valuable_first():
    candidates = [
        one(1, 1 * DAY),
        one(2, 2 * DAY, failed=True),
        one(3, 9 * DAY, pinned=True),
        one(4, 9 * DAY, cited=("paper",)),
        one(5, 9 * DAY, level=4, level_text="4/6"),
        one(6, 3 * DAY),
        one(7, 4 * DAY),
    ]
    whole = 10 + sum(range(11, 18))
    rules = "keep_within=30d keep_cited=yes"
    gone = []
    for size in range(whole, 0, -1):
        verdicts = told(f"{rules} max_size={size}", candidates, holdings=SIZES)
        gone.append(
            [number for number, verdict in zip((1, 2, 6, 7, 3, 4, 5), verdicts, strict=True) if verdict[0] == "r"]
        )
    orders = [each for n, each in enumerate(gone) if n == 0 or each != gone[n - 1]]
    assert orders == [[], [2], [2, 7], [2, 6, 7], [2, 6, 7, 5], [2, 6, 7, 4, 5]]
    last = told(f"{rules} max_size=9", candidates, holdings=SIZES)
    assert last[2] == "remove: over max 9 bytes; although within 30d"
    assert last[4] == "keep: pinned; within 30d"


def test_what_is_in_the_trash_counts_as_gone():
    candidates = [one(n, n * DAY) for n in range(3)]
    holdings = {digest(n): {"": [n]} for n in range(4)}
    gone = (Trashed(digest(3), "run-3", frozenset({"*"}), NOW, NOW + DAY, "ada", "", "1"),)
    rules = f"keep_last=9 max_size={10 + 11 + 12}"
    assert not any("remove" in v for v in told(rules, candidates, holdings=holdings, trashed=gone))
    assert sum("remove" in v for v in told(rules, candidates, holdings=holdings)) == 2


def test_parts_go_before_whole_snapshots_where_the_policy_gives_up_parts():
    candidates = [one(n, n * DAY, parts=parts("code", "data")) for n in range(3)]
    holdings = {digest(n): {"code": [n], "data": [50 + n]} for n in range(3)}
    policy = Policy(keep_last=9, give_up=(GiveUp("data"),), max_size=10 + 11 + 12 + 60)
    found = stock(candidates, holdings)
    assert [d.verdict for d in decide(policy, found)] == [KEEP, LESSEN, LESSEN]
    smaller = decide(replace(policy, max_size=10 + 60), found)
    assert [d.verdict for d in smaller] == [KEEP, REMOVE, REMOVE]


def test_what_was_kept_only_for_what_goes_goes_with_it():
    candidates = [
        one(0),
        one(1, 1, lineage="other"),
        one(2, DAY, tags=frozenset({"paper"}), parents=frozenset({"3" * 32})),
        one(3, 2 * DAY, lineage="other", run="3" * 32, level=6),
    ]
    holdings = {digest(n): {"": [n]} for n in range(4)}
    rules = "keep_tags=paper keep_parents=yes"
    assert told(rules, candidates, holdings=holdings)[2:] == ["keep: tag paper", "keep: run-2 was made from it"]
    assert told(f"{rules} max_size=45", candidates, holdings=holdings)[2:] == [
        "remove: over max 45 bytes; although tag paper",
        "remove: what was made from it goes too",
    ]


def test_the_worth_of_a_snapshot_is_what_speaks_for_it():
    assert worth(one(0), ()) is Worth.DATED
    assert worth(one(0, failed=True), ()) is Worth.FAILED
    assert worth(one(0, failed=True, cited=("paper",)), ()) is Worth.CITED
    assert worth(one(0, level=3), ()) is Worth.REPLAYED
    assert worth(one(0, level=2), ()) is Worth.DATED


def test_doubts_are_said_before_a_policy_is_carried_out():
    candidates = [one(0, metrics={"odd": 1.0}), one(1, 1, pinned=True)]
    found = stock(candidates, {digest(0): {"": [0]}, digest(1): {"": [5000]}})
    assert doubts(Policy(keep_parents=True), found, ()) == ("the policy is empty: it removes nothing",)
    policy = Policy(keep_tags=("paper",), keep_best=(Best("acc"), Best("odd", 1, Per.TAG)), max_size=1000)
    decisions = decide(policy, found)
    assert missing(policy, found, decisions) == 5010 + 10 - 1000
    assert doubts(policy, found, decisions) == (
        "no snapshot has the tag paper",
        "no snapshot has the metric acc",
        (
            "whether odd is better up or down is not known, so all that have it stay;"
            " `metrics: {odd: {better: up}}` in repro.yaml says it"
        ),
        "max size 1 kB is not reached: what may not be removed needs 4.1 kB more",
    )
    assert doubts(Policy(keep_last=1), found, decide(Policy(keep_last=1), found)) == ()


def test_ten_thousand_snapshots_are_decided_without_looking_at_pairs():
    """Ten times as many cost about ten times as much; a loop over pairs would cost a hundred times as much."""

    def cost(number: int) -> float:
        candidates = [one(n, n * HOUR, lineage="abc"[n % 3], parents=frozenset({"0" * 32})) for n in range(number)]
        found = stock([*candidates, one(number, 1, run="0" * 32)])
        policy = Policy(keep_last=number, keep_daily=9, keep_parents=True, max_size=1)
        before = time.process_time()
        decisions = decide(policy, found)
        spent = time.process_time() - before
        assert sum(decision.verdict is REMOVE for decision in decisions) == number - 3, "the last of each lineage stays"
        return spent

    assert min(cost(10_000) for _ in range(2)) < 50 * min(cost(1_000) for _ in range(3))
