"""Writes a project of any size straight into journal files: runs x parameters x metrics x steps.

python tests/benchmarks/make_project.py FOLDER --runs 10000 --params 30 --metrics 10 --steps 100
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from dataclasses import dataclass
from pathlib import Path

BEGAN = 1_763_000_000.0
METRICS = ("loss", "acc", "val_loss", "val_acc", "lr", "grad_norm", "top5", "f1", "auc", "time")


@dataclass(frozen=True)
class Size:
    runs: int = 1000
    params: int = 30
    metrics: int = 10
    steps: int = 100
    packages: int = 30


def make_project(folder: Path, size: Size, *, seed: int = 1, first: int = 0, rounded: bool = True) -> int:
    """Write the journals; gives their bytes."""
    chance = random.Random(seed)
    runs = folder / ".repro" / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    (folder / ".repro" / "cache").mkdir(exist_ok=True)
    total = 0
    for n in range(first, first + size.runs):
        total += _make_run(runs, n, size, chance, rounded=rounded)
    return total


def uid_of(n: int) -> str:
    return hashlib.md5(f"run {n}".encode()).hexdigest()


def _make_run(runs: Path, n: int, size: Size, chance: random.Random, *, rounded: bool) -> int:
    t = BEGAN + 60.0 * n
    name = f"amber-otter-{n + 1}"
    journal = runs / f"2025{n:010d}-120000-{name}" / "journal"
    journal.mkdir(parents=True)
    uid = uid_of(n)
    head = {"repro": 1, "run": uid, "attempt": 1, "rank": 0, "host": "gpu07", "boot": "b" * 32, "pid": 4000 + n}
    lr, seed = 10 ** -chance.randint(1, 4), n % 5
    argv = ["python", "train.py", "--lr", str(lr), "--seed", str(seed)]
    params: dict[str, object] = {"lr": lr, "seed": seed, "opt": chance.choice(["adam", "sgd"]), "epochs": size.steps}
    params |= {f"p{i}": (i * 3 if i % 2 else f"value-{i}") for i in range(size.params - len(params))}
    digest = hashlib.sha256(f"code {n // 7}".encode()).hexdigest()
    supervisor = [
        {**head, "writer": f"{2 * n + 1:016x}", "role": "supervisor", "t": t},
        {"k": "start", "t": t, "c": 1, "name": name, "argv": argv, "cwd": "/home/ada/digits",
        "root": "/home/ada/digits",
         "user": "ada", "lineage": f"train{n % 3}.py", "relations": [], "output": ["output.log"]},
        {"k": "child", "t": t + 0.1, "pid": 5000 + n, "delay": 0.1},
        {"k": "doc", "t": t, "c": 2, "sec": "code", "d": f"b3:{digest}", "size": 4000,
         "v": {"content": digest, "commit": digest[:40], "dirty": n % 2 == 0}},
        {"k": "doc", "t": t, "c": 3, "sec": "environment", "d": f"b3:{digest[::-1]}", "size": 9000,
         "v": {"content": "e" * 64, "python": "3.11.7", "packages": size.packages}},
        {"k": "doc", "t": t, "c": 4, "sec": "host", "d": f"b3:{'a' * 64}", "size": 900, "v": {"content": "h" * 64}},
        {"k": "print", "t": t + 1, "path": "data/train.csv", "role": "in", "when": "before",
         "d": f"b3:{hashlib.sha256(b'data' + bytes([n % 11])).hexdigest()}", "size": 1_000_000, "files": 1,
         "cov": "full", "st": None},
    ]  # fmt: skip
    process = [
        {**head, "writer": f"{2 * n + 2:016x}", "role": "process", "pid": 5000 + n, "t": t + 0.1},
        {"k": "params", "t": t + 0.2, "c": 1, "src": "argparse", "v": params},
        {"k": "seed", "t": t + 0.2, "lib": "random", "v": seed, "at": "train.py:12"},
    ]
    rows = []
    names = METRICS[: size.metrics] + tuple(f"m{i}" for i in range(size.metrics - len(METRICS)))
    for step in range(size.steps):
        exact = {m: chance.random() / (1 + 0.1 * step) for m in names}
        values = {m: round(v, 6) for m, v in exact.items()} if rounded else exact
        rows.append({"s": step, "t": round(t + 1 + 0.37 * step, 3), "m": values})
    process += [*rows, {"k": "bye", "t": t + 60, "main": True}]
    supervisor.append({"k": "end", "t": t + 61, "exit": 0 if n % 10 else 1})
    total = 0
    for lines in (supervisor, process):
        data = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode()
        (journal / f"{lines[0]['writer']}.jsonl").write_bytes(data)
        total += len(data)
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    for name, default in (("runs", 1000), ("params", 30), ("metrics", 10), ("steps", 100)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    size = Size(options.runs, options.params, options.metrics, options.steps)
    print(f"{make_project(options.folder, size) / 1e6:.1f} MB of journals in {options.folder}")


if __name__ == "__main__":
    main()
