"""The pulse of a run: processes where they can be seen, signs elsewhere, on the reader's own clock."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from repro_tui.domain.events import Event, Header
from repro_tui.domain.fold import fold
from repro_tui.domain.run import Liveness, State
from repro_tui.domain.state import SILENCE, state_of
from repro_tui.journal.liveness import Pulses, is_same_process
from repro_tui.journal.write import boot_id

UID, WRITER = "a" * 32, "0" * 15 + "1"
HERE, BOOT = os.uname().nodename, boot_id()


@pytest.fixture
def process():
    """A program that waits until it is told to end."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as found:
        yield found
        found.kill()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "journal").mkdir()
    (tmp_path / f"alive.{WRITER}").write_text("")
    return tmp_path


def header(pid, host=HERE, boot=BOOT, role="supervisor", t=None):
    return Header(UID, WRITER, role, 1, 0, host, boot, pid, time.time() if t is None else t)


def event(kind, **body):
    return Event(kind, time.time(), WRITER, 1, hash(kind) % 100, 0, body)


def look(pulses, run, folder, after=0.0):
    return pulses.look(run, [folder], monotonic=1000.0 + after, now=time.time())


def touch(folder):
    path = folder / f"alive.{WRITER}"
    stamp = path.stat().st_mtime_ns + 10**9
    os.utime(path, ns=(stamp, stamp))


def test_a_process_that_exists_here_is_alive_and_its_death_is_proof(process, folder):
    run, pulses = fold(UID, [header(process.pid)], []), Pulses()
    assert state_of(run, look(pulses, run, folder)) is State.RUNNING
    process.kill()
    process.wait()
    assert state_of(run, look(pulses, run, folder, 5)) is State.DIED


def test_a_corpse_is_not_alive(process):
    assert is_same_process(process.pid, time.time(), UID)
    process.kill()
    deadline = time.monotonic() + 10
    while is_same_process(process.pid, time.time(), UID) and time.monotonic() < deadline:
        pass
    assert not is_same_process(process.pid, time.time(), UID)
    assert process.poll() is not None


def test_another_process_that_got_the_number_later_is_not_taken_for_the_run(process):
    assert not is_same_process(process.pid, time.time() - 3600, UID)


def test_a_process_that_carries_the_runs_uid_is_the_run_whatever_the_clocks_say():
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, env={**os.environ, "REPRO_RUN_UID": UID}
    ) as found:
        deadline = time.monotonic() + 10
        while not (same := is_same_process(found.pid, 1.0, UID)) and time.monotonic() < deadline:
            pass
        assert same
        assert not is_same_process(found.pid, 1.0, "b" * 32)
        found.kill()


def test_a_command_that_goes_on_without_its_supervisor_is_alive(process, folder):
    run = fold(UID, [header(2**22 + 1)], [event("child", pid=process.pid)])
    assert look(Pulses(), run, folder).alive


def test_an_earlier_boot_of_this_host_is_proof_of_death(folder):
    run = fold(UID, [header(os.getpid(), boot="another")], [])
    assert state_of(run, look(Pulses(), run, folder)) is State.DIED


def test_what_moves_here_although_no_process_can_be_seen_is_taken_back(folder):
    """A container shares host name and boot id, but not the numbers of processes."""
    run, pulses = fold(UID, [header(2**22 + 1)], []), Pulses()
    assert not look(pulses, run, folder).alive
    touch(folder)
    assert look(pulses, run, folder, 5).alive
    assert look(pulses, run, folder, 5 + SILENCE).alive
    assert not look(pulses, run, folder, 6 + SILENCE).alive


def test_on_another_host_only_movement_counts_and_silence_is_taken_back(folder):
    run, pulses = fold(UID, [header(1, host="far")], []), Pulses()
    os.utime(folder / f"alive.{WRITER}", (1.0, 1.0))
    assert state_of(run, look(pulses, run, folder)) is State.SILENT
    touch(folder)
    assert state_of(run, look(pulses, run, folder, 10)) is State.RUNNING
    assert state_of(run, look(pulses, run, folder, 10 + SILENCE)) is State.RUNNING
    assert state_of(run, look(pulses, run, folder, 11 + SILENCE)) is State.SILENT
    touch(folder)
    assert state_of(run, look(pulses, run, folder, 500)) is State.RUNNING


def test_a_clock_that_is_wrong_elsewhere_kills_nobody(folder):
    run, pulses = fold(UID, [header(1, host="far", t=time.time() + 1e6)], []), Pulses()
    os.utime(folder / f"alive.{WRITER}", (time.time() + 1e6,) * 2)
    assert look(pulses, run, folder).alive
    assert not look(pulses, run, folder, 1 + SILENCE).alive


@pytest.mark.parametrize(
    ("events", "liveness", "state"),
    [
        ([event("end", exit=0)], Liveness(True, True), State.DONE),
        ([event("end", exit=1)], Liveness(False, True), State.FAILED),
        ([event("end", signal=9)], Liveness(False, True), State.DIED),
        ([event("end", why="not-found")], Liveness(False, True), State.FAILED),
        ([event("bye", main=True)], Liveness(False, True), State.DONE),
        ([event("bye", main=True, err="ValueError: x")], Liveness(False, False), State.FAILED),
        ([event("bye", main=False)], Liveness(False, True), State.DIED),
        ([event("bye", main=True)], Liveness(True, True), State.RUNNING),
        ([], Liveness(False, False), State.SILENT),
        ([], Liveness(False, True), State.DIED),
    ],
)
def test_the_state_follows_from_ends_and_pulse(events, liveness, state):
    assert state_of(fold(UID, [header(1)], events), liveness) is state


def test_a_job_of_two_supervisors_goes_on_until_both_ended():
    other = Header(UID, "0" * 15 + "2", "supervisor", 1, 1, HERE, BOOT, 2, 1.0)
    run = fold(UID, [header(1), other], [event("end", exit=0)])
    assert state_of(run, Liveness(True, True)) is State.RUNNING
    assert state_of(run, Liveness(False, True)) is State.DIED
    failed = fold(UID, [header(1), other], [event("end", exit=3)])
    assert state_of(failed, Liveness(False, True)) is State.FAILED


def test_a_later_attempt_decides():
    again = Header(UID, "0" * 15 + "2", "supervisor", 2, 0, HERE, BOOT, 2, 1.0)
    run = fold(UID, [header(1), again], [event("end", exit=1)])
    assert state_of(run, Liveness(True, True)) is State.RUNNING
