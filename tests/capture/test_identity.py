"""Which run a command belongs to follows from its environment alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro_tui.capture.identity import identify
from repro_tui.capture.lineage import lineage_of
from repro_tui.capture.naming import ADJECTIVES, ANIMALS, name_for
from repro_tui.domain.ids import RunId, is_run_id

UID = "0123456789abcdef" * 2
STEP = {"SLURM_JOB_ID": "77", "SLURM_STEP_ID": "0", "SLURM_PROCID": "3", "SLURM_CLUSTER_NAME": "a"}


def test_without_anything_each_run_is_new_and_alone():
    first, second = (identify({}, ["x"], "/") for _ in range(2))
    assert not first.joins
    assert first.ordinal(0)[0] != second.ordinal(0)[0]
    assert is_run_id(first.ordinal(0)[0])


def test_a_uid_set_by_hand_is_joined_with_rank_and_attempt():
    found = identify({"REPRO_RUN_UID": UID, "RANK": "2", "REPRO_ATTEMPT": "3"}, ["x"], "/")
    assert (found.uid, found.rank, found.attempt, found.parent) == (UID, 2, 3, "")


def test_a_uid_inherited_from_a_recorded_command_is_its_parent():
    found = identify({"REPRO_RUN_UID": UID, "REPRO_MAIN_PID": "5", "REPRO_RANK": "0"}, ["x"], "/")
    assert (found.uid, found.parent, found.joins) == ("", UID, False)


def test_what_is_no_uid_is_not_joined():
    assert not identify({"REPRO_RUN_UID": "../../etc"}, ["x"], "/").joins


def test_tasks_of_a_step_agree_whatever_their_arguments():
    one = identify(STEP, ["train", "--rank", "3"], "/a")
    other = identify(STEP | {"SLURM_PROCID": "1"}, ["train", "--rank", "1"], "/b")
    assert one.ordinal(0) == other.ordinal(0)
    assert one.ordinal(0) != one.ordinal(1)
    assert (one.rank, other.rank) == (3, 1)


def test_steps_jobs_and_clusters_are_told_apart():
    uids = {
        identify(STEP | change, ["x"], "/").ordinal(0)[0]
        for change in ({}, {"SLURM_STEP_ID": "1"}, {"SLURM_JOB_ID": "78"}, {"SLURM_CLUSTER_NAME": "b"})
    }
    assert len(uids) == 4


def test_a_restarted_job_is_the_next_attempt_of_the_same_run():
    before, after = ({"SLURM_JOB_ID": "9", "SLURM_RESTART_COUNT": n} for n in ("0", "2"))
    one, other = identify(before, ["x", "1"], "/"), identify(after, ["x", "1"], "/")
    assert one.ordinal(0) == other.ordinal(0)
    assert (one.attempt, other.attempt) == (1, 3)
    assert identify(before, ["x", "2"], "/").ordinal(0) != one.ordinal(0)


@pytest.mark.parametrize(
    "job",
    [
        {"OMPI_MCA_orte_hnp_uri": "312.0;tcp://10.0.0.1:53125", "OMPI_MCA_ess_base_jobid": "312"},
        {"PMIX_NAMESPACE": "prterun-node-771@1", "SLURM_JOB_ID": "9", "SLURM_STEP_ID": "0", "SLURM_PROCID": "0"},
    ],
)
def test_ranks_that_mpirun_started_are_one_run(job: dict[str, str]) -> None:
    found = [identify(job | {"OMPI_COMM_WORLD_RANK": str(n)}, ["x", str(n)], f"/{n}") for n in range(3)]
    assert len({one.ordinal(0) for one in found}) == 1
    assert [one.rank for one in found] == [0, 1, 2]
    later = identify({name: text + "7" for name, text in job.items()} | {"OMPI_COMM_WORLD_RANK": "1"}, ["x"], "/")
    assert later.ordinal(0) != found[0].ordinal(0)


def test_a_step_that_starts_ranks_itself_names_them() -> None:
    step = STEP | {"PMIX_RANK": "3", "PMIX_NAMESPACE": "slurm.pmix.77.0"}
    assert identify(step, ["x"], "/").ordinal(0) == identify(STEP, ["x"], "/").ordinal(0)


@pytest.mark.parametrize(
    ("argv", "lineage"),
    [
        (["python", "train.py", "--lr", "1"], "train.py"),
        (["python3.11", "-u", "-W", "ignore", "src/train.py"], "src/train.py"),
        (["/usr/bin/python", "-m", "pkg.train", "--x"], "pkg.train"),
        (["python", "-c", "print(1)"], "python -c"),
        (["torchrun", "--nproc", "4", "train.py"], "train.py"),
        (["torchrun", "-m", "pkg.train"], "pkg.train"),
        (["env", "A=b.py", "python", "train.py"], "train.py"),
        (["bash", "jobs/sweep.sh"], "jobs/sweep.sh"),
        (["./train.py"], "train.py"),
        (["/opt/bin/solver", "-x"], "solver"),
        (["python", "-m", "torch.distributed.run", "--nproc-per-node", "2", "train.py"], "train.py"),
        (["python", "-m", "cProfile", "-o", "p.out", "train.py"], "train.py"),
        (["python", "-m", "torch.distributed.run", "-m", "pkg.train"], "pkg.train"),
        (["uv", "run", "python", "../p/train.py"], "train.py"),
    ],
)
def test_the_lineage_is_the_script_seen_from_the_project(argv, lineage):
    assert lineage_of(argv, Path("/home/p"), Path("/home/p")) == lineage


def test_a_module_of_the_project_is_of_the_same_lineage_as_its_file(tmp_path):
    (tmp_path / "pkg").mkdir()
    for name in ("train.py", "pkg/fit.py", "pkg/__main__.py"):
        (tmp_path / name).touch()
    for module, lineage in (("train", "train.py"), ("pkg.fit", "pkg/fit.py"), ("pkg", "pkg/__main__.py"), ("x", "x")):
        assert lineage_of(["python", "-m", module], tmp_path, tmp_path) == lineage
    assert lineage_of(["torchrun", "-m", "pkg.fit"], tmp_path, tmp_path) == "pkg/fit.py"


def test_names_follow_from_the_uid_and_use_all_words():
    assert name_for(RunId(UID), 41) == name_for(RunId(UID), 41)
    names = {name_for(identify({}, ["x"], "/").ordinal(0)[0], 1) for n in range(50)}
    assert len(names) > 25
    assert len(set(ADJECTIVES)) == len(ADJECTIVES) >= 60
    assert len(set(ANIMALS)) == len(ANIMALS) >= 60
    assert all(word.isalpha() and word.islower() for word in (*ADJECTIVES, *ANIMALS))
