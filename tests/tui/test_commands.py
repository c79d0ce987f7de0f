"""The one table of commands: complete, without contradictions, and with a method behind every line."""

from __future__ import annotations

import pytest

from repro_tui.tui.app import ReproApp
from repro_tui.tui.commands import BY_ID, SCOPES, TABLE, commands_in, keys_markdown, valid_in
from repro_tui.tui.modals.columns import ColumnsModal
from repro_tui.tui.modals.pick import PickModal
from repro_tui.tui.screens.compare import CompareScreen
from repro_tui.tui.screens.data import DataScreen
from repro_tui.tui.screens.runs import RunsScreen
from repro_tui.tui.screens.snapshot import SnapshotScreen
from repro_tui.tui.screens.snapshots import SnapshotsScreen
from repro_tui.tui.screens.version import VersionScreen
from repro_tui.tui.widgets.compare_table import CompareChart, DetailLines
from repro_tui.tui.widgets.filter_bar import FilterBar
from repro_tui.tui.widgets.page_lines import PageLines
from repro_tui.tui.widgets.row_table import RowTable
from repro_tui.tui.widgets.run_table import RunTable

OWNERS = {
    "app": [ReproApp],
    "runs": [RunsScreen, RunTable],
    "filter": [FilterBar],
    "list": [PickModal, ColumnsModal],
    "columns": [ColumnsModal],
    "rows": [RowTable],
    "snapshots": [SnapshotsScreen],
    "data": [DataScreen],
    "compare": [CompareScreen],
    "detail": [DetailLines],
    "curves": [CompareChart],
    "page": [PageLines],
    "snapshot": [SnapshotScreen],
    "version": [VersionScreen],
}


def test_no_two_commands_have_one_id():
    assert len(BY_ID) == len(TABLE)


@pytest.mark.parametrize("scope", [s.name for s in SCOPES])
def test_no_two_commands_of_a_scope_have_one_key(scope):
    keys = [key for command in commands_in(scope) for key in command.keys]
    assert sorted(keys) == sorted(set(keys))


@pytest.mark.parametrize("command", [c for c in TABLE if c.scope in OWNERS], ids=lambda c: c.id)
def test_there_is_a_method_behind_every_command(command):
    owners = OWNERS[command.scope]
    name = f"action_{command.action}"
    found = [any(name in vars(c) for c in o.__mro__ if c.__module__.startswith("repro_tui")) for o in owners]
    assert all(found) if command.scope == "list" else any(found)


@pytest.mark.parametrize("command", TABLE, ids=lambda c: c.id)
def test_every_command_says_in_a_sentence_what_it_does(command):
    assert command.tooltip[0].isupper()
    assert command.tooltip.endswith(".")
    assert command.scope in {s.name for s in SCOPES}
    assert command.keys


def test_inside_a_screen_its_own_keys_come_before_those_around_it():
    ids = [c.id for c in valid_in("chart")]
    assert "chart.log_scale" in ids
    assert "run.copy" not in ids
    assert "app.help" in ids


def test_the_documentation_of_keys_names_every_command():
    page = keys_markdown()
    assert all(f"`{command.id}`" in page for command in TABLE)
