"""Bounds how fast and how long files are read."""

from __future__ import annotations

import threading
import time

from repro_tui.errors import ReproError


class OutOfTimeError(ReproError):
    """The time for fingerprints is over; what is not finished stays pending."""


class Budget:
    """A number of bytes a second over all threads, a deadline, and a way to stop from another thread."""

    def __init__(self, bytes_per_s: int | None = None, deadline: float | None = None) -> None:
        self._rate = bytes_per_s
        self.deadline = deadline
        """On the monotonic clock."""
        self._lock = threading.Lock()
        self._free_at = time.monotonic()
        self._stopped = threading.Event()

    def limit(self, bytes_per_s: int | None) -> None:
        """Set another rate, None for none; it holds for the bytes that are read from now on."""
        with self._lock:
            self._rate = bytes_per_s
            self._free_at = time.monotonic()

    def stop(self) -> None:
        """End all reading soon; what is not finished stays pending."""
        self._stopped.set()

    def spend(self, count: int) -> None:
        """Account for bytes about to be read, waiting for the rate; raises OutOfTimeError at the end."""
        with self._lock:
            now = time.monotonic()
            wait = 0.0
            if self._rate:
                wait = max(0.0, self._free_at - now)
                self._free_at = max(self._free_at, now) + count / self._rate
        if self.deadline is not None:
            wait = min(wait, max(0.0, self.deadline - now))
        if (self._stopped.wait(wait) if wait else self._stopped.is_set()) or self.is_over():
            raise OutOfTimeError("The time for fingerprints is over.", "They are completed later.")

    def is_over(self) -> bool:
        """Tell whether the deadline has passed or a stop was asked for."""
        return self._stopped.is_set() or (self.deadline is not None and time.monotonic() >= self.deadline)
