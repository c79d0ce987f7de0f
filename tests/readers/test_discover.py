"""The metric files of a run are found among what it wrote and in its output folders, and no others."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from repro_tui.readers.discover import Discovery
from repro_tui.readers.interface import Row


def poll(discovery: Discovery, *, final: bool = True) -> list[Row]:
    return discovery.poll(time.monotonic() + 5, now=7.0, final=final)


def test_a_file_that_the_run_wrote_is_followed_and_named_relative_to_the_project(tmp_path: Path) -> None:
    discovery = Discovery(tmp_path, time.time() - 60)
    (tmp_path / "out").mkdir()
    discovery.observed("out/metrics.csv")
    assert poll(discovery, final=False) == []
    (tmp_path / "out" / "metrics.csv").write_text("step,lo")
    assert poll(discovery, final=False) == []
    (tmp_path / "out" / "metrics.csv").write_text("step,loss\n1,0.5\n")
    (row,) = poll(discovery, final=False)
    assert (row.step, row.t, dict(row.values), row.source) == (1, 7.0, {"loss": 0.5}, "out/metrics.csv")


def test_output_folders_are_searched_for_what_changed_since_the_run_began(tmp_path: Path) -> None:
    out = tmp_path / "out"
    deep = out / "lightning_logs" / "version_0"
    deep.mkdir(parents=True)
    (out / "old.csv").write_text("step,loss\n1,1\n")
    os.utime(out / "old.csv", (time.time() - 900,) * 2)
    (deep / "metrics.csv").write_text("step,loss\n1,2\n")
    (out / "model.ckpt").write_text("step,loss\n1,3\n")
    (out / ".hidden").mkdir()
    (out / ".hidden" / "m.csv").write_text("step,loss\n1,4\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "m.csv").write_text("step,loss\n1,5\n")
    (out / "link").symlink_to(elsewhere)
    (out / "link.csv").symlink_to(elsewhere / "m.csv")
    rows = poll(Discovery(tmp_path, time.time() - 60, folders=[out]))
    assert [(row.source, dict(row.values)) for row in rows] == [
        ("out/lightning_logs/version_0/metrics.csv", {"loss": 2})
    ]


def test_the_tools_own_folder_is_never_read(tmp_path: Path) -> None:
    home = tmp_path / ".repro" / "runs"
    home.mkdir(parents=True)
    (home / "m.csv").write_text("step,loss\n1,1\n")
    (tmp_path / "trick.csv").symlink_to(home / "m.csv")
    other = tmp_path / "scratch"
    other.mkdir()
    (other / "m.csv").write_text("step,loss\n1,1\n")
    discovery = Discovery(tmp_path, time.time() - 60, folders=[tmp_path / ".repro", tmp_path], exclude=[other])
    for path in (".repro/runs/m.csv", "trick.csv", "scratch/m.csv", "scratch/../.repro/runs/m.csv"):
        discovery.observed(path)
    assert poll(discovery) == []


def test_event_files_of_sibling_folders_keep_their_curves_apart(tmp_path: Path) -> None:
    tensorboard = pytest.importorskip("tensorboardX")
    for folder, value in (("runs/a", 1.0), ("runs/a/extra", 2.0), ("runs/a/validation", 3.0)):
        writer = tensorboard.SummaryWriter(str(tmp_path / folder))
        writer.add_scalar("loss", value, 1)
        writer.close()
    discovery = Discovery(tmp_path, time.time() - 1)
    for file in sorted(tmp_path.rglob("*tfevents*"), key=lambda p: len(p.parts)):
        discovery.observed(str(file))
    values = {name: value for row in poll(discovery) for name, value in row.values.items()}
    assert values == {"loss": 1.0, "extra/loss": 2.0, "validation/loss": 3.0}


def test_patterns_name_further_files_and_reach_nothing_outside(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "scores.dat.csv").write_text("step,loss\n1,1\n")
    (root / "train.progress.txt").write_text("step\tloss\n2\t2\n")
    (tmp_path / "outside.csv").write_text("step,loss\n1,9\n")
    rows = poll(Discovery(root, time.time() - 60, patterns=["*.progress.txt", "../*.csv", "/etc/*"]))
    assert [dict(row.values) for row in rows] == [{"loss": 2}]


def test_a_folder_of_very_many_files_is_looked_at_within_bounds(tmp_path: Path) -> None:
    many = tmp_path / "out"
    many.mkdir()
    for i in range(7000):
        (many / f"{i}.bin").touch()
    discovery = Discovery(tmp_path, time.time() - 60, folders=[many])
    begin = time.monotonic()
    assert poll(discovery) == []
    assert time.monotonic() - begin < 10


def test_pipes_folders_and_files_that_vanish_do_no_harm(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "gone.csv").write_text("step,loss\n1,1\n")
    discovery = Discovery(tmp_path, time.time() - 60, folders=[tmp_path])
    for name in ("pipe.csv", "folder.csv", "gone.csv", "caf\0e9.csv"):
        discovery.observed(name)
    assert len(poll(discovery)) == 1
    (tmp_path / "gone.csv").unlink()
    assert poll(discovery) == []


def test_one_slow_file_does_not_starve_the_others(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.csv").write_text("step,loss\n" + "".join(f"{i},{i}\n" for i in range(50)))
    discovery = Discovery(tmp_path, time.time() - 60)
    for name in "abc":
        discovery.observed(f"{name}.csv")
    sources = set()
    for _ in range(3):
        sources |= {row.source for row in discovery.poll(time.monotonic() - 1, now=1.0)}
    assert sources == {"a.csv", "b.csv", "c.csv"}


def test_data_sets_and_predictions_that_a_run_writes_are_no_metrics_unless_they_are_declared(tmp_path: Path) -> None:
    for name in ("data/clean.csv", "predictions.csv", "data/logs/m.csv", "out/data/m.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("step,x\n0,1\n")

    def sources(**options) -> set[str]:
        discovery = Discovery(tmp_path, time.time() - 60, **options)
        for name in ("data/clean.csv", "predictions.csv", "data/logs/m.csv", "out/data/m.csv"):
            discovery.observed(name)
        return {row.source for row in poll(discovery)}

    assert sources() == {"data/logs/m.csv"}
    assert "data/clean.csv" in sources(folders=[tmp_path / "data"])
    assert "predictions.csv" in sources(patterns=["pred*.csv"])
