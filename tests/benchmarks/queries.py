"""Queries over a catalog: first screen, list, filter, what varies, rows, curves, and `ls` as a whole process.

python tests/benchmarks/queries.py [--runs 10000]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from repro_tui.bootstrap import open_workbench, rebuild  # noqa: E402
from repro_tui.domain.filters import Compared  # noqa: E402
from repro_tui.domain.ids import ColumnKey  # noqa: E402
from repro_tui.domain.series import CurveQuery  # noqa: E402
from repro_tui.domain.view import RunQuery, Sort  # noqa: E402
from repro_tui.settings import open_project  # noqa: E402
from tests.benchmarks.make_project import Size, make_project, uid_of  # noqa: E402

LS = """
import os, sys
from pathlib import Path
from repro_tui.bootstrap import open_workbench
from repro_tui.domain.view import RunQuery
from repro_tui.settings import open_project
session = open_workbench(open_project(Path(sys.argv[1]), os.environ), read_only=True)
found = session.runs(RunQuery())
rows = session.rows(found.keys, [c.key for c in found.columns[:6]])
session.close()
print(len(rows))
"""


def median(work: Callable[[], object], times: int = 15) -> float:
    """Median milliseconds of some calls after one that warms up."""
    work()
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1e3


def processor(work: Callable[[], object], times: int = 5) -> float:
    """Least milliseconds of the processor, all threads together, which a busy machine distorts less than the clock."""
    work()
    taken = []
    for _ in range(times):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken) * 1e3


def process(*command: str) -> float:
    """Median seconds of a process."""
    taken = []
    for _ in range(5):
        begun = time.perf_counter()
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--keep", type=Path, help="folder for the project; a temporary one when not given")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary) / "project"
        if not (folder / ".repro").exists():
            make_project(folder, Size(options.runs))
            make_project(folder, Size(1, steps=100_000, metrics=1), first=options.runs)
        project = open_project(folder, os.environ)
        rebuild(project)
        session = open_workbench(project, read_only=True)
        found = session.runs(RunQuery())
        columns = [ColumnKey("param:lr"), ColumnKey("param:opt"), ColumnKey("metric:acc"), ColumnKey("metric:loss")]
        long = uid_of(options.runs)
        lines = (
            ("first screen: 60 rows", 30, lambda: session.rows(found.keys[:60], columns)),
            ("list, newest first", 300, lambda: session.runs(RunQuery())),
            ("list, by a metric", 300, lambda: session.runs(RunQuery(sort=Sort(ColumnKey("metric:acc"), True)))),
            ("filter lr>0.01", 10, lambda: session.runs(RunQuery(Compared("lr", ">", "0.01", 0.01)))),
            ("which parameters vary", 50, lambda: (setattr(session, "_columns", (0, ())), session.runs(RunQuery()))),
            ("what changed since the previous", 5, lambda: session.since_previous(uid_of(options.runs - 1))),
            ("a run of 100 steps, 2 curves", 6, lambda: session.curves(CurveQuery((uid_of(3),), ("acc", "loss")))),
            ("100,000 points to 200 buckets", 6, lambda: session.curves(CurveQuery((long,), ("loss",)))),
        )
        print(f"{found.total:,} runs")
        for name, target, work in lines:
            least = processor(work)
            print(
                f"{name:<34}{median(work):8.2f} ms{least:8.2f} ms of the processor   "
                f"target {target}, {least / target:.2f} x"
            )
        session.close()
        bare = process(sys.executable, "-c", "import duckdb")
        whole = process(sys.executable, "-c", LS, str(folder))
        print(f"{'ls, whole process':<34}{whole:8.2f} s    {whole / bare:.1f} x `import duckdb` ({bare:.2f} s)")


if __name__ == "__main__":
    main()
