"""Two copies of a project that went on apart and are merged with rsync give the union, in either direction."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from repro_tui.domain.fold import RunFold
from repro_tui.journal.layout import Layout
from repro_tui.journal.read import Tailer
from repro_tui.journal.write import open_writer

UID, NEW = "a" * 32, "b" * 32


def annotate(layout, uid, kind, **fields):
    folder = next(f for f in layout.run_folders() if uid in str((f / "uid").read_text()))
    with open_writer(folder, run=uid, role="person", attempt=0) as writer:
        writer.event(kind, **fields)


def record(layout, uid, name):
    folder = layout.new_run(name, 0.0, uid)
    (folder / "uid").write_text(uid)
    writer = open_writer(folder, run=uid, role="supervisor", attempt=1)
    writer.event("start", name=name, argv=["python", "train.py"])
    return writer


def read(layout):
    folds, points = {}, set()
    for folder in layout.run_folders():
        for path in layout.journals(folder):
            batch = Tailer(path).read()
            fold = folds.setdefault(batch.header.run, RunFold(batch.header.run))
            fold.add_header(batch.header)
            for event in batch.events:
                fold.add(event)
            points |= {(batch.writer, at, line.s) for at, line in zip(batch.offsets, batch.points, strict=True)}
    return {uid: repr(fold.run()) for uid, fold in folds.items()}, points, folds


@pytest.mark.skipif(shutil.which("rsync") is None, reason="rsync is not installed")
def test_merging_two_copies_gives_the_union(tmp_path):
    here, there = Layout(tmp_path / "here" / ".repro"), Layout(tmp_path / "there" / ".repro")
    here.create()
    live = record(here, UID, "otter")
    live.point(1, 1.0, {"loss": 0.5})
    shutil.copytree(here.home.parent, there.home.parent)
    live.point(2, 2.0, {"loss": 0.4})
    live.event("end", exit=0)
    live.close()
    annotate(here, UID, "tag", tag="paper", on=True)
    annotate(here, UID, "note", text="from here")
    annotate(there, UID, "tag", tag="draft", on=True)
    annotate(there, UID, "note", text="from there")
    record(there, NEW, "wren").close()
    here_only, there_only = read(here), read(there)
    for source, target in ((here, there), (there, here)):
        subprocess.run(["rsync", "-a", "--update", f"{source.home}/", f"{target.home}/"], check=True)
    merged = read(here)
    assert merged[:2] == read(there)[:2]
    assert merged[1] == here_only[1] | there_only[1]
    run = merged[2][UID].run()
    assert run.tags == {"paper", "draft"}
    assert run.note in {"from here", "from there"}
    assert [end.exit for end in run.attempts[0].endings] == [0]
    assert merged[2][NEW].run().name == "wren"
