"""The question at the end of a run, answered on real terminals."""

from __future__ import annotations

import re
import shutil

import pytest

from tests.e2e.asking import (
    ASKED,
    COMMAND,
    PROGRAM,
    RUN,
    WAITS,
    ask,
    back,
    events,
    make_project,
    runs,
    said,
    settle,
    wait_for_said,
)

pytestmark = pytest.mark.e2e


def status(window) -> str:
    """Give the exit status of the line before."""
    window.type("echo status=$?")
    return window.wait_for(r"^status=\d+").rpartition("status=")[2].split()[0]


def test_yes_keeps_the_run_and_no_does_not(terminal, tmp_path):
    """One key each; the words are those of the specification, and the exit status is the command's."""
    project = make_project(tmp_path / "p")
    window = terminal(project)
    screen = ask(window)
    assert "finished in " in screen
    assert "Your results are on disk." in screen
    assert "Before saving results, snapshot environment and dataset. This creates a" in screen
    assert "reproducible package (recommended)." in screen
    assert "outputs 5 B" in screen
    assert "level " in screen
    assert window.shows(ASKED)
    window.press("y")
    assert "kept: " in window.wait_for(r"^  kept: .* new, level \d", r"[$#] ?$")
    assert said(runs(project)[0]) == ("yes", "person")
    assert len(events(runs(project)[0], "snapshot")) == 1
    assert status(window) == "0"
    assert window.is_sane()
    ask(window)
    window.press("n")
    wait_for_said(project, "no", "person", 1)
    assert events(runs(project)[1], "snapshot") == []


def test_the_line_before_it_is_broken_between_words(terminal, tmp_path):
    """With a long name it needs two lines of 80 columns."""
    project = make_project(tmp_path / "p")
    window = terminal(project)
    screen = ask(window, RUN.replace("--out", f"--name {'n' * 44} --out"))
    assert re.search(rf"^repro-tui: {'n' * 44} finished in \S+ Your( results( are( on)?)?)?$", screen, re.MULTILINE)
    window.press("n")
    wait_for_said(project, "no", "person")


def test_details_are_shown_before_the_answer_and_escape_means_later(terminal, tmp_path):
    project = make_project(tmp_path / "p")
    window = terminal(project)
    ask(window)
    window.press("d")
    window.wait_for(r"^  outputs +out.txt", r"^  free +", r"^  level +", ASKED)
    settle(window)
    window.press("Escape")
    wait_for_said(project, "later", "person")
    back(window)
    window.type(f"clear; {PROGRAM} questions")
    window.wait_for(r"sh -c echo 0.97")


def test_no_answer_in_time_is_left_for_later(terminal, tmp_path):
    project = make_project(tmp_path / "p", "wait: 1s")
    window = terminal(project)
    window.type(f"clear; {RUN}")
    window.wait_for("no answer: left for later", r"[$#] ?$")
    assert said(runs(project)[0]) == ("later", "timeout")
    assert window.is_sane()


def test_keys_typed_ahead_answer_nothing(terminal, tmp_path):
    """Whoever types while the command runs types for something else; the question still waits afterwards."""
    project = make_project(tmp_path / "p")
    window = terminal(project)
    window.type(f"clear; {PROGRAM} run --out out.txt -- sh -c 'echo running; read x; sleep 0.3; echo 1 > out.txt'")
    window.wait_for("^running")
    window.press("y", "Enter", "y", "Enter", "n", "Enter")
    window.wait_for(WAITS)
    assert said(runs(project)[0]) == ("later", "interrupt")
    settle(window)
    window.press("n")
    wait_for_said(project, "no", "person")


def test_arrow_keys_pastes_and_commands_answer_nothing(terminal, tmp_path):
    project = make_project(tmp_path / "p")
    window = terminal(project)
    ask(window)
    window.press("Up", "Left", "F5")
    settle(window)
    window.tmux("set-buffer", "yes please\nn\n")
    window.tmux("paste-buffer", "-p")
    settle(window)
    window.tmux("send-keys", "-l", "nvidia-smi")
    window.tmux("run-shell", "sleep 1.2")
    assert said(runs(project)[0]) == ("later", "interrupt")
    assert window.shows(ASKED)
    window.press("y")
    wait_for_said(project, "yes", "person")


def test_ctrl_c_means_later_and_ends_no_loop_around(terminal, tmp_path):
    """It is a key here and no signal: the script that goes on after the run is left alone."""
    project = make_project(tmp_path / "p")
    (project / "both.sh").write_text(f"{RUN}\necho went-on=$?\n")
    window = terminal(project)
    ask(window, "bash both.sh")
    window.press("C-c")
    window.wait_for("^went-on=0")
    assert said(runs(project)[0]) == ("later", "interrupt")
    assert window.is_sane()


def test_stopped_and_continued_it_asks_again(terminal, tmp_path):
    project = make_project(tmp_path / "p")
    window = terminal(project)
    ask(window)
    window.press("C-z")
    window.wait_for(r"\[1\]\+ +Stopped", r"[$#] ?$")
    window.type("clear; fg")
    window.wait_for(ASKED)
    settle(window)
    window.press("n")
    wait_for_said(project, "no", "person")
    assert window.is_sane()


def test_put_into_the_background_it_gives_up(terminal, tmp_path):
    """A shell that has its terminal back must not lose keys to a question."""
    project = make_project(tmp_path / "p")
    window = terminal(project)
    ask(window)
    window.press("C-z")
    window.wait_for(r"\[1\]\+ +Stopped", r"[$#] ?$")
    window.type("clear; bg; wait; echo over")
    window.wait_for("^over")
    assert said(runs(project)[0]) == ("later", "interrupt")
    assert window.is_sane()


def test_a_window_of_another_size_shows_the_question_once(terminal, tmp_path):
    project = make_project(tmp_path / "p")
    window = terminal(project)
    ask(window)
    window.resize(44, 24)
    window.wait_for(r"^Save snapshot\? \[Yes / No\]$", r"^\(Later, Details, Always here, Never$")
    window.resize(120, 30)
    window.wait_for(ASKED)
    assert window.screen().count("Save snapshot?") == 1
    assert window.screen().count("Never here") == 1
    settle(window)
    window.press("n")
    wait_for_said(project, "no", "person")


def test_always_here_and_never_here_end_the_questions(terminal, tmp_path):
    project = make_project(tmp_path / "p")
    window = terminal(project)
    ask(window)
    window.press("a")
    window.wait_for(r"^  kept: ", r"^  From now on runs here are kept .* To be asked again:", r"[$#] ?$")
    window.type(f"clear; {RUN}")
    window.wait_for(r"kept: .*you said so for this project", r"[$#] ?$")
    assert [said(run) for run in runs(project)] == [("always", "person"), ("yes", "policy")]
    window.type(f"clear; {PROGRAM} questions --standing ask; {RUN}")
    window.wait_for(WAITS)
    settle(window)
    window.press("v")
    window.wait_for(r"^  From now on nothing is kept or asked here.", r"[$#] ?$")
    window.type(f"clear; {RUN}; echo over")
    window.wait_for("^over")
    assert [said(run) for run in runs(project)][2:] == [("never", "person"), ("", "")]


def test_after_two_nos_it_offers_to_ask_only_when_a_key_is_pressed(terminal, tmp_path):
    project = make_project(tmp_path / "p")
    window = terminal(project)
    for _ in range(2):
        ask(window, f"sleep 1.2; {RUN}")
        assert not window.shows("only when I press P")
        window.press("n")
        back(window)
    ask(window, f"sleep 1.2; {RUN}")
    window.wait_for("only when I press P")
    window.press("p")
    back(window)
    window.type(f"clear; {RUN}; echo over; {PROGRAM} questions --json")
    window.wait_for("^over", '"standing": "key"')
    assert said(runs(project)[3]) == ("", "")


def test_a_run_that_failed_is_asked_about_only_where_that_is_wished(terminal, tmp_path):
    """The exit status is the command's own, whatever was asked."""
    project = make_project(tmp_path / "p")
    window = terminal(project)
    line = f"{PROGRAM} run --out out.txt -- sh -c 'echo 1 > out.txt; exit 7'"
    window.type(f"clear; {line}")
    window.wait_for("failed with exit status 7", r"[$#] ?$")
    assert status(window) == "7"
    (project / "repro.yaml").write_text("snapshot: {failed: yes}\n")
    ask(window, line)
    window.press("l")
    back(window)
    assert status(window) == "7"
    assert [said(run) for run in runs(project)] == [("", ""), ("later", "person")]


def test_a_store_that_cannot_be_written_is_told_and_changes_nothing_else(terminal, tmp_path):
    project = make_project(tmp_path / "p")
    (project / ".repro").mkdir()
    (project / ".repro" / "store").write_text("in the way")
    window = terminal(project)
    window.type(f"clear; {PROGRAM} run --out out.txt -- {COMMAND}; echo status=$?")
    window.wait_for(WAITS + "|Left for later|repro-tui: .*store")
    settle(window)
    window.press("y")
    window.wait_for("^status=0")
    assert said(runs(project)[0])[0] == "later"
    assert "Traceback" not in window.screen()
    assert window.is_sane()


def test_what_is_deleted_while_it_is_asked_about_is_said_to_be_gone(terminal, tmp_path):
    project = make_project(tmp_path / "p")
    window = terminal(project)
    ask(window)
    shutil.rmtree(project / ".repro")
    window.press("y")
    window.wait_for(r"^  not done: what was recorded of \S+ is gone", r"[$#] ?$")
    assert status(window) == "0"
    assert not (project / ".repro" / "runs").exists()
