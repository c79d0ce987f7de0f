"""A project on the disk, and journals that grow in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from repro_tui.bootstrap import open_workbench
from repro_tui.domain.view import RunQuery
from repro_tui.ingest.session import Session
from repro_tui.settings import Project, open_project

T0 = 1_763_000_000.0


class Lines:
    """Writes journals line by line, as the recorder does."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def journal(self, folder: str, writer: str) -> Path:
        place = self.home / "runs" / folder / "journal"
        place.mkdir(parents=True, exist_ok=True)
        return place / f"{writer}.jsonl"

    def write(self, folder: str, writer: str, *lines: object) -> Path:
        path = self.journal(folder, writer)
        with path.open("ab") as stream:
            for line in lines:
                stream.write(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")
        return path

    def header(self, uid: str, writer: str, **fields: object) -> dict[str, object]:
        head = {"repro": 1, "run": uid, "writer": writer, "role": "supervisor", "attempt": 1, "rank": 0}
        return {**head, "host": "elsewhere", "boot": "b", "pid": 1, "t": T0, **fields}

    def run(self, number: int, *, folder: str = "", t: float = 0.0, steps: int = 3, **start: object) -> str:
        """Write a whole run; gives its uid."""
        uid, writer = f"{number:032x}", f"{number:016x}"
        t = t or T0 + number
        begin = {"k": "start", "t": t, "c": 1, "name": f"otter-{number}", "argv": ["python", "train.py"],
                 "lineage": "train.py", "user": "ada", **start}  # fmt: skip
        points = [{"s": s, "t": t + s, "m": {"loss": 1.0 / (s + 1), "acc": s / 10}} for s in range(steps)]
        end = {"k": "end", "t": t + 10, "exit": 0}
        self.write(folder or f"2025-{number:06d}-otter", writer, self.header(uid, writer, t=t), begin, *points, end)
        return uid


@pytest.fixture
def project(tmp_path, monkeypatch) -> Project:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    (tmp_path / "digits" / ".repro" / "runs").mkdir(parents=True)
    return open_project(tmp_path / "digits", {})


@pytest.fixture
def lines(project) -> Lines:
    return Lines(project.home)


@pytest.fixture
def opened(project) -> Iterator[Callable[..., Session]]:
    """Opens sessions and closes them at the end."""
    sessions: list[Session] = []

    def open_one(*, read_only: bool = False, caught_up: bool = True) -> Session:
        session = open_workbench(project, read_only=read_only)
        assert isinstance(session, Session)
        sessions.append(session)
        if caught_up:
            catch_up(session)
        return session

    yield open_one
    for session in sessions:
        session.close()


def catch_up(session: Session) -> Session:
    while session.advance(1.0) or (session._feed is not None and session._feed.busy):
        pass
    return session


def names(session: Session, **query: object) -> list[str]:
    found = session.runs(RunQuery(**query))
    return [row.name for row in session.rows(found.keys, [])]


def dump(session: Session) -> dict[str, list[tuple[object, ...]]]:
    """Give what the catalog holds, free of keys and of places on the disk, so that two catalogs can be compared."""
    catalog = session._ready()
    uid = "JOIN (SELECT key, uid FROM runs) u ON u.key = x.run"
    answer = {
        "runs": catalog.fetch(
            "SELECT r.* EXCLUDE (key, previous, state), p.uid FROM runs r "
            "LEFT JOIN runs p ON p.key = r.previous ORDER BY r.uid"
        ),
        "points": catalog.fetch(
            f"SELECT u.uid, m.name, m.resource, x.step, k.ms, x.value FROM points x {uid} "
            "JOIN ticks k ON k.id = x.tick JOIN metrics m ON m.id = x.metric ORDER BY ALL"
        ),
        "series": catalog.fetch(
            f"SELECT u.uid, m.name, x.* EXCLUDE (run, metric, file) FROM series x {uid} "
            "JOIN metrics m ON m.id = x.metric ORDER BY ALL"
        ),
    }
    for table in ("attempts", "params", "inputs", "outputs", "events"):
        answer[table] = catalog.fetch(f"SELECT u.uid, x.* EXCLUDE (run) FROM {table} x {uid} ORDER BY ALL")
    return {table: [tuple(map(repr, row)) for row in rows] for table, rows in answer.items()}
