"""How much later a command starts, and how much later the whole returns, under `repro-tui run` than bare.

python tests/benchmarks/start_delay.py [--rounds 15]

Bare and recorded alternate in one process, so a machine that drifts drifts for both; medians are printed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOURCE = str(Path(__file__).parent.parent.parent)
TELL = "import os, time; os.write(3, repr(time.clock_gettime(time.CLOCK_MONOTONIC)).encode())"


def timed(argv: list[str], folder: str) -> tuple[float, float]:
    """Run a command that writes its first moment to descriptor 3; give (seconds to it, seconds to the return)."""
    reading, writing = os.pipe()
    begun = time.monotonic()

    def give() -> None:
        os.dup2(writing, 3, inheritable=True)

    environment = {**os.environ, "PYTHONPATH": SOURCE}
    subprocess.run(
        argv, cwd=folder, env=environment, preexec_fn=give, close_fds=False, check=True, stdout=-3, stderr=-3, stdin=-3
    )
    returned = time.monotonic() - begun
    os.close(writing)
    with os.fdopen(reading) as stream:
        return float(stream.read()) - begun, returned


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / ".repro").mkdir()
        isolated = [sys.executable, "-I", "-S", "-c", TELL]
        plain = [sys.executable, "-c", TELL]
        for name, command in (("first instruction of a bare interpreter", isolated), ("of one with site", plain)):
            wrapped = [sys.executable, "-m", "repro_tui", "run", "--", *command]
            pairs = [(timed(command, folder), timed(wrapped, folder)) for _ in range(rounds)]
            bare, ours = ([statistics.median(x) for x in zip(*side, strict=True)] for side in zip(*pairs, strict=True))
            print(f"{name}: bare {bare[0]:.3f} s, recorded {ours[0]:.3f} s, delay {ours[0] - bare[0]:.3f} s", end="")
            print(f" (target 0.3 s), ratio {ours[0] / bare[0]:.1f}")
            print(
                f"  to the return: bare {bare[1]:.3f} s, recorded {ours[1]:.3f} s, later by {ours[1] - bare[1]:.3f} s"
            )


if __name__ == "__main__":
    main()
