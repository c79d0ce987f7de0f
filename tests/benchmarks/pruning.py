"""What removing 80 % of 40 snapshots and freeing their bytes costs, against restic and borg on the same files.

Run it as `python -m tests.benchmarks.pruning [--quick] [--without borg restic]`. Of 1,000 files (60 MB) 50 change from
one snapshot to the next, and one of 4 MB grows. Ours is `move_to_trash`, `condemn` and `empty` in one process, restic
`forget --keep-last 8 --prune`, borg `prune --keep-last 8` with `compact`. Then emptying is repeated with other
fractions of unneeded bytes that may stay (docs/design/0022). Figures are the best of three on copies of the same store,
but for borg, which refuses a copy.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.make_files import MB
from tests.benchmarks.snapshots import Borg, Cost, Ours, Restic, Table, measure

CHILD = (sys.executable, "-m", "tests.benchmarks.pruning", "--child")


@dataclass(frozen=True)
class Size:
    """How much is done."""

    count: int
    keep: int
    files: int
    rounds: int


FULL, QUICK = Size(40, 8, 1000, 3), Size(4, 1, 20, 1)
FRACTIONS = (0.0, 0.02, 0.05, 0.1, 0.25, 1.0)


def change(source: Path, number: int, files: int) -> None:
    """Write the files of the first snapshot, or change some of them."""
    dice = random.Random(number)
    for each in range(files) if not number else dice.sample(range(files), files // 20):
        (source / f"{each:04d}.bin").write_bytes(dice.randbytes(dice.randrange(20_000, 100_000)))
    with (source / "growing.csv").open("ab") as file:
        file.write(dice.randbytes(4 * MB if not number else MB // 10))


def prune(ours: Ours, keep: int, fraction: str = "default") -> Cost:
    return measure([*CHILD, "prune", ours.store, str(keep), fraction])


def prune_restic(restic: Restic, keep: int) -> Cost:
    words = ["restic", "forget", "--quiet", "--keep-last", str(keep), "--prune"]
    return measure(words, **restic.environment)


def prune_borg(borg: Borg, keep: int) -> Cost:
    first = measure(["borg", "prune", "--keep-last", str(keep), borg.store], **borg.environment)
    then = measure(["borg", "compact", borg.store], **borg.environment)
    return Cost(first.cpu + then.cpu, first.wall + then.wall, max(first.memory, then.memory))


PROGRAMS = {Ours: prune, Restic: prune_restic, Borg: prune_borg}


def best(folder: Path, store, act, keep: int, rounds: int) -> tuple[Cost, int]:
    """Prune copies of a store, made anew each time; gives the least that it needed, and the bytes that stay."""
    if isinstance(store, Borg):
        return prune_borg(store, keep), store.size()
    before = folder / f"before-{store.name}"
    before.mkdir()
    shutil.copytree(store.store, before, dirs_exist_ok=True)
    costs = []
    for _ in range(rounds):
        shutil.rmtree(store.store)
        shutil.copytree(before, store.store)
        costs.append(act(store, keep))
    return min(costs, key=lambda cost: cost.cpu), store.size()


def compare(folder: Path, size: Size, programs) -> None:
    """Take snapshots with every program, and let each remove most."""
    source = folder / "source"
    source.mkdir()
    stores = [program(folder) for program in programs]
    for number in range(size.count):
        change(source, number, size.files)
        for store in stores:
            store.take(source)
    table = Table(f"prune all but {size.keep} of {size.count} snapshots, and free the bytes", {"restic": 0.5})
    for store in stores:
        before = store.size()
        cost, after = best(folder, store, PROGRAMS[type(store)], size.keep, size.rounds)
        table.add(store.name, cost, f"{before / MB:6.1f} -> {after / MB:5.1f} MB")
    print("\nours by the fraction of unneeded bytes that may stay")
    for fraction in FRACTIONS[: 2 * size.rounds]:
        shutil.rmtree(stores[0].store)
        shutil.copytree(folder / "before-repro-tui", stores[0].store)
        cost = prune(stores[0], size.keep, str(fraction))
        stays = stores[0].size() / MB
        print(f"  {fraction:4.0%} {cost.cpu:6.2f} s CPU {cost.wall:6.2f} s wall, {stays:6.1f} MB stay")


def child(words: list[str]) -> None:
    from repro_tui.store.emptying import Order, empty
    from repro_tui.store.footprints import holdings
    from repro_tui.store.packwork import CHEAP, MAX_UNNEEDED
    from repro_tui.store.store import Store
    from repro_tui.store.trash import move_to_trash

    store = Store(Path(words[0]), Path(words[0]).parent / "locks")
    documents = {digest: store.document(digest) for digest in store.documents()}
    oldest = sorted(documents, key=lambda digest: documents[digest]["t"])[: -int(words[1])]
    gone = dict.fromkeys(oldest, "*")
    now = time.time()
    move_to_trash(store, oldest)
    store.condemn(holdings(store, documents).condemnable(gone), now)
    cheap = CHEAP if words[2] == "default" else 0
    fraction = MAX_UNNEEDED if words[2] == "default" else float(words[2])
    freed = empty(store, Order(gone, now, early=True, max_unneeded=fraction, cheap=cheap))
    if freed.left or len(freed.gone) != len(oldest):
        raise SystemExit(f"not emptied: {freed}")


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--without", nargs="*", default=[])
    options = parser.parse_args(words)
    programs = [p for p in PROGRAMS if p is Ours or (shutil.which(p.program) and p.program not in options.without)]
    folder = Path(tempfile.mkdtemp(prefix="repro-bench-"))
    try:
        compare(folder, QUICK if options.quick else FULL, programs)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    if sys.argv[1:3] == ["--child", "prune"]:
        child(sys.argv[3:])
    else:
        main(sys.argv[1:])
