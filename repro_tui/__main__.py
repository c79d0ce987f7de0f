"""`python -m repro_tui` and the `repro-tui` command."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Run the command line and give its exit status."""
    put_own_modules_first()
    from repro_tui.cli.main import run

    return run(sys.argv[1:])


def put_own_modules_first() -> None:
    """Look for modules in our own installation before the folders of PYTHONPATH and the working folder.

    Those are for the script: a `queue.py` beside it, or the packages of another Python, are not meant for us.
    """
    named = {"", *os.environ.get("PYTHONPATH", "").split(os.pathsep)}
    try:  # noqa: SIM105 - as little as can be is imported before
        named |= {os.path.abspath(path) for path in named}  # noqa: PTH100 - pathlib is what is not to be imported yet
    except OSError:  # the working folder was deleted
        pass
    theirs = [path for path in sys.path if path in named]
    sys.path[:] = [path for path in sys.path if path not in named] + theirs


if __name__ == "__main__":
    sys.exit(main())
