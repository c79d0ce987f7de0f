"""Comparing runs of many: side by side, the difference alone, an explanation, what varies, a patch, and now.

python tests/benchmarks/comparing.py [--runs 10000] [--demo FOLDER]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from repro_tui.bootstrap import open_workbench, rebuild  # noqa: E402
from repro_tui.compare.patches import patch_of  # noqa: E402
from repro_tui.domain.comparison import NOW  # noqa: E402
from repro_tui.domain.diff import diff  # noqa: E402
from repro_tui.domain.filters import EVERYTHING  # noqa: E402
from repro_tui.domain.ids import RunId  # noqa: E402
from repro_tui.domain.run import Param, Run  # noqa: E402
from repro_tui.domain.traits_of import Side, traits_of  # noqa: E402
from repro_tui.ports import Workbench  # noqa: E402
from repro_tui.settings import open_project  # noqa: E402
from tests.benchmarks.make_project import Size, make_project, uid_of  # noqa: E402
from tests.benchmarks.queries import median, processor  # noqa: E402


def show(lines: list[tuple[str, float, Callable[[], object]]], floor: Callable[[], object] | None = None) -> None:
    """Print the clock, the processor, the share of the target that the processor took, and how often the floor."""
    lowest = processor(floor) if floor is not None else 0.0
    for name, target, work in lines:
        least = processor(work)
        over = f", {least / lowest:5.1f} x the floor" if lowest else ""
        print(
            f"{name:<44}{median(work, 5):9.2f} ms{least:9.2f} ms of the processor   "
            f"target {target:g}, {least / target:5.2f} x{over}"
        )


def entries(session: Workbench, runs: int) -> Callable[[], object]:
    """Read the entries of two runs and nothing else: the floor of putting them side by side."""
    two = [session.find(uid_of(runs - 1 - n)) for n in range(2)]
    return lambda: [session.run(uid) for uid in two]


def on_runs(session: Workbench, runs: int) -> None:
    two = [session.find(uid_of(runs - 1)), session.find(uid_of(runs - 2))]
    eight = [session.find(uid_of(runs - 1 - n)) for n in range(8)]
    service = session.comparisons
    show(
        [
            ("two side by side", 5, lambda: service.compare(two)),
            ("eight side by side", 20, lambda: service.compare(eight)),
            ("what changed since the previous", 5, lambda: session.since_previous(two[0])),
            ("explained", 150, lambda: service.explain(two[0], two[1])),
            ("what varies over all", 50, lambda: service.varies(EVERYTHING)),
        ],
        entries(session, runs),
    )


def wide() -> Callable[[], object]:
    """Compare two runs that differ in 5,000 parameters."""
    runs = [
        Run(
            RunId(f"{k:032x}"),
            argv=("python", "train.py"),
            params={f"p{n}": Param(n * k + 0.5, "log") for n in range(5000)},
        )
        for k in (1, 2)
    ]
    sides = [traits_of(Side(run, {}, {}, {})) for run in runs]
    return lambda: diff(*sides)


def on_demo(folder: Path) -> None:
    session = open_workbench(open_project(folder, os.environ), read_only=True)
    newest, older = session.find("@1"), session.find("@3")
    service = session.comparisons
    show(
        [
            ("a run against now", 1000, lambda: service.compare([newest, NOW])),
            ("the patch to now", 1000, lambda: service.code(older, NOW)),
            ("the patch between two runs", 150, lambda: service.code(older, newest)),
        ]
    )
    session.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--keep", type=Path, help="folder for the project; a temporary one when not given")
    parser.add_argument("--demo", type=Path, help="a folder that `repro-tui demo --once` has filled")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary) / "project"
        if not (folder / ".repro").exists():
            make_project(folder, Size(options.runs))
            rebuild(open_project(folder, os.environ))
        session = open_workbench(open_project(folder, os.environ), read_only=True)
        on_runs(session, options.runs)
        session.close()
    if options.demo:
        on_demo(options.demo)
    show([("two runs with 5,000 other parameters", 50, wide())])
    old = [f"line {n} of {n * n % 97}\n" for n in range(100_000)]
    new = [line.upper() if n % 10 == 0 else line for n, line in enumerate(old)]
    both = "".join(old).encode(), "".join(new).encode()
    show([("a patch of 10,000 lines in 100,000", 1000, lambda: patch_of("f", *both))])


if __name__ == "__main__":
    main()
