"""The runs of a small project, with the numbers of the drawn screens, as plain data for tests and pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from repro_tui.domain.alarms import Alarm
from repro_tui.domain.events import Header, Scalar
from repro_tui.domain.ids import Digest, RunId, WriterId
from repro_tui.domain.run import (
    Answered,
    Attempt,
    Coverage,
    Document,
    Ending,
    FileFact,
    Kept,
    KeptPart,
    Omission,
    Param,
    Run,
    Seed,
    State,
)

NOW = 1_795_429_903.0
"""2026-11-23 10:31:43 UTC: the moment at which every picture is taken."""


@dataclass(frozen=True)
class Sketch:
    """What a test says about a run; the rest follows from it."""

    name: str
    age: float
    """Seconds since it began."""
    state: State = State.DONE
    took: float | None = 252.0
    """Seconds from start to end, None while it has no end."""
    params: dict[str, Scalar] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    note: str = ""
    pinned: bool = False
    changed: str = "····"
    level: str = "1/6"
    because: str = ""
    spark: tuple[float, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    exit: int | None = 0
    signal: int | None = None
    steps: int = 1600
    uid: str = ""

    @property
    def identity(self) -> RunId:
        """Give the uid: stated, or made from the name so that it is the same in every test."""
        if self.uid:
            return RunId(self.uid)
        return RunId((self.name.encode().hex() * 3)[:32].ljust(32, "0"))


DRAWN: tuple[Sketch, ...] = (
    Sketch(
        "quick-vole-41", 40, State.RUNNING, None, {"lr": 0.1, "depth": 3, "seed": 1},
        {"acc": 0.8120, "loss": 0.512},
        changed="··P·", because="epoch 3/20", spark=(0.1, 0.3, 0.52, 0.66, 0.74, 0.78, 0.80, 0.812),
        exit=None, steps=240,
    ),
    Sketch(
        "amber-otter-40", 372, State.DONE, 252, {"lr": 0.05, "depth": 3, "seed": 1}, {"acc": 0.9731, "loss": 0.091},
        changed="·D··", level="2/6",
    ),
    Sketch(
        "calm-heron-39", 660, State.DONE, 249, {"lr": 0.05, "depth": 3, "seed": 2}, {"acc": 0.9712, "loss": 0.094},
        tags=("paper",), note="the one in table 2", pinned=True, changed="C·P·", level="5/6",
    ),
    Sketch(
        "wide-crane-38", 3700, State.DONE, 260, {"lr": 0.02, "depth": 3, "seed": 3}, {"acc": 0.9688, "loss": 0.101},
        level="2/6",
    ),
    Sketch(
        "plain-wren-37", 7300, State.FAILED, 3, {"lr": 5.0, "depth": 3, "seed": 1}, {},
        changed="··P·", because="exit 1", exit=1, steps=0,
    ),
    Sketch(
        "late-moth-36", 10900, State.DIED, 130, {"lr": 0.02, "depth": 3, "seed": 1}, {"acc": 0.9402, "loss": 0.201},
        changed="···E", because="step 810", exit=None, signal=9, steps=810,
    ),
)  # fmt: skip
"""The six runs of SCREENS.md, newest first."""

_ADJECTIVES = ("bold", "dry", "early", "fair", "green", "high", "kind", "long", "mild", "new")
_ANIMALS = ("bear", "crow", "deer", "eel", "finch", "gull", "hare", "ibis", "jay", "kite", "lynx")


def older(count: int, last_number: int) -> tuple[Sketch, ...]:
    """Make `count` older runs, numbered down from `last_number`; eight of the first 35 match the drawn filter."""
    return tuple(_older(i, last_number - i) for i in range(count))


def _older(i: int, number: int) -> Sketch:
    name = f"{_ADJECTIVES[i % 10]}-{_ANIMALS[(i * 7) % 11]}-{number}"
    matches = i % 4 == 0 and i < 32
    acc = round(0.90 + 0.06 * abs(math.sin(i * 1.7)), 4)
    return Sketch(
        name,
        14_400 + i * 5_400,
        State.DONE if i % 5 else State.FAILED if not matches else State.DONE,
        240.0 + i,
        {"lr": 0.02 if matches else 0.005, "depth": 2 + i % 3, "seed": i % 5},
        {"acc": acc, "loss": round(1.06 - acc + 0.02 * math.cos(i), 3)},
        changed=("····", "··P·", "C···", "··P·")[i % 4],
        because="" if i % 5 or matches else "exit 1",
        exit=0 if i % 5 or matches else 1,
    )


def argv(sketch: Sketch) -> tuple[str, ...]:
    """Give the command as typed."""
    return ("python", "train.py", *(part for k, v in sketch.params.items() for part in (f"--{k}", str(v))))


def full_run(sketch: Sketch) -> Run:
    """Make everything that is known about a run."""
    started = NOW - sketch.age
    ended = None if sketch.took is None else started + sketch.took
    uid = sketch.identity
    writers = tuple(
        Header(uid, WriterId(f"{n:016x}"), role, 1, 0, "gpu07", "b00t", 4000 + n, started)  # type: ignore[arg-type]
        for n, role in enumerate(("supervisor", "process"), 1)
    )
    endings = () if ended is None else (Ending(ended, sketch.exit, sketch.signal),)
    attempt = Attempt(1, started, writers, endings, orderly=sketch.state is State.DONE, last_sign=ended or NOW)
    return Run(
        uid,
        sketch.name,
        argv(sketch),
        "/home/ada/digits",
        "/home/ada/digits",
        "ada",
        "train.py",
        started,
        "/home/ada/venv/bin/python",
        ("output.log",),
        attempts=(attempt,),
        params={k: Param(v, "argparse") for k, v in sketch.params.items()},
        files=_files(sketch),
        saved=("model.npz", "table.csv") if sketch.state is State.DONE else (),
        seeds=(
            Seed("random", str(sketch.params.get("seed", 0)), "train.py:12"),
            Seed("numpy", str(sketch.params.get("seed", 0)), "train.py:13"),
        ),
        flags={"torch.deterministic": False, "cudnn.benchmark": True},
        libraries={"numpy": "2.4.6", "scikit-learn": "1.8.0"},
        sources={"train.py": Digest("b3:" + "5a" * 32), "model.py": Digest("b3:" + "6b" * 32)},
        documents={
            "code": Document("code", Digest("b3:" + "c0" * 32), {"commit": "4f1c9ab", "dirty": 1}, 900),
            "patch": Document("patch", Digest("b3:" + "d1" * 32), {"files": 1, "added": 2, "removed": 1}, 420),
            "environment": Document(
                "environment", Digest("b3:" + "e2" * 32), {"packages": 31, "python": "3.11.7"}, 9_000
            ),
            "job": Document("job", Digest("b3:" + "a9" * 32), {"scheduler": "slurm", "job": "81204"}, 300),
            "host": Document("host", Digest("b3:" + "f3" * 32), {"gpu": "NVIDIA A100-SXM4-40GB"}, 1_200),
        },
        omissions=(
            Omission("redacted", "HF_TOKEN", "looks like a token"),
            Omission("left_out", "checkpoints/", "over the limit of 2 GB", 38_000_000_000),
        ),
        tags=frozenset(sketch.tags),
        note=sketch.note,
        pinned=sketch.pinned,
        answers={"snapshot": Answered("yes", "person", "ada", NOW - 100)} if sketch.level != "1/6" else {},
        snapshots=kept(sketch),
    )  # fmt: skip


def kept(sketch: Sketch) -> tuple[Kept, ...]:
    """Give the snapshots of a run, as its level says."""
    parts = (
        KeptPart("code", "code", 3, 4_000),
        KeptPart("environment", "environment", 4, 9_000),
        KeptPart("data:train", "data", 12, 1_900_000_000, linked=sketch.level == "2 linked"),
        KeptPart("outputs", "outputs", 2, 12_000_000),
    )
    whole = Kept(Digest("b3:" + "8f21c0de" * 8), NOW - 100, parts, verified=True)
    early = Kept(Digest("b3:" + "07ab19ff" * 8), NOW - 90_000, parts[:2], ("data/train had changed since the run",))
    return () if sketch.level == "1/6" else (whole, early) if sketch.pinned else (whole,)


def _files(sketch: Sketch) -> tuple[FileFact, ...]:
    train = FileFact("data/train", "r", "in", ("open",), Digest("b3:" + "77e0" * 16), 1_900_000_000, 12, Coverage.FULL)
    test = FileFact("data/test.csv", "r", "in", ("open",), Digest("b3:" + "1b" * 32), 310_000_000, None, Coverage.FULL)
    video = FileFact("/scratch/video", "r", "in", ("fd",), None, 61_000_000_000, 4_100, Coverage.METADATA)
    config = FileFact("config.yaml", "r", "config", ("open",), Digest("b3:" + "2c" * 32), 812, None, Coverage.FULL)
    if sketch.state is not State.DONE:
        return (train, test, video, config)
    model = FileFact(
        "model.npz", "w", "out", ("open", "declared"), Digest("b3:" + "3d" * 32), 12_000_000, None, Coverage.FULL
    )
    table = FileFact("table.csv", "w", "out", ("declared",), None, 4_100, None, Coverage.PENDING)
    return (train, test, video, config, model, table)


PATCH = """diff --git a/train.py b/train.py
index 4f1c9ab..77e01aa 100644
--- a/train.py
+++ b/train.py
@@ -10,7 +10,8 @@ def main() -> None:
     rng = np.random.default_rng(args.seed)
-    for epoch in range(10):
+    for epoch in range(20):
+        rng.shuffle(order)
         train_one_epoch(model, order)
"""
"""An uncommitted change, as the patch document holds it."""


def documents() -> dict[str, dict[str, object]]:
    """Give the facts documents that the runs name, by digest."""
    import base64

    packages = [
        {"name": n, "version": v, "origin": o, "installer": "pip"}
        for n, v, o in (
            ("numpy", "2.4.6", "index"), ("scikit-learn", "1.8.0", "index"), ("scipy", "1.18.0", "index"),
            ("joblib", "1.6.0", "index"), ("digits", "0.1.0", "editable /home/ada/digits"),
        )
    ]  # fmt: skip
    return {
        "b3:" + "c0" * 32: {"commit": "4f1c9ab" + "0" * 33, "branch": "main",
                            "remote": "git@example.org:ada/digits.git",
                            "describe": "v1.2-3-g4f1c9ab-dirty", "root": "/home/ada/digits", "kind": "git",
                            "dirty": True, "changed": [{"path": "train.py", "status": "M"}],
                            "untracked": [{"path": "notes.md", "size": 812}],
                            "submodules": [{"path": "lib/augment", "commit": "1" * 40, "recorded": "2" * 40,
                                            "dirty": True},
                                           {"path": "lib/plots", "recorded": "3" * 40, "missing": True}],
                            "left_out": [{"path": "checkpoints/", "why": "over the limit of 2 GB",
                                          "size": 38_000_000_000, "kind": "left_out"},
                                         {"path": "keys.py", "why": "holds what looks like a private key", "size": 90,
                                          "kind": "withheld"}]},
        "b3:" + "d1" * 32: {"patch": base64.b64encode(PATCH.encode()).decode()},
        "b3:" + "e2" * 32: {"python": {"version": "3.11.7", "exe": "/home/ada/venv/bin/python",
                                       "prefix": "/home/ada/venv", "base": "/usr", "flags": ["-O"],
                                       "path": ["/usr/lib/python311.zip", "/usr/lib/python3.11"]},
                            "packages": packages, "conda": [],
                            "locks": [{"path": "uv.lock", "size": 81_204, "digest": "b3:" + "8d" * 32}],
                            "platform": {"os": "Ubuntu 24.04.3 LTS", "system": "Linux", "kernel": "6.8.0-90-generic",
                                         "machine": "x86_64", "libc": "glibc 2.39"},
                            "container": {"kind": "apptainer", "image": "/images/torch-2.9.sif", "digest": ""},
                            "variables": {"OMP_NUM_THREADS": "8", "CUDA_VISIBLE_DEVICES": "0"}},
        "b3:" + "f3" * 32: {"cpu": {"model": "AMD EPYC 7543", "physical": 32, "logical": 64, "usable": 8,
                                    "flags": ["avx", "avx2", "fma"]},
                            "memory": 540_000_000_000, "limits": {"cores": 8.0, "memory": 64_000_000_000},
                            "driver": "580.95.05", "cuda": "13.0", "gpus_unavailable": "",
                            "gpus": [{"index": 0, "name": "NVIDIA A100-SXM4-40GB", "memory": 42_949_672_960,
                                      "multiprocessors": 108, "capability": "8.0", "ecc": True, "mig": [],
                                      "uuid": "GPU-5d3ad2b1-4b0c-93b6-2b1f-1d2e3f405162"}]},
        "b3:" + "a9" * 32: {"scheduler": "slurm", "job": "81204", "partition": "gpu", "nodes": "1", "gpus": "1"},
    }  # fmt: skip


def value_at(sketch: Sketch, metric: str, step: float) -> float:
    """Give a metric's value at a step: rises or falls to the run's last value, with a little deterministic noise."""
    last = sketch.metrics[metric]
    start = 0.1 if metric == "acc" else 2.3
    progress = min(1.0, step / max(1, sketch.steps))
    eased = (1 - math.exp(-5 * progress)) / (1 - math.exp(-5))
    noise = 0.012 * math.sin(step * 12.9898) * (1 - progress)
    return start + (last - start) * eased + noise


def log_lines(sketch: Sketch) -> tuple[str, ...]:
    """Give the run's output, with a traceback when it failed."""
    lines = [f"{' '.join(argv(sketch))}", "loading data/train: 51,204 rows"]
    for epoch in range(1, 21):
        step = epoch * 80
        if step > sketch.steps:
            break
        values = "  ".join(f"{m} {value_at(sketch, m, step):.4f}" for m in sketch.metrics)
        lines.append(f"epoch {epoch}/20  step {step}  {values}")
    if sketch.state is State.FAILED:
        lines += [
            "Traceback (most recent call last):",
            '  File "train.py", line 41, in <module>',
            "    main()",
            "FloatingPointError: loss is nan at step 3",
        ]
    if sketch.state is State.DONE:
        lines += ["saved model.npz", "saved table.csv"]
    return tuple(lines)
