"""Runs that ended long ago, written as recording writes them, with the times of their files."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

DAY = 86_400.0
ROWS = 600


def old_run(
    home: Path, number: int, *, days: float = 100.0, end: dict[str, object] | None = None, rows: int = ROWS
) -> str:
    """Write a run that ended so many days ago; gives its uid. Without an `end` it was lost."""
    uid, writer = f"{number:032x}", f"{number:016x}"
    folder = home / "runs" / f"2026010{number % 10}-000000-otter-{number}"
    journal = folder / "journal" / f"{writer}.jsonl"
    journal.parent.mkdir(parents=True)
    t = time.time() - days * DAY
    head = {"repro": 1, "run": uid, "writer": writer, "role": "supervisor", "attempt": 1, "rank": 0,
            "host": "elsewhere", "boot": "b", "pid": 1, "t": t}  # fmt: skip
    begin = {"k": "start", "t": t, "c": 1, "name": f"otter-{number}", "argv": ["python", "train.py"], "user": "ada",
             "lineage": "train.py", "output": ["output.log"]}  # fmt: skip
    points = [{"s": s, "t": t, "m": {"loss": (s * 7919 % 997) / 997, "acc": s / rows}} for s in range(rows)]
    ends = [] if end is None else [{"k": "end", "t": t, **end}]
    journal.write_text("".join(json.dumps(line) + "\n" for line in (head, begin, *points, *ends)))
    output = folder / "output.log"
    output.write_text("".join(f"step {s} loss {s * 7919 % 997}\n" for s in range(rows)) + "ValueError: the end\n")
    age(folder, days)
    return uid


def age(folder: Path, days: float) -> None:
    """Let everything in a folder have been written so many days ago."""
    for path in [*folder.rglob("*"), folder]:
        os.utime(path, (time.time() - days * DAY,) * 2)


def everything(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Give each file with its time and what it holds."""
    found = {}
    for path in sorted(folder.rglob("*")):
        info = path.lstat()
        found[str(path.relative_to(folder))] = (
            info.st_mtime_ns,
            info.st_ino,
            path.read_bytes() if path.is_file() else b"",
        )
    return found
