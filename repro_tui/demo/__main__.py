"""`python -m repro_tui.demo FOLDER`: the demonstration's runs, in a process of their own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from repro_tui.demo.plan import plan
from repro_tui.demo.play import play


def _main() -> int:
    play(Path(sys.argv[1]), plan(short=False), dict(os.environ), lambda _: None)
    return 0


if __name__ == "__main__":
    sys.exit(_main())
