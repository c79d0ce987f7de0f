"""Which run this is: a new one, a further attempt of an old one, or one of several supervisors of the same run.

Decided from the environment alone, so that eight supervisors on four hosts come to the same answer without talking.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from repro_tui.domain.ids import RunId, is_run_id

_RANKS = ("REPRO_RANK", "RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK")
"""Where launchers say the rank, the most specific first."""

_MPI_RANKS = ("OMPI_COMM_WORLD_RANK", "PMIX_RANK")
_MPI_JOBS = ("OMPI_MCA_orte_hnp_uri", "PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid")
"""Where MPI launchers name the job, the less ambiguous first."""


NONE = RunId("")
"""No run."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What the environment says about the run that is about to begin."""

    group: str = ""
    """What all supervisors of the run have in common (a Slurm job and step); empty for a run of its own."""
    uid: RunId = NONE
    """The run to join, when it was named by REPRO_RUN_UID; else empty."""
    label: str = ""
    """Name of the run's folder where it must be the same for all supervisors; empty where time and name make it."""
    number: int = 0
    """The number at the end of the name where it cannot be counted, because others are counting too."""
    attempt: int = 1
    """Which execution of the run this is."""
    rank: int = 0
    """Rank in a distributed job."""
    parent: RunId = NONE
    """The recorded run that this command was started by."""

    @property
    def joins(self) -> bool:
        """Tell whether others may be part of the same run."""
        return bool(self.group or self.uid)

    def ordinal(self, count: int) -> tuple[RunId, str]:
        """Give uid and folder label of the `count`-th run (from 0) that this group has begun."""
        if self.uid:
            return self.uid, self.label
        if not self.group:
            return RunId(os.urandom(16).hex()), ""
        import hashlib

        uid = RunId(hashlib.sha256(f"{self.group}\0{count}".encode(errors="surrogateescape")).hexdigest()[:32])
        return uid, f"{self.label}-{count}" if count else self.label


def identify(environment: Mapping[str, str], argv: Sequence[str], cwd: str) -> Identity:
    """Read the environment of `repro-tui run`.

    A command that was itself started by a recorded run carries that run's uid together with REPRO_MAIN_PID: it is a
    run of its own with that parent. REPRO_RUN_UID alone was set by a person or a launcher, to join.
    """
    named = environment.get("REPRO_RUN_UID", "")
    nested = "REPRO_MAIN_PID" in environment
    parent = RunId(named) if nested and is_run_id(named) else NONE
    if is_run_id(named) and not nested:
        attempt = _integer(environment, "REPRO_ATTEMPT", default=_integer(environment, "SLURM_RESTART_COUNT") + 1)
        number = int(named[:8], 16) % 900 + 100
        return Identity("", RunId(named), f"run-{named[:16]}", number, max(attempt, 1), rank_of(environment))
    return _mpi(environment, parent) or _slurm(environment, argv, cwd, parent) or Identity(parent=parent)


def _mpi(environment: Mapping[str, str], parent: RunId) -> Identity | None:
    """Give the identity within a job of `mpirun`, or None outside of one.

    Open MPI says where its head process listens (4) or names a namespace after it (5), the same for all ranks.
    Where a Slurm step started the ranks itself, the step names them.
    """
    rank = next((environment[name] for name in _MPI_RANKS if environment.get(name, "").isdigit()), "")
    mark = next((environment[name] for name in _MPI_JOBS if environment.get(name)), "")
    if not rank or not mark or ("SLURM_STEP_ID" in environment and "OMPI_COMM_WORLD_RANK" not in environment):
        return None
    import hashlib

    group = "\0".join(("mpi", environment.get("SLURM_JOB_ID", ""), mark))
    short = hashlib.sha256(group.encode(errors="surrogateescape")).hexdigest()[:16]
    return Identity(group, NONE, f"mpi-{short}", int(short[:8], 16) % 900 + 100, 1, int(rank[:9]), parent)


def _slurm(environment: Mapping[str, str], argv: Sequence[str], cwd: str, parent: RunId) -> Identity | None:
    """Give the identity within a Slurm job, or None outside of one.

    Inside a step (`srun`) all tasks are one run. In the batch script each command line is a run of its own; a requeued
    job runs the script again, and the same command line is then the next attempt of the same run.
    """
    job = environment.get("SLURM_JOB_ID", "")
    if not job.isdigit():
        return None
    cluster = environment.get("SLURM_CLUSTER_NAME", "")
    step = environment.get("SLURM_STEP_ID", environment.get("SLURM_STEPID", ""))
    attempt = _integer(environment, "SLURM_RESTART_COUNT") + 1
    if step.isdigit() and "SLURM_PROCID" in environment:
        group = f"slurm\0{cluster}\0{job}\0{step}"
        return Identity(group, NONE, f"slurm-{job}-{step}", int(job), attempt, rank_of(environment), parent)
    if environment.get("SLURM_RESTART_COUNT") is None and parent:
        return None
    group = "\0".join(("slurm", cluster, job, "batch", cwd, *argv))
    import hashlib

    mark = hashlib.sha256(group.encode(errors="surrogateescape")).hexdigest()[:8]
    return Identity(group, NONE, f"slurm-{job}-batch-{mark}", int(job), attempt, 0, parent)


def rank_of(environment: Mapping[str, str]) -> int:
    """Give this supervisor's rank: the first variable that a launcher set."""
    return next((_integer(environment, name) for name in _RANKS if environment.get(name, "").isdigit()), 0)


def _integer(environment: Mapping[str, str], name: str, default: int = 0) -> int:
    text = environment.get(name, "")
    return int(text) if text.isdigit() and len(text) < 10 else default  # noqa: PLR2004 - no counter is longer
