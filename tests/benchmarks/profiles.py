"""What looking into a large table costs: seconds, processor and memory of the process that does it; prints ratios.

Run it as `python -m tests.benchmarks.profiles [MEGABYTES]`. The floor is one plain reading of the same bytes.
"""

from __future__ import annotations

import random
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

from repro_tui.domain.dataset import Spec
from repro_tui.domain.profile import FileLine
from repro_tui.profiles import in_child

BLOCK = 20_000


def write(target: Path, size: int) -> None:
    """Write a table of ten columns: numbers, words, days, a label."""
    chance = random.Random(1)
    block = [
        f"{chance.randint(18, 90)},{chance.gauss(170, 10):.2f},{chance.gauss(70, 12):.3f},"
        f"{chance.choice(('Paris', 'Rome', 'Oslo'))},{chance.random():.6f},true,"
        f"2024-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d},note {chance.randint(0, 999999)},"
        f"{chance.randint(0, 9)}\n"
        for _ in range(BLOCK)
    ]
    with target.open("w") as stream:
        stream.write("id,age,height,weight,city,score,flag,day,note,label\n")
        number = 0
        while stream.tell() < size:
            stream.writelines(f"{number + i},{line}" for i, line in enumerate(block))
            number += BLOCK


def read(target: Path) -> float:
    """Read it from end to end, and give the seconds."""
    began = time.perf_counter()
    with target.open("rb", buffering=0) as stream:
        while stream.read(1 << 20):
            pass
    return time.perf_counter() - began


def main(megabytes: float) -> None:
    """Write, look, print."""
    folder = Path(tempfile.mkdtemp(prefix="repro-tui-bench-"))
    try:
        target = folder / "data.csv"
        write(target, int(megabytes * 1e6))
        size = target.stat().st_size
        floor = read(target)
        began = time.perf_counter()
        found = in_child(folder, [FileLine("data.csv", size, None)], Spec("bench", str(folder)))
        seconds = time.perf_counter() - began
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        (table,) = found.tables
        print(f"{size / 1e6:.0f} MB, {table.rows:,} rows, statistics of {table.sampled or table.rows:,}")
        print(f"looked into in {seconds:.1f} s, {used.ru_utime + used.ru_stime:.1f} s of processor")
        print(f"memory {used.ru_maxrss / 1024:.0f} MiB; target 300")
        print(f"over reading the bytes once: {seconds / floor:.0f}")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 500)
