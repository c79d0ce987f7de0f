"""A project in which experiments are really run: a script that trains, data, and a package in two versions."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from typing import Any

from tests.snapshots.projects import CLEAN, git

TRAIN = '''\
"""Fit a line to labelled points by stochastic gradient descent."""

import argparse
import csv
import math
import random

import gradkit
from model import predict
from repro_tui import log

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--epochs", type=int, default=6)
parser.add_argument("--data", default="data/train.csv")
parser.add_argument("--out", default="")
parser.add_argument("--deterministic", action=argparse.BooleanOptionalAction, default=True)
options = parser.parse_args()

random.seed(options.seed)
chance = random.Random(options.seed) if options.deterministic else random.SystemRandom()
with open(options.data, newline="") as file:
    rows = [(float(row["x"]), float(row["y"]), int(row["label"])) for row in csv.DictReader(file)]
weights = [random.gauss(0.0, 1.0) for _ in range(3)]
for epoch in range(options.epochs):
    loss = 0.0
    for x, y, label in chance.sample(rows, len(rows)):
        guess = predict(weights, x, y)
        error = guess - label
        loss -= math.log(max(1e-12, guess if label else 1.0 - guess)) / len(rows)
        for place, value in enumerate((1.0, x, y)):
            weights[place] -= options.lr * gradkit.step(error) * value
    log(epoch, loss=loss, acc=sum((predict(weights, x, y) > 0.5) == bool(label) for x, y, label in rows) / len(rows))
if options.out:
    with open(options.out, "w") as file:
        print(*weights, file=file)
'''
MODEL = """\
import math

SHARPNESS = 1.0


def predict(weights, x, y):
    return 1.0 / (1.0 + math.exp(-SHARPNESS * (weights[0] + weights[1] * x + weights[2] * y)))
"""
UNUSED = "def nobody_calls_this():\n    return 1\n"


def points(rows: int = 60, seed: int = 5) -> str:
    """Make a table of points on both sides of a noisy line."""
    chance = random.Random(seed)
    lines = ["x,y,label"]
    for _ in range(rows):
        x, y = chance.gauss(0, 1), chance.gauss(0, 1)
        lines.append(f"{x:.4f},{y:.4f},{int(x - y + chance.gauss(0, 0.7) > 0)}")
    return "\n".join(lines) + "\n"


class Laboratory:
    """A folder in which commands are recorded as a person would, with an environment of its own."""

    def __init__(self, folder: Path, *, with_git: bool = True) -> None:
        self.folder = folder / "digits"
        self.folder.mkdir()
        self._environment = folder / "environment"
        venv.create(self._environment, with_pip=False, symlinks=True)
        self.install("gradkit", "1.0", "def step(error):\n    return error\n")
        self.write("train.py", TRAIN)
        self.write("model.py", MODEL)
        self.write("unused.py", UNUSED)
        self.write("data/train.csv", points())
        if with_git:
            self.write(".gitignore", ".repro/\n__pycache__/\ndata/\nout/\n")
            git(self.folder, "init", "-q")
            self.commit("begin")

    @property
    def packages(self) -> Path:
        """Give the folder of the environment's packages."""
        return next((self._environment / "lib").glob("python*/site-packages"))

    def install(self, name: str, version: str, code: str) -> None:
        """Build a wheel and unpack it as an installer does, in place of the version that is there."""
        for old in self.packages.glob(f"{name}-*.dist-info"):
            for line in (old / "RECORD").read_text().splitlines():
                (self.packages / line.partition(",")[0]).unlink()
            old.rmdir()
        wheel = self._environment / f"{name}-{version}-py3-none-any.whl"
        facts = f"{name}-{version}.dist-info"
        files = {
            f"{name}.py": code,
            f"{facts}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            f"{facts}/WHEEL": "Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{facts}/top_level.txt": f"{name}\n",
        }
        rows = [f"{path},sha256={_sha256(text)},{len(text)}" for path, text in files.items()]
        with zipfile.ZipFile(wheel, "w") as archive:
            for path, text in {**files, f"{facts}/RECORD": "\n".join([*rows, f"{facts}/RECORD,,"]) + "\n"}.items():
                archive.writestr(path, text)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(self.packages)

    def write(self, path: str, text: str | bytes) -> None:
        """Write a file of the project."""
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text in a file of the project."""
        text = (self.folder / path).read_text()
        assert old in text, f"{path} holds {old!r}"
        self.write(path, text.replace(old, new))

    def commit(self, message: str) -> None:
        """Commit everything."""
        git(self.folder, "add", "-A")
        git(self.folder, "commit", "-q", "-m", message)

    def run(self, name: str, *words: str, command: tuple[str, ...] = ("python", "train.py"), **variables: str) -> str:
        """Record a command under a name; give what it printed."""
        return self.call("run", "--name", name, "--", *command, *words, allowed=None, **variables)

    def call(self, *words: str, allowed: tuple[int, ...] | None = (0,), **variables: str) -> str:
        """Call `repro-tui`; any exit status is right where none is named, as a script may fail."""
        root = str(Path(__file__).resolve().parents[2])
        path = f"{self._environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [sys.executable, "-m", "repro_tui", *words],
            cwd=self.folder,
            env=CLEAN | {"PATH": path, "PYTHONPATH": root} | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert allowed is None or done.returncode in allowed, done.stdout + done.stderr
        return done.stdout

    def explain(self, before: str, after: str, *words: str) -> dict[str, Any]:
        """Give an explanation as the command gives it to programs."""
        found: dict[str, Any] = json.loads(self.call("explain", before, after, "--json", *words))
        return found

    def diff(self, *names: str) -> dict[str, Any]:
        """Give a comparison as the command gives it to programs."""
        found: dict[str, Any] = json.loads(self.call("diff", *names, "--json"))
        return found

    def varies(self, *words: str) -> dict[str, Any]:
        """Give what varies as the command gives it to programs."""
        found: dict[str, Any] = json.loads(self.call("varies", "--json", *words))
        return found


def _sha256(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
