"""What tidying the folders of old runs asks of the catalog."""

from __future__ import annotations

from dataclasses import dataclass

from repro_tui.catalog.connect import Catalog
from repro_tui.domain.ids import RunId


@dataclass(frozen=True, slots=True)
class EndedRun:
    """A run that is over, with where it lies."""

    uid: RunId
    name: str
    failed: bool
    """It failed or died."""
    pinned: bool
    ended: float
    """Its end; its last sign where none was written. Seconds since the epoch."""
    folders: tuple[str, ...]


def ended_runs(catalog: Catalog) -> list[EndedRun]:
    """Give the runs that are over, those that ended first at the beginning."""
    rows = catalog.fetch(
        "SELECT r.uid, r.name, r.state <> 'done', r.pinned, coalesce(r.ended, r.last_sign), "
        "list(DISTINCT p.folder ORDER BY p.folder) "
        "FROM runs r JOIN positions p ON p.run = r.key "
        "WHERE p.folder <> '' AND r.state IN ('done', 'failed', 'died') GROUP BY ALL ORDER BY 5, 1"
    )
    return [
        EndedRun(RunId(uid), name or uid[:8], bool(failed), bool(pinned), float(ended or 0.0), tuple(folders))
        for uid, name, failed, pinned, ended, folders in rows
    ]
