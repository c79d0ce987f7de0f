"""All benchmarks, one after the other: `python -m tests.benchmarks [NAME ...] [--quick]`.

Each prints its own figures and ratios. With `--quick` sizes are tiny: that shows that they run, and nothing else.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent

QUICK: dict[str, tuple[str, ...]] = {
    "recording": ("--quick",),
    "start_delay": ("--rounds", "1"),
    "fingerprints": ("50",),
    "reading": ("20",),
    "index": ("--runs", "20"),
    "queries": ("--runs", "20"),
    "dashboard": ("20",),
    "run_screen": (),
    "snapshots": ("--quick",),
    "pruning": ("--quick", "--without", "borg", "restic"),
    "profiles": ("1",),
    "comparing": ("--runs", "20"),
    "deciding": ("--snapshots", "20"),
    "prune_screen": ("--snapshots", "1000"),
    "compare_screen": ("--runs", "4", "--lines", "200", "--quiet", "0"),
}
"""Name of a benchmark to the arguments of its smallest size, in the order of docs/design."""


def main(words: list[str]) -> int:
    """Run the benchmarks that are named, or all; gives the number of those that failed."""
    names = [word for word in words if not word.startswith("-")] or list(QUICK)
    failed = 0
    for name in names:
        if name not in QUICK:
            print(f"There is no benchmark {name!r}; there are {', '.join(QUICK)}.", file=sys.stderr)
            return 2
        print(f"== {name}", flush=True)
        arguments = QUICK[name] if "--quick" in words else ()
        done = subprocess.run(
            [sys.executable, "-m", f"tests.benchmarks.{name}", *arguments], cwd=FOLDER.parents[1], check=False
        )
        failed += done.returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
