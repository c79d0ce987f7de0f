"""What the rules that restic has too keep of a calendar, beside what a real restic keeps of it.

`restic_keeps.json` was recorded by `restic_calendar.py`. Snapshots of the same second cannot be told apart by time, and
restic does not say which of them it prefers: there it is compared how many of them stay.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from repro_tui.domain.footprint import Footprint
from repro_tui.domain.ids import Digest
from repro_tui.domain.retention import Candidate, Stock, Verdict
from repro_tui.domain.retention_decide import decide
from repro_tui.domain.retention_text import parse_line
from tests.domain import restic_calendar

RECORD = json.loads(restic_calendar.RECORD.read_text("utf-8"))
Snapshots = Sequence[tuple[float, str]]


@pytest.fixture(autouse=True)
def _zone_of_the_record() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = restic_calendar.RULE_OF_ZONE
    time.tzset()
    yield
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


def stock_of(snapshots: Snapshots) -> Stock:
    """Give the calendar as a stock of one lineage; the last of it, which we never remove, is what restic calls last."""
    candidates = [
        Candidate(Digest(f"b3:{number:04}"), t, f"run-{number}", tags=frozenset({tag} if tag else ()))
        for number, (t, tag) in enumerate(snapshots)
    ]
    return Stock(snapshots[-1][0] + 1, tuple(reversed(candidates)), Footprint({}, ()), (), 0, 0, {})


def kept(policy: str, snapshots: Snapshots) -> list[tuple[float, str]]:
    """Give what a policy keeps, but for what only the last of the lineage is kept for."""
    stock = stock_of(snapshots)
    return sorted(
        (candidate.t, "".join(candidate.tags))
        for candidate, decision in zip(stock.candidates, decide(parse_line(policy), stock), strict=True)
        if decision.verdict is Verdict.KEEP and [said.rule for said in decision.reasons] != ["lineage"]
    )


def seconds(found: Sequence[tuple[float, str]]) -> Counter[float]:
    return Counter(t for t, _ in found)


def zoned(name: str) -> bool:
    """Tell whether this machine knows the time zone."""
    try:
        return bool(ZoneInfo(name))
    except ZoneInfoNotFoundError:
        return False


@pytest.mark.parametrize("policy", RECORD["kept"])
def test_the_same_snapshots_are_kept_as_by_restic(policy):
    snapshots = [(t, tag) for t, tag in RECORD["snapshots"]]
    theirs = [each for each, mark in zip(snapshots, RECORD["kept"][policy], strict=True) if mark == "#"]
    ours = kept(policy, snapshots)
    assert seconds(ours) == seconds(theirs)
    once = {t for t, n in seconds(snapshots).items() if n == 1}
    assert [each for each in ours if each[0] in once] == [each for each in theirs if each[0] in once]


@pytest.mark.skipif(not zoned(restic_calendar.ZONE), reason="there is no time zone database")
def test_the_record_is_of_the_calendar_that_the_script_makes():
    assert [(t, tag) for t, tag in RECORD["snapshots"]] == restic_calendar.calendar()
    assert set(RECORD["kept"]) == set(restic_calendar.POLICIES)
    assert len(RECORD["snapshots"]) == 300


@pytest.mark.e2e
@pytest.mark.skipif(shutil.which("restic") is None, reason="restic is not installed")
@pytest.mark.skipif(not zoned(restic_calendar.ZONE), reason="there is no time zone database")
def test_the_restic_that_is_installed_keeps_the_same(tmp_path):
    """The end of a year within a week, a clock set back, one second twice.

    No rule has periods left over: from 0.17 on restic keeps the oldest too while one has.
    """
    new_year = [(1609455599.0, ""), (1609455600.0, "paper")]
    clock_set_back = [(1698539400.0, ""), (1698543000.0, ""), (1698543000.0, "")]
    few = [*new_year, *clock_set_back]
    repository = tmp_path / "repository"
    restic_calendar.fill(repository, few)
    policy = "keep_hourly=2 keep_yearly=2 keep_within=1h keep_tags=paper"
    assert seconds(kept(policy, few)) == seconds(restic_calendar.keeps(repository, policy))
