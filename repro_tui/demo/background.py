"""Let the demonstration's runs happen behind the dashboard."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path


def play_behind(folder: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start the plan in a session of its own: it outlives the dashboard and its terminal, and ends by itself."""
    return subprocess.Popen(
        [sys.executable, "-m", "repro_tui.demo", str(folder)],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
