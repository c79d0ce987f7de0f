"""Writing journals: one counter a run, errors a person can act on, and a file that stays readable."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys

import pytest

from repro_tui.errors import StorageError
from repro_tui.journal.layout import Layout
from repro_tui.journal.read import Tailer
from repro_tui.journal.write import MAX_COUNTER, greatest_counter, new_run_id, open_writer


@pytest.fixture
def layout(tmp_path):
    found = Layout(tmp_path / ".repro")
    found.create()
    return found


@pytest.fixture
def folder(layout):
    return layout.new_run("a", 0.0, new_run_id())


def begin(folder, **fields):
    return open_writer(folder, **({"run": "a" * 32, "role": "supervisor", "attempt": 1} | fields))


def read(writer):
    return Tailer(writer.path).read()


def test_what_is_written_is_read(folder):
    with begin(folder, rank=3) as writer:
        writer.event("start", name="otter", t=5.0)
        writer.point(1, 2.0, {"loss": 0.5, "acc": float("nan")}, "logs/x.csv")
        writer.event("child", pid=7)
    batch = read(writer)
    assert (batch.header.rank, batch.header.role, batch.header.pid) == (3, "supervisor", os.getpid())
    assert [(e.kind, e.counter) for e in batch.events] == [("start", 1), ("child", 0)]
    assert (batch.points[0].m["loss"], batch.points[0].f) == (0.5, "logs/x.csv")
    assert batch.skipped == 0


def test_a_writer_counts_on_from_the_greatest_counter_of_the_run(folder):
    with begin(folder) as one:
        for _ in range(3):
            one.event("note", text='"c":999}')
        with begin(folder, role="person", attempt=0) as two:
            two.event("note", text="later")
    assert read(two).events[0].counter == 4


def test_an_absurd_counter_does_not_use_them_up(folder):
    (folder / "journal" / "x.jsonl").write_text(
        '{"k":"note","c":99999999999999999999}\n{"k":"tag","c":7}\n{"c":' + "9" * 16
    )
    assert greatest_counter(folder / "journal") == 7
    (folder / "journal" / "x.jsonl").write_text(f'{{"k":"note","c":{MAX_COUNTER}}}\n')
    with begin(folder) as writer:
        writer.event("note", text="x")
    assert read(writer).events[0].counter == MAX_COUNTER


def test_an_event_that_is_too_long_is_split_or_named(folder):
    with begin(folder) as writer:
        writer.event("params", src="log", v={f"p{n}": "x" * 100 for n in range(30_000)})
        writer.event("note", text="x" * (2 << 20))
    tailer = Tailer(writer.path)
    events = []
    while (batch := tailer.read()).changed:
        events += batch.events
    assert sum(len(e.body["v"]) for e in events if e.kind == "params") == 30_000
    assert [e.body["where"] for e in events if e.kind == "problem"] == ["note"]


def test_the_sign_of_life_comes_and_goes_with_the_writer(folder):
    with begin(folder) as writer:
        writer.alive()
        assert (folder / f"alive.{writer.id}").stat().st_size == 0
        writer.sync()
    assert not list(folder.glob("alive.*"))


def test_a_folder_that_was_removed_is_named(folder):
    with begin(folder) as writer:
        shutil.rmtree(folder)
        with pytest.raises(StorageError, match="removed") as caught:
            writer.event("note", text="x")
        writer.alive()
        assert caught.value.hint
        assert writer.removed


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "run").write_text("")
    with pytest.raises(StorageError) as caught:
        begin(tmp_path / "run")
    assert caught.value.hint


def test_a_full_disk_is_an_error_with_a_hint_and_the_next_event_repairs_the_line(folder):
    """A limit on the file's size stands for the disk: the kernel writes a part, then refuses, as on a full one."""
    script = f"""
import resource, signal
from pathlib import Path
from repro_tui.errors import StorageError
from repro_tui.journal.write import open_writer
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
writer = open_writer(Path({str(folder)!r}), run="a" * 32, role="supervisor", attempt=1)
writer.event("note", text="before")
size = writer.path.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, resource.RLIM_INFINITY))
for _ in range(2):
    try:
        writer.event("note", text="x" * 100)
    except StorageError as error:
        print(bool(error.hint), str(writer.path) in error.message)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
writer.event("note", text="after")
print(writer.path)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    *said, path = done.stdout.split("\n")[:-1]
    assert said == ["True True"] * 2
    batch = Tailer(type(folder)(path)).read()
    assert [e.body["text"] for e in batch.events] == ["before", "after"]
    assert batch.skipped == 1


def test_hints_differ_by_what_is_wrong(folder, monkeypatch):
    with begin(folder) as writer:
        seen = set()
        for number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO):

            def refuse(*_, number=number):
                raise OSError(number, os.strerror(number))

            monkeypatch.setattr(writer._file, "write", refuse)
            with pytest.raises(StorageError) as caught:
                writer.event("note", text="x")
            seen.add(caught.value.hint)
        assert len(seen) == 5
