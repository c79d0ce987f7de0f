"""Stocks of snapshots for tests: who needs which bytes is counted from what each part holds."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from hypothesis import strategies as st

from repro_tui.domain.footprint import WHOLE, Footprint
from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.retention import (
    DAY_S,
    Best,
    Candidate,
    Decision,
    GiveUp,
    Per,
    Policy,
    Stock,
    StockPart,
    Trashed,
    Verdict,
)

NOW = 1_800_000_000.0
Holding = Mapping[str, Sequence[int]]
"""Part of a snapshot to the numbers of the blobs in it; a blob of number n has 10 + n bytes."""


def digest(number: int) -> Digest:
    return Digest(f"b3:{number:08}")


def footprint(holdings: Mapping[Digest, Holding]) -> Footprint:
    """Count who needs what: each part of each snapshot is a unit of its own."""
    units: dict[Digest, dict[str, tuple[int, ...]]] = {}
    owners: dict[int, list[int]] = {}
    number = 0
    for snapshot, parts in holdings.items():
        for name, blobs in parts.items():
            units.setdefault(snapshot, {})[name] = (number,)
            for blob in blobs:
                owners.setdefault(blob, []).append(number)
            number += 1
    return Footprint(units, tuple((10 + blob, tuple(of)) for blob, of in sorted(owners.items())))


def stock(candidates: Sequence[Candidate], holdings: Mapping[Digest, Holding] | None = None, **more: object) -> Stock:
    """Give a stock of candidates, the newest first; each has bytes of its own unless it is said what holds what."""
    ordered = tuple(sorted(candidates, key=lambda c: (-c.t, c.digest)))
    found = footprint({c.digest: {"": [1000 + i]} for i, c in enumerate(ordered)} if holdings is None else holdings)
    return replace(Stock(NOW, ordered, found, (), 0, 0, {"acc": True, "loss": False}), **more)


def carried_out(before: Stock, decisions: Sequence[Decision]) -> Stock:
    """Give what is there after decisions were carried out: the rest, and what was removed in the trash."""
    by_digest = {decision.digest: decision for decision in decisions}
    left, trashed = [], list(before.trashed)
    for candidate in before.candidates:
        parts = by_digest[candidate.digest].parts
        if parts:
            trashed.append(Trashed(candidate.digest, candidate.name, parts, NOW, NOW + 1, "ada", "", "1"))
        if WHOLE not in parts:
            rest = tuple(part for part in candidate.parts if part.name not in parts)
            held = candidate.versions if any(part.kind == "data" for part in rest) else frozenset()
            left.append(replace(candidate, parts=rest, versions=held if parts else candidate.versions))
    return replace(before, candidates=tuple(left), trashed=tuple(trashed))


def removed(decisions: Sequence[Decision]) -> dict[Digest, frozenset[str]]:
    """Give what goes of each snapshot."""
    return {decision.digest: decision.parts for decision in decisions if decision.parts}


def goes_too(some: Mapping[Digest, frozenset[str]], more: Mapping[Digest, frozenset[str]]) -> bool:
    """Tell whether all that goes of some also goes of more."""
    return all(WHOLE in more.get(key, ()) or parts <= more.get(key, frozenset()) for key, parts in some.items())


_PARTS = (StockPart("code", "code", 10), StockPart("data:a", "data", 500), StockPart("outputs", "outputs", 90))
_VERSIONS = [Digest(f"b3:version{number}") for number in range(3)]
_UIDS = [RunId(f"{number:032x}") for number in range(10)]
COUNTS = ("keep_last", "keep_hourly", "keep_daily", "keep_weekly", "keep_monthly", "keep_yearly")
_SEEDS = st.integers(0, 2**32)


def _moment(draw: random.Random) -> float:
    odd = (NOW, NOW, NOW + 1, NOW + DAY_S, 0.0, -1e18)
    return draw.choice((NOW - draw.randrange(40) * 3600.0, NOW - draw.randrange(400) * DAY_S, draw.choice(odd)))


def _candidate(number: int, draw: random.Random) -> Candidate:
    run = draw.choice(_UIDS) if draw.random() < 0.7 else None
    numbers = (draw.random(), draw.random(), 1.0, 1.0, -1.0, float("nan"), float("inf"), float("-inf"))
    return Candidate(
        digest(number),
        _moment(draw),
        f"run-{number}",
        run,
        draw.choice("ab") if run else "data train",
        frozenset(tag for tag in ("paper", "sweep") if draw.random() < 0.4),
        draw.random() < 0.4,
        draw.random() < 0.1,
        {name: draw.choice(numbers) for name in ("acc", "loss", "odd") if draw.random() < 0.5},
        draw.random() < 0.1,
        ("paper",) if draw.random() < 0.1 else (),
        draw.randrange(7),
        "",
        frozenset(draw.sample([*_UIDS, *_VERSIONS], draw.randrange(3))),
        frozenset(draw.sample(_VERSIONS, draw.randrange(2))),
        tuple(part for part in _PARTS if draw.random() < 0.6),
        0,
        "it is damaged" if draw.random() < 0.05 else "",
    )


def some_stock(number: int, seed: int) -> Stock:
    """Make up a stock of so many snapshots."""
    draw = random.Random(seed)
    found = [_candidate(each, draw) for each in range(number)]

    def blobs() -> list[int]:
        return draw.sample(range(20), draw.randrange(5))

    return stock(found, {c.digest: {"": blobs(), **{part.name: blobs() for part in c.parts}} for c in found})


def some_policy(seed: int) -> Policy:
    """Make up a policy."""
    draw = random.Random(seed)

    def best() -> Best:
        return Best(draw.choice(("acc", "loss", "odd")), draw.randrange(1, 4), draw.choice((None, *Per)))

    def give_up() -> GiveUp:
        return GiveUp(draw.choice(("data", "data:a", "outputs", "code")), draw.choice((0, 100)))

    return Policy(
        **{name: draw.choice((0, 0, 0, 1, 2, 4)) for name in COUNTS},
        keep_within=draw.choice((0.0, 0.0, 7200.0, 10 * DAY_S)),
        keep_tags=draw.choice(((), (), ("paper",), ("absent",))),
        keep_best=tuple(best() for _ in range(draw.choice((0, 0, 1, 2)))),
        keep_cited=draw.random() < 0.3,
        keep_verified=draw.random() < 0.2,
        keep_parents=draw.random() < 0.5,
        keep_failed=draw.choice((None, None, 0, 1, 2)),
        max_size=draw.choice((None, draw.randrange(1, 500))),
        per=draw.choice(list(Per)),
        give_up=tuple(give_up() for _ in range(draw.choice((0, 0, 1, 2)))),
    )


def stocks() -> st.SearchStrategy[Stock]:
    """Draw stocks; by a seed, because drawing each field by itself takes a thousand times as long as deciding."""
    return st.builds(some_stock, st.integers(0, 12), _SEEDS)


def policies(*, sized: bool = True) -> st.SearchStrategy[Policy]:
    """Draw policies, all or only those without `max_size`."""
    drawn = st.builds(some_policy, _SEEDS)
    return drawn if sized else drawn.map(lambda policy: replace(policy, max_size=None))


def overrides() -> st.SearchStrategy[dict[Digest, Verdict]]:
    """Draw what a person said."""
    return st.dictionaries(st.integers(0, 12).map(digest), st.sampled_from(Verdict), max_size=3)
