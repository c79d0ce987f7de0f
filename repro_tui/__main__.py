"""`python -m repro_tui` and the `repro-tui` command."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line and give its exit status."""
    from repro_tui.cli.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
