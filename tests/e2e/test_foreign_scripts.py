"""Scripts that know nothing of us, in an environment that has nothing of us, are recorded in full with their curves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

_PACKAGES = ("numpy", "scikit-learn", "tensorboardX")
_STAMP = f"repro-tui-foreign-{sys.version_info[0]}{sys.version_info[1]}-{os.getuid()}"


@pytest.fixture(scope="session")
def foreign_python() -> str:
    """Make an environment without repro-tui, once a machine; skip where no package index can be reached."""
    folder = Path(tempfile.gettempdir()) / _STAMP
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True, capture_output=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_PACKAGES]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        if done.returncode:
            pytest.skip(f"no package index can be reached: {done.stderr.strip().splitlines()[-1:]}")
        (folder / "complete").touch()
    return str(python)


@dataclass
class Recorded:
    """A finished run as `repro-tui show --json` tells it, and its journal."""

    shown: dict
    events: list[dict]

    def curve(self, name: str) -> list[tuple[float, float]]:
        return sorted((e["s"], e["m"][name]) for e in self.events if "s" in e and name in e["m"])

    def packages(self) -> set[str]:
        return {p["name"].lower() for p in self.shown["documents"]["environment"]["content"]["packages"]}

    def files(self, mode: str) -> set[str]:
        return {file["path"] for file in self.shown["files"] if file["mode"] == mode}


@pytest.fixture
def record(tmp_path: Path, foreign_python: str):
    """Give a function that writes a script, records it, and reads the run back."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("REPRO", "PYTHONPATH", "VIRTUAL_ENV"))}
    environment["PATH"] = f"{Path(foreign_python).parent}{os.pathsep}{environment['PATH']}"

    def tool(*words: str) -> str:
        command = [sys.executable, "-m", "repro_tui", *words]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run(name: str, text: str, *words: str, options: tuple[str, ...] = ()) -> Recorded:
        (tmp_path / name).write_text(textwrap.dedent(text))
        command = [foreign_python, name] if name.endswith(".py") else ["sh", name]
        tool("run", *options, "--", *command, *words)
        journals = (tmp_path / ".repro" / "runs").glob("*/journal/*.jsonl")
        events = [json.loads(line) for file in journals for line in file.read_text().splitlines()]
        return Recorded(json.loads(tool("show", "@1", "--json")), events)

    return run


def write_data(folder: Path) -> None:
    (folder / "data").mkdir()
    rows = [f"{i % 7},{i % 5},{(i % 7 + i % 5) % 2}" for i in range(200)]
    (folder / "data" / "train.csv").write_text("a,b,label\n" + "\n".join(rows) + "\n")


def test_a_scikit_learn_script(record, tmp_path: Path) -> None:
    write_data(tmp_path)
    (tmp_path / "repro.yaml").write_text('metrics:\n  stdout:\n    - "epoch (?P<epoch>\\\\d+) acc (?P<acc>[0-9.]+)"\n')
    run = record(
        "train.py",
        """
        import argparse, pickle
        import numpy as np
        from sklearn.linear_model import SGDClassifier
        from sklearn.model_selection import train_test_split
        parser = argparse.ArgumentParser()
        parser.add_argument("--alpha", type=float, default=1e-4)
        args = parser.parse_args()
        table = np.loadtxt("data/train.csv", delimiter=",", skiprows=1)
        x, xt, y, yt = train_test_split(table[:, :2], table[:, 2], random_state=11)
        model = SGDClassifier(alpha=args.alpha, random_state=12)
        for epoch in range(8):
            model.partial_fit(x, y, classes=[0, 1])
            print(f"epoch {epoch} acc {model.score(xt, yt):.4f}")
        with open("model.pkl", "wb") as file:
            pickle.dump(model, file)
        """,
        "--alpha", "0.001",
    )  # fmt: skip
    assert run.shown["params"]["alpha"] == {"value": 0.001, "source": "argparse"}
    assert [step for step, _ in run.curve("acc")] == list(range(8))
    assert {("sklearn", "11"), ("sklearn", "12")} <= {(s["library"], s["value"]) for s in run.shown["seeds"]}
    assert "data/train.csv" in run.files("r")
    assert "model.pkl" in run.files("w")
    assert {"numpy", "scikit-learn"} <= run.packages()
    assert run.shown["libraries"]["sklearn"]
    assert run.shown["state"] == "done"


def test_a_numpy_training_loop(record, tmp_path: Path) -> None:
    write_data(tmp_path)
    (tmp_path / "config.json").write_text('{"lr": 0.05, "model": {"bias": true}}')
    run = record(
        "loop.py",
        """
        import json
        import numpy as np
        settings = json.load(open("config.json"))
        np.random.seed(1)
        rng = np.random.default_rng(2)
        legacy = np.random.RandomState(3)
        table = np.genfromtxt("data/train.csv", delimiter=",", skip_header=1)
        w = rng.normal(size=3)
        with open("history.jsonl", "w") as log:
            for step in range(30):
                z = np.c_[table[:, :2], np.ones(len(table))]
                p = 1 / (1 + np.exp(-z @ w))
                w -= settings["lr"] * z.T @ (p - table[:, 2]) / len(table)
                loss = float(-np.mean(np.log(np.where(table[:, 2] > 0, p, 1 - p))))
                print(json.dumps({"step": step, "loss": loss}), file=log)
        np.savez("weights.npz", w=w)
        """,
    )
    curve = run.curve("loss")
    assert [step for step, _ in curve] == list(range(30))
    assert curve[-1][1] < curve[0][1]
    assert {("numpy", "1"), ("numpy", "2"), ("numpy", "3")} <= {(s["library"], s["value"]) for s in run.shown["seeds"]}
    assert {"data/train.csv", "config.json"} <= run.files("r")
    assert {"history.jsonl", "weights.npz"} <= run.files("w")
    assert run.shown["params"]["lr"]["value"] == 0.05
    assert run.shown["params"]["lr"]["source"] == "file:config.json"


def test_a_script_that_writes_tensorboard_events(record) -> None:
    run = record(
        "board.py",
        """
        from tensorboardX import SummaryWriter
        with SummaryWriter("runs/first") as writer:
            for step in range(25):
                writer.add_scalar("train/loss", 1 / (step + 1), step)
                writer.add_scalar("train/acc", step / 25, step)
        """,
    )
    assert run.curve("train/loss") == [(step, pytest.approx(1 / (step + 1))) for step in range(25)]
    assert len(run.curve("train/acc")) == 25
    assert any("tfevents" in e.get("f", "") for e in run.events)


def test_a_script_that_writes_a_table_into_a_declared_folder(record) -> None:
    run = record(
        "table.py",
        """
        import csv, os
        os.makedirs("out", exist_ok=True)
        with open("out/metrics.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, ["epoch", "step", "loss", "val_loss"])
            writer.writeheader()
            for step in range(20):
                row = {"epoch": step // 10, "step": step, "loss": 1 / (step + 1)}
                if step % 10 == 9:
                    row["val_loss"] = 0.5
                writer.writerow(row)
        """,
        options=("--out", "out", "--name", "my-table"),
    )
    assert run.curve("loss") == [(step, 1 / (step + 1)) for step in range(20)]
    assert run.curve("val_loss") == [(9, 0.5), (19, 0.5)]


def test_a_shell_script_that_calls_python_twice(record, tmp_path: Path) -> None:
    write_data(tmp_path)
    (tmp_path / "prepare.py").write_text(
        "import random\nrandom.seed(1)\nopen('clean.csv', 'w').write(open('data/train.csv').read())\n"
    )
    (tmp_path / "fit.py").write_text(
        "import random\nrandom.seed(2)\nopen('clean.csv').read()\n"
        "with open('log.csv', 'w') as f:\n    f.write('step,loss\\n' + ''.join(f'{i},{i / 4}\\n' for i in range(6)))\n"
    )
    run = record("all.sh", "set -e\npython prepare.py\npython fit.py\n")
    assert [e["script"] for e in run.events if e.get("k") == "python"] in (
        ["prepare.py", "fit.py"],
        ["fit.py", "prepare.py"],
    )
    assert {(s["value"], s["at"]) for s in run.shown["seeds"]} == {("1", "prepare.py:2"), ("2", "fit.py:2")}
    assert run.curve("loss") == [(i, i / 4) for i in range(6)]
    assert {"prepare.py", "fit.py"} <= set(run.shown["sources"])
    assert "data/train.csv" in run.files("r")
    assert run.shown["state"] == "done"


def test_a_script_may_call_us_although_we_are_not_installed_there(record) -> None:
    run = record(
        "calls.py",
        """
        import numpy as np, repro_tui
        repro_tui.log_params(depth=3)
        for step in range(10):
            repro_tui.log(step=step, loss=np.float32(0.5), acc=np.float64(step), n=np.int64(step))
        """,
    )
    assert run.curve("loss") == [(step, 0.5) for step in range(10)]
    assert run.curve("n") == [(step, step) for step in range(10)]
    assert run.shown["params"]["depth"] == {"value": 3, "source": "log"}
