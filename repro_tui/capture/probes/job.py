"""The job probe: what a scheduler said about itself in the environment."""

from __future__ import annotations

from collections.abc import Mapping

from repro_tui.capture.probes.finding import Finding, digest_of
from repro_tui.recorder.line import to_text

_FIELDS: dict[str, dict[str, str]] = {
    "slurm": {
        "job": "SLURM_JOB_ID",
        "name": "SLURM_JOB_NAME",
        "array_job": "SLURM_ARRAY_JOB_ID",
        "array_task": "SLURM_ARRAY_TASK_ID",
        "step": "SLURM_STEP_ID",
        "restart": "SLURM_RESTART_COUNT",
        "partition": "SLURM_JOB_PARTITION",
        "qos": "SLURM_JOB_QOS",
        "account": "SLURM_JOB_ACCOUNT",
        "cluster": "SLURM_CLUSTER_NAME",
        "nodes": "SLURM_JOB_NUM_NODES",
        "node_list": "SLURM_JOB_NODELIST",
        "tasks": "SLURM_NTASKS",
        "rank": "SLURM_PROCID",
        "cpus_per_task": "SLURM_CPUS_PER_TASK",
        "gpus": "SLURM_GPUS",
        "gpus_on_node": "SLURM_GPUS_ON_NODE",
        "submit_folder": "SLURM_SUBMIT_DIR",
        "memory_per_node": "SLURM_MEM_PER_NODE",
    },
    "pbs": {
        "job": "PBS_JOBID",
        "name": "PBS_JOBNAME",
        "array_task": "PBS_ARRAY_INDEX",
        "queue": "PBS_QUEUE",
        "node_file": "PBS_NODEFILE",
        "nodes": "PBS_NUM_NODES",
        "cpus_per_task": "PBS_NUM_PPN",
        "submit_folder": "PBS_O_WORKDIR",
    },
    "lsf": {
        "job": "LSB_JOBID",
        "name": "LSB_JOBNAME",
        "array_task": "LSB_JOBINDEX",
        "queue": "LSB_QUEUE",
        "node_list": "LSB_HOSTS",
        "tasks": "LSB_DJOB_NUMPROC",
        "submit_folder": "LS_SUBCWD",
    },
    "gridengine": {
        "job": "JOB_ID",
        "name": "JOB_NAME",
        "array_task": "SGE_TASK_ID",
        "queue": "QUEUE",
        "nodes": "NHOSTS",
        "tasks": "NSLOTS",
    },
    "kubernetes": {
        "service": "KUBERNETES_SERVICE_HOST",
        "pod": "HOSTNAME",
        "namespace": "POD_NAMESPACE",
        "index": "JOB_COMPLETION_INDEX",
    },
}
_NEEDED = {
    "slurm": "SLURM_JOB_ID",
    "pbs": "PBS_JOBID",
    "lsf": "LSB_JOBID",
    "gridengine": "SGE_ROOT",
    "kubernetes": "KUBERNETES_SERVICE_HOST",
}
_DECIDING = ("nodes", "tasks", "gpus", "gpus_on_node")


def probe_job(environment: Mapping[str, str]) -> Finding | None:
    """Read the scheduler's facts, None when the command runs under no scheduler.

    Older Slurm names are understood. `content` speaks of the job's shape (nodes, tasks, GPUs), not of its number.
    """
    kind = next((kind for kind, needed in _NEEDED.items() if environment.get(needed)), "")
    if not kind and environment.get("SLURM_JOBID"):
        kind = "slurm"
    if not kind or (kind == "gridengine" and "JOB_ID" not in environment):
        return None
    known = dict(environment)
    for old, new in (("SLURM_JOBID", "SLURM_JOB_ID"), ("SLURM_NNODES", "SLURM_JOB_NUM_NODES"),
                     ("SLURM_NODELIST", "SLURM_JOB_NODELIST"), ("SLURM_STEPID", "SLURM_STEP_ID")):  # fmt: skip
        if old in known:
            known.setdefault(new, known[old])
    facts: dict[str, object] = {
        name: to_text(known[variable])[:2_000] for name, variable in _FIELDS[kind].items() if known.get(variable)
    }
    shape = {name: facts.get(name, "") for name in _DECIDING}
    content = digest_of(shape)
    summary = {"scheduler": kind, "job": facts.get("job", ""), "content": content}
    if "array_task" in facts:
        summary["array_task"] = facts["array_task"]
    return Finding("job", {"scheduler": kind, **facts, "content": content}, summary)
