"""A repository to probe, on a machine where nobody has configured git."""

from __future__ import annotations

import os

import pytest

from tests.capture.probes.repository import git, write


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    """Give git a home without anybody's configuration."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "xdg"))
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    return folder


@pytest.fixture
def repo(tmp_path):
    """Make a repository with one commit: a program, its configuration and some prose."""
    folder = tmp_path / "repo"
    folder.mkdir()
    write(folder, {"train.py": "lr = 0.1\nprint(lr)\n", "conf.yaml": "lr: 0.1\n", "README.md": "# hello\n"})
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder
