"""A run notes the datasets that it used, as they were before and after it, and none that it did not touch."""

from __future__ import annotations

import json
import shutil
import sys

import pexpect
import pytest

from repro_tui.bootstrap import open_services
from repro_tui.settings import open_project
from tests.capture.conftest import Bench, wait_for

READ = "import glob\nfor path in sorted(glob.glob('data/train/*.csv')): open(path).read()\n"
DECLARED = "datasets: {train: {path: data/train}, test: {path: data/test.csv}}\nsnapshot: {ask: never}\n"


@pytest.fixture
def data(bench) -> Bench:
    """Give a project with two declared datasets, and a script that reads one of them."""
    (bench.root / "data/train").mkdir(parents=True)
    for number in (1, 2):
        (bench.root / f"data/train/{number}.csv").write_text("x,label\n1,a\n2,b\n")
    (bench.root / "data/test.csv").write_text("x,label\n9,a\n")
    (bench.root / "repro.yaml").write_text(DECLARED)
    (bench.root / "train.py").write_text(READ)
    return bench


def noted(bench: Bench, kind: str, name: str = "train") -> list[dict]:
    """Give the events of the project's journal about one dataset, in the order of their time."""
    found = []
    for path in (bench.root / ".repro/project/journal").glob("*.jsonl"):
        found += [json.loads(line) for line in path.read_text().splitlines()]
    return sorted((e for e in found if e.get("k") == kind and e.get("name") == name), key=lambda event: event["t"])


def versions(bench: Bench):
    services = open_services(open_project(bench.root, {}))
    return {each.spec.name: each.versions for each in services.datasets.all()}


def prints(bench: Bench) -> dict[tuple[str, str], dict]:
    """Give the fingerprints of the newest run."""
    newest = max(bench.runs(), key=lambda run: run.event("start")["t"])
    return {(event["path"], event["when"]): event for event in newest.events("print")}


def test_a_run_uses_what_it_reads_and_a_change_between_runs_is_a_version(data):
    assert data.run(sys.executable, "train.py").returncode == 0
    (first,) = noted(data, "version")
    assert (first["files"], first["cov"], first["run"]) == (2, "full", data.runs()[0].lines()[0]["run"])
    assert {path for path, _ in prints(data)} == {"data/train"}, "the dataset speaks for its files"
    assert prints(data)["data/train", "after"]["d"] == first["d"]
    assert noted(data, "version", "test") == []
    wait_for(lambda: noted(data, "profile"), "the version was looked into while its bytes were there")

    (data.root / "data/train/3.csv").write_text("x,label\n3,b\n")
    assert data.run(sys.executable, "train.py").returncode == 0
    second = noted(data, "version")[1]
    assert prints(data)["data/train", "after"]["d"] == second["d"] != first["d"]
    found = versions(data)
    assert [(version.number, len(version.runs)) for version in found["train"]] == [(2, 1), (1, 1)]
    assert found["test"] == ()
    wait_for(lambda: len(noted(data, "profile")) == 2, "both versions were looked into")
    assert [event["rows"] for event in noted(data, "profile")] == [4, 5]


def test_a_run_that_touches_no_dataset_is_not_said_to_use_one(data):
    data.run(sys.executable, "-c", "open('out.txt', 'w').write('1')")
    assert {path for path, _ in prints(data)} == {"out.txt"}
    assert versions(data) == {"test": (), "train": ()}


def test_what_a_person_names_is_used_whether_or_not_it_was_seen(data):
    data.run("true", options=("--data", "data/train"))
    assert prints(data)["data/train", "after"]["role"] == "in"
    assert len(versions(data)["train"][0].runs) == 1


def test_a_run_that_changes_its_own_dataset_made_the_new_version(data):
    data.run(sys.executable, "train.py")
    script = f"import time\n{READ}time.sleep(1)\nopen('data/train/new.csv', 'w').write('made')\n"
    (data.root / "make.py").write_text(script)
    assert data.run(sys.executable, "make.py", "--api-key", "sk-abcdefghijklmnop1234567890abcdef").returncode == 0
    (made,) = noted(data, "made")
    newest, oldest = versions(data)["train"]
    assert (made["d"], made["of"][0]["d"]) == (newest.digest, oldest.digest)
    assert made["uid"] == newest.run
    assert made["argv"][-2:] == ["--api-key", "[redacted]"]
    assert len(oldest.runs) == 2, "it read the old one"
    written = {path for path, _ in prints(data)} - {"data/train"}
    assert written == {"data/train/new.csv"}, "what it wrote is an output too"


def test_a_dataset_behind_a_link_is_used_under_either_name(data, tmp_path):
    shutil.move(data.root / "data/train", tmp_path / "far")
    (data.root / "data/train").symlink_to(tmp_path / "far")
    data.run(sys.executable, "train.py")
    assert prints(data)["data/train", "after"]["files"] == 2
    far = str(tmp_path / "far")
    data.run(sys.executable, "-c", f"open({far + '/1.csv'!r}).read()")
    assert prints(data)["data/train", "after"]["files"] == 2


def test_a_dataset_far_away_is_used_when_it_is_declared_in_the_journal(data, tmp_path):
    far = tmp_path / "far.csv"
    far.write_text("1")
    services = open_services(open_project(data.root, {}))
    from repro_tui.domain.dataset import Spec

    services.datasets.add(Spec("far", str(far)))
    data.run(sys.executable, "-c", f"open({str(far)!r}).read()")
    assert prints(data)[str(far), "after"]["role"] == "in"
    assert len(versions(data)["far"][0].runs) == 1


def test_a_dataset_that_vanishes_during_the_run_does_no_harm(data):
    (data.root / "gone.py").write_text(f"import shutil\n{READ}shutil.rmtree('data/train')\n")
    assert data.run(sys.executable, "gone.py").returncode == 0
    assert prints(data)["data/train", "after"]["d"] is None


def test_a_project_that_cannot_be_written_to_costs_the_record_and_never_the_run(data):
    (data.root / ".repro/project").write_text("in the way")
    done = data.run(sys.executable, "-c", READ + "print('done')")
    assert (done.returncode, done.stdout) == (0, b"done\n")
    assert b"not recording" in done.stderr


def test_a_wrong_declaration_is_refused_before_the_command_starts(data):
    (data.root / "repro.yaml").write_text("datasets: {train: {path: data/train, watch: sometimes}}")
    done = data.run(sys.executable, "-c", "open('started', 'w')")
    assert done.returncode == 2
    assert b"datasets.train.watch is 'sometimes'" in done.stderr
    assert not (data.root / "started").exists()


def test_the_first_change_is_one_quiet_line_and_only_the_first(data):
    said = []
    for number in range(3):
        (data.root / f"data/train/new{number}.csv").write_text(f"x,label\n{number},b\n")
        terminal = data.terminal(sys.executable, "train.py")
        terminal.expect(pexpect.EOF)
        terminal.wait()
        said.append(b"repro-tui data watch train ask" in b" ".join(terminal.before.split()))
    assert said == [False, True, False], "nothing is said of what was seen for the first time"


def test_each_version_that_a_run_uses_is_kept_where_that_is_wanted(data):
    (data.root / "repro.yaml").write_text(DECLARED.replace("data/train}", "data/train, watch: always}"))
    assert b"is not kept" not in data.run(sys.executable, "train.py").stderr
    (data.root / "data/train/3.csv").write_text("x,label\n3,b\n")
    data.run(sys.executable, "train.py")
    data.run(sys.executable, "train.py")
    assert [version.snapshot is not None for version in versions(data)["train"]] == [True, True]
    assert len(noted(data, "kept")) == 2
    assert noted(data, "kept", "test") == []
