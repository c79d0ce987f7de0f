"""`repro-tui run` is invisible to the command and to whoever called it, except for what it writes down."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pexpect
import pytest

from repro_tui.journal.facts import read_document
from repro_tui.journal.layout import Layout
from tests.capture.conftest import alive, wait_for


@pytest.mark.parametrize("status", [0, 1, 3, 255])
def test_the_exit_status_is_the_command_s(bench, status):
    assert bench.run("sh", "-c", f"exit {status}").returncode == status
    assert bench.recorded().event("end")["exit"] == status


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV, signal.SIGINT, signal.SIGHUP])
def test_a_command_that_dies_by_a_signal_is_seen_to_die_by_it(bench, number):
    assert bench.run("sh", "-c", f"kill -{int(number)} $$").returncode == -number
    assert bench.recorded().event("end")["signal"] == number


@pytest.mark.parametrize("how", ["script", "module", "text"])
def test_a_script_that_is_interrupted_dies_by_the_interrupt(bench, how):
    raising = "raise KeyboardInterrupt('stop')"
    (bench.root / "stopped.py").write_text(raising)
    arguments = {"script": ["stopped.py"], "module": ["-m", "stopped"], "text": ["-c", raising]}[how]
    assert bench.run(sys.executable, *arguments).returncode == -signal.SIGINT
    recorded = bench.recorded()
    assert recorded.event("end")["signal"] == signal.SIGINT
    assert recorded.event("bye")["err"] == "KeyboardInterrupt"


def test_output_of_two_pipes_stays_apart_and_is_kept(bench):
    done = bench.run("sh", "-c", "echo out; echo err >&2")
    assert (done.stdout, done.stderr) == (b"out\n", b"err\n")
    recorded = bench.recorded()
    assert recorded.output("stdout.log") == b"out\n"
    assert recorded.output("stderr.log") == b"err\n"
    assert sorted(recorded.event("start")["output"]) == ["stderr.log", "stdout.log"]


def test_output_and_errors_on_one_pipe_keep_their_order(bench):
    process = bench.start("sh", "-c", "echo a; echo b >&2; echo c", stderr=subprocess.STDOUT)
    assert process.communicate(timeout=60)[0] == b"a\nb\nc\n"
    assert bench.recorded().output() == b"a\nb\nc\n"


def test_standard_input_passes_through_from_a_pipe(bench):
    assert bench.run("cat", input=b"x" * 300_000).stdout == b"x" * 300_000


def test_a_writer_into_a_command_that_stopped_reading_is_told(bench):
    pipeline = f"yes | {' '.join(bench.argv('head', '-1'))}; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", pipeline], cwd=bench.root, env=bench.environment, capture_output=True, timeout=60, check=True
    )
    assert done.stdout == b"y\n141\n"


def test_a_command_whose_reader_leaves_gets_the_signal_of_a_broken_pipe(bench):
    pipeline = f"{' '.join(bench.argv('yes'))} | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", pipeline], cwd=bench.root, env=bench.environment, capture_output=True, timeout=60, check=True
    )
    assert done.stdout == b"y\n141\n"
    assert bench.end()["signal"] == signal.SIGPIPE


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_closed_descriptors_stay_closed_for_the_command(bench, closed):
    script = "import os,sys\nr=[]\nfor d in (0,1,2):\n try: os.fstat(d); r.append(d)\n except OSError: pass\n"
    script += "f=os.open('seen',os.O_WRONLY|os.O_CREAT); os.write(f, repr(r).encode())"
    plain = [sys.executable, "-S", "-c", script]
    for argv in (plain, bench.argv(*plain)):
        command = " ".join(f"'{word}'" if word != script else '"$SCRIPT"' for word in argv)
        environment = bench.environment | {"SCRIPT": script}
        subprocess.run(["bash", "-c", f"{command} {closed}"], cwd=bench.root, env=environment, timeout=60, check=False)
        wait_for((bench.root / "seen").exists, "the command's answer")
        (bench.root / "seen").rename(bench.root / ("bare" if argv is plain else "recorded"))
    # The file that answers takes the lowest free number itself, equally in both.
    assert (bench.root / "recorded").read_text() == (bench.root / "bare").read_text()


def test_further_descriptors_are_inherited(bench):
    command = " ".join(bench.argv("sh", "-c", "'echo three >&3'"))
    done = subprocess.run(
        ["bash", "-c", f"{command} 3>&1 1>/dev/null"],
        cwd=bench.root,
        env=bench.environment,
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == b"three\n"


def test_invalid_utf8_and_escape_sequences_pass_unchanged(bench):
    raw = bytes(range(256)) * 3 + b"\x1b[31m\xff\xfe\x00"
    (bench.root / "raw").write_bytes(raw)
    assert bench.run("cat", "raw").stdout == raw
    assert bench.recorded().output("stdout.log") == raw


def test_a_hundred_megabytes_pass_quickly_and_in_bounded_memory(bench):
    size = 100 * 1024 * 1024
    process = bench.start("head", "-c", str(size), "/dev/zero")
    peak = 0
    count = 0

    def watch() -> None:
        nonlocal peak
        while process.poll() is None:
            try:
                text = Path(f"/proc/{process.pid}/status").read_text()
            except OSError:
                return
            found = [int(line.split()[1]) for line in text.splitlines() if line.startswith("VmHWM")]
            peak = max([peak, *found])
            time.sleep(0.02)

    watcher = threading.Thread(target=watch)
    watcher.start()
    while block := process.stdout.read(1 << 20):
        count += len(block)
    assert process.wait(60) == 0
    watcher.join()
    assert count == size
    assert (bench.recorded().folder / "stdout.log").stat().st_size == size
    assert peak < 80_000


def test_a_command_that_does_not_exist_is_recorded_as_failed(bench):
    done = bench.run("no-such-command-here")
    assert done.returncode == 127
    assert b"no-such-command-here" in done.stderr
    assert b"not found" in done.stderr
    end = bench.recorded().event("end")
    assert (end["exit"], end["why"]) == (127, "not-found")


def test_a_script_without_its_interpreter_in_front_is_told_how(bench):
    (bench.root / "train.py").write_text("print(1)")
    assert b"python train.py" in bench.run("train.py").stderr
    done = bench.run("./train.py")
    assert done.returncode == 126
    assert b"python ./train.py" in done.stderr
    assert {r.event("end")["why"] for r in bench.runs()} == {"not-found", "not-executable"}


def test_an_executable_text_without_interpreter_line_is_run_by_the_shell(bench):
    script = bench.root / "job"
    script.write_text("echo from $1\n")
    script.chmod(0o755)
    assert bench.run("./job", "here").stdout == b"from here\n"


def test_a_missing_interpreter_is_named_as_the_reason(bench):
    script = bench.root / "job"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    done = bench.run("./job")
    assert done.returncode == 127
    assert b"interpreter" in done.stderr


def test_a_signal_to_us_alone_reaches_the_command_once(bench):
    script = "import signal,time\nn=0\ndef h(*a):\n global n; n+=1\n"
    script += "signal.signal(15,h); print('ready',flush=True)\n"
    script += "while n == 0: time.sleep(.05)\nend=time.time()+1\n"
    script += "while time.time()<end: time.sleep(.05)\nprint('got',n,flush=True)"
    process = bench.start(sys.executable, "-c", script)
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == b"got 1\n"
    assert process.wait(30) == 0


def test_a_signal_to_the_whole_group_reaches_the_command_once(bench):
    script = "import signal,time\nn=0\ndef h(*a):\n global n; n+=1\n"
    script += "signal.signal(15,h); print('ready',flush=True)\n"
    script += "while n == 0: time.sleep(.05)\nend=time.time()+1\n"
    script += "while time.time()<end: time.sleep(.05)\nprint('got',n,flush=True)"
    process = bench.start(sys.executable, "-c", script, start_new_session=True)
    assert process.stdout.readline() == b"ready\n"
    os.killpg(process.pid, signal.SIGTERM)
    assert process.stdout.readline() == b"got 1\n"
    assert process.wait(30) == 0


def test_killing_the_group_leaves_nothing_behind_and_is_recorded(bench):
    """A scheduler or a test runner that ends the process group ends the command, as it would without us."""
    process = bench.start("sleep", "1000", start_new_session=True)
    child = bench.child()
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL
    wait_for(lambda: not alive(child), "the command's end")
    assert bench.end()["signal"] == signal.SIGKILL


def test_a_command_that_ignores_sigterm_goes_on(bench):
    process = bench.start("sh", "-c", "trap '' TERM; echo ready; sleep 0.5; echo still here")
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == b"still here\n"
    assert process.wait(30) == 0


def test_signals_ignored_by_the_caller_are_ignored_by_the_command(bench):
    """`nohup`, and background jobs of a script, rely on that."""
    command = " ".join(bench.argv("grep", "SigIgn", "/proc/self/status"))
    script = f"trap '' HUP INT QUIT; {command}; grep SigIgn /proc/self/status"
    done = subprocess.run(
        ["bash", "-c", script], cwd=bench.root, env=bench.environment, capture_output=True, timeout=60, check=True
    )
    ours, bare = done.stdout.splitlines()
    assert ours == bare


def test_a_command_that_forks_and_leaves_ends_the_run_and_the_rest_keeps_its_output(bench):
    begun = time.monotonic()
    done = bench.run("sh", "-c", "(sleep 3; echo late) & echo early")
    assert done.stdout == b"early\n"
    assert time.monotonic() - begun < 2.9
    wait_for(lambda: bench.recorded().output("stdout.log") == b"early\nlate\n", "the output of what stayed behind")


def test_a_run_inside_a_run_is_its_own_with_a_parent(bench):
    inner = bench.argv("echo", "inner")
    assert bench.run(*inner).stdout == b"inner\n"
    starts = {run.event("start")["argv"][0]: run for run in bench.runs()}
    outer = next(line["run"] for line in starts[sys.executable].lines() if "repro" in line)
    assert starts["echo"].event("start")["relations"] == [{"role": "parent", "uid": outer}]


def test_an_unwritable_project_costs_the_record_and_nothing_else(bench):
    (bench.root / ".repro").rmdir()
    (bench.root / ".repro").write_text("in the way")
    done = bench.run("sh", "-c", "echo ran; exit 4")
    assert (done.returncode, done.stdout) == (4, b"ran\n")
    assert done.stderr.count(b"\n") == 1
    assert b"not recording" in done.stderr


def test_switched_off_means_off(bench):
    done = bench.run("sh", "-c", "echo ${REPRO_RUN_UID-none}; exit 4", env={"REPRO_TUI": "off"})
    assert (done.returncode, done.stdout, done.stderr) == (4, b"none\n", b"")
    assert bench.runs() == []


def test_what_is_recorded_is_private(bench):
    bench.run("true")
    for path in [bench.recorded().folder, *bench.recorded().folder.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_run_folder_deleted_while_it_goes_does_not_disturb_the_command(bench):
    import shutil

    process = bench.start("sh", "-c", "echo one; while [ ! -e go ]; do sleep 0.05; done; echo two; exit 6")
    assert process.stdout.readline() == b"one\n"
    shutil.rmtree(bench.recorded().folder)
    (bench.root / "go").touch()
    assert process.communicate(timeout=30)[0] == b"two\n"
    assert process.returncode == 6


FILL = """\
import os, sys
for i in range(1000): print("line", i, flush=True)
with open("fill", "wb", buffering=0) as stream:
    try:
        while True: stream.write(bytes(4096))
    except OSError: pass
for i in range(1000, 5000): print("line", i, flush=True)
sys.exit(7)
"""


@pytest.fixture
def small_disk(tmp_path):
    """Give a volume of three megabytes."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small volume needs root")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


@pytest.mark.parametrize("on_terminal", [False, True])
def test_a_disk_that_fills_up_is_told_once_and_never_felt_by_the_command(bench, small_disk, on_terminal):
    expected = b"".join(b"line %d\n" % i for i in range(5000))
    bench.root = small_disk
    (bench.root / ".repro").mkdir()
    (bench.root / "fill.py").write_text(FILL)
    if on_terminal:
        shown = bench.terminal(sys.executable, "fill.py")
        shown.expect("line 4999\r\n")
        before = shown.before
        shown.expect(pexpect.EOF)
        shown.close()
        status, errors = shown.exitstatus, before + shown.before
    else:
        done = bench.run(sys.executable, "fill.py")
        status, errors = done.returncode, done.stderr
        assert done.stdout == expected
    assert status == 7
    assert errors.count(b"disk is full") == 1


def test_a_disk_that_is_full_from_the_start_costs_only_the_record(bench, small_disk):
    bench.root = small_disk
    (bench.root / ".repro").mkdir()
    (bench.root / "fill").write_bytes(bytes(2 * 1024 * 1024))
    subprocess.run(["sh", "-c", "cat /dev/zero > fill2"], cwd=bench.root, capture_output=True, check=False)
    done = bench.run("sh", "-c", "echo ran; exit 4")
    assert (done.returncode, done.stdout) == (4, b"ran\n")
    assert b"not recording" in done.stderr
    assert b"No space left" in done.stderr


def test_output_that_the_command_emptied_itself_is_passed_on_and_told(bench):
    """`> /dev/stderr` in a shell script opens the file behind it anew, and truncates it."""
    script = "echo long >&2; sleep 0.6; echo b > /dev/stderr; sleep 0.6; echo c > /dev/stderr; sleep 0.6; echo d >&2"
    assert bench.run("bash", "-c", script).stderr == b"long\nb\nc\nd\n"
    assert [p for p in bench.recorded().events("problem") if p["where"] == "output"]


def test_what_we_add_to_the_environment_is_not_recorded_as_the_users(bench):
    own = {"PYTHONPATH": str(bench.root), "REPRO_HOME": str(bench.root / ".repro")}
    shown = bench.run(sys.executable, "-c", "import os; print(os.environ['PYTHONPATH'])", env=own)
    assert shown.stdout.decode().strip().endswith(f":{bench.root}")

    def environments() -> list[dict]:
        return [event for event in bench.recorded().events("doc") if event["sec"] == "environment"]

    found, *_ = wait_for(environments, "the environment")
    document = read_document(Layout(bench.root / ".repro"), found["d"])
    assert document["variables"].get("PYTHONPATH") == str(bench.root)
    assert not [name for name in document["variables"] if name.startswith("REPRO_")]
