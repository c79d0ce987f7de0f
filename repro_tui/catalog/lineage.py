"""The previous run of the same lineage, and the four letters, computed for all runs in one statement."""

from __future__ import annotations

from repro_tui.catalog.connect import Catalog
from repro_tui.domain.changes import NOTHING, UNKNOWN

# A run of a sweep is compared with the last run before the sweep began, not with a parallel sibling: so it looks back
# from the start of the sweep's first member in its lineage, or of the run that is the sweep itself where that is of the
# same lineage (a Hydra multirun). An as-of join finds the last run before that moment.
_COMPARED = f"""
    WITH beginnings AS (
        SELECT uid, started AS sweep_started FROM runs WHERE uid IN (SELECT parent FROM runs WHERE parent IS NOT NULL)
    ), looking AS (
        SELECT key, lineage, started, code, used, data, parameters, environment, imported, previous, changed,
               CASE WHEN parent IS NULL THEN started
                    ELSE least(min(started) OVER (PARTITION BY lineage, parent), sweep_started) END AS before
        FROM runs LEFT JOIN beginnings ON beginnings.uid = runs.parent WHERE lineage <> ''
    ), paired AS (
        SELECT a.key, b.key AS previous, a.previous AS old_previous, a.changed AS old_changed,
               CASE WHEN b.key IS NULL THEN '{UNKNOWN}' ELSE
                    CASE WHEN CASE WHEN split_part(a.used, ':', 1) = split_part(b.used, ':', 1) THEN a.used <> b.used
                                   ELSE a.code <> b.code END THEN 'C' ELSE '·' END
                 || CASE WHEN a.data <> b.data AND split_part(a.data, ':', 1) = split_part(b.data, ':', 1)
                         THEN 'D' ELSE '·' END
                 || CASE WHEN a.parameters <> b.parameters THEN 'P' ELSE '·' END
                 || CASE WHEN a.environment <> b.environment AND a.imported IS NOT DISTINCT FROM b.imported
                              AND a.imported IS NOT NULL THEN '·'
                         WHEN a.environment <> b.environment THEN 'E' ELSE '·' END END AS changed
        FROM looking a ASOF LEFT JOIN looking b ON a.lineage = b.lineage AND a.before > b.started
    )
"""  # noqa: S608 - constants of our own

_UPDATE = f"""{_COMPARED}
    UPDATE runs SET previous = p.previous, changed = p.changed
    FROM paired p
    WHERE runs.key = p.key AND (p.previous IS DISTINCT FROM runs.previous OR p.changed IS DISTINCT FROM runs.changed)
"""  # noqa: S608 - constants of our own

assert len(NOTHING) == len(UNKNOWN) == len("CDPE")


def compare_lineages(catalog: Catalog) -> None:
    """Compare every run with the one before it, and write down what differs from what was written."""
    catalog.execute(_UPDATE)
