"""Whether a process started others is told by what the system counted."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import repro_tui
from tests.recorder.conftest import Script

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system does not list what still goes on")
ROOT = Path(repro_tui.__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("does", "alone"),
    [
        ("pass", True),
        ("import threading; threading.Thread(target=print).start()", True),
        ("import subprocess; subprocess.run(['true'])", False),
        ("import subprocess; going = subprocess.Popen(['sleep', '30'])", False),
        ("import os; os.system('true')", False),
        ("import os\nif not os.fork(): os._exit(0)\nos.wait()", False),
    ],
)
def test_whoever_started_another_process_was_not_alone(any_python: Script, does: str, alone: bool) -> None:
    any_python.write(
        f"{does}\nfrom repro_tui.recorder.alone import was_alone\nprint('alone' if was_alone() else 'in company')\n"
        "if 'going' in globals(): going.kill()\n"
    )
    done = any_python.run("train.py", PYTHONPATH=os.fspath(ROOT))
    assert done.stdout.split("\n")[-2] == ("alone" if alone else "in company")
