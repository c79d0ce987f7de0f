"""The host probe: processor, memory, limits and GPUs, read from /proc and NVML without starting a program.

The digest `content` speaks of what decides arithmetic: the processor's model and vector extensions, how many cores the
command may use, the GPUs' models, counts, multiprocessors and partitions, the driver, and the variables that set
threads. Host name, amount of memory and load do not count.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path

from repro_tui.capture.probes import variables
from repro_tui.capture.probes.finding import Finding, digest_of
from repro_tui.capture.probes.gpu import gpus
from repro_tui.domain.run import Problem
from repro_tui.recorder.line import to_text
from repro_tui.source.words import words

_FLAGS = words(
    """
    sse4_1 sse4_2 avx avx2 fma f16c bmi2 avx_vnni avx512f avx512bw avx512cd avx512dq avx512vl avx512_vnni
    avx512_bf16 avx512_fp16 amx_tile amx_bf16 amx_int8 asimd asimdhp asimddp sve sve2 bf16 i8mm fphp
    """
)
_THREADS = ("OMP_*", "MKL_*", "OPENBLAS_*", "BLIS_*", "VECLIB_*", "NUMEXPR_*", "KMP_*", "GOMP_*")


def probe_host(environment: Mapping[str, str] | None = None, root: Path = Path("/")) -> Finding:
    """Look at the machine; `environment` holds the command's variables (this process's when None)."""
    environment = os.environ if environment is None else environment
    cpu = _cpu(root)
    limits = {"cores": _cgroup_cores(root), "memory": _cgroup_memory(root)}
    cards = gpus()
    problems = [Problem("host", cards.reason, cards.hint)] if cards.reason and cards.hint else []
    document = {
        "host": to_text(socket.gethostname()),
        "cpu": cpu,
        "memory": _meminfo(root),
        "limits": limits,
        "gpus": list(cards.cards),
        "driver": cards.driver,
        "cuda": cards.cuda,
        "gpus_unavailable": cards.reason,
    }
    threads, _ = variables.choose(environment, ())
    counted = {name: value for name, value in threads.items() if name.startswith(tuple(t[:-1] for t in _THREADS))}
    decides = {
        "cpu": [cpu["model"], cpu["flags"], cpu["usable"], limits["cores"]],
        "gpus": [[card.get("name"), card.get("multiprocessors"), card.get("mig")] for card in cards.cards],
        "visible": environment.get("CUDA_VISIBLE_DEVICES", "").count(",") if cards.cards else 0,
        "driver": cards.driver,
        "threads": counted,
    }
    content = digest_of(decides)
    names = [str(card.get("name", "")) for card in cards.cards]
    summary = {
        "cpu": cpu["model"],
        "cores": cpu["usable"],
        "gpus": ", ".join(f"{names.count(name)}x {name}" for name in dict.fromkeys(names)),
        "driver": cards.driver,
        "content": content,
    }
    return Finding("host", {**document, "content": content}, summary, (), tuple(problems))


def _cpu(root: Path) -> dict[str, object]:
    """Read the processor from /proc/cpuinfo; ARM machines name their parts in other words."""
    rows = [line.partition(":") for line in _text(root / "proc/cpuinfo").splitlines()]
    fields: dict[str, str] = {}
    for name, _, value in rows:
        fields.setdefault(name.strip().lower(), value.strip())
    arm = f"{fields['cpu implementer']} {fields.get('cpu part', '')}" if "cpu implementer" in fields else ""
    model = fields.get("model name") or fields.get("cpu model") or fields.get("hardware") or arm or os.uname().machine
    have = set((fields.get("flags") or fields.get("features") or "").split())
    pairs = {tuple(line.split()) for line in _topology(rows)}
    logical = os.cpu_count() or 1
    try:
        usable = len(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        usable = logical
    return {
        "model": " ".join(model.split()),
        "flags": sorted(_FLAGS & have),
        "logical": logical,
        "physical": len(pairs) or logical,
        "usable": usable,
    }


def _topology(rows: list[tuple[str, str, str]]) -> list[str]:
    """Pair each processor's package with its core, so that hyper-threads count once."""
    packages = [value for name, _, value in rows if name.strip() == "physical id"]
    cores = [value for name, _, value in rows if name.strip() == "core id"]
    return [f"{package} {core}" for package, core in zip(packages, cores, strict=False)]


def _meminfo(root: Path) -> int:
    """Give the machine's memory in bytes, 0 when unknown."""
    for line in _text(root / "proc/meminfo").splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) * 1024
    return 0


def _cgroup_cores(root: Path) -> float | None:
    """Give the limit in cores that a container or job sets, None when there is none."""
    words = _cgroup(root, "cpu.max").split()
    if len(words) == 2 and words[0].isdigit() and words[1].isdigit():  # noqa: PLR2004 - quota and period
        return round(int(words[0]) / int(words[1]), 2)
    quota = _text(root / "sys/fs/cgroup/cpu/cpu.cfs_quota_us").strip()
    period = _text(root / "sys/fs/cgroup/cpu/cpu.cfs_period_us").strip()
    return round(int(quota) / int(period), 2) if quota.isdigit() and period.isdigit() else None


def _cgroup_memory(root: Path) -> int | None:
    """Give the limit in bytes that a container or job sets, None when there is none."""
    text = _cgroup(root, "memory.max").strip() or _text(root / "sys/fs/cgroup/memory/memory.limit_in_bytes").strip()
    return int(text) if text.isdigit() and int(text) < 1 << 60 else None


def _cgroup(root: Path, name: str) -> str:
    """Read a limit of this process's own group (version 2), or of the nearest group above that has one."""
    own = next((line[3:] for line in _text(root / "proc/self/cgroup").splitlines() if line.startswith("0::")), "/")
    top = root / "sys/fs/cgroup"
    folder = top / own.strip("/")
    while folder != top and folder.is_relative_to(top):
        text = _text(folder / name)
        if text and not text.startswith("max"):
            return text
        folder = folder.parent
    return _text(top / name)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
