"""What retention asks of the catalog: of each run that was kept, what a policy decides by."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from repro_tui.catalog.connect import Catalog
from repro_tui.domain.ids import RunId

_FEW = 200
"""Runs that are asked for by name; of more, all are read and most of them thrown away."""


@dataclass(slots=True)
class KeptRun:
    """A run, as far as a policy asks."""

    uid: RunId
    name: str
    lineage: str
    tags: tuple[str, ...]
    pinned: bool
    state: str
    level: int
    level_text: str
    document: str
    """The folded run as JSON."""
    metrics: dict[str, float] = field(default_factory=dict)
    """Last value of each metric."""


def kept_runs(catalog: Catalog, uids: Collection[RunId]) -> dict[RunId, KeptRun]:
    """Give the runs that there are, by uid."""
    some = sorted(uids) if len(uids) <= _FEW else []
    if not uids:
        return {}
    where = f"WHERE uid IN ({','.join('?' * len(some))})" if some else ""
    rows = catalog.fetch(
        f"SELECT uid, name, lineage, tags, pinned, state, level, level_text, document FROM runs {where}",  # noqa: S608 - question marks
        some,
    )
    wanted = set(uids)
    found = {
        RunId(row[0]): KeptRun(RunId(row[0]), row[1] or "", row[2] or "", tuple(row[3] or ()), bool(row[4]), *row[5:])
        for row in rows
        if row[0] in wanted
    }
    values = catalog.fetch(
        "SELECT r.uid, m.name, s.value FROM series s JOIN metrics m ON m.id = s.metric AND NOT m.resource "  # noqa: S608 - question marks
        f"JOIN runs r ON r.key = s.run {where.replace('uid', 'r.uid')}",
        some,
    )
    for uid, metric, value in values:
        if uid in found and value is not None:
            found[RunId(uid)].metrics[metric] = float(value)
    return found
