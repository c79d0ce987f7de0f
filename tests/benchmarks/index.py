"""Ingest: points a second, memory, the catalog's size, and what a live batch costs.

    python tests/benchmarks/index.py [--runs 10000] [--metrics 10] [--steps 100] [--params 30]

The floor measured in the same run is what DuckDB's appender takes of the same rows without any journal.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.make_project import Size, make_project  # noqa: E402

INGEST = """
import os, resource, sys, time
from pathlib import Path
from repro_tui.bootstrap import open_workbench
from repro_tui.settings import open_project
project = open_project(Path(sys.argv[1]), os.environ)
session = open_workbench(project)
begun, cpu = time.perf_counter(), time.process_time()
while session.advance(0.5) or session.health().catching_up:
    pass
wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
begun = time.perf_counter()
session.close()
print(wall, cpu, peak, time.perf_counter() - begun)
"""


def floor(points: int) -> tuple[float, float]:
    """Seconds, by the clock and of the processor, that the appender takes for so many rows, without a journal."""
    import duckdb

    with tempfile.TemporaryDirectory() as folder:
        con = duckdb.connect(f"{folder}/floor.duckdb", config={"threads": "2"})
        con.execute("CREATE TABLE p (run INTEGER, metric INTEGER, file INTEGER, step DOUBLE, ms BIGINT, value DOUBLE)")
        rows = [(i // 1000, i % 10, 1, float(i % 100), 1_763_000_000_000 + i, i / 7) for i in range(200_000)]
        begun, cpu = time.perf_counter(), time.process_time()
        times = max(1, points // len(rows))
        for _ in range(times):
            with con.appender("p") as appender:
                appender.append_rows(rows)
        wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
        con.close()
        share = points / (times * len(rows))
        return wall * share, cpu * share


def live(folder: Path) -> list[float]:
    """Seconds that each batch of a live run takes: ten rows of ten metrics."""
    from repro_tui.bootstrap import open_workbench
    from repro_tui.settings import open_project

    session = open_workbench(open_project(folder, os.environ))
    while session.advance(1.0):
        pass
    journal = max((folder / ".repro" / "runs").iterdir()) / "journal"
    path = max(journal.iterdir())
    taken = []
    for batch in range(60):
        with path.open("ab") as stream:
            for row in range(10):
                values = ",".join(f'"m{i}":{0.1 + row / 7}' for i in range(10))
                stream.write(b'{"s":%d,"t":1763600000.5,"m":{%s}}\n' % (1000 + batch * 10 + row, values.encode()))
        session._feed.hint({journal.parent})
        session._waited = True
        begun = time.perf_counter()
        assert session.advance(0.2)
        taken.append(time.perf_counter() - begun)
    session.close()
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("runs", 10_000), ("params", 30), ("metrics", 10), ("steps", 100)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--keep", type=Path, help="folder for the project; a temporary one when not given")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary) / "project"
        size = Size(options.runs, options.params, options.metrics, options.steps)
        journals = make_project(folder, size)
        points = size.runs * size.metrics * size.steps
        lowest, least = floor(points)
        answer = subprocess.run(
            [sys.executable, "-c", INGEST, str(folder)], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout.split()
        wall, cpu, peak, closing = map(float, answer)
        catalog = sum(p.stat().st_size for p in (folder / ".repro" / "cache").glob("catalog-*"))
        print(f"{size.runs:,} runs, {points:,} points, journals {journals / 1e6:.0f} MB")
        print(f"ingest          {points / wall / 1e6:6.2f} M points/s ({wall:.1f} s, {cpu:.1f} s CPU)   target 1")
        print(f"  of processor  {points / cpu / 1e6:6.2f} M points/s, {cpu / least:.2f} x the appender alone")
        print(f"  over appender {wall / lowest:6.2f} x ({points / lowest / 1e6:.2f} M points/s)")
        print(f"memory          {peak:6.0f} MB   target 300")
        print(f"catalog         {catalog / journals:6.2f} x the journals ({catalog / 1e6:.0f} MB)   target 0.35")
        print(f"publish, close  {closing:6.2f} s")
        taken = live(folder)
        print(
            f"a live batch    {statistics.median(taken) * 1e3:6.1f} ms (100 points; worst {max(taken) * 1e3:.1f})   "
            "target 5"
        )
        print(f"memory here     {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:6.0f} MB")


if __name__ == "__main__":
    main()
