"""What makes pictures of screens the same everywhere: the terminal's environment, their folder, one Textual."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import textual
from pytest_textual_snapshot import SVGImageExtension

PICTURES = Path(__file__).parents[2] / "snapshots" / "screens"

DRAWN_WITH = "8.2.8"
"""The Textual that the pictures were made with; another one draws some of them differently."""


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if (name.startswith("TEXTUAL_") and "SNAPSHOT" not in name) or name in {
            "NO_COLOR",
            "COLORTERM",
            "SSH_CONNECTION",
            "SSH_TTY",
            "TMUX",
        }:
            monkeypatch.delenv(name)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(autouse=True)
def _pictures_in_one_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = classmethod(lambda cls, *, test_location: str(PICTURES / Path(test_location.filepath).stem))
    monkeypatch.setattr(SVGImageExtension, "dirname", folder)


def pytest_collection_modifyitems(config: pytest.Config) -> None:
    """Refuse to draw all pictures anew with another Textual: the difference would be its own and not ours."""
    if config.getoption("--snapshot-update", default=False) and textual.__version__ != DRAWN_WITH:
        pytest.exit(f"Pictures are made with Textual {DRAWN_WITH}, this is {textual.__version__}.", returncode=2)
