"""Which runs a comparison is asked for: names, `now`, and the previous run of a lineage where one is named alone."""

from __future__ import annotations

from collections.abc import Sequence

from repro_tui.cli.call import Call
from repro_tui.cli.naming import find_run
from repro_tui.domain.comparison import NOW
from repro_tui.domain.ids import RunId
from repro_tui.errors import NotFoundError, UsageError
from repro_tui.ports import Workbench

NEWEST = "@1"
RUN_HELP = "name, uid prefix, @1 (the newest), best:METRIC or baseline"


def sides(call: Call, workbench: Workbench, names: Sequence[str]) -> list[RunId]:
    """Find what is compared, the one that the others are compared with first.

    One run alone is compared with the previous one of its lineage, `now` alone with the newest run.
    Raises NotFoundError, and UsageError for a name that means nothing.
    """
    asked = list(names) or [NEWEST]
    if asked == [str(NOW)]:
        asked = [NEWEST, str(NOW)]
    found = [NOW if name == NOW else find_run(call, workbench, name) for name in asked]
    if len(found) == 1:
        found.insert(0, _previous(workbench, asked[0], found[0]))
    for at, uid in enumerate(found):
        if uid in found[:at]:
            first = asked[found.index(uid)]
            twice = first if first == asked[at] else f"{first} and {asked[at]}"
            raise UsageError(
                f"{twice} {'is named twice' if first == asked[at] else 'are the same run'}.", "Name each run once."
            )
    return found


def _previous(workbench: Workbench, name: str, uid: RunId) -> RunId:
    previous = workbench.previous(uid)
    if previous is None:
        raise NotFoundError(
            f"{name} has no previous run of its lineage to be compared with.",
            f"Name two runs: repro-tui diff {name} OTHER; or see what differs by now: repro-tui diff {name} now",
        )
    return previous
