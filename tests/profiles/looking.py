"""Small ways to look into files that a test has written."""

from __future__ import annotations

from pathlib import Path

from repro_tui.domain.dataset import Spec
from repro_tui.domain.profile import FileLine, Profile, TableProfile
from repro_tui.profiles import Budget, profile
from repro_tui.recorder.line import to_text

SMALL = Budget(cells=4000, rows=1000)
"""Limits at which a few thousand rows are large data."""


def listed(root: Path) -> list[FileLine]:
    """Give the file list of a folder, without digests."""
    found = [path for path in sorted(root.rglob("*")) if not path.is_dir()]
    return [FileLine(to_text(str(path.relative_to(root))), path.lstat().st_size, None) for path in found]


def look(root: Path, *, budget: Budget | None = None, label: str = "", kind: str = "auto") -> Profile:
    """Look into everything in a folder."""
    return profile(root, listed(root), Spec("train", str(root), kind=kind, label=label), budget=budget)


def table(root: Path, text: str | bytes, name: str = "data.csv", **options: object) -> TableProfile:
    """Write one file, look into it, and give its only table."""
    (root / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    found = look(root, **options)  # type: ignore[arg-type]  # options are those of look
    assert found.problems == ()
    (only,) = found.tables
    return only


def column(found: TableProfile, name: str):
    return next(column for column in found.columns if column.name == name)
