"""A project with data in it, and the service that is asked about it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from repro_tui.bootstrap import open_services
from repro_tui.datasets.service import DatasetService
from repro_tui.domain.dataset import Dataset
from repro_tui.settings import open_project


@dataclass
class Place:
    """A project's folder."""

    root: Path

    def write(self, path: str, text: str = "x,label\n1,a\n2,b\n") -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        return file

    def service(self) -> DatasetService:
        """Open the datasets anew, as another process would."""
        service = open_services(open_project(self.root, {})).datasets
        assert isinstance(service, DatasetService)
        return service

    def dataset(self, name: str) -> Dataset:
        return next(each for each in self.service().all() if each.spec.name == name)

    def events(self, kind: str = "") -> list[dict]:
        found = []
        for path in sorted((self.root / ".repro" / "project" / "journal").glob("*.jsonl")):
            found += [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        return [event for event in found if event.get("k") == kind] if kind else found

    def run(self, uid: str, t: float, *prints: dict, name: str = "") -> None:
        """Write the journal of a run that has ended long ago."""
        writer = uid[:16]
        lines: list[dict] = [
            {"repro": 1, "run": uid, "writer": writer, "role": "supervisor", "attempt": 1, "rank": 0, "host": "h",
             "boot": "", "pid": 1, "t": t},
            {"k": "start", "t": t, "c": 1, "name": name or f"run-{uid[:4]}", "argv": [], "cwd": "/", "root": "/",
             "user": "ada", "lineage": "x", "relations": [], "output": []},
        ]  # fmt: skip
        lines += [{"k": "print", "t": t, "role": "in", "when": "before", "cov": "full", **each} for each in prints]
        lines.append({"k": "end", "t": t + 1, "exit": 0})
        file = self.root / ".repro" / "runs" / f"run-{uid[:6]}" / "journal" / f"{writer}.jsonl"
        file.parent.mkdir(parents=True)
        file.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines), "utf-8")


@pytest.fixture
def place(tmp_path) -> Place:
    """Give a project without anything."""
    root = tmp_path / "project"
    (root / ".repro").mkdir(parents=True)
    return Place(root)


@pytest.fixture
def train(place) -> Place:
    """Give a project with one declared dataset of two files."""
    place.write("data/train/1.csv")
    place.write("data/train/2.csv")
    place.write("repro.yaml", "datasets: {train: {path: data/train}}\n")
    return place
