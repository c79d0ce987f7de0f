"""What many runs used, as columns: parameters, inputs, prints and flags, each in one statement."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from repro_tui.catalog.connect import Catalog, Row
from repro_tui.catalog.filter_sql import condition
from repro_tui.catalog.listing import matching
from repro_tui.domain.filters import Term
from repro_tui.domain.view import RunQuery

T = TypeVar("T")
Value = str | float | None
UNSURE = "?"
"""Stands for an input that was read and of which not every byte is known."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """One column for each name, one value for each run, in the order in which the runs were asked for."""

    values: Mapping[str, Sequence[Value]]
    texts: Mapping[str, str] = field(default_factory=dict)
    """What is shown for a value that is a number or a digest."""


class Variety:
    """Asks about the runs that a filter matches, newest first; those that come later have no part in it.

    The filter stands in each statement again: a list of 10,000 keys would cost more than to find them.
    """

    def __init__(self, catalog: Catalog, where: Term, now: float) -> None:
        self._catalog = catalog
        keys = matching(catalog, RunQuery(where), now)
        self._places = {key: place for place, key in enumerate(keys)}
        matches, self._bound = condition(catalog, where, now)
        newest = max(keys, default=-1)
        self._keys = f"(SELECT r.key FROM runs r WHERE ({matches}) AND r.key <= {int(newest)})"  # noqa: S608 - values are bound

    def _fetch(self, statement: str, *before: object) -> list[Row]:
        """Ask about the runs; a value that stands in the statement before them is given first."""
        return self._catalog.fetch(statement, [*before, *self._bound])

    def _put(self, column: list[T], run: int, value: T) -> None:
        """Put a run's value in its place; one that matches only since a moment ago has none."""
        place = self._places.get(run)
        if place is not None:
            column[place] = value

    def outcomes(self, metric: str) -> list[float | None]:
        """Give each run's last value of a metric."""
        found: list[float | None] = [None] * len(self._places)
        rows = self._fetch(
            "SELECT s.run, s.value FROM series s JOIN metrics m ON m.id = s.metric AND NOT m.resource "  # noqa: S608 - integers
            f"WHERE m.name = ? AND s.run IN {self._keys}",
            metric,
        )
        for run, value in rows:
            self._put(found, run, float(value))
        return found

    def metrics(self) -> dict[str, int]:
        """Give each metric with the number of runs that logged it."""
        rows = self._fetch(
            "SELECT m.name, count(*) FROM series s JOIN metrics m ON m.id = s.metric AND NOT m.resource "  # noqa: S608 - integers
            f"WHERE s.run IN {self._keys} GROUP BY m.name"
        )
        return {name: int(count) for name, count in rows}

    def going(self) -> int:
        """Count the runs that have not ended."""
        statement = f"SELECT count(*) FROM runs WHERE state IN ('running', 'silent') AND key IN {self._keys}"  # noqa: S608 - integers
        return int(self._fetch(statement)[0][0])

    def fallen(self) -> list[bool]:
        """Tell of each run whether it failed or died, so that what it logged last is where it stood then."""
        found = [False] * len(self._places)
        statement = f"SELECT key FROM runs WHERE state IN ('failed', 'died') AND key IN {self._keys}"  # noqa: S608 - integers
        for (run,) in self._fetch(statement):
            self._put(found, run, value=True)
        return found

    def parameters(self) -> Matrix:
        """Give the parameters; a number is the same however it was written."""
        mine = f"run IN {self._keys}"
        facts = self._fetch(
            "SELECT name, count(*), count(DISTINCT coalesce(CAST(number AS VARCHAR), text)), any_value(text), "  # noqa: S608 - texts of our own
            f"any_value(number) FROM params WHERE {mine} GROUP BY name"
        )
        found: dict[str, list[Value]] = {}
        for name, count, distinct, text, number in facts:
            same = distinct == 1 and count >= len(self._places)
            found[name] = [(text if number is None else float(number)) if same else None] * len(self._places)
        varying = [name for name, _, distinct, *_ in facts if distinct > 1 or None in found[name]]
        if varying:
            marks = ",".join("?" * len(varying))
            rows = self._fetch(
                f"SELECT run, name, number, text FROM params WHERE name IN ({marks}) AND {mine}",  # noqa: S608 - the same
                *varying,
            )
            for run, name, number, text in rows:
                self._put(found[name], run, text if number is None else float(number))
        return Matrix(found)

    def inputs(self) -> Matrix:
        """Give the digests of inputs by their paths, those that rest on every byte; what else was read is `UNSURE`."""
        rows = self._fetch(
            "SELECT run, path, digest, size, coverage = 'full' AND digest IS NOT NULL FROM inputs "  # noqa: S608 - integers
            f"WHERE role = 'in' AND run IN {self._keys}"
        )
        found: dict[str, list[Value]] = {}
        texts: dict[str, str] = {}
        for run, path, digest, size, sure in rows:
            self._put(found.setdefault(path, [None] * len(self._places)), run, digest if sure else UNSURE)
            if sure:
                texts[digest] = f"{digest[:11]}, {size:,} bytes" if size is not None else digest[:11]
        return Matrix(found, texts)

    def prints(self, column: str) -> list[str | None]:
        """Give a digest column of each run: `code` or `environment`."""
        assert column in {"code", "environment"}
        found: list[str | None] = [None] * len(self._places)
        for run, value in self._fetch(f"SELECT key, {column} FROM runs WHERE key IN {self._keys}"):  # noqa: S608 - a name of our own
            self._put(found, run, value)
        return found

    def commits(self) -> dict[str, str]:
        """Give a commit for each digest of code that was run from one, with the digest where a commit has several."""
        rows = self._fetch(
            f'SELECT code, min("commit") FROM runs WHERE code IS NOT NULL AND key IN {self._keys} GROUP BY code'  # noqa: S608 - integers
        )
        known = {str(code): str(commit)[:9] for code, commit in rows if commit}
        several = {commit for commit, number in Counter(known.values()).items() if number > 1}
        return {
            code: f"{commit}, code {code.rpartition(':')[2][:6]}" if commit in several else commit
            for code, commit in known.items()
        }

    def flags(self) -> Matrix:
        """Give the flags of determinism and numerics that processes were seen to set."""
        rows = self._fetch(
            f"SELECT key, CAST(json_extract(document, '$.flags') AS VARCHAR) FROM runs WHERE key IN {self._keys}"  # noqa: S608 - integers
        )
        found: dict[str, list[Value]] = {}
        decoded = {raw: json.loads(raw) for raw in {raw for _, raw in rows} if raw}
        for run, raw in rows:
            flags = decoded.get(raw, {})
            for name, value in flags.items() if isinstance(flags, dict) else ():
                self._put(found.setdefault(str(name), [None] * len(self._places)), run, json.dumps(value))
        return Matrix(found)

    def representatives(self, column: str, most: int) -> dict[str, str]:
        """Give the newest run of each digest, of the digests that were used last."""
        assert column in {"code", "environment"}
        rows = self._fetch(
            f"SELECT {column}, arg_max(uid, started) FROM runs WHERE {column} IS NOT NULL AND key IN {self._keys} "  # noqa: S608 - a name of our own
            f"GROUP BY {column} ORDER BY max(started) DESC LIMIT {int(most)}"
        )
        return {str(value): str(uid) for value, uid in rows}
