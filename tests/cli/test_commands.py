"""Commands on a project with real runs: one that succeeds, one that fails, one that is still going on."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.cli.program import PROGRAM, call, environment, shell
from tests.e2e.terminal import wait_until

SCRIPT = """
    import argparse, csv, sys, time

    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--wait")
    options = parser.parse_args()
    with open("metrics.csv", "w", buffering=1) as file:
        rows = csv.writer(file)
        rows.writerow(["epoch", "loss", "acc"])
        for epoch in range(1, 6):
            rows.writerow([epoch, 1 / epoch, options.lr * epoch])
            print("epoch", epoch, flush=True)
    print("\\x1b[31mred\\x1b[0m and \\x1b]0;title\\x07 gone", flush=True)
    if options.lr > 1:
        sys.exit("the learning rate is too high")
    while options.wait:
        time.sleep(0.05)
        try:
            open(options.wait).close()
        except FileNotFoundError:
            continue
        print("the last word", flush=True)
        break
"""


def record(folder: Path, *words: str, options: tuple[str, ...] = ()) -> int:
    return call("run", *options, "--", sys.executable, "train.py", *words, cwd=folder).returncode


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("digits")
    (folder / "train.py").write_text(textwrap.dedent(SCRIPT))
    assert record(folder, "--lr", "0.1", options=("--name", "first", "--tag", "paper", "--note", "the plain one")) == 0
    assert record(folder, "--lr", "0.2", options=("--name", "second")) == 0
    assert record(folder, "--lr", "5", options=("--name", "third")) == 1
    return folder


def listed(project: Path, *words: str) -> list[str]:
    done = call("ls", *words, "--json", cwd=project)
    assert done.returncode == 0, done.stderr
    return [run["name"] for run in json.loads(done.stdout)["runs"]]


def test_runs_are_listed_newest_first(project):
    assert listed(project) == ["third", "second", "first"]
    assert listed(project, "--reverse") == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["lr>0.15"], ["third", "second"]),
        (["state:failed"], ["third"]),
        (["-state:failed"], ["second", "first"]),
        (["tag:paper"], ["first"]),
        (["acc>=1", "-state:failed"], ["second"]),
        (["name:first", "|", "name:third"], ["third", "first"]),
        (["plain"], ["first"]),
        (["--sort", "lr"], ["first", "second", "third"]),
        (["--sort", "lr", "--reverse"], ["third", "second", "first"]),
        (["--sort", "loss", "--limit", "1", "lr<1", "--reverse"], None),
        (["--limit", "2"], ["third", "second"]),
        (["--limit", "2", "--all"], ["third", "second", "first"]),
        (["lr>100"], []),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_filter_and_an_order_choose_as_in_the_dashboard(project, words, names):
    found = listed(project, *words)
    assert found == names if names is not None else len(found) == 1


def test_the_best_value_of_a_metric_comes_first(project):
    assert listed(project, "--sort", "acc", "-state:failed") == ["second", "first"]


def test_a_filter_that_is_not_understood_is_an_error_of_usage(project):
    done = call("ls", "lr>", cwd=project)
    assert done.returncode == 2
    assert done.stdout == ""


def test_the_list_as_text_names_runs_metrics_and_what_became_of_them(project):
    done = call("ls", cwd=project)
    assert done.returncode == 0
    head, *lines = done.stdout.splitlines()
    assert {"run", "age", "acc", "loss", "lr", "changed", "level"} <= set(head.split())
    assert [line.split()[:2] for line in lines] == [["✗", "third"], ["✓", "second"], ["✓", "first"]]
    assert "exit 1" in lines[0]
    assert "#paper" in lines[2]


def test_columns_are_shown_in_the_order_asked_for(project):
    done = call("ls", "--columns", "acc,run,exit", cwd=project)
    assert done.stdout.splitlines()[0].split() == ["acc", "run", "exit"]


def test_a_list_that_is_cut_by_head_ends_quietly(project):
    done = shell("$RT ls --json | head -c 10 >/dev/null; exit ${PIPESTATUS[0]}", cwd=project)
    assert done.returncode in {0, 141}
    assert done.stderr == ""


@pytest.mark.parametrize("name", ["first", "@3"])
def test_a_run_is_shown_by_name_or_place(project, name):
    document = json.loads(call("show", name, "--json", cwd=project).stdout)
    assert document["name"] == "first"
    assert document["state"] == "done"
    assert document["tags"] == ["paper"]
    assert document["note"] == "the plain one"
    assert document["params"]["lr"]["value"] == 0.1
    assert document["metrics"]["acc"] == {"step": 5, "value": 0.5}
    assert document["argv"][1:] == ["train.py", "--lr", "0.1"]
    assert call("show", document["uid"][:10], cwd=project).returncode == 0


def test_a_run_as_text_says_how_it_ended_and_what_it_used(project):
    page = call("show", "third", cwd=project).stdout
    assert "failed after" in page
    assert "exit 1" in page
    assert "train.py --lr 5" in page
    assert "\x1b" not in page


def test_a_run_that_there_is_not_is_told(project):
    done = call("show", "no-such-run", cwd=project)
    assert done.returncode == 3
    assert "no-such-run" in done.stderr


def test_output_is_printed_without_control_sequences(project):
    done = call("logs", "first", cwd=project)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[:5] == [f"epoch {epoch}" for epoch in range(1, 6)]
    assert not {"\x1b", "\x07"} & set(done.stdout)


def test_the_end_of_an_output_is_its_last_lines(project):
    whole = call("logs", "first", cwd=project).stdout.splitlines()
    assert call("logs", "first", "--tail", "2", cwd=project).stdout.splitlines() == whole[-2:]
    assert call("logs", "first", "--tail", "0", cwd=project).stdout == ""


def test_output_as_json_is_a_line_an_object(project):
    lines = call("logs", "first", "--tail", "3", "--json", cwd=project).stdout.splitlines()
    assert [set(json.loads(line)) for line in lines] == [{"line", "text"}] * 3


def test_an_output_stream_that_there_is_not_is_told(project):
    done = call("logs", "first", "--stream", "nothing", cwd=project)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr


def test_following_prints_what_comes_and_ends_with_the_run(tmp_path):
    (tmp_path / "train.py").write_text(textwrap.dedent(SCRIPT))
    run = subprocess.Popen(
        [*PROGRAM, "run", "--", sys.executable, "train.py", "--wait", "go"], cwd=tmp_path, env=environment(),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_until(lambda: call("ls", "state:running", cwd=tmp_path).stdout)
        out = tmp_path / "out.txt"
        with out.open("w") as file:
            follow = subprocess.Popen([*PROGRAM, "logs", "--follow"], cwd=tmp_path, env=environment(), stdout=file)
        wait_until(lambda: "epoch 5" in out.read_text())
        assert follow.poll() is None
        assert "last word" not in out.read_text()
        (tmp_path / "go").touch()
        assert follow.wait(30) == 0
        assert out.read_text().splitlines()[-1] == "the last word"
    finally:
        (tmp_path / "go").touch()
        run.wait(30)


def test_a_rebuilt_index_says_the_same(project):
    before = call("ls", "--json", cwd=project).stdout
    assert call("rebuild", cwd=project).returncode == 0
    assert call("ls", "--json", cwd=project).stdout == before


def test_doctor_looks_at_everything_and_has_advice_for_what_is_not_well(project):
    done = call("doctor", "--json", cwd=project)
    findings = json.loads(done.stdout)["findings"]
    names = {(finding["area"], finding["name"]) for finding in findings}
    assert {
        ("project", "folder"), ("project", "file system"), ("project", "disk"), ("project", "git"),
        ("project", "runs"), ("project", "watching"), ("project", "journals"), ("terminal", "colours"),
        ("terminal", "characters"), ("machine", "git"), ("machine", "GPUs"), ("versions", "duckdb"),
        ("versions", "textual"), ("versions", "python"),
    } <= names  # fmt: skip
    for finding in findings:
        assert bool(finding["advice"]) == (finding["status"] != "ok"), finding
    problems = [finding for finding in findings if finding["status"] == "problem" and finding["area"] == "project"]
    assert problems == []


def test_doctor_counts_damaged_lines(project, tmp_path):
    subprocess.run(["cp", "-r", f"{project}/.repro", str(tmp_path)], check=True)
    journal = next((tmp_path / ".repro" / "runs").glob("*/journal/*.jsonl"))
    with journal.open("ab") as file:
        file.write(b'{"s":1,"t":2,"m":{\x00\xff\n[1]\n')
    findings = json.loads(call("doctor", "--json", cwd=tmp_path).stdout)["findings"]
    (journals,) = [finding for finding in findings if finding["name"] == "journals"]
    assert "2" in journals["found"]
    assert journals["status"] == "note"


def test_doctor_works_where_there_is_no_project(tmp_path):
    done = call("doctor", cwd=tmp_path)
    assert "no project" in done.stdout
    assert "versions" in done.stdout
