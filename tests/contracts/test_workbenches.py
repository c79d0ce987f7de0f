"""The real session and the screens' fake keep the same promises."""

from __future__ import annotations

import pytest

from repro_tui.bootstrap import open_workbench
from repro_tui.settings import open_project
from tests.benchmarks.make_project import Size, make_project
from tests.contracts.workbench import WorkbenchContract
from tests.tui.fake import FakeWorkbench


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    make_project(tmp_path / "digits", Size(runs=12, params=5, metrics=3, steps=30))
    return open_project(tmp_path / "digits", {})


class TestSession(WorkbenchContract):
    @pytest.fixture
    def workbench(self, project):
        session = open_workbench(project)
        yield session
        session.close()


class TestReadOnlySession(WorkbenchContract):
    @pytest.fixture
    def workbench(self, project):
        session = open_workbench(project, read_only=True)
        yield session
        session.close()


class TestPublishedSession(WorkbenchContract):
    """The second session of a project, which begins with what the first one published."""

    @pytest.fixture
    def workbench(self, project):
        first = open_workbench(project)
        while first.advance(0.5):
            pass
        first.close()
        session = open_workbench(project, read_only=True)
        yield session
        session.close()


class TestFake(WorkbenchContract):
    @pytest.fixture
    def workbench(self):
        return FakeWorkbench()
