"""On a terminal the command has one of its own, and the user cannot tell."""

from __future__ import annotations

import os
import re
import signal
import sys
import termios
from pathlib import Path

import pexpect
import pytest

from tests.capture.conftest import alive, wait_for

PROMPT = "READY> "


def shell(bench) -> pexpect.spawn:
    """Give an interactive shell with job control in the project."""
    environment = bench.environment | {"PS1": PROMPT, "PROMPT_COMMAND": ""}
    started = pexpect.spawn(
        "bash", ["--norc", "--noprofile", "-i"], cwd=str(bench.root), env=environment, timeout=30, dimensions=(24, 80)
    )
    started.expect(PROMPT)
    started.sendline("bind 'set enable-bracketed-paste off'; stty -echo")
    started.expect(PROMPT)
    return started


def own_terminal(bench, *command):
    """Run a command on a terminal whose far end is ours to close; give (pid, master, slave). It waits for `go`."""
    master, slave = os.openpty()
    pid = os.fork()
    if pid == 0:
        os.login_tty(slave)
        os.chdir(bench.root)
        waiting = 'while [ ! -e go ]; do sleep 0.02; done; exec "$@"'
        os.execve("/bin/sh", ["sh", "-c", waiting, "sh", *bench.argv(*command)], bench.environment)
    return pid, master, slave


def line(bench, script: str) -> str:
    return " ".join(bench.argv("sh", "-c", f"'{script}'"))


def test_the_command_finds_a_terminal_of_the_same_size_and_reads_keys(bench):
    shown = bench.terminal("sh", "-c", "stty size; test -t 2 && echo errors too; read x; echo got $x; exit 5")
    shown.expect("24 80")
    shown.expect("errors too")
    shown.sendline("hello")
    shown.expect("got hello")
    shown.expect(pexpect.EOF)
    shown.close()
    assert shown.exitstatus == 5
    assert b"got hello" in bench.recorded().output()


def test_one_line_before_and_one_after_say_which_run_and_how_it_ended(bench):
    shown = bench.terminal("true")
    shown.expect(r"repro-tui: recording (\S+)\r\n")
    name = shown.match[1]
    shown.expect(re.escape(b"repro-tui: " + name + b" finished in "))


@pytest.mark.parametrize(
    ("left", "gap"), [("epoch 3 acc 0.9", "\r\n"), ("done\\n\\033[0m", ""), ("\\r100%%|###|\\033[K", "\r\n")]
)
def test_the_line_after_begins_on_a_line_of_its_own(bench, left, gap):
    shown = bench.terminal("printf", left)
    shown.expect("finished in ")
    before = shown.before.decode()
    assert re.search(gap + r"repro-tui: \S+ $", before)
    assert "\r\n\r\n" not in before


def test_ctrl_c_reaches_the_command_once(bench):
    script = "import signal,time\nn=0\ndef h(*a):\n global n; n+=1\nsignal.signal(2,h); print('ready')\n"
    script += "end=time.time()+1\nwhile time.time()<end: time.sleep(.05)\nprint('got',n)"
    shown = bench.terminal(sys.executable, "-c", script)
    shown.expect("ready")
    shown.send("\x03")
    shown.expect(r"got (\d+)")
    assert shown.match[1] == b"1"


def test_an_interrupted_command_leaves_an_interrupted_status(bench):
    shown = bench.terminal("sleep", "1000")
    bench.child()
    shown.send("\x03")
    shown.expect(pexpect.EOF)
    shown.close()
    assert shown.signalstatus == signal.SIGINT
    assert bench.end()["signal"] == signal.SIGINT


def test_stop_and_continue_work_as_without_us(bench):
    # No shell loop: one that is stopped while it starts a program with vfork cannot stop, with or without us.
    ticking = "import time; [(print(f'tick-{i}-', flush=True), time.sleep(0.05)) for i in range(1, 1000)]"
    shown = shell(bench)
    shown.sendline(" ".join(bench.argv(sys.executable, "-c", f'"{ticking}"')))
    shown.expect("tick-5-")
    shown.send("\x1a")
    shown.expect("Stopped")
    shown.expect(PROMPT)
    child = bench.child()
    assert Path(f"/proc/{child}/stat").read_text().rpartition(") ")[2][0] == "T"
    shown.sendline("fg")
    shown.expect(r"tick-\d+-")
    shown.send("\x1a")
    shown.expect("Stopped")
    shown.sendline("bg")
    shown.expect(r"tick-\d+-")
    shown.sendline("fg")
    shown.expect(r"tick-\d+-")
    shown.send("\x03")
    shown.expect(PROMPT)
    shown.sendline("echo status=$?")
    shown.expect("status=130")


def test_the_terminal_is_as_before_after_any_end(bench):
    shown = shell(bench)
    shown.sendline("stty -g")
    shown.expect(r"([0-9a-f:]{20,})\r\n")
    before = shown.match[1]
    shown.expect(PROMPT)
    for script in ("exit 0", "kill -9 $$", "stty raw -echo; exit 3", "kill -9 $(ps -o ppid= $(ps -o ppid= $$))"):
        shown.sendline(line(bench, script))
        shown.expect(PROMPT)
        shown.sendline("stty -g")
        shown.expect(r"([0-9a-f:]{20,})\r\n")
        assert shown.match[1] == before, script
        shown.expect(PROMPT)


def test_a_killed_front_leaves_the_terminal_as_it_was(bench):
    pid, master, slave = own_terminal(bench, "sleep", "1000")
    before = termios.tcgetattr(slave)
    (bench.root / "go").touch()
    bench.child()
    wait_for(lambda: termios.tcgetattr(slave) != before, "the terminal passing keys")
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    wait_for(lambda: termios.tcgetattr(slave) == before, "the terminal put right")
    os.close(master)
    os.close(slave)


def test_a_new_window_size_reaches_the_command(bench):
    script = "import os,signal\nsignal.signal(28, lambda *a: print(os.get_terminal_size()[:], flush=True))\n"
    script += "print('go', flush=True)\nwhile not os.path.exists('stop'): signal.sigtimedwait([], 0.05)"
    shown = bench.terminal(sys.executable, "-c", script)
    shown.expect_exact("\ngo\r")  # not a goose in the run's name
    shown.setwinsize(30, 100)
    shown.expect_exact("(100, 30)")
    shown.setwinsize(5, 20)
    shown.expect_exact("(20, 5)")
    (bench.root / "stop").touch()
    shown.expect(pexpect.EOF)


def test_with_errors_on_the_terminal_and_output_in_a_pipe_each_is_what_it_is(bench):
    shown = shell(bench)
    shown.sendline(line(bench, "test -t 1 || echo piped; test -t 2 && echo shown >&2") + " | sed s/^/through-/")
    shown.expect(PROMPT)
    assert b"through-piped\r\n" in shown.before
    assert b"shown\r\n" in shown.before
    assert bench.recorded().output("stdout.log") == b"piped\n"
    assert bench.recorded().output("output.log") == b"shown\n"


def test_keys_meant_for_the_end_of_a_pipe_are_not_taken(bench):
    shown = shell(bench)
    shown.sendline(line(bench, "echo out") + " | (cat; read answer < /dev/tty; echo answer=$answer)")
    shown.expect("out")
    shown.sendline("mine")
    shown.expect("answer=mine")


def test_in_the_background_it_runs_without_touching_the_terminal(bench):
    shown = shell(bench)
    shown.sendline(line(bench, "echo from-behind; exit 7") + " & wait $!; echo status=$?")
    shown.expect("from-behind")
    shown.expect("status=7")


def test_a_terminal_that_goes_away_hangs_up_the_command(bench):
    (bench.root / "go").touch()
    pid, master, slave = own_terminal(bench, "sleep", "1000")
    os.close(slave)
    child = bench.child()
    os.close(master)
    wait_for(lambda: not alive(child), "the command's end")
    assert bench.end()["signal"] == signal.SIGHUP
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGHUP


def test_a_command_that_ignores_the_hang_up_goes_on_to_its_end(bench):
    (bench.root / "go").touch()
    script = "trap '' HUP; echo ready; while [ ! -e stop ]; do sleep 0.05; done; echo finished; exit 3"
    pid, master, slave = own_terminal(bench, "sh", "-c", script)
    os.close(slave)
    wait_for(lambda: bench.runs() and b"ready" in bench.recorded().output(), "the command's first words")
    os.close(master)
    (bench.root / "stop").touch()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
    assert bench.end()["exit"] == 3
    assert b"finished" in bench.recorded().output()


def test_what_stays_behind_on_the_terminal_is_not_hung_up_on(bench):
    shown = bench.terminal("sh", "-c", "(sleep 2; echo late; touch done) & echo early")
    shown.expect("early")
    shown.expect(pexpect.EOF)
    wait_for((bench.root / "done").exists, "the rest to finish")
    wait_for(lambda: b"late" in bench.recorded().output(), "its output in the log")


def test_escape_sequences_and_bytes_pass_unchanged(bench):
    (bench.root / "raw").write_bytes(b"\x1b[31mred\x1b[0m \xff\xfe\r50%\r100%\n")
    shown = bench.terminal("cat", "raw")
    shown.expect_exact(b"\x1b[31mred\x1b[0m \xff\xfe\r50%\r100%\r\n")


@pytest.mark.parametrize("victim", ["front", "keeper"])
def test_ten_megabytes_on_a_terminal_are_complete_whoever_is_killed(bench, victim):
    lines = 120_000
    shown = bench.terminal("sh", "-c", f"seq 1 {lines}")
    shown.expect("\r\n100\r\n")
    pid = shown.pid if victim == "front" else bench.recorded().supervisor()
    os.kill(pid, signal.SIGKILL)
    if victim == "keeper":
        shown.expect(f"\r\n{lines}\r\n")
    expected = b"".join(b"%d\r\n" % i for i in range(1, lines + 1))
    wait_for(lambda: len(bench.recorded().output()) >= len(expected), "the whole output")
    assert bench.recorded().output() == expected
    assert bench.end()["exit"] == 0
