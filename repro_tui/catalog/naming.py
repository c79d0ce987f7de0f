"""Which run a person means by a name: uid, name, the beginning of either, a place, the best one, the baseline."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from repro_tui.catalog.connect import Catalog, Row
from repro_tui.domain.comparison import Direction
from repro_tui.errors import NotFoundError, UsageError
from repro_tui.recorder.line import to_text

BASELINE = "baseline"
"""The tag of the run that others are compared with, and the name by which it is asked for."""
_BEST = "best:"
_LISTS = "`repro-tui ls` lists the runs; @1 is the newest."
_MOST = 10
_DIGITS = 9
_SHORTEST = 8
"""Digits of a uid by which runs are told apart, mostly."""
_ORDER = {"up": "DESC", "down": "ASC"}


def find(catalog: Catalog, name: str, direction: Callable[[str], Direction]) -> str:
    """Find a run's uid.

    Args:
        catalog: the index.
        name: uid, name, the beginning of a uid or name, `@1` (the newest), `best:acc` (of the runs that ended well, the
            one with the best last value; the newest of several), or `baseline` (the newest run with that tag).
        direction: says which way a metric is better.

    Raises NotFoundError; UsageError when several runs answer to it, or it is not known which way is better.
    """
    name = to_text(name)  # as one that is no UTF-8 was recorded
    if name.startswith("@"):
        return _by_place(catalog, name)
    exact = catalog.fetch("SELECT uid FROM runs WHERE uid = ?", [name.lower()])
    found = exact or _runs(catalog, "name = ?", name)
    if not found and name.startswith(_BEST):
        return _best(catalog, name.removeprefix(_BEST), direction)
    if not found and name == BASELINE:
        found = _runs(catalog, "list_contains(list_transform(tags, lambda tag: lower(tag)), ?)", BASELINE)[:1]
    if not found and name:
        found = _runs(catalog, "starts_with(uid, ?)", name.lower())
        found = found or _runs(catalog, "starts_with(lower(name), ?)", name.lower())
    if not found and name == BASELINE:
        raise NotFoundError(
            "No run is the baseline.",
            "Make one the baseline with b in the dashboard, or tag it: repro-tui run --tag baseline -- …",
        )
    if not found:
        raise NotFoundError(f"There is no run {name!r}.", _LISTS)
    if len(found) > 1:
        count = f"{len(found)}" if len(found) < _MOST else f"{_MOST} or more"
        choices, how = _told_apart(catalog, [str(uid) for uid, *_ in found[:5]])
        raise UsageError(f"{name!r} names {count} runs: {choices} (the newest first).", f"Name the one you mean {how}.")
    return str(found[0][0])


def _told_apart(catalog: Catalog, uids: Sequence[str]) -> tuple[str, str]:
    """Name runs by their names where these differ, else by as many digits as do, and say which it is."""
    marks = ", ".join("?" * len(uids))
    rows = catalog.fetch(f"SELECT uid, name FROM runs WHERE uid IN ({marks})", list(uids))  # noqa: S608 - marks alone
    names = {str(uid): str(name or "") for uid, name in rows}
    if all(names.values()) and len(set(names.values())) == len(uids):
        return ", ".join(names[uid] for uid in uids), "by its whole name"
    digits = next(n for n in range(_SHORTEST, len(uids[0]) + 1) if len({uid[:n] for uid in uids}) == len(uids))
    return ", ".join(uid[:digits] for uid in uids), "by these digits"


def _runs(catalog: Catalog, condition: str, value: str) -> list[Row]:
    """Give the newest runs that meet a condition."""
    statement = f"SELECT uid FROM runs WHERE {condition} ORDER BY started DESC, key DESC LIMIT {_MOST}"  # noqa: S608 - conditions of our own, the value is bound
    return catalog.fetch(statement, [value])


def _by_place(catalog: Catalog, name: str) -> str:
    number = name[1:]
    if not (number.isascii() and number.isdigit() and 0 < len(number) < _DIGITS) or int(number) < 1:
        raise UsageError(f"{name!r} names no run.", "@1 is the newest run, @2 the one before it.")
    found = catalog.fetch("SELECT uid FROM runs ORDER BY started DESC, key DESC LIMIT 1 OFFSET ?", [int(number) - 1])
    if not found:
        raise NotFoundError(f"There is no run {name}: the project has fewer.", "`repro-tui ls` lists the runs.")
    return str(found[0][0])


def _best(catalog: Catalog, metric: str, direction: Callable[[str], Direction]) -> str:
    """Find the run with the best last value of a metric."""
    known = [str(name) for (name,) in catalog.fetch("SELECT DISTINCT name FROM metrics WHERE NOT resource ORDER BY 1")]
    if metric not in known:
        listed = f"They logged: {', '.join(known[:_MOST])}." if known else "They logged nothing."
        raise NotFoundError(f"No run logged {metric!r}.", listed)
    way = direction(metric)
    if not way:
        raise UsageError(
            f"It is not known which way {metric!r} is better.",
            f"Say it in repro.yaml: metrics: {{{metric}: {{better: up}}}}, or down.",
        )
    found = catalog.fetch(
        "SELECT r.uid FROM runs r JOIN series s ON s.run = r.key JOIN metrics m ON m.id = s.metric AND NOT m.resource "  # noqa: S608 - an order of our own, the name is bound
        f"WHERE m.name = ? AND r.state = 'done' AND isfinite(s.value) "
        f"ORDER BY s.value {_ORDER[way]}, r.started DESC, r.key DESC LIMIT 1",
        [metric],
    )
    if not found:
        raise NotFoundError(f"No run that ended well has {metric!r} as a number.", "`repro-tui ls` lists the runs.")
    return str(found[0][0])
