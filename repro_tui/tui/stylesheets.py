"""Where the style sheets are: inside the installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

import repro_tui

SHEETS = ("theme.tcss", "modals.tcss", "runs.tcss", "run.tcss", "place.tcss", "page.tcss", "compare.tcss", "prune.tcss")
"""The sheets in the order in which they are read; each screen's rules are nested under the screen's type."""


def folder() -> Path:
    """Give the folder that holds the sheets; raises FileNotFoundError when the installation is damaged."""
    package = Path(repro_tui.__file__).parent
    for candidate in (package / "styles", package.parent / "styles"):
        if (candidate / SHEETS[0]).is_file():
            return candidate
    raise FileNotFoundError(f"{package / 'styles' / SHEETS[0]} is missing: install repro-tui again")


def paths() -> list[Path]:
    """Give the path of every sheet that exists."""
    found = folder()
    return [found / name for name in SHEETS if (found / name).is_file()]
