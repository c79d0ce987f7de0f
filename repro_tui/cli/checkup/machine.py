"""What this machine offers: git, GPUs, and the kernel's file watches."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable
from pathlib import Path

from repro_tui.cli.checkup.finding import Finding

TOOL_TIMEOUT_S = 5.0
FEW_WATCHES = 8_192
FEW_INSTANCES = 16
OPEN_FILES = 256


def check_machine() -> Iterable[Finding]:
    """Look at the system."""
    yield Finding(
        "machine", "system", f"{platform.system()} {platform.release()} {platform.machine()}, {os.cpu_count()} cores"
    )
    yield _git()
    yield _gpus()
    yield from _watches()
    yield _descriptors()


def first_line(argv: list[str]) -> str:
    """Give the first line that a tool prints; empty when it is not there, fails or takes too long."""
    environment = os.environ | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            argv,
            capture_output=True,
            env=environment,
            stdin=subprocess.DEVNULL,
            timeout=TOOL_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    return lines[0].strip() if done.returncode == 0 and lines else ""


def _git() -> Finding:
    version = first_line(["git", "--version"])
    if not version:
        advice = "Install git: without it a run records source files, but no commit and no difference to it."
        return Finding("machine", "git", "not found", "note", advice)
    return Finding("machine", "git", version.removeprefix("git version "))


def _gpus() -> Finding:
    """Ask NVML, as the sampling of a run does."""
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        if Path("/proc/driver/nvidia").exists():
            advice = (
                "The driver is loaded but its library is not to be had; in a container, start it with --gpus or --nv."
            )
            return Finding("machine", "GPUs", f"NVML: {error}", "problem", advice)
        return Finding("machine", "GPUs", "none (no NVIDIA driver)")
    try:
        names = [
            pynvml.nvmlDeviceGetName(pynvml.nvmlDeviceGetHandleByIndex(i)) for i in range(pynvml.nvmlDeviceGetCount())
        ]
        driver = pynvml.nvmlSystemGetDriverVersion()
        return Finding("machine", "GPUs", f"{', '.join(map(str, names)) or 'none'}; driver {driver}")
    except pynvml.NVMLError as error:
        return Finding(
            "machine", "GPUs", f"NVML: {error}", "note", "GPU use will be missing in new runs; see nvidia-smi."
        )
    finally:
        pynvml.nvmlShutdown()


def _watches() -> Iterable[Finding]:
    """Compare the kernel's limits of file watches with what a dashboard needs."""
    for name, few in (("max_user_watches", FEW_WATCHES), ("max_user_instances", FEW_INSTANCES)):
        limit = _number(Path("/proc/sys/fs/inotify") / name)
        if limit is None:
            continue
        if limit < few:
            advice = f"Ask the administrator for `sysctl fs.inotify.{name}={few * 8}`; until then the dashboard polls."
            yield Finding("machine", f"{name.removeprefix('max_user_')} of inotify", f"{limit:,}", "note", advice)
        else:
            yield Finding("machine", f"{name.removeprefix('max_user_')} of inotify", f"{limit:,}")


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text("ascii"))
    except (OSError, ValueError):
        return None


def _descriptors() -> Finding:
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < OPEN_FILES:
        return Finding("machine", "open files", f"{soft:,}", "note", "Raise the limit: ulimit -n 1024")
    return Finding("machine", "open files", "unlimited" if soft == resource.RLIM_INFINITY else f"{soft:,}")
