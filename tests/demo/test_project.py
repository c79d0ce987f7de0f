"""The demonstration's own project: a script that anybody could have written, and data that can be named."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from repro_tui.demo.folder import EDIT, commit, edit_script, make_folder
from repro_tui.demo.plan import KEEP, plan
from repro_tui.demo.play import demo_environment
from repro_tui.domain.dataset import Watch
from repro_tui.domain.dataset_specs import read_specs
from repro_tui.errors import UsageError
from repro_tui.settings import parse_settings
from tests.cli.program import environment

TRAIN = ("train.py", "--epochs", "2", "--hidden", "8")


@pytest.fixture
def project(tmp_path):
    with as_file(files("repro_tui.demo") / "project") as source:
        return Path(shutil.copytree(source, tmp_path / "digits"))


def python(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], cwd=project, capture_output=True, text=True, timeout=60, check=False
    )


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_the_data_are_the_digits_that_its_source_file_says(project):
    train, test = rows(project / "data" / "train.csv"), rows(project / "data" / "test.csv")
    assert (len(train) - 1, len(test) - 1) == (1438, 359)
    for _, *images in (train, test):
        assert {row[-1] for row in images} == set("0123456789")
        assert all(len(row) == 65 and 0 <= int(pixel) <= 16 for row in images for pixel in row[:-1])
    assert "CC BY 4.0" in (project / "data" / "SOURCE.md").read_text("utf-8")


def test_no_image_is_in_both_parts(project):
    train, test = rows(project / "data" / "train.csv"), rows(project / "data" / "test.csv")
    assert not {tuple(row) for row in train[1:]} & {tuple(row) for row in test[1:]}


def test_the_script_knows_nothing_of_us(project):
    for script in project.glob("*.py"):
        assert "repro" not in script.read_text("utf-8")


def test_training_learns_and_leaves_metrics_a_table_and_a_model(project):
    done = python(project, *TRAIN)
    assert done.returncode == 0, done.stderr
    assert "epoch 2/2" in done.stdout
    (folder,) = (project / "results").iterdir()
    head, first, second = rows(folder / "metrics.csv")
    assert head == ["epoch", "loss", "acc"]
    assert float(second[1]) < float(first[1])
    assert float(second[2]) > 0.7
    assert len(rows(folder / "confusion.csv")) == 11
    assert len(json.loads((folder / "model.json").read_text())["first"]) == 8


def test_the_same_seed_gives_the_same_model_and_another_one_does_not(project):
    models = []
    for seed in ("1", "1", "2"):
        assert python(project, *TRAIN, "--seed", seed).returncode == 0
        models.append((project / "results" / f"lr0.05-hidden8-seed{seed}" / "model.json").read_bytes())
    assert models[0] == models[1] != models[2]


def test_a_learning_rate_that_is_too_high_fails_with_a_reason(project):
    done = python(project, "train.py", "--lr", "5")
    assert done.returncode == 1
    assert "worse than guessing" in done.stderr


def test_shifting_adds_copies_of_the_digits_asked_for_and_leaves_the_others(project):
    before = rows(project / "data" / "train.csv")
    assert python(project, "add_shifted.py", "--digits", "3", "8").returncode == 0
    after = rows(project / "data" / "train.csv")
    assert after[: len(before)] == before
    copies = after[len(before) :]
    assert len(copies) == sum(row[-1] in "38" for row in before[1:]) > 200
    original = next(row for row in before[1:] if row[-1] in "38")
    assert copies[0][:8] == ["0", *original[:7]]


def test_the_folder_is_a_repository_of_one_commit_without_the_users_hooks(tmp_path, need):
    need("git")
    home = tmp_path / "home"
    (home / "hooks").mkdir(parents=True)
    hook = home / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\ntouch ran\nexit 1\n")
    hook.chmod(0o755)
    (home / ".gitconfig").write_text(f"[core]\n\thooksPath = {home}/hooks\n[commit]\n\tgpgsign = true\n")
    folder = make_folder(tmp_path / "digits", environment(HOME=str(home)))
    log = subprocess.run(["git", "log", "--format=%an %s"], cwd=folder, capture_output=True, text=True, check=True)
    assert log.stdout == "repro-tui demo Teach a small network to read digits\n"
    assert not (folder / "ran").exists()
    edit_script(folder)
    status = subprocess.run(["git", "status", "--short"], cwd=folder, capture_output=True, text=True, check=True)
    assert status.stdout == " M train.py\n"
    commit(folder, environment(HOME=str(home)), "Edit")
    status = subprocess.run(["git", "status", "--short"], cwd=folder, capture_output=True, text=True, check=True)
    assert status.stdout == ""


def test_without_git_the_folder_is_made_all_the_same(tmp_path):
    folder = make_folder(tmp_path / "digits", {"PATH": str(tmp_path)})
    assert (folder / "train.py").is_file()
    assert not (folder / ".git").exists()


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path):
    (tmp_path / "mine").write_text("x")
    with pytest.raises(UsageError, match="not empty"):
        make_folder(tmp_path, {})
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_the_edit_changes_one_line_of_the_script_and_it_still_trains(project):
    assert (project / "train.py").read_text("utf-8").count(EDIT[0]) == 1
    edit_script(project)
    assert (project / "train.py").read_text("utf-8").count(EDIT[1]) == 1
    assert python(project, *TRAIN).returncode == 0


def test_the_plan_has_one_of_each_thing_that_happens_to_runs():
    for short in (True, False):
        trials = [trial for stage in plan(short=short) for trial in stage.trials]
        assert [trial.words[0] for trial in trials if trial.changes == "train"] == ["add_shifted.py"]
        assert [stage.trials[-1].tags for stage in plan(short=short) if KEEP in stage.after] == [("baseline",)]
        assert [trial.kill_after > 0 for trial in trials].count(True) == 1
        assert any(trial.note for trial in trials)
        assert any(trial.tags for trial in trials)
        assert {stage.before for stage in plan(short=short)} == {"", "edit", "commit"}
        assert all(len(stage.trials) <= 3 for stage in plan(short=short)), "two cores"


def test_a_trial_is_told_as_a_person_types_it():
    trials = [trial for stage in plan(short=True) for trial in stage.trials]
    shifting = next(trial for trial in trials if trial.changes)
    assert shifting.command == "repro-tui data transform --in train --out train -- python add_shifted.py --digits 3 8"
    assert trials[0].command == "python train.py --lr 0.2"
    assert trials[0].recorded("py") == ("run", "--", "py", "train.py", "--lr", "0.2")
    for trial in trials:
        words = trial.recorded("python")
        assert " ".join(words[words.index("--") + 1 :]) == trial.command.rpartition(" -- ")[2]


def test_its_settings_declare_its_data_and_can_be_read(project):
    settings = parse_settings((project / "repro.yaml").read_text("utf-8"))
    declared = {spec.name: spec for spec in read_specs(settings.records("datasets"), str(project))}
    assert {name: (spec.path, spec.label) for name, spec in declared.items()} == {
        "train": ("data/train.csv", "digit"),
        "test": ("data/test.csv", "digit"),
    }
    assert declared["train"].watch is Watch.ASK


def test_runs_of_the_demonstration_belong_to_no_other_project_or_job():
    given = {"REPRO_HOME": "/x", "REPRO_RUN_UID": "y", "SLURM_JOB_ID": "1", "RANK": "3", "PATH": "/bin", "LANG": "C"}
    kept = demo_environment(given)
    assert set(kept) == {"PATH", "LANG"}
    assert kept["PATH"].endswith(":/bin")
