"""How the tests take fingerprints."""

from __future__ import annotations

import time
from pathlib import Path

from blake3 import blake3

from repro_tui.fingerprint import Fingerprint, Fingerprinter

LATER = 10_000_000_000


def later_ns() -> int:
    """Be a clock on which files written just now are old enough to be trusted."""
    return time.time_ns() + LATER


def take(path: Path, cache: Path | None = None, **options: object) -> Fingerprint:
    with Fingerprinter(cache, now_ns=later_ns, **options) as printer:
        return printer.take([path])[0]


def b3(content: bytes) -> str:
    return f"b3:{blake3(content).hexdigest()}"
