"""How fast journals are read, as a ratio to splitting and decoding the same bytes with msgspec alone.

python tests/benchmarks/reading.py [FILES]
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from repro_tui.journal.read import Tailer
from repro_tui.recorder.line import encode

ROWS, METRICS = 100, 10


def make(folder: Path, files: int) -> list[Path]:
    """Write journals of 100 rows with 10 metrics each."""
    found = []
    for number in range(files):
        writer = f"{number:016x}"
        head = {"repro": 1, "run": f"{number:032x}", "writer": writer, "role": "process", "attempt": 1, "t": 1.0}
        params = {"k": "params", "c": 1, "t": 1.0, "src": "log", "v": {f"p{n}": random.random() for n in range(30)}}
        rows = [
            {"s": s, "t": 1e9 + s, "m": {f"metric_{n}": random.random() for n in range(METRICS)}} for s in range(ROWS)
        ]
        found.append(folder / f"{writer}.jsonl")
        found[-1].write_bytes(b"".join(map(encode, (head, params, *rows))))
    return found


def main() -> None:
    """Print points a second of processor time, the ratio and the memory."""
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    with tempfile.TemporaryDirectory() as folder:
        paths = make(Path(folder), files)
        decode = msgspec.json.Decoder().decode
        began = time.process_time()
        for path in paths:
            for line in path.read_bytes().splitlines():
                decode(line)
        floor = time.process_time() - began
        began = time.process_time()
        points = sum(len(row.m or ()) for path in paths for row in Tailer(path).read().points)
        taken = time.process_time() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    rate = points / taken / 1e6
    print(f"{points:,} points: {rate:.1f} M a second of processor time, {taken / floor:.2f}x untyped decoding")
    print(f"memory: {memory} MiB")


if __name__ == "__main__":
    main()
