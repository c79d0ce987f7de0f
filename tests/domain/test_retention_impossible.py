"""What a prune makes impossible, in words."""

from __future__ import annotations

from dataclasses import replace

from repro_tui.domain.ids import RunId
from repro_tui.domain.retention import Candidate, Decision, Reason, StockPart, Verdict
from repro_tui.domain.retention_impossible import impossible
from tests.domain.stocks import NOW, digest, stock

PARTS = (
    StockPart("code", "code", 1),
    StockPart("wheels", "wheels", 1),
    StockPart("data:train", "data", 1),
    StockPart("outputs", "outputs", 1),
)


def one(number: int, **fields: object) -> Candidate:
    run = RunId(f"{number:032x}")
    made = Candidate(digest(number), NOW - number, f"calm-heron-{number}", run, "train", level=2, parts=PARTS)
    return replace(made, **fields)


def said(candidates: list[Candidate], **gone: str) -> tuple[str, ...]:
    """Say what becomes impossible when of candidate `c1` the parts named go."""
    decisions = [
        Decision(
            c.digest, verdict(gone.get(f"c{n}", "")), (Reason("x", "y"),), frozenset(gone.get(f"c{n}", "").split())
        )
        for n, c in enumerate(candidates)
    ]
    return impossible(stock(candidates), decisions)


def verdict(parts: str) -> Verdict:
    return {"": Verdict.KEEP, "*": Verdict.REMOVE}.get(parts, Verdict.LESSEN)


def test_nothing_becomes_impossible_when_nothing_goes():
    assert said([one(0), one(1)]) == ()


def test_a_run_without_a_snapshot_could_no_longer_be_replayed():
    assert said([one(0), one(40)], c1="*") == ("calm-heron-40 could no longer be replayed",)
    assert said([one(0), one(40)], c1="data:train") == ("calm-heron-40 could no longer be replayed",)
    assert said([one(0), one(1, level=1)], c1="*") == ("calm-heron-1 could no longer be restored",)


def test_another_whole_snapshot_of_the_run_is_enough():
    assert said([one(0), one(1, run=one(0).run)], c1="*") == ()


def test_parts_that_help_a_replay_are_told_apart():
    assert said([one(0), one(1)], c1="outputs") == ("calm-heron-1 would have no results to compare a replay with",)
    assert said([one(0), one(1)], c1="wheels") == ("calm-heron-1 would need packages from the network",)


def test_many_runs_are_counted_and_what_is_cited_is_named_first():
    many = [one(n) for n in range(35)]
    gone = {f"c{n}": "*" for n in range(1, 35)}
    sentence = (
        "34 runs (calm-heron-1, calm-heron-2, calm-heron-3 and 31 more) could no longer be replayed; none is cited"
    )
    assert said(many, **gone) == (sentence,)
    many[3] = replace(many[3], cited=("paper", "export 2026-11-20"))
    first, second = said(many, **gone)
    assert first == "calm-heron-3 is cited (paper, export 2026-11-20) and could no longer be replayed"
    assert second.startswith("33 runs (calm-heron-1, calm-heron-2, calm-heron-4 and 30 more)")
    assert not second.endswith("none is cited")
    cited = [replace(each, cited=("paper",)) for each in many]
    assert said(cited, **gone)[3] == "31 more that are cited could no longer be had again"


def test_a_dataset_version_is_lost_only_when_nothing_holds_it():
    version = digest(99)
    lone = one(1, run=None, name="train@v3", versions=frozenset({version}))
    assert said([one(0), lone], c1="*") == ("train@v3 could no longer be restored",)
    assert said([one(0, versions=frozenset({version})), lone], c1="*") == ()


def test_what_stays_tells_that_its_parents_go():
    child = one(0, parents=frozenset({f"{1:032x}"}))
    assert said([child, one(1)], c1="*") == (
        "calm-heron-1 could no longer be replayed",
        "what calm-heron-0 was made from would be gone",
    )
    assert said([child, one(1)], c1="outputs") == ("calm-heron-1 would have no results to compare a replay with",)


def test_foreign_names_stay_on_their_line():
    assert said([one(0), one(1, name="\x1b[31mred\nline")], c1="*") == ("red␤line could no longer be replayed",)
