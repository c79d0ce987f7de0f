"""What keeping data costs, against borg and restic on the same files in the same run; prints ratios.

Run it as `python -m tests.benchmarks.snapshots [--quick] [--only w1|w3|large] [--without borg restic]`.
W1 is 10,000 files of 1.94 GB; W2 the same after 1 % was appended to its 500 MB CSV and 80 files were rewritten; W3 ten
successive checkpoints of 40 MiB. CPU is user and system time of the child process. borg is measured with its default
compression and with ours. A full run needs 15 GB in the folder for temporary files.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.benchmarks.make_files import FULL, MB, QUICK, Size

CHILD = (sys.executable, "-m", "tests.benchmarks.snapshots", "--child")
"""Runs a part of this in a process of its own."""


@dataclass(frozen=True)
class Cost:
    """What a child process needed."""

    cpu: float
    wall: float
    memory: int
    """Bytes, at its peak."""
    output: str = ""


def measure(argv: Sequence[str | Path], cwd: Path | None = None, **environment: str) -> Cost:
    """Run a command to its end; raises when it fails."""
    os.sync()  # what others have written is not written at the expense of this one
    began = time.perf_counter()
    with tempfile.TemporaryFile() as captured:
        child = subprocess.Popen(
            [str(word) for word in argv], cwd=cwd, env=os.environ | environment, stdout=captured, stderr=captured
        )
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - began
        captured.seek(0)
        output = captured.read().decode(errors="replace")
    if child.returncode:
        raise SystemExit(f"{argv[0]} failed with {child.returncode}: {output[-2000:]}")
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024, output)


def make(folder: Path, size: Size, what: str, number: int = 0) -> None:
    """Write files in a process of its own: what a child is said to need includes the memory that its parent had."""
    words = [what, folder, "full" if size is FULL else "quick", str(number)]
    measure([sys.executable, "-m", "tests.benchmarks.make_files", *words])


# The programs.


class Ours:
    """The store, driven as a snapshot of data drives it: walk, stat cache, blobs, listing, document."""

    name = program = "repro-tui"

    def __init__(self, folder: Path) -> None:
        self.store = folder / "store"
        self.cache = folder / "cache"

    def take(self, source: Path) -> Cost:
        return measure([*CHILD, "take", source, self.store, self.cache])

    def restore(self, target: Path) -> Cost:
        return measure([*CHILD, "restore", self.store, target])

    def size(self) -> int:
        return tree_size(self.store) - (8 << 20)  # the reserve holds nothing


class Borg:
    """borg as its users run it, with lz4."""

    name, program, compression = "borg", "borg", "lz4"

    def __init__(self, folder: Path) -> None:
        self.store = folder / self.name
        self.environment = {
            "BORG_BASE_DIR": str(folder / f"{self.name}-home"), "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes",
            "BORG_RELOCATED_REPO_ACCESS_IS_OK": "yes",
        }  # fmt: skip
        measure(["borg", "init", "--encryption", "none", self.store], **self.environment)
        self.count = 0

    def take(self, source: Path) -> Cost:
        self.count += 1
        words = ["borg", "create", "--compression", self.compression, f"{self.store}::{self.count}", "."]
        return measure(words, cwd=source, **self.environment)

    def restore(self, target: Path) -> Cost:
        target.mkdir()
        return measure(["borg", "extract", f"{self.store}::{self.count}"], cwd=target, **self.environment)

    def size(self) -> int:
        return tree_size(self.store)


class BorgZstd(Borg):
    """borg with the compression that we use, so that it stores as little."""

    name, program, compression = "borg zstd", "borg", "zstd,1"


class Restic:
    """restic, which compresses with zstd."""

    name = program = "restic"

    def __init__(self, folder: Path) -> None:
        self.store = folder / "restic"
        self.environment = {
            "RESTIC_PASSWORD": "benchmark", "RESTIC_REPOSITORY": str(self.store),
            "RESTIC_CACHE_DIR": str(folder / "restic-cache"),
        }  # fmt: skip
        measure(["restic", "init", "--repository-version", "2"], **self.environment)

    def take(self, source: Path) -> Cost:
        return measure(["restic", "backup", "--quiet", "."], cwd=source, **self.environment)

    def restore(self, target: Path) -> Cost:
        return measure(["restic", "restore", "latest", "--target", target], **self.environment)

    def size(self) -> int:
        return tree_size(self.store)


PROGRAMS = (Ours, BorgZstd, Borg, Restic)


def tree_size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


# What the child process does.


def child(words: Sequence[str]) -> None:
    from repro_tui.store.store import Store

    if words[0] == "take":
        take(Path(words[1]), Store(Path(words[2]), Path(words[2]).parent / "locks"), Path(words[3]))
    else:
        from repro_tui.store.restore import restore

        store = Store(Path(words[1]), Path(words[1]).parent / "locks")
        newest = max(store.documents(), key=lambda digest: store.document(digest)["t"])
        listing = store.listing([bytes.fromhex(name) for name in store.document(newest)["parts"][0]["listing"]])
        report = restore(store, listing, Path(words[2]))
        if not report.ok:
            raise SystemExit(f"damaged: {report.damages[:3]}")


def take(source: Path, store, cache_folder: Path) -> None:
    """Keep a folder as the part of one snapshot; what the stat cache knows is not read."""
    from dataclasses import replace

    from repro_tui.fingerprint.cache import StatCache
    from repro_tui.store.walk import walk

    cache = StatCache(cache_folder)

    def known(found):
        folder, name = os.path.split(found.full)
        record = cache.entries(folder).get(name) if found.kind == "f" else None
        same = record and record[:4] == (found.size, found.mtime_ns, found.ctime_ns, found.inode)
        return replace(found, known=record[4]) if same else found

    def note(full, stat, digest):
        folder, name = os.path.split(full)
        cache.put(folder, name, stat, digest)

    walked, _ = walk(source)
    with store.adder() as adder:
        entries, troubles = adder.add_files(map(known, walked), noted=note)
        listing = [blob.hex() for blob in adder.put_listing(entries)]
        adder.commit({"parts": [{"name": "data", "kind": "data", "listing": listing}], "t": time.time()})
    cache.flush()
    if troubles:
        raise SystemExit(f"not kept: {troubles[:3]}")


# The report.


class Table:
    """Costs of one task by program, printed with ratios to ours."""

    def __init__(self, title: str, targets: dict[str, float]) -> None:
        print(f"\n{title}")
        self.targets = targets
        self.costs: dict[str, Cost] = {}

    def add(self, name: str, cost: Cost, extra: str = "") -> None:
        self.costs[name] = cost
        ours = self.costs["repro-tui"]
        ratio = ""
        if name != "repro-tui":
            target = f" (target {self.targets[name]})" if name in self.targets else ""
            cpu, wall = ours.cpu / max(cost.cpu, 0.001), ours.wall / max(cost.wall, 0.001)
            ratio = f"   ours is {cpu:.2f} of its CPU{target}, {wall:.2f} of its wall"
        memory = f"{cost.memory / 2**20:6.0f} MiB"
        print(f"  {name:11s} {cost.cpu:7.2f} s CPU {cost.wall:7.2f} s wall {memory} {extra}{ratio}", flush=True)


def sizes(title: str, target: str, programs) -> None:
    found = {program.name: program.size() for program in programs}
    others = [size for name, size in found.items() if name != "repro-tui"]
    best = f"   ours is {found['repro-tui'] / min(others):.3f} of the best (target {target})" if others else ""
    print(f"  size of {title}: " + ", ".join(f"{name} {size / MB:,.1f} MB" for name, size in found.items()) + best)


LEARN = """
import pathlib, sys, time
from repro_tui.fingerprint import Fingerprinter
with Fingerprinter(pathlib.Path(sys.argv[2]), now_ns=lambda: time.time_ns() + 10**10) as printer:
    printer.take([sys.argv[1]])
"""
CHECK = """
import pathlib, sys
from repro_tui.fingerprint import Fingerprinter
sys.exit(Fingerprinter(pathlib.Path(sys.argv[2])).check([sys.argv[1]])[0].coverage != "full")
"""
SCAN = """
import os, sys
for folder, folders, files in os.walk(sys.argv[1]):
    for name in files:
        os.lstat(folder + "/" + name)
"""


def unchanged(source: Path, cache: Path) -> None:
    """Compare "did it change?" with listing and stat of the same files, each as a process of its own."""
    measure([sys.executable, "-c", LEARN, source, cache])
    checks = [measure([sys.executable, "-c", CHECK, source, cache]).cpu for _ in range(5)]
    scans = [measure([sys.executable, "-c", SCAN, source]).cpu for _ in range(5)]
    ours, floor = median(checks), median(scans)
    print(f"\nunchanged? {ours:.2f} s CPU, {ours / max(floor, 0.001):.1f} times scandir and stat (target 5)")


def first_and_second(folder: Path, size: Size, programs) -> None:
    source = folder / "w1"
    source.mkdir()
    make(source, size, "w1")
    count, total = sum(1 for path in source.rglob("*") if path.is_file()), tree_size(source)
    print(f"W1: {count:,} files, {total / MB:,.0f} MB")
    time.sleep(0 if size is QUICK else 3)  # what was written this moment is not trusted by anybody's cache of stats
    unchanged(source, folder / "fingerprints")
    table = Table("first snapshot of W1", {"borg zstd": 0.6, "borg": 0.6, "restic": 0.3})
    for program in programs:
        table.add(program.name, program.take(source))
    sizes("W1", "1.03", programs)
    table = Table("W1 again, nothing changed", {})
    for program in programs:
        table.add(program.name, program.take(source))
    before = {program.name: program.size() for program in programs}
    make(source, size, "w2")
    table = Table("W2 after W1", {"borg zstd": 0.5, "borg": 0.5})
    for program in programs:
        table.add(program.name, program.take(source), f"+{(program.size() - before[program.name]) / MB:5.1f} MB")
    table = Table("restore W2, verified", {"borg zstd": 0.8, "borg": 0.8})
    for program in programs:
        target = folder / f"restored-{program.name}"
        table.add(program.name, program.restore(target))
        compare(source, target)
        shutil.rmtree(target)
    shutil.rmtree(source)


def compare(source: Path, target: Path) -> None:
    done = subprocess.run(["diff", "-rq", str(source), str(target)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"restored differently: {done.stdout[:500]}")


def successive(folder: Path, size: Size, programs) -> None:
    source = folder / "w3"
    source.mkdir()
    table = Table(
        f"W3: {size.checkpoints} successive checkpoints of {size.checkpoint >> 20} MiB, a quarter changes", {}
    )
    costs: dict[str, list[Cost]] = {program.name: [] for program in programs}
    for number in range(size.checkpoints):
        make(source, size, "w3", number)
        for program in programs:
            costs[program.name].append(program.take(source))
    for name, spent in costs.items():
        table.add(name, Cost(sum(c.cpu for c in spent), sum(c.wall for c in spent), max(c.memory for c in spent)))
    sizes("W3", "1.03", programs)


def one_large_file(folder: Path, size: Size) -> None:
    """Look at the memory while one sparse file is kept that is larger than any memory."""
    source, length = folder / "large", 20_000 * MB if size is FULL else 200 * MB
    source.mkdir()
    with (source / "sparse.bin").open("wb") as file:
        file.truncate(length)
        file.seek(5_000_000)
        file.write(b"something")
    cost = Ours(folder / "large-store").take(source)
    large, needed = length / MB / 1000, cost.memory / 2**20
    print(f"\na sparse file of {large:g} GB: {cost.cpu:.1f} s CPU, {needed:.0f} MiB (target 150)")


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=["w1", "w3", "large"])
    parser.add_argument("--without", nargs="*", default=[])
    options = parser.parse_args(words)
    size = QUICK if options.quick else FULL
    there = [
        one for one in PROGRAMS if one is Ours or (shutil.which(one.program) and one.program not in options.without)
    ]
    for program in PROGRAMS:
        if program not in there:
            print(f"{program.name} is not compared: it is not installed, or not wanted")
    folder = Path(tempfile.mkdtemp(prefix="repro-bench-"))
    try:
        for name, act in (("w1", first_and_second), ("w3", successive)):
            if options.only in {None, name}:
                part = folder / f"{name}-stores"
                part.mkdir()
                act(folder, size, [program(part) for program in there])
                shutil.rmtree(part)
        if options.only in {None, "large"}:
            one_large_file(folder, size)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2:])
    else:
        main(sys.argv[1:])
