"""Ctrl-c while something is kept or restored on a real terminal stops it, says so, and leaves nothing behind."""

from __future__ import annotations

import pytest

from tests.e2e.asking import PROGRAM, RUN, ask, back, make_project, wait_for_said

pytestmark = pytest.mark.e2e

GIGABYTE = 1 << 30


@pytest.fixture
def project(tmp_path):
    """Give a project whose data takes seconds to keep, and no room: two files with nothing in them."""
    folder = make_project(tmp_path / "project")
    with (folder / "repro.yaml").open("a", encoding="utf-8") as settings:
        settings.write("data: [one.bin, two.bin]\n")
    for name in ("one.bin", "two.bin"):
        with (folder / name).open("wb") as file:
            file.truncate(18 * GIGABYTE)
    return folder


def left(folder):
    """Name what is in the store or half done beside it."""
    home = folder / ".repro"
    kept = [path.name for path in (home / "store").rglob("*") if path.suffix in {".pack", ".idx", ".json"}]
    return kept + [path.name for path in (home / "cache").iterdir() if path.name.startswith(".")]


def test_ctrl_c_while_it_is_kept_leaves_nothing_and_a_question(terminal, project):
    window = terminal(project)
    ask(window, f"{RUN}; echo status=$?")
    window.press("y")
    window.wait_for(r"\(ctrl-c stops it\)")
    window.press("C-c")
    screen = window.wait_for("status=0")
    assert "stopped: nothing of it was kept, and it is asked again later" in screen
    assert "ctrl-c stops it" not in screen
    wait_for_said(project, "later", "interrupt")
    assert left(project) == []
    window.type(f"clear; {PROGRAM} snapshot; echo status=$?")
    window.wait_for("^ *keeping +[0-9]+% of")
    window.press("C-c")
    screen = window.wait_for("status=130")
    assert "Stopped: nothing of it was kept." in screen
    assert "% of" not in screen, "no half of a line stays"
    assert left(project) == []
    window.type(f"clear; {PROGRAM} snapshots")
    assert "Nothing is kept yet" in back(window)
