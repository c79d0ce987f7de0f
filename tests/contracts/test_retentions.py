"""The real retention and the screens' fake keep the same promises."""

from __future__ import annotations

from dataclasses import replace

import pytest

from repro_tui.bootstrap import open_workbench
from repro_tui.settings import open_project
from tests.contracts.retention import RetentionContract
from tests.retention.kept import make_kept
from tests.tui.fake_retention import FakeRetention, candidate


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    make_kept(tmp_path / "digits", 6)
    return open_project(tmp_path / "digits", {})


class TestService(RetentionContract):
    @pytest.fixture
    def retention(self, project):
        session = open_workbench(project, read_only=True)
        yield session.retention
        session.close()

    @pytest.fixture
    def looking(self, project):
        session = open_workbench(replace(project, readonly=True), read_only=True)
        yield session.retention
        session.close()


class TestFake(RetentionContract):
    @pytest.fixture
    def retention(self):
        return FakeRetention([candidate(n, f"otter-{n}", 60.0 * n) for n in range(1, 7)])

    @pytest.fixture
    def looking(self, retention):
        retention.readonly = True
        return retention
