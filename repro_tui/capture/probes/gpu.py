"""GPUs by NVML: models, multiprocessors, memory, partitions, driver. Looking does not take a GPU into use."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_CORES = {(7, 0): 64, (7, 2): 64, (7, 5): 64, (8, 0): 64}
"""CUDA cores of one multiprocessor by compute capability (CUDA programming guide); 128 from 8.6 on."""

_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Cards:
    """The GPUs of this machine."""

    cards: tuple[dict[str, object], ...] = ()
    driver: str = ""
    cuda: str = ""
    """The newest CUDA version that the driver can serve."""
    reason: str = ""
    """Why there are none."""
    hint: str = ""
    """What to do about it; empty where a machine simply has no GPU."""


def gpus(timeout_s: float = _TIMEOUT_S) -> Cards:
    """Ask the driver for its GPUs, for at most `timeout_s`: a driver that is stuck must not hold up a run."""
    answers: list[Cards] = []
    thread = threading.Thread(target=lambda: answers.append(_ask()), name="nvml", daemon=True)
    thread.start()
    thread.join(timeout_s)
    if answers:
        return answers[0]
    return Cards(
        reason="The GPU driver did not answer.", hint="Try `nvidia-smi`; a driver that hangs needs an administrator."
    )


def _ask() -> Cards:
    try:
        import pynvml
    except ImportError:
        return Cards(reason="nvidia-ml-py is not installed", hint="Install nvidia-ml-py beside repro-tui.")
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError_LibraryNotFound:
        return Cards(reason="no NVIDIA driver was found")
    except pynvml.NVMLError_DriverNotLoaded:
        return Cards(reason="The NVIDIA driver is not loaded.", hint="Try `nvidia-smi`; the driver may need a restart.")
    except pynvml.NVMLError as error:
        return Cards(reason=f"The NVIDIA driver refused: {error}.", hint="Try `nvidia-smi` to see what is wrong.")
    try:
        count = pynvml.nvmlDeviceGetCount()
        cards = tuple(_card(pynvml, index) for index in range(count))
        version = pynvml.nvmlSystemGetCudaDriverVersion()
        cuda = f"{version // 1000}.{version % 1000 // 10}"
        return Cards(cards, _text(pynvml.nvmlSystemGetDriverVersion()), cuda)
    except pynvml.NVMLError as error:
        return Cards(reason=f"The NVIDIA driver refused: {error}.", hint="Try `nvidia-smi` to see what is wrong.")
    finally:
        _known(pynvml, pynvml.nvmlShutdown)


def _known(nvml: Any, ask: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401 - foreign answers of any type
    """Ask one thing; what a card or driver does not know is None."""
    try:
        return ask(*arguments)
    except (nvml.NVMLError, AttributeError):
        return None


def _card(nvml: Any, index: int) -> dict[str, object]:  # noqa: ANN401 - the library has no types
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    memory = _known(nvml, nvml.nvmlDeviceGetMemoryInfo, handle)
    capability = _known(nvml, nvml.nvmlDeviceGetCudaComputeCapability, handle)
    cores = _known(nvml, nvml.nvmlDeviceGetNumGpuCores, handle)
    mig = _known(nvml, nvml.nvmlDeviceGetMigMode, handle)
    ecc = _known(nvml, nvml.nvmlDeviceGetEccMode, handle)
    return {
        "index": index,
        "name": _text(_known(nvml, nvml.nvmlDeviceGetName, handle)),
        "uuid": _text(_known(nvml, nvml.nvmlDeviceGetUUID, handle)),
        "memory": memory.total if memory else None,
        "capability": f"{capability[0]}.{capability[1]}" if capability else "",
        "multiprocessors": cores // _CORES.get(tuple(capability), 128) if cores and capability else None,
        "mig": _partitions(nvml, handle) if mig and mig[0] else [],
        "ecc": bool(ecc[0]) if ecc else None,
    }


def _partitions(nvml: Any, handle: object) -> list[dict[str, object]]:  # noqa: ANN401 - the library has no types
    """List the MIG partitions of a card: each is a smaller GPU of its own."""
    found = []
    for index in range(_known(nvml, nvml.nvmlDeviceGetMaxMigDeviceCount, handle) or 0):
        part = _known(nvml, nvml.nvmlDeviceGetMigDeviceHandleByIndex, handle, index)
        if part is None:
            continue
        facts = _known(nvml, nvml.nvmlDeviceGetAttributes, part)
        found.append(
            {
                "name": _text(_known(nvml, nvml.nvmlDeviceGetName, part)),
                "multiprocessors": getattr(facts, "multiprocessorCount", None),
                "memory": getattr(facts, "memorySizeMB", 0) * 1_048_576 or None,
            }
        )
    return found


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
