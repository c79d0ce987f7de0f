"""What several tests of commands share."""

from __future__ import annotations

import pytest

from tests.compare.projects import HELPER, commit, make_project, train, write


@pytest.fixture(scope="session")
def compared(tmp_path_factory):
    """A project with a baseline, its twin, another seed, another rate, and other code; nobody may change it."""
    folder = make_project(tmp_path_factory.mktemp("compared") / "digits")
    train(folder, "base")
    train(folder, "twin")
    train(folder, "seed", "--seed", "1")
    train(folder, "rate", "--lr", "0.2")
    write(folder, "helper.py", HELPER.replace("step + 1", "step + 2"))
    commit(folder, "decay more slowly")
    train(folder, "code")
    return folder
