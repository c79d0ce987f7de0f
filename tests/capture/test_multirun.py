"""Each job of a Hydra multirun is a run of its own, whose parent is the multirun."""

from __future__ import annotations

import json
import signal
import sys

from tests.capture.conftest import wait_for

SCRIPT = """
import pathlib, random
import hydra
import repro_tui

@hydra.main(version_base=None, config_path=None, config_name=None)
def main(config):
    random.seed(3)
    pathlib.Path("data.csv").read_text()
    for step in range(4):
        repro_tui.log(loss=config.lr * step)
    folder = pathlib.Path(hydra.core.hydra_config.HydraConfig.get().runtime.output_dir)
    (folder / "model.txt").write_text(str(config.lr))
    if config.lr > 0.4:
        raise ValueError("too large")
    if config.lr < 0:
        print("waiting", flush=True)
        input()

main()
repro_tui.log(step=9, total=1.0)
"""


def prepare(bench) -> None:
    (bench.root / "train.py").write_text(SCRIPT)
    (bench.root / "data.csv").write_text("a,b\n1,2\n")


def by_name(bench):
    return {run.event("start")["name"].rpartition("-")[2]: run for run in bench.runs()}


def listed(bench):
    import subprocess

    done = subprocess.run(
        [sys.executable, "-m", "repro_tui", "ls", "--json"],
        cwd=bench.root,
        env=bench.environment,
        capture_output=True,
        check=True,
        timeout=60,
    )
    return {run["name"].rpartition("-")[2]: run for run in json.loads(done.stdout)["runs"]}


def test_jobs_are_runs_with_their_own_parameters_metrics_files_and_facts(bench):
    prepare(bench)
    done = bench.run(sys.executable, "train.py", "-m", "+lr=0.1,0.2")
    assert done.returncode == 0, done.stderr.decode()
    runs = by_name(bench)
    assert sorted(runs) == ["1", "1.0", "1.1"]
    parent = runs["1"].lines()[0]["run"]
    for number, lr in ((0, 0.1), (1, 0.2)):
        job = runs[f"1.{number}"]
        start = job.event("start")
        assert start["relations"] == [{"role": "parent", "uid": parent}]
        assert start["argv"][1:] == ["train.py", f"+lr={lr}"]
        assert start["lineage"] == runs["1"].event("start")["lineage"] == "train.py"
        assert [point["m"]["loss"] for point in job.points()] == [lr * step for step in range(4)]
        assert [point["s"] for point in job.points()] == [0, 1, 2, 3]
        assert {"lr": lr} in [event["v"] for event in job.events("params")]
        assert {event["sec"] for event in job.events("doc")} >= {"code", "environment", "host"}
        assert [event["v"] for event in job.events("seed")] == [3]
        prints = {(event["path"], event["role"]) for event in job.events("print") if event["d"]}
        assert ("data.csv", "in") in prints
        assert any(path.endswith(f"/{number}/model.txt") and role == "out" for path, role in prints)
        assert {event["exit"] for event in job.events("end")} == {0}
    assert [point["m"] for point in runs["1"].points()] == [{"total": 1.0}], (
        "what follows belongs to the multirun again"
    )
    assert not runs["1"].events("seed")
    table = listed(bench)
    assert [table[name]["state"] for name in ("1", "1.0", "1.1")] == ["done"] * 3
    assert table["1.1"]["changed"].strip() == "", "no run came before the sweep that it could be compared with"


def test_a_job_that_fails_is_failed_and_says_why(bench):
    prepare(bench)
    assert bench.run(sys.executable, "train.py", "-m", "+lr=0.1,0.5").returncode == 1
    table = listed(bench)
    assert (table["1.0"]["state"], table["1.1"]["state"], table["1"]["state"]) == ("done", "failed", "failed")
    bye = next(e for e in by_name(bench)["1.1"].events("bye"))
    assert bye["err"] == "ValueError: too large"


def test_a_job_that_is_killed_has_died_and_those_before_it_stand(bench):
    prepare(bench)
    process = bench.start(sys.executable, "train.py", "-m", "+lr=0.1,-1", stdin=-1)
    wait_for(lambda: sum(len(run.events("start")) for run in bench.runs()) == 3, "the second job")
    runs = by_name(bench)
    wait_for(lambda: runs["1.1"].points()[3:], "its rows")
    import os

    os.kill(runs["1"].events("child")[0]["pid"], signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL
    wait_for(lambda: listed(bench)["1.1"]["state"] == "died", "the job to be seen as dead")
    table = listed(bench)
    assert (table["1.0"]["state"], table["1"]["state"]) == ("done", "died")
    assert len(runs["1.1"].points()) == 4


def test_a_single_job_is_the_run_itself(bench):
    prepare(bench)
    assert bench.run(sys.executable, "train.py", "+lr=0.1").returncode == 0
    (run,) = bench.runs()
    assert [point["m"] for point in run.points()][-1] == {"total": 1.0}
    assert not run.events("job")
