"""The command line ends every mistake with a sentence, what to do next, and the documented status."""

from __future__ import annotations

import os
import pty
import subprocess

import pytest

from repro_tui import __version__
from repro_tui.cli import main
from repro_tui.cli.parser import VALUE_OPTIONS, dashboard_parser
from repro_tui.cli.table import BY_NAME, COMMANDS
from tests.cli.program import PROGRAM, call, environment, shell


def test_the_version_is_printed_to_standard_output():
    done = call("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"repro-tui {__version__}\n", "")


def test_help_lists_every_command():
    done = call("--help")
    assert done.returncode == 0
    for command in COMMANDS:
        assert f"  {command.name} " in done.stdout
        assert command.summary in done.stdout


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_has_help_with_examples_or_none_to_give(command):
    done = call(command.name, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: repro-tui {command.name}")
    assert "\x1b" not in done.stdout


def test_options_with_a_value_before_a_command_are_known_as_such():
    """Otherwise the value would be taken for the command."""
    taking = {
        name for action in dashboard_parser()._actions if action.nargs is None and action.option_strings
        for name in action.option_strings
    }  # fmt: skip
    assert taking == VALUE_OPTIONS


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["lss"], 2, "Did you mean `repro-tui ls`?"),
        (["runn", "--", "true"], 2, "Did you mean `repro-tui run`?"),
        (["frobnicate"], 2, "repro-tui run -- frobnicate"),
        (["ls", "--frob"], 2, "--frob"),
        (["ls", "--limit", "many"], 2, "many"),
        (["ls", "--limit", "-1"], 2, "must not be negative"),
        (["logs", "--tail", "-1"], 2, "must not be negative"),
        (["completions"], 2, "SHELL"),
        (["completions", "fish"], 2, "fish"),
        (["run"], 2, "nothing to run"),
        (["run", "--"], 2, "nothing to run"),
        (["run", "--frob", "--", "true"], 2, "--frob"),
        (["ls"], 3, "no project"),
        (["show"], 3, "no project"),
        (["logs"], 3, "no project"),
        (["rebuild"], 3, "no project"),
        (["-C", "gone", "ls"], 3, "gone"),
        (["ls", "-C", "gone"], 3, "gone"),
        (["gone/deep"], 2, "terminal"),
        (["run", "--", "no-such-program-anywhere"], 127, "no-such-program-anywhere"),
        (["run", "--", "/etc/passwd"], 126, "/etc/passwd"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_told_on_standard_error_with_its_status(tmp_path, words, status, said):
    done = call(*words, cwd=tmp_path)
    assert done.returncode == status, done.stderr
    assert said in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_a_hint_follows_every_error_on_a_line_of_its_own(tmp_path):
    lines = call("ls", cwd=tmp_path).stderr.splitlines()
    assert lines[0].startswith("repro-tui: ")
    assert lines[1].startswith("  ")


def test_hostile_words_do_not_reach_the_terminal_as_they_are(tmp_path):
    done = call("ls\x1b[2J\x9b31m\u202ex", cwd=tmp_path)
    assert done.returncode == 2
    assert not {"\x1b", "\x9b", "\u202e"} & set(done.stderr)


def test_words_that_are_no_utf_8_are_told_as_far_as_they_can_be(tmp_path):
    done = subprocess.run([*PROGRAM, b"caf\xe9"], cwd=tmp_path, capture_output=True, env=environment(), check=False)
    assert done.returncode == 2
    assert b"caf" in done.stderr


def test_the_dashboard_refuses_an_output_that_is_no_terminal_and_names_the_alternative(tmp_path):
    done = call(cwd=tmp_path)
    assert done.returncode == 2
    assert "repro-tui ls" in done.stderr


@pytest.mark.parametrize("term", ["dumb", ""])
def test_the_dashboard_refuses_a_terminal_that_can_do_nothing(tmp_path, term):
    master, slave = pty.openpty()
    try:
        done = subprocess.run(
            PROGRAM, cwd=tmp_path, env=environment(TERM=term), stdin=slave, stdout=slave, stderr=subprocess.PIPE,
            timeout=60, check=False,
        )  # fmt: skip
    finally:
        os.close(slave)
        os.close(master)
    assert done.returncode == 2
    assert b"TERM" in done.stderr


def test_a_reader_that_leaves_early_ends_the_program_quietly():
    done = shell("$RT --help | head -1; exit ${PIPESTATUS[0]}")
    assert done.returncode in {0, 141}
    assert done.stderr == ""


def test_a_reader_that_left_before_the_first_word_is_status_141():
    done = shell("{ $RT completions bash; echo $? >&2; } | true")
    assert done.stderr == "141\n"


def test_a_closed_standard_output_is_an_error_with_a_name():
    done = shell("$RT completions bash >&-")
    assert done.returncode == 4
    assert "closed" in done.stderr


def test_a_full_disk_under_standard_output_is_an_error_with_a_name():
    done = shell("$RT completions bash >/dev/full")
    assert done.returncode == 4
    assert "No space left" in done.stderr


def test_closed_standard_error_does_not_change_the_status(tmp_path):
    assert shell("$RT ls 2>&-", cwd=tmp_path).returncode == 3


def test_a_working_folder_that_was_deleted_is_told(tmp_path):
    done = shell(f"mkdir {tmp_path}/x; cd {tmp_path}/x; rmdir {tmp_path}/x; $RT ls")
    assert done.returncode == 4
    assert "deleted" in done.stderr


def test_something_unexpected_is_shown_as_a_defect_without_a_traceback(capsys, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(main, "_dispatch", broken)
    assert main.run(["ls"]) == 1
    told = capsys.readouterr().err
    assert "ZeroDivisionError: by nothing" in told
    assert "REPRO_TUI_DEBUG" in told
    assert "Traceback" not in told


def test_ctrl_c_ends_with_the_status_of_a_shell(monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "_dispatch", interrupted)
    assert main.run(["ls"]) == 130


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "tcsh"])
def test_completions_know_every_command(shell_name):
    done = call("completions", shell_name)
    assert done.returncode == 0
    assert all(name in done.stdout for name in BY_NAME)


def test_completions_for_bash_are_valid_bash(tmp_path):
    file = tmp_path / "completion"
    file.write_text(call("completions", "bash").stdout)
    done = shell(f"source {file}; complete -p repro-tui")
    assert done.returncode == 0, done.stderr
    assert "repro-tui" in done.stdout


@pytest.mark.parametrize("way", ["cwd", "variable"])
def test_modules_of_the_scripts_own_are_not_taken_for_ours(tmp_path, way):
    """A project may have a `queue.py`, and PYTHONPATH may name the packages of another Python."""
    folder = tmp_path / "scripts"
    folder.mkdir()
    for name in ("argparse", "dataclasses", "json", "queue", "yaml", "selectors"):
        (folder / f"{name}.py").write_text("raise SystemExit(9)\n")
    (tmp_path / "repro.yaml").write_text("name: x\n")
    where = {"cwd": folder} if way == "cwd" else {"cwd": tmp_path, "PYTHONPATH": str(folder)}
    done = call("run", "--", "sh", "-c", "exit 5", **where)
    assert (done.returncode, done.stderr) == (5, "")
