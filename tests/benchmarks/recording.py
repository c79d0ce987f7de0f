"""Measure the recorder against its floors in one run: `python tests/benchmarks/recording.py`.

Prints a table of ratios. Absolute times drift with the machine; the ratios are what TARGETS ask for.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import repro_tui

INJECT = Path(repro_tui.__file__).parent / "recorder" / "inject"

LOG = """
import json, os, sys, time
import repro_tui
n = int(sys.argv[1])
try:
    import orjson
    dumps = orjson.dumps
except ImportError:
    dumps = None
fd = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
def floor(step, **values):
    os.write(fd, dumps({"s": step, "t": round(time.time(), 3), "m": values}) + b"\\n")
def plain(step, **values):
    line = json.dumps({"s": step, "t": round(time.time(), 3), "m": values}, separators=(",", ":")) + "\\n"
    os.write(fd, line.encode())
def timed(function):
    begin = time.perf_counter()
    for i in range(n):
        function(step=i, loss=0.5123456 + i / n, acc=0.9 + i / n / 100, lr=0.001)
    return (time.perf_counter() - begin) / n * 1e6
repro_tui.log(step=0, loss=1.0, acc=1.0, lr=1.0)
rounds = {"log": [], "floor": [], "json": []}
for _ in range(7):
    rounds["log"].append(timed(repro_tui.log))
    if dumps:
        rounds["floor"].append(timed(floor))
    rounds["json"].append(timed(plain))
print(json.dumps({k: sorted(v)[len(v) // 2] for k, v in rounds.items() if v}))
"""

STEP = """
import copy, json, os, sys, time
folder, n = sys.argv[1], int(sys.argv[2])
files = [os.path.join(folder, f"{i}.bin") for i in range(200)]
state = {"layers": [{"w": list(range(50)), "name": str(i)} for i in range(20)]}
def step(i):
    batch = []
    for k in range(8):
        with open(files[(i * 8 + k) % 200], "rb") as file:
            batch.append(sum(file.read()))
    kept = copy.deepcopy(state)
    x = 0.0
    for k in range(20000):
        x += k * 0.5
    return x, kept, batch
for i in range(60):
    step(i)
times = []
for i in range(n):
    begin = time.perf_counter()
    step(i)
    times.append(time.perf_counter() - begin)
times.sort()
print(json.dumps({"median": times[len(times) // 2], "low": times[len(times) // 10]}))
"""

READ = """
import json, os, sys, time
folder, n = sys.argv[1], int(sys.argv[2])
files = [os.path.join(folder, f"{i}.bin") for i in range(200)]
def read(n):
    begin = time.perf_counter()
    for i in range(n):
        with open(files[i % 200], "rb") as file:
            file.read()
    return (time.perf_counter() - begin) / n
read(400)
print(json.dumps(min(read(2000) for _ in range(9))))
"""

WORKERS = """
import json, multiprocessing, os, sys, time
folder, n = sys.argv[1], int(sys.argv[2])
def load(i):
    with open(os.path.join(folder, f"{i % 200}.bin"), "rb") as file:
        data = file.read()
    x = 0
    for k in range(2000):
        x += k
    return len(data) + x
if __name__ == "__main__":
    times = []
    for epoch in range(5):
        begin = time.perf_counter()
        with multiprocessing.get_context("fork").Pool(2) as pool:
            pool.map(load, range(n), chunksize=16)
        times.append(time.perf_counter() - begin)
    print(json.dumps(sorted(times)[len(times) // 2]))
"""


def environment(folder: Path, *, recorded: bool) -> dict[str, str]:
    """Give the environment that `repro-tui run` would, or a plain one."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("REPRO", "PYTHONPATH"))}
    if not recorded:
        return plain
    run = Path(tempfile.mkdtemp(dir=folder)) / ".repro" / "runs" / "r"
    (run / "journal").mkdir(parents=True)
    extra = {
        "REPRO_RUN_UID": "0" * 32,
        "REPRO_RUN_DIR": str(run),
        "REPRO_ATTEMPT": "1",
        "REPRO_ROOT": str(folder),
        "PYTHONPATH": str(INJECT),
    }
    return {**plain, **extra}


def script(folder: Path, text: str, *args: str, recorded: bool) -> str:
    """Run a script and give what it printed."""
    file = folder / "script.py"
    file.write_text(text)
    command = [sys.executable, str(file), *args]
    return subprocess.run(
        command, env=environment(folder, recorded=recorded), cwd=folder, check=True, capture_output=True, text=True
    ).stdout


def compared(folder: Path, text: str, *args: str, rounds: int, key: str | None = None) -> float:
    """Run a script with and without the recorder, in turns, and give the ratio of the medians."""
    found: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(rounds):
        for recorded in (False, True):
            value = json.loads(script(folder, text, *args, recorded=recorded))
            found[recorded].append(value[key] if key else value)
    pairs = [a / b for a, b in zip(found[True], found[False], strict=True)]
    return statistics.median(pairs)


def start(folder: Path, rounds: int) -> tuple[float, float, float]:
    """Give the medians of a bare interpreter with orjson, of a recorded empty script, and of a bare one."""
    programs = {
        "floor": ("import importlib.util as u\nu.find_spec('orjson') and __import__('orjson')", False),
        "recorded": ("import repro_tui\nrepro_tui.log(step=0, loss=1.0)", True),
        "bare": ("", False),
    }
    times: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, (text, recorded) in programs.items():
            begin = time.perf_counter()
            script(folder, text, recorded=recorded)
            times[name].append(time.perf_counter() - begin)
    return tuple(statistics.median(times[name]) for name in programs)  # type: ignore[return-value]


def memory(folder: Path) -> float:
    """Give the recorder's resident memory in MiB, over a bare interpreter."""
    peak = "\nprint([x for x in open('/proc/self/status') if x.startswith('VmHWM')][0].split()[1])"
    used = "import repro_tui\nfor i in range(10000): repro_tui.log(step=i, loss=1.0)" + peak
    found = int(script(folder, used, recorded=True)) - int(script(folder, peak, recorded=False))
    return found / 1024


def lost_rows(folder: Path) -> int:
    """Give how many of 1,000 rows are lost when the process is killed right after the last `log()`."""
    text = "import os, repro_tui\nfor i in range(1000): repro_tui.log(step=i, loss=i * 0.5)\nos.kill(os.getpid(), 9)"
    (folder / "script.py").write_text(text)
    env = environment(folder, recorded=True)
    subprocess.run([sys.executable, str(folder / "script.py")], env=env, cwd=folder, check=False)
    journals = Path(env["REPRO_RUN_DIR"], "journal").glob("*.jsonl")
    rows = [json.loads(line) for file in journals for line in file.read_text().splitlines()]
    return 1000 - len({row["s"] for row in rows if "s" in row})


def row_bytes(folder: Path) -> float:
    """Give the bytes of a row on disk, over those of the same row as compact JSON."""
    text = "import repro_tui\nfor i in range(1000): repro_tui.log(step=i, loss=1 / (i + 1), acc=i / 1000, lr=0.001)"
    (folder / "script.py").write_text(text)
    env = environment(folder, recorded=True)
    subprocess.run([sys.executable, str(folder / "script.py")], env=env, cwd=folder, check=True)
    lines = [x for f in Path(env["REPRO_RUN_DIR"], "journal").glob("*") for x in f.read_text().splitlines()]
    rows = [line for line in lines if line.startswith('{"s"')]
    compact = [json.dumps(json.loads(row), separators=(",", ":")) for row in rows]
    return sum(map(len, rows)) / sum(map(len, compact))


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds: only to see that it works")
    quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        (folder / "data").mkdir()
        for i in range(200):
            (folder / "data" / f"{i}.bin").write_bytes(os.urandom(3000))
        data = str(folder / "data")
        log = json.loads(script(folder, LOG, "500" if quick else "20000", str(folder / "floor"), recorded=True))
        if "floor" in log:
            print(f"log(), 3 scalars / orjson.dumps + os.write   {log['log'] / log['floor']:.2f}   (target 3)"
                  f"   {log['log']:.1f} µs / {log['floor']:.1f} µs")  # fmt: skip
        print(f"log(), 3 scalars / json.dumps + os.write     {log['log'] / log['json']:.2f}")
        print(f"bytes a row / compact JSON                   {row_bytes(folder):.3f}   (target 1.2)")
        print(f"rows lost of 1,000 at kill -9                {lost_rows(folder)}   (target 0)")
        floor, recorded, bare = start(folder, 3 if quick else 15)
        print(f"start + log + end / bare + orjson            {recorded / floor:.2f}   (target 2)"
              f"   {recorded * 1000:.0f} ms / {floor * 1000:.0f} ms, bare {bare * 1000:.0f} ms")  # fmt: skip
        print(f"memory, MiB above bare                       {memory(folder):.1f}   (target 10)")
        rounds = 1 if quick else 9
        step = compared(folder, STEP, data, "20" if quick else "300", rounds=rounds, key="median")
        print(f"training step under the hook                 {step:.3f}   (target 1.01)")
        workers = compared(folder, WORKERS, data, "64" if quick else "4000", rounds=rounds)
        print(f"data-loader workers under the hook           {workers:.3f}   (target 1.01)")
        read = compared(folder, READ, data, "1", rounds=rounds)
        print(f"nothing but small reads under the hook       {read:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
