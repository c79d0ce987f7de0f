"""What every test starts from: no trace of the developer's terminal, project or job."""

from __future__ import annotations

import os
import shutil

import pytest
from hypothesis import HealthCheck, settings

# A slow machine is no defect: what is drawn by chance may take as long as it takes.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

FOREIGN = (
    "CI",
    "NO_COLOR",
    "COLORTERM",
    "COLUMNS",
    "LINES",
    "FORCE_COLOR",
    "PYTHONPATH",
    "RANK",
    "LOCAL_RANK",
    "WORLD_SIZE",
)
PREFIXES = ("TEXTUAL", "REPRO_", "SLURM_", "SSH_", "TMUX", "GIT_")
KEPT = ("REPRO_TEST_REQUIRE", "TEXTUAL_SNAPSHOT_TEMPDIR")
"""What tests are run with: what must not be skipped, and where workers of one test run leave their pictures."""

PACKAGES = {"tmux": "tmux", "sshd": "openssh-server", "ssh": "openssh-client", "rsync": "rsync", "git": "git"}
"""Program to the package that brings it."""

LONGEST_ID = 80
"""Characters of one argument in the name of a test."""

os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
for _name in list(os.environ):
    if _name not in KEPT and (_name in FOREIGN or _name.startswith(PREFIXES)):
        del os.environ[_name]


def pytest_make_parametrize_id(val):
    """Name a long value by its size: workers of one test run must find the same names, whatever was drawn by chance."""
    if isinstance(val, str | bytes) and len(val) > LONGEST_ID:
        return f"{len(val)}-{'bytes' if isinstance(val, bytes) else 'characters'}"
    return None


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory, monkeypatch):
    """Keep view states and caches of tests out of the developer's home."""
    home = tmp_path_factory.mktemp("home")
    for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))


@pytest.fixture
def need():
    """Skip a test whose programs are missing, and say what to install; REPRO_TEST_REQUIRE makes that a failure."""

    def check(*programs: str) -> None:
        required = os.environ.get("REPRO_TEST_REQUIRE", "").split(",")
        for program in programs:
            if shutil.which(program) is None:
                reason = f"{program} is missing: apt-get install {PACKAGES.get(program, program)}"
                if program in required:
                    pytest.fail(reason)
                pytest.skip(reason)

    return check
