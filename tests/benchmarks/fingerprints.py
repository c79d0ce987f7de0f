"""How long "did my data change?" takes when nothing did, against what any answer must cost; prints ratios.

Run it as `python tests/benchmarks/fingerprints.py [FILES]`. Each pair is measured in turn and compared by medians.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import distributions
from pathlib import Path
from statistics import median

from blake3 import blake3

from repro_tui.bootstrap import open_services
from repro_tui.capture.probes.packages import list_packages
from repro_tui.datasets.service import DatasetService
from repro_tui.fingerprint import Fingerprinter
from repro_tui.settings import open_project

ROUNDS = 9
SCAN = """
import os, sys
def scan(folder):
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                scan(entry.path)
            else:
                entry.stat(follow_symlinks=False)
scan(sys.argv[1])
"""
CHECK = """
import sys, pathlib
from repro_tui.fingerprint import Fingerprinter
found = Fingerprinter(pathlib.Path(sys.argv[2])).check([sys.argv[1]])[0]
sys.exit(found.coverage != "full")
"""


def timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def compare(what: str, target: str, ours: Callable[[], object], floor: Callable[[], object]) -> None:
    pairs = [(timed(ours), timed(floor)) for _ in range(ROUNDS)]
    mine, theirs = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    print(f"{what:58s} {mine * 1000:8.1f} ms / {theirs * 1000:8.1f} ms = {mine / theirs:5.2f}   (target {target})")


def scan(folder: str) -> None:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                scan(entry.path)
            else:
                entry.stat(follow_symlinks=False)


def read_all(root: Path) -> None:
    for file in root.rglob("*"):
        if file.is_file():
            blake3(file.read_bytes()).digest()


def declared(root: Path) -> tuple[DatasetService, Callable[[], object]]:
    """Declare the folder as a dataset whose files are old enough to be trusted; give both ways to ask about it."""
    (root / "repro.yaml").write_text("datasets: {bench: {path: data}}")
    project = open_project(root, {})
    with Fingerprinter(project.home / "cache" / "stat", now_ns=lambda: time.time_ns() + 10**10) as printer:
        printer.take([root / "data"])
    service = open_services(project).datasets
    assert isinstance(service, DatasetService)
    assert service.now("bench", read=True).same_as == 1
    command = [sys.executable, "-m", "repro_tui", "data", "status", "-C", str(root)]
    return service, lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def main(count: int) -> None:
    root = Path(tempfile.mkdtemp(prefix="repro-bench-"))
    try:
        data, cache = root / "data", root / "cache"
        for number in range(count):
            folder = data / f"d{number % 100}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{number}.bin").write_bytes(number.to_bytes(4, "little") * 500)
        with Fingerprinter(cache, now_ns=lambda: time.time_ns() + 10**10) as printer:
            printer.take([data])
        kept = Fingerprinter(cache)
        compare(
            f"{count} unchanged files, as a process, over scandir", "5",
            lambda: subprocess.run([sys.executable, "-c", CHECK, data, cache], check=True),
            lambda: subprocess.run([sys.executable, "-c", SCAN, data], check=True),
        )  # fmt: skip
        service, status = declared(root)
        compare(
            "`data status` of them, as a process, over scandir", "5", status,
            lambda: subprocess.run([sys.executable, "-c", SCAN, data], check=True),
        )  # fmt: skip
        compare("the same inside the dashboard", "1.5", lambda: service.now("bench"), lambda: scan(str(data)))
        compare("the same, within a process", "1.5", lambda: kept.check([data]), lambda: scan(str(data)))
        compare(
            "all read anew, over one thread that reads and hashes", "1",
            lambda: Fingerprinter(None).take([data]), lambda: read_all(data),
        )  # fmt: skip
        big = root / "big.bin"
        big.write_bytes(bytes(range(256)) * (1 << 20))
        compare(
            "a file of 256 MiB, over one thread that reads and hashes", "1",
            lambda: Fingerprinter(None).take([big]), lambda: blake3(big.read_bytes()).digest(),
        )  # fmt: skip
        compare(
            "packages of this environment, over importlib.metadata", "1.5",
            lambda: list_packages(sys.path), lambda: [(d.metadata["Name"], d.version) for d in distributions()],
        )  # fmt: skip
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
