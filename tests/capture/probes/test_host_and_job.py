"""The host and job probes read what decides arithmetic, and what a scheduler said."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from repro_tui.capture.probes import gpu, probe_host, probe_job
from repro_tui.capture.probes.gpu import Cards

ARM = "processor : 0\nBogoMIPS : 100\nFeatures : fp asimd sve bf16\nCPU implementer : 0x41\nCPU part : 0xd40\n"
INTEL = "".join(
    f"processor : {n}\nmodel name : Intel(R)  Xeon(R) 8480\nphysical id : 0\ncore id : {n // 2}\n"
    "flags : fpu avx2 fma ht\n\n"
    for n in range(4)
)


def machine(root: Path, cpuinfo: str, **files: str) -> Path:
    for name, content in {"proc/cpuinfo": cpuinfo, "proc/meminfo": "MemTotal:  2048 kB\n", **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


def test_this_machine_is_described():
    found = probe_host()
    json.dumps(found.document)
    assert found.document["cpu"]["usable"] == len(os.sched_getaffinity(0))
    assert found.document["memory"]
    assert found.summary["cpu"]


def test_processors_are_read_on_intel_and_arm(tmp_path):
    intel = probe_host({}, machine(tmp_path / "intel", INTEL)).document
    assert intel["cpu"]["model"] == "Intel(R) Xeon(R) 8480"
    assert (intel["cpu"]["physical"], intel["cpu"]["flags"]) == (2, ["avx2", "fma"])
    assert intel["memory"] == 2048 * 1024
    arm = probe_host({}, machine(tmp_path / "arm", ARM)).document
    assert (arm["cpu"]["model"], arm["cpu"]["flags"]) == ("0x41 0xd40", ["asimd", "bf16", "sve"])


def test_a_machine_without_proc_is_described_as_far_as_it_goes(tmp_path):
    assert probe_host({}, tmp_path).summary["cpu"]


def test_limits_of_the_own_control_group_or_the_nearest_above_are_read(tmp_path):
    nested = {"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/cpu.max": "150000 100000\n",
              "sys/fs/cgroup/a/b/cpu.max": "max 100000\n", "sys/fs/cgroup/memory.max": "max\n",
              "sys/fs/cgroup/a/b/memory.max": "1073741824\n"}  # fmt: skip
    limits = probe_host({}, machine(tmp_path / "two", INTEL, **nested)).document["limits"]
    assert limits == {"cores": 1.5, "memory": 1 << 30}
    old = {"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "200000\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
           "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"}  # fmt: skip
    assert probe_host({}, machine(tmp_path / "one", INTEL, **old)).document["limits"] == {"cores": 2.0, "memory": None}


def test_content_knows_threads_and_processors_but_neither_host_nor_memory(tmp_path):
    first = probe_host({}, machine(tmp_path / "a", INTEL)).summary["content"]
    other = {"proc/meminfo": "MemTotal: 9 kB\n"}
    assert probe_host({"HOSTNAME": "x"}, machine(tmp_path / "b", INTEL, **other)).summary["content"] == first
    assert probe_host({"OMP_NUM_THREADS": "3"}, tmp_path / "a").summary["content"] != first
    assert probe_host({}, machine(tmp_path / "c", ARM)).summary["content"] != first


def test_a_machine_without_gpu_has_a_reason_and_no_problem():
    found = probe_host()
    if not found.document["gpus"]:
        assert found.document["gpus_unavailable"]
        assert found.problems == () or found.problems[0].hint


def test_a_driver_that_does_not_answer_is_a_problem_with_what_to_do(monkeypatch):
    never = threading.Event()
    monkeypatch.setattr(gpu, "_ask", lambda: never.wait(30) and Cards())
    found = gpu.gpus(timeout_s=0.05)
    never.set()
    assert "did not answer" in found.reason
    assert found.hint


@pytest.mark.parametrize(
    ("environment", "kind", "facts"),
    [
        ({"SLURM_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": "3", "SLURM_RESTART_COUNT": "1", "SLURM_JOB_NUM_NODES": "2"},
         "slurm",
         {"job": "7", "array_task": "3", "restart": "1", "nodes": "2"}),
        ({"SLURM_JOBID": "7", "SLURM_NNODES": "2", "SLURM_NODELIST": "n[1-2]"}, "slurm",
         {"job": "7", "nodes": "2", "node_list": "n[1-2]"}),
        ({"PBS_JOBID": "5.head", "PBS_QUEUE": "gpu"}, "pbs", {"job": "5.head", "queue": "gpu"}),
        ({"LSB_JOBID": "9", "LSB_JOBINDEX": "2"}, "lsf", {"job": "9", "array_task": "2"}),
        ({"SGE_ROOT": "/sge", "JOB_ID": "4", "NSLOTS": "8"}, "gridengine", {"job": "4", "tasks": "8"}),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1", "HOSTNAME": "pod-x"}, "kubernetes", {"pod": "pod-x"}),
    ],
)  # fmt: skip
def test_schedulers_are_read_from_the_environment(environment, kind, facts):
    found = probe_job(environment)
    assert found is not None
    assert found.summary["scheduler"] == kind
    assert facts.items() <= found.document.items()


def test_without_a_scheduler_there_is_no_job_and_its_number_is_no_content():
    assert probe_job({}) is None
    assert probe_job({"JOB_ID": "1"}) is None
    shapes = [probe_job({"SLURM_JOB_ID": job, "SLURM_JOB_NUM_NODES": nodes}) for job, nodes in ("12", "32", "34")]
    assert [shape.summary["content"] == shapes[0].summary["content"] for shape in shapes if shape and shapes[0]] == [
        True,
        True,
        False,
    ]
