"""The view as a person left it: kept between sessions, and safe against a line that drops at any moment."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from repro_tui.domain.comparison import MOST_COLUMNS

VERSION = 1

MOST_MARKS = 1_000
"""Marks kept at most; more of them are a whole list and cheaper to set again."""


@dataclass(frozen=True, slots=True)
class ViewState:
    """What the places looked like."""

    place: str = "runs"
    filter: str = ""
    sort: str = ""
    """Column key; empty for newest first."""
    descending: bool = False
    columns: tuple[str, ...] = ()
    """Chosen column keys in order; empty while the project chooses."""
    group: str = ""
    """What runs of one line have in common; empty when each is a line."""
    marks: tuple[str, ...] = ()
    """Uids of the marked runs, in the order of marking."""
    cursor: str = ""
    """Uid of the run under the cursor."""
    baseline: str = ""
    """Uid of the run that others are compared with."""
    pane: int = 1
    """Size of the pane: 0 hidden, 1 normal, 2 large."""
    snapshot: str = ""
    """Digest of the snapshot under the cursor of its place."""
    snapshot_sort: str = ""
    """What the snapshots are sorted by; empty for newest first."""
    snapshot_descending: bool = False
    snapshot_filter: str = ""
    data: str = ""
    """Line of the Data place under the cursor: `train`, `train@now`, `train@v3`."""
    compare: tuple[str, ...] = ()
    """Uids of the runs that are compared, the baseline first; `now` for what lies there."""
    compare_all: bool = False
    """List equal rows too."""
    compare_ignored: tuple[str, ...] = ()
    """Rows that are not listed: `environment/pip`."""
    compare_row: str = ""
    """Row under the cursor of the Compare place."""


def state_path(root: str, environment: Mapping[str, str]) -> Path:
    """Give the file that keeps a project's view: in the user's state folder, by the project's path."""
    base = environment.get("XDG_STATE_HOME", "")
    folder = Path(base) if base.startswith("/") else Path.home() / ".local" / "state"
    digest = hashlib.blake2b(os.fsencode(root), digest_size=8).hexdigest()
    return folder / "repro-tui" / f"view-{digest}.json"


def load(path: Path | None) -> ViewState:
    """Read a view; a file that is missing, damaged or from a newer version gives the standard view."""
    if path is None:
        return ViewState()
    try:
        raw = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return ViewState()
    if not isinstance(raw, dict) or raw.get("version") != VERSION:
        return ViewState()
    return ViewState(
        place=_text(raw.get("place")) or "runs",
        filter=_text(raw.get("filter")),
        sort=_text(raw.get("sort")),
        descending=raw.get("descending") is True,
        columns=_texts(raw.get("columns")),
        group=_text(raw.get("group")),
        marks=_texts(raw.get("marks"))[:MOST_MARKS],
        cursor=_text(raw.get("cursor")),
        baseline=_text(raw.get("baseline")),
        pane=_whole(raw.get("pane"), 2, 1),
        snapshot=_text(raw.get("snapshot")),
        snapshot_sort=_text(raw.get("snapshot_sort")),
        snapshot_descending=raw.get("snapshot_descending") is True,
        snapshot_filter=_text(raw.get("snapshot_filter")),
        data=_text(raw.get("data")),
        compare=_texts(raw.get("compare"))[:MOST_COLUMNS],
        compare_all=raw.get("compare_all") is True,
        compare_ignored=_texts(raw.get("compare_ignored"))[:MOST_MARKS],
        compare_row=_text(raw.get("compare_row")),
    )


def save(path: Path, state: ViewState) -> bool:
    """Write a view so that a reader sees the old one or the new one; tells whether that worked.

    A view that cannot be kept is no reason to disturb anybody: the next session begins with the standard view.
    """
    document = {"version": VERSION, **asdict(state)}
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary.write_text(json.dumps(document, ensure_ascii=True) + "\n", "ascii")
        temporary.chmod(0o600)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True) if temporary.parent.is_dir() else None
        return False
    return True


def _whole(raw: object, most: int, otherwise: int) -> int:
    return raw if isinstance(raw, int) and 0 <= raw <= most else otherwise


def _text(raw: object) -> str:
    return raw if isinstance(raw, str) else ""


def _texts(raw: object) -> tuple[str, ...]:
    return tuple(item for item in raw if isinstance(item, str)) if isinstance(raw, list) else ()
