"""News arrives by kernel events where there are any, by polling elsewhere, and what both miss is found in time."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time

import pytest

from repro_tui.journal import watch
from repro_tui.journal.layout import Layout
from repro_tui.journal.mounts import filesystem_of, is_network
from repro_tui.journal.watch import RECONCILE, Watcher

DEADLINE = 15.0
UID = "a" * 32


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Look ten times as often, so that the tests wait a tenth of the time."""
    for name in ("_ROOT_EVERY", "_REOPEN_AFTER", "_POLL_EVERY"):
        monkeypatch.setattr(watch, name, 0.1)


@pytest.fixture
def layout(tmp_path):
    found = Layout(tmp_path / ".repro")
    found.create()
    return found


@pytest.fixture
def nfs(tmp_path):
    """A mount table that says that everything is on NFS."""
    table = tmp_path / "mountinfo"
    table.write_text(
        "21 1 0:19 / / rw shared:1 - ext4 /dev/sda rw\n22 21 0:20 / " + str(tmp_path) + " rw - nfs4 srv:/x rw\n"
    )
    return table


@pytest.fixture(params=["events", "polling"])
def watcher(request, layout):
    options = {"mountinfo": request.getfixturevalue("nfs")} if request.param == "polling" else {}
    with Watcher(layout, **options) as found:
        assert found.mode() == {"events": "inotify", "polling": "polling"}[request.param]
        settle(found)
        yield found


def settle(watcher):
    """Wait until the watcher has told everything that it has to tell."""
    deadline = time.monotonic() + DEADLINE
    while watcher.wait(0.5):
        assert time.monotonic() < deadline


def told(watcher, *wanted):
    """Wait until one of some folders is named."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        if watcher.wait(1.0).intersection(wanted):
            return True
    return False


def run(layout, name="a"):
    folder = layout.new_run(name, 0.0, UID)
    (folder / "journal" / "x.jsonl").write_text("{}\n")
    return folder


def append(folder):
    with (folder / "journal" / "x.jsonl").open("a") as stream:
        stream.write("{}\n")


def test_the_first_wait_names_the_whole_tree(layout):
    with Watcher(layout) as watcher:
        assert layout.runs in watcher.wait(5)


def test_a_new_run_is_named_and_so_is_what_it_writes_later(watcher, layout):
    folder = run(layout)
    assert told(watcher, folder)
    settle(watcher)
    append(folder)
    assert told(watcher, folder)


def test_a_live_run_is_followed(watcher, layout):
    folder = run(layout)
    settle(watcher)
    watcher._young.clear()
    watcher.follow([folder])
    settle(watcher)
    append(folder)
    assert told(watcher, folder)
    (folder / "journal" / "y.jsonl").write_text("{}\n")
    assert told(watcher, folder)


def test_the_projects_journal_is_followed(watcher, layout):
    (layout.project_journal / "x.jsonl").write_text("{}\n")
    assert told(watcher, layout.project_journal)


def test_a_run_that_is_deleted_is_named(watcher, layout):
    folder = run(layout)
    assert told(watcher, folder)
    settle(watcher)
    shutil.rmtree(folder)
    assert told(watcher, folder)


def test_two_hundred_runs_at_once_are_all_named(watcher, layout):
    folders = {run(layout, f"n{n}") for n in range(200)}
    deadline = time.monotonic() + DEADLINE
    while folders and time.monotonic() < deadline:
        folders -= watcher.wait(1.0)
    assert not folders


def test_the_folder_may_be_deleted_and_made_again(watcher, layout):
    run(layout)
    settle(watcher)
    shutil.rmtree(layout.home)
    assert told(watcher, layout.runs)
    settle(watcher)
    layout.create()
    assert told(watcher, layout.runs)
    folder = run(layout, "b")
    assert told(watcher, folder, layout.runs)
    watcher.follow([folder])
    settle(watcher)
    append(folder)
    assert told(watcher, folder)


def test_a_project_that_is_not_there_yet_is_noticed_when_it_comes(tmp_path):
    layout = Layout(tmp_path / ".repro")
    with Watcher(layout) as watcher:
        settle(watcher)
        layout.create()
        assert told(watcher, layout.runs)


def test_waiting_ends_when_somebody_asks(watcher):
    timer = threading.Timer(0.2, watcher.wake)
    timer.start()
    began = time.monotonic()
    assert watcher.wait(DEADLINE) == set()
    assert time.monotonic() - began < DEADLINE / 2
    timer.join()


def test_the_whole_tree_is_named_from_time_to_time(layout):
    now = [100.0]
    with Watcher(layout, clock=lambda: now[0]) as watcher:
        assert layout.runs in watcher.wait(0)
        assert layout.runs not in watcher.wait(0)
        now[0] += RECONCILE
        assert layout.runs in watcher.wait(0)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError('OS file watch limit reached. about ["/x"]'), "max_user_watches"),
        (RuntimeError("Error creating recommended watcher: Too many open files"), "max_user_instances"),
        (PermissionError("no"), "cannot be watched"),
    ],
)
@pytest.mark.parametrize("when", ["at the start", "while running"])
def test_without_room_in_the_kernel_it_polls_says_why_and_tries_again(layout, error, words, when):
    broken = [True]

    def notify(*paths):
        if not broken[0]:
            yield from watch._watchfiles(*paths)
        if when == "while running":
            yield set()
        raise error

    with Watcher(layout, notify=notify) as watcher:
        settle(watcher)
        assert watcher.mode() == "polling"
        assert words in watcher.why()
        folder = run(layout)
        assert told(watcher, folder)
        append(folder)
        assert told(watcher, folder)
        broken[0] = False
        watcher._opened -= 1000
        settle(watcher)
        assert (watcher.mode(), watcher.why()) == ("inotify", "")
        append(folder)
        assert told(watcher, folder)


def test_running_out_of_instances_for_real_is_survived(layout):
    """A process of its own opens instances until the kernel has none left, and asks for one more."""
    script = f"""
import ctypes, os, sys
from pathlib import Path
from repro_tui.journal.layout import Layout
from repro_tui.journal.watch import Watcher
libc = ctypes.CDLL(None)
import resource
limit = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 100_000)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(limit, 64), limit))
import watchfiles
held = []
while (descriptor := os.open("/dev/null", os.O_RDONLY)) < 62:
    held.append(descriptor)
watcher = Watcher(Layout(Path({str(layout.home)!r})))
watcher.wait(0.5)
print(watcher.mode(), "|", watcher.why())
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("polling |"), done.stderr


def test_network_file_systems_are_known_by_their_mount(tmp_path):
    table = tmp_path / "mountinfo"
    table.write_text(
        "1 0 8:1 / / rw - ext4 /dev/sda rw\n"
        "2 1 0:5 / /home rw,relatime shared:7 master:2 - nfs4 srv:/home rw,vers=4.2\n"
        "3 2 8:2 / /home/local rw - xfs /dev/sdb rw\n"
        "4 1 0:6 / /with\\040space rw - fuse.sshfs me@host: rw\n"
        "5 1 0:7 / /lustre rw - lustre x@tcp:/l rw\n"
        "broken line\n"
        "6 5 0:8 / /lustre rw - tmpfs over rw\n"
    )
    found = {
        path: filesystem_of(type(tmp_path)(path), table)
        for path in ("/none/x", "/home/me/p", "/home/local/p", "/with space/p", "/homework", "/lustre/a")
    }
    assert found == {
        "/none/x": "ext4", "/home/me/p": "nfs4", "/home/local/p": "xfs", "/with space/p": "fuse.sshfs",
        "/homework": "ext4", "/lustre/a": "tmpfs",
    }  # fmt: skip
    assert [is_network(kind) for kind in ("nfs4", "fuse.sshfs", "lustre", "9p", "ext4", "tmpfs", "fuseblk", "")] == [
        True, True, True, True, False, False, False, False,
    ]  # fmt: skip
    assert filesystem_of(tmp_path, tmp_path / "missing") == ""
