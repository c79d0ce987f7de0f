"""Whoever is killed, and when: no row that `log()` returned from is lost, and the command finishes by itself."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.capture.conftest import Recorded, alive, wait_for

TRAIN = """\
import os, repro_tui, sys
done = os.open("done", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
for i in range(400):
    repro_tui.log(step=i, loss=1 / (i + 1))
    os.write(done, b"%d\\n" % i)
    print("row", i, flush=True)
sys.exit(9)
"""


def logged(bench) -> list[int]:
    """Give the steps whose `log()` has returned."""
    return [int(line) for line in (bench.root / "done").read_bytes().split(b"\n")[:-1]]


def assert_all_rows(bench) -> None:
    steps = {point["s"] for point in bench.recorded().points()}
    assert set(logged(bench)) <= steps


@pytest.mark.parametrize("seed", range(6))
def test_a_script_killed_at_any_moment_keeps_every_row(bench, seed):
    (bench.root / "train.py").write_text(TRAIN.replace("range(400)", "range(10**9)"))
    process = bench.start(sys.executable, "train.py", stdout=-3)
    wait_for(lambda: (bench.root / "done").exists() and logged(bench), "the first row")
    time.sleep(random.Random(seed).uniform(0, 0.3))  # the moment is what is tried, not waited for
    os.kill(bench.child(), signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL
    assert logged(bench)
    assert_all_rows(bench)
    assert bench.end()["signal"] == signal.SIGKILL


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("victim", ["front", "keeper", "holder", "all"])
def test_losing_a_supervisor_at_any_moment_loses_neither_command_nor_rows_nor_output(bench, victim, seed):
    (bench.root / "train.py").write_text(
        TRAIN.replace("print(", "time.sleep(0.001); print(").replace("os,", "os, time,")
    )
    process = bench.start(sys.executable, "train.py", stdout=-3, stderr=-3)
    child = bench.child()
    victims = {"front": [process.pid], "keeper": [bench.recorded().supervisor()], "holder": [parent(child)]}
    victims["all"] = [pid for pids in victims.values() for pid in pids]
    time.sleep(random.Random(seed).uniform(0, 0.4))  # the moment is what is tried, not waited for
    for pid in victims[victim]:
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not alive(child), "the command's own end")
    assert logged(bench) == list(range(400))
    assert_all_rows(bench)
    assert bench.recorded().output() == b"".join(b"row %d\n" % i for i in range(400))
    if victim in {"front", "keeper"}:
        assert bench.end()["exit"] == 9
    if victim == "keeper":
        assert process.wait(30) == 9
        assert any("killed" in problem["what"] for problem in bench.recorded().events("problem"))


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])


def test_four_ranks_of_one_launcher_are_one_run(bench):
    """As torchrun does it: one supervised command starts the ranks itself."""
    (bench.root / "rank.py").write_text("import os, repro_tui\nrepro_tui.log(step=int(os.environ['RANK']), loss=1.0)\n")
    (bench.root / "launch.py").write_text(
        "import os, subprocess, sys\n"
        "env = lambda r: {**os.environ, 'RANK': str(r), 'LOCAL_RANK': str(r), 'WORLD_SIZE': '4'}\n"
        "ps = [subprocess.Popen([sys.executable, 'rank.py'], env=env(r)) for r in range(4)]\n"
        "sys.exit(max(p.wait() for p in ps))\n"
    )
    assert bench.run(sys.executable, "launch.py").returncode == 0
    (run,) = bench.runs()
    assert {line["rank"] for line in run.lines() if "repro" in line and line["role"] == "process"} == {0, 1, 2, 3}
    assert {point["s"] for point in run.points()} == {0, 1, 2, 3}


SLURM = {"SLURM_JOB_ID": "4711", "SLURM_CLUSTER_NAME": "atlas", "SLURM_STEP_ID": "0", "SLURM_NTASKS": "4"}


def test_four_supervisors_of_one_step_are_one_run(bench):
    started = [bench.start("sh", "-c", "echo $SLURM_PROCID", env=SLURM | {"SLURM_PROCID": str(r)}) for r in range(4)]
    for rank, process in enumerate(started):
        assert process.communicate(timeout=60)[0] == b"%d\n" % rank
    (run,) = bench.runs()
    headers = [line for line in run.lines() if "repro" in line]
    assert len({h["run"] for h in headers}) == 1
    assert {h["rank"] for h in headers} == {0, 1, 2, 3}
    assert len(run.events("end")) == 4
    names = [name for event in run.events("start") for name in event["output"]]
    assert len(set(names)) == len(names) == 8
    assert {event["name"] for event in run.events("start")} == {run.events("start")[0]["name"]}
    wait_for(lambda: [e for e in run.events("doc") if e["sec"] == "environment"], "the facts of the whole run")
    assert len([e for e in run.events("doc") if e["sec"] == "code"]) == 1


def test_the_next_command_of_the_same_step_is_another_run(bench):
    for _ in range(2):
        bench.run("true", env=SLURM | {"SLURM_PROCID": "0"})
    assert len({line["run"] for run in bench.runs() for line in run.lines() if "repro" in line}) == 2


def test_a_requeued_job_is_the_next_attempt_of_its_runs(bench):
    job = {"SLURM_JOB_ID": "4712"}
    for restart in ("0", "1"):
        for seed in ("1", "2"):
            bench.run("echo", seed, env=job | {"SLURM_RESTART_COUNT": restart})
    runs = bench.runs()
    assert len(runs) == 2
    for run in runs:
        assert sorted(line["attempt"] for line in run.lines() if "repro" in line) == [1, 2]


def test_a_uid_given_by_hand_joins_its_supervisors(bench):
    joined = {"REPRO_RUN_UID": "ab" * 16}
    for rank in ("0", "1"):
        bench.run("true", env=joined | {"RANK": rank})
    (run,) = bench.runs()
    assert {line["run"] for line in run.lines() if "repro" in line} == {"ab" * 16}


def test_what_a_run_reads_writes_and_is_configured_by_is_noted(bench):
    (bench.root / "in.csv").write_text("1,2\n")
    (bench.root / "conf.json").write_text('{"optim": {"lr": 0.5}, "api_key": "sk-verysecretverysecret1234"}')
    (bench.root / "train.py").write_text(
        "import time\nopen('in.csv').read(); open('conf.json').read(); open('out.txt','w').write('x')\n"
    )
    assert bench.run(sys.executable, "train.py", "--depth", "3").returncode == 0
    run = bench.recorded()

    def prints(recorded: Recorded) -> dict:
        return {(e["path"], e["role"], e["when"]): e for e in recorded.events("print") if e["cov"] == "full"}

    found = wait_for(lambda: (p := prints(run)).get(("out.txt", "out", "after")) and p, "fingerprints")
    assert ("in.csv", "in", "after") in found
    assert ("conf.json", "config", "after") in found
    values = {event["src"]: event["v"] for event in run.events("params")}
    assert values["argv"] == {"depth": 3}
    assert values["file:conf.json"]["optim.lr"] == 0.5
    assert b"verysecret" not in b"".join(p.read_bytes() for p in (run.folder / "journal").iterdir())
    sections = wait_for(
        lambda: (s := {e["sec"] for e in run.events("doc")}) >= {"code", "host", "environment"} and s, "all documents"
    )
    assert sections


def test_a_file_that_changes_during_the_run_has_two_fingerprints(bench):
    (bench.root / "data.bin").write_bytes(b"one")
    os.utime(bench.root / "data.bin", (1, 1))
    script = "while [ ! -e go ]; do sleep 0.05; done; printf two! > data.bin"
    process = bench.start("sh", "-c", script, options=("--data", "data.bin"))
    wait_for(lambda: [e for e in bench.recorded().events("print") if e["when"] == "before"], "the first fingerprint")
    (bench.root / "go").touch()
    assert process.wait(30) == 0
    prints = [e for e in bench.recorded().events("print") if e["path"] == "data.bin" and e["cov"] == "full"]
    assert {e["when"] for e in prints} == {"before", "after"}
    assert len({e["d"] for e in prints}) == 2


def test_files_of_programs_that_are_no_python_are_seen_by_looking_at_them(bench):
    (bench.root / "big.txt").write_text("x")
    process = bench.start("sh", "-c", "exec 5<big.txt 6>made.txt; while [ ! -e go ]; do sleep 0.05; done")
    wait_for(lambda: {e["path"] for e in bench.recorded().events("file")} >= {"big.txt", "made.txt"}, "both files")
    (bench.root / "go").touch()
    assert process.wait(30) == 0
    modes = {e["path"]: e["mode"] for e in bench.recorded().events("file")}
    assert (modes["big.txt"], modes["made.txt"]) == ("r", "w")


def test_resources_of_the_whole_tree_are_sampled(bench):
    (bench.root / "repro.yaml").write_text("sample_every: 1s\n")
    process = bench.start("sh", "-c", "sh -c 'while [ ! -e go ]; do :; done'")
    samples = wait_for(lambda: bench.recorded().events("res")[2:], "three samples")
    (bench.root / "go").touch()
    assert process.wait(30) == 0
    assert samples[0]["v"]["cpu"] > 5
    assert samples[0]["v"]["rss"] > 100_000


def test_metrics_of_a_script_that_never_heard_of_us_are_in_the_journal(bench):
    """From a CSV that it writes and from what it prints, in a Python in which no recorder can run."""
    (bench.root / "repro.yaml").write_text('metrics:\n  stdout: "epoch (?P<step>[0-9]+) val=(?P<val>[0-9.]+)"\n')
    (bench.root / "train.py").write_text(
        "import time\nf = open('metrics.csv', 'w')\nf.write('epoch,loss\\n')\n"
        "for i in range(3000):\n    f.write(f'{i},{i / 2}\\n')\n    print(f'epoch {i} val={i}')\n"
        "f.flush()\ntime.sleep(3)\n"
    )
    assert bench.run(sys.executable, "-I", "train.py").returncode == 0

    def steps(metric: str) -> set:
        return {p["s"] for p in bench.recorded().points() if metric in p["m"]}

    wait_for(lambda: steps("loss") == steps("val") == set(range(3000)), "all rows of both")
    assert {p.get("f") for p in bench.recorded().points() if "loss" in p["m"]} == {"metrics.csv"}


def test_halves_of_lines_on_two_streams_are_not_read_as_one(bench):
    """Each stream has its own unfinished line, however the two were written between each other."""
    (bench.root / "repro.yaml").write_text("metrics:\n  stdout: ['^val=(?P<val>[0-9]+)$', '^err=(?P<err>[0-9]+)$']\n")
    (bench.root / "train.py").write_text(
        "import os, time\nparts = (1, b'val='), (2, b'err='), (1, b'1'), (2, b'2'), (1, b'7\\n'), (2, b'8\\n')\n"
        "for out, text in parts:\n"
        "    os.write(out, text)\n    time.sleep(0.4)\n"
    )
    assert bench.run(sys.executable, "-I", "train.py").returncode == 0

    def values() -> dict:
        return {name: value for p in bench.recorded().points() for name, value in p["m"].items()}

    wait_for(lambda: values() == {"val": 17, "err": 28}, "one value of each stream")


def test_a_run_does_not_take_the_metrics_of_the_run_just_before_it(bench):
    """Back to back, the file of the first is a few milliseconds old when the second begins."""
    write = "import os; os.makedirs('results', exist_ok=True); open('results/m.csv', 'w').write('step,loss\\n1,0.5\\n')"
    assert bench.run(sys.executable, "-I", "-c", write).returncode == 0
    first = bench.recorded()
    wait_for(first.points, "the row of the first run")
    os.utime(bench.root / "results" / "m.csv")
    assert bench.run(sys.executable, "-I", "-c", "import time; time.sleep(1.5)").returncode == 0
    (second,) = [Recorded(folder) for folder in first.folder.parent.iterdir() if folder != first.folder]
    wait_for(lambda: second.events("doc") and not list(second.folder.glob("alive.*")), "the end of the second run")
    assert second.points() == []


def test_a_run_does_not_take_the_metrics_of_a_run_beside_it(bench):
    """The other one begins later and writes where tools leave their logs; only a file of one's own is taken there."""
    (bench.root / "wait.py").write_text(
        "import os, time\nwhile not os.path.exists('over'):\n    time.sleep(0.05)\ntime.sleep(4)\n"
    )
    bench.start(sys.executable, "-I", "wait.py")
    first = bench.recorded()
    wait_for(lambda: first.events("child"), "the first run")
    write = (
        "import os, time; os.makedirs('results', exist_ok=True)\n"
        "with open('results/m.csv', 'w') as f:\n    f.write('step,loss\\n1,0.5\\n'); f.flush(); time.sleep(2)\n"
    )
    assert bench.run(sys.executable, "-I", "-c", write).returncode == 0
    (bench.root / "over").touch()
    (second,) = [Recorded(folder) for folder in first.folder.parent.iterdir() if folder != first.folder]
    wait_for(second.points, "the row of the run that wrote it")
    wait_for(lambda: first.events("end") and not list(first.folder.glob("alive.*")), "the end of the first run")
    assert first.points() == []
