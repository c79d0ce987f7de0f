"""What the command uses: processor and memory of its process tree, and the GPUs that it can see."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from repro_tui.capture.family import members


class Sampler:
    """Samples one process tree."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._before: dict[int, float] = {}
        self._at = time.monotonic()
        self._cards = _Cards(environment)

    def sample(self, pid: int) -> dict[str, float]:
        """Give the values of a `res` event; empty when the tree is gone."""
        import psutil

        spent: dict[int, float] = {}
        resident = 0
        for member in members(pid):
            with contextlib.suppress(psutil.Error, OSError):
                process = psutil.Process(member)
                times = process.cpu_times()
                spent[member] = times.user + times.system
                resident += process.memory_info().rss
        if not spent:
            return {}
        now = time.monotonic()
        # A process that was not there before has spent all its time since then.
        used = sum(max(value - self._before.get(member, 0.0), 0.0) for member, value in spent.items())
        passed = max(now - self._at, 1e-3)
        self._before, self._at = spent, now
        return {"cpu": round(100 * used / passed, 1), "rss": resident, **self._cards.sample()}


class _Cards:
    """The GPUs that the command may use; without a driver there is nothing and no import."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._visible = environment.get("CUDA_VISIBLE_DEVICES")
        self._nvml: Any = None
        self._handles: list[tuple[int, Any]] | None = None if any(Path("/dev").glob("nvidia[0-9]*")) else []

    def sample(self) -> dict[str, float]:
        """Give utilisation in percent and memory in bytes of each card."""
        if self._handles is None:
            self._handles = self._open()
        values: dict[str, float] = {}
        for index, handle in self._handles:
            with contextlib.suppress(Exception):  # a foreign driver: a card may refuse any question at any time
                values[f"gpu{index}.mem"] = int(self._nvml.nvmlDeviceGetMemoryInfo(handle).used)
            with contextlib.suppress(Exception):  # the same; partitioned cards (MIG) know no utilisation
                values[f"gpu{index}.util"] = int(self._nvml.nvmlDeviceGetUtilizationRates(handle).gpu)
        return values

    def _open(self) -> list[tuple[int, Any]]:
        try:
            import pynvml

            pynvml.nvmlInit()
            self._nvml = pynvml
            count = int(pynvml.nvmlDeviceGetCount())
            handles = [(index, pynvml.nvmlDeviceGetHandleByIndex(index)) for index in range(count)]
            return [(index, handle) for index, handle in handles if self._is_visible(index, handle)]
        except Exception:  # noqa: BLE001 - a foreign driver that may be missing, old or broken
            return []

    def _is_visible(self, index: int, handle: object) -> bool:
        """Tell whether CUDA_VISIBLE_DEVICES leaves a card to the command, by number or by uuid."""
        if self._visible is None:
            return True
        uuid = self._nvml.nvmlDeviceGetUUID(handle)
        name = uuid.decode() if isinstance(uuid, bytes) else str(uuid)
        wanted = [part.strip() for part in self._visible.split(",") if part.strip()]
        return any(part == str(index) or (not part.isdigit() and name.startswith(part)) for part in wanted)
