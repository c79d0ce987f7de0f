"""What it costs to decide about 10,000 snapshots and to count what that frees.

`python -m tests.benchmarks.deciding [--snapshots N]`. The snapshots are made up: 37 lineages over 700 days, each with a
manifest, code, environment and outputs of its own and a dataset that a hundred of them share; each shares something
with the one before. Times are those of the processor, the best of five.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable

from repro_tui.domain.footprint import Footprint
from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.retention import DAY_S, Candidate, Stock, StockPart
from repro_tui.domain.retention_decide import decide
from repro_tui.domain.retention_impossible import impossible
from repro_tui.domain.retention_text import parse_line

NOW = 1_800_000_000.0
ALL_RULES = (
    "keep_last=5 keep_hourly=24 keep_daily=7 keep_weekly=4 keep_monthly=12 keep_yearly=3 keep_within=30d"
    " keep_tags=paper keep_best=acc:3,loss:3:project keep_cited=yes keep_verified=yes keep_parents=yes keep_failed=0"
)
POLICIES = (
    "",
    "keep_last=5 keep_daily=7 keep_weekly=4 keep_best=acc:3 keep_cited=yes",
    ALL_RULES,
    "keep_daily=10000 keep_parents=yes max_size=20GB",
    "keep_last=10000 keep_parents=yes max_size=1",
    "keep_last=1 give_up=data max_size=1",
)
"""The fourth gives up hundreds for their size, the fifth nearly all, one after the other."""
PARTS = tuple(StockPart(name, name, 1000) for name in ("code", "environment", "data", "outputs"))


def made_up(number: int) -> Stock:
    """Make up a stock of so many snapshots."""
    draw = random.Random(1)
    shares: list[tuple[int, tuple[int, ...]]] = [(20_000_000, (n,)) for n in range(number // 100 + 1)]
    units: dict[Digest, dict[str, tuple[int, ...]]] = {}
    candidates = []
    for n, t in enumerate(sorted((NOW - draw.random() * 700 * DAY_S for _ in range(number)), reverse=True)):
        digest, first = Digest(f"b3:{n:064x}"), number // 100 + 1 + 4 * n
        own = range(first, first + 4)
        shares += [(draw.randrange(1000, 3_000_000), (unit,)) for unit in own]
        shares += [(5000, (first, first - 4))] if n else []
        units[digest] = dict(zip(("", "code", "environment", "outputs"), ((unit,) for unit in own), strict=True))
        units[digest]["data"] = (n // 100,)
        candidates.append(
            Candidate(
                digest,
                t,
                f"run-{n}",
                RunId(f"{n:032x}"),
                f"lineage-{n % 37}",
                frozenset({"paper"} if n % 97 == 0 else ()),
                failed=n % 11 == 0,
                metrics={"acc": draw.random(), "loss": draw.random()},
                pinned=n % 501 == 0,
                cited=("paper",) if n % 700 == 0 else (),
                level=2,
                parents=frozenset({f"{n + 5:032x}"} if n % 13 == 0 else ()),
                versions=frozenset({Digest(f"b3:version{n // 100}")}),
                parts=PARTS,
            )
        )
    return Stock(NOW, tuple(candidates), Footprint(units, tuple(shares)), (), 0, 0, {"acc": True, "loss": False})


def best_of(times: int, work: Callable[[], object]) -> float:
    """Give the least processor time of several tries, in milliseconds."""
    spent = []
    for _ in range(times):
        before = time.process_time()
        work()
        spent.append(time.process_time() - before)
    return 1000 * min(spent)


def main() -> None:
    """Print a line a policy."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--snapshots", type=int, default=10_000)
    number = parser.parse_args().snapshots
    stock = made_up(number)
    print(f"{number:,} snapshots, {len(stock.footprint.shares):,} shares; milliseconds of the processor")
    print("   decide    freed  sentences    removes  policy")
    for line in POLICIES:
        policy = parse_line(line)
        decisions = decide(policy, stock)
        gone = {decision.digest: decision.parts for decision in decisions if decision.parts}
        figures = (
            best_of(5, lambda policy=policy: decide(policy, _fresh(stock))),
            best_of(5, lambda gone=gone: stock.footprint.freed(gone)),
            best_of(5, lambda decisions=decisions: impossible(stock, decisions)),
        )
        print("{:9.1f}{:9.1f}{:11.1f}".format(*figures) + f"{len(gone):11,}  {line or 'empty'}")


def _fresh(stock: Stock) -> Stock:
    """Give a stock that remembers nothing of deciding before."""
    stock.footprint.__dict__.pop("portions", None)
    return stock


if __name__ == "__main__":
    main()
