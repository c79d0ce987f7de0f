"""What many runs used, as columns: parameters, inputs, prints and flags, each in one statement."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from repro_tui.catalog.connect import Catalog, Row
from repro_tui.catalog.filter_sql import condition
from repro_tui.catalog.listing import matching
from repro_tui.domain.filters import EVERYTHING, Term
from repro_tui.domain.view import RunQuery

T = TypeVar("T")
Value = str | float | None
_MANY = 8
"""Runs to a value from which it is faster to ask for the runs of each value than for the value of each run."""
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
        self._newest = int(newest)
        self._keys = ""
        """A question that gives the keys of the matching runs; empty where all match."""
        if where != EVERYTHING:
            self._keys = f"(SELECT r.key FROM runs r WHERE ({matches}) AND r.key <= {self._newest})"  # noqa: S608 - values are bound

    def _mine(self, column: str) -> str:
        """Give the condition that a column holds the key of a matching run."""
        return f"{column} IN {self._keys}" if self._keys else f"{column} <= {self._newest}"

    def _fetch(self, statement: str, *before: object) -> list[Row]:
        """Ask about the runs; a value that stands in the statement before them is given first."""
        return self._catalog.fetch(statement, [*before, *self._bound])

    def _put(self, column: list[T], run: int, value: T) -> None:
        """Put a run's value in its place; one that matches only since a moment ago has none."""
        place = self._places.get(run)
        if place is not None:
            column[place] = value

    def _put_all(self, column: list[T], runs: Iterable[int], value: T) -> None:
        """Put one value in the places of all its runs."""
        place_of = self._places.get
        for run in runs:
            place = place_of(run)
            if place is not None:
                column[place] = value

    def outcomes(self, metric: str) -> list[float | None]:
        """Give each run's last value of a metric."""
        found: list[float | None] = [None] * len(self._places)
        rows = self._fetch(
            "SELECT s.run, s.value FROM series s JOIN metrics m ON m.id = s.metric AND NOT m.resource "  # noqa: S608 - integers
            f"WHERE m.name = ? AND {self._mine('s.run')}",
            metric,
        )
        for run, value in rows:
            self._put(found, run, float(value))
        return found

    def metrics(self) -> dict[str, int]:
        """Give each metric with the number of runs that logged it."""
        rows = self._fetch(
            "SELECT m.name, count(*) FROM series s JOIN metrics m ON m.id = s.metric AND NOT m.resource "  # noqa: S608 - integers
            f"WHERE {self._mine('s.run')} GROUP BY m.name"
        )
        return {name: int(count) for name, count in rows}

    def going(self) -> int:
        """Count the runs that have not ended."""
        statement = f"SELECT count(*) FROM runs WHERE state IN ('running', 'silent') AND {self._mine('key')}"  # noqa: S608 - integers
        return int(self._fetch(statement)[0][0])

    def fallen(self) -> list[bool]:
        """Tell of each run whether it failed or died, so that what it logged last is where it stood then."""
        found = [False] * len(self._places)
        statement = f"SELECT key FROM runs WHERE state IN ('failed', 'died') AND {self._mine('key')}"  # noqa: S608 - integers
        for (run,) in self._fetch(statement):
            self._put(found, run, value=True)
        return found

    def parameters(self) -> Matrix:
        """Give the parameters; a number is the same however it was written."""
        facts = self._fetch(
            "SELECT name, CAST(sum(runs) AS BIGINT), count(*), any_value(word), any_value(number) FROM ("  # noqa: S608 - texts of our own
            "SELECT name, number, CASE WHEN number IS NULL THEN text END AS word, count(*) AS runs FROM params "
            f"WHERE {self._mine('run')} GROUP BY name, number, word) GROUP BY name"
        )
        found: dict[str, list[Value]] = {}
        for name, count, distinct, text, number in facts:
            same = distinct == 1 and count >= len(self._places)
            found[name] = [(text if number is None else float(number)) if same else None] * len(self._places)
        varying = {
            name: (count, distinct) for name, count, distinct, *_ in facts if distinct > 1 or None in found[name]
        }
        few = [name for name, (count, distinct) in varying.items() if distinct * _MANY <= count]
        for name, number, text, runs in self._grouped("name, number, text", few):
            self._put_all(found[name], runs, text if number is None else float(number))
        many = [name for name in varying if name not in few]
        for name, runs, numbers, texts in self._listed(many):
            values = [text if number is None else number for number, text in zip(numbers, texts, strict=True)]
            for run, value in zip(runs, values, strict=True):
                self._put(found[name], run, value)
        return Matrix(found)

    def _grouped(self, columns: str, names: Sequence[str]) -> list[Row]:
        """Give each value of some parameters once, with its runs: a row for each of both takes thrice as long."""
        if not names:
            return []
        marks = ",".join("?" * len(names))
        mine = f"name IN ({marks}) AND {self._mine('run')}"
        return self._fetch(f"SELECT {columns}, list(run) FROM params WHERE {mine} GROUP BY {columns}", *names)  # noqa: S608 - texts of our own

    def _listed(self, names: Sequence[str]) -> list[Row]:
        """Give some parameters, each with its runs and their values in the same order."""
        if not names:
            return []
        marks = ",".join("?" * len(names))
        columns = ", ".join(f"list({column} ORDER BY run)" for column in ("run", "number", "text"))
        mine = f"name IN ({marks}) AND {self._mine('run')}"
        return self._fetch(f"SELECT name, {columns} FROM params WHERE {mine} GROUP BY name", *names)  # noqa: S608 - texts of our own

    def inputs(self) -> Matrix:
        """Give the digests of inputs by their paths, those that rest on every byte; what else was read is `UNSURE`."""
        rows = self._fetch(
            "SELECT path, digest, size, coverage = 'full' AND digest IS NOT NULL AS sure, list(run) FROM inputs "  # noqa: S608 - integers
            f"WHERE role = 'in' AND {self._mine('run')} GROUP BY path, digest, size, sure"
        )
        found: dict[str, list[Value]] = {}
        texts: dict[str, str] = {}
        for path, digest, size, sure, runs in rows:
            self._put_all(found.setdefault(path, [None] * len(self._places)), runs, digest if sure else UNSURE)
            if sure:
                texts[digest] = f"{digest[:11]}, {size:,} bytes" if size is not None else digest[:11]
        return Matrix(found, texts)

    def prints(self, column: str) -> list[str | None]:
        """Give a digest column of each run: `code` or `environment`."""
        assert column in {"code", "environment"}
        found: list[str | None] = [None] * len(self._places)
        statement = f"SELECT {column}, list(key) FROM runs WHERE {self._mine('key')} GROUP BY {column}"  # noqa: S608 - a name of our own
        for value, runs in self._fetch(statement):
            self._put_all(found, runs, value)
        return found

    def commits(self) -> dict[str, str]:
        """Give a commit for each digest of code that was run from one, with the digest where a commit has several."""
        rows = self._fetch(
            f"SELECT code, min(commit) FROM runs WHERE code IS NOT NULL AND {self._mine('key')} GROUP BY code"  # noqa: S608 - integers
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
            "SELECT CAST(json_extract(document, '$.flags') AS VARCHAR) AS flags, list(key) FROM runs "  # noqa: S608 - integers
            f"WHERE {self._mine('key')} GROUP BY flags"
        )
        found: dict[str, list[Value]] = {}
        for raw, runs in rows:
            flags = json.loads(raw) if raw else {}
            for name, value in flags.items() if isinstance(flags, dict) else ():
                self._put_all(found.setdefault(str(name), [None] * len(self._places)), runs, json.dumps(value))
        return Matrix(found)

    def representatives(self, column: str, most: int) -> dict[str, str]:
        """Give the newest run of each digest, of the digests that were used last."""
        assert column in {"code", "environment"}
        rows = self._fetch(
            f"SELECT {column}, arg_max(uid, started) FROM runs WHERE {column} IS NOT NULL AND {self._mine('key')} "  # noqa: S608 - a name of our own
            f"GROUP BY {column} ORDER BY max(started) DESC LIMIT {int(most)}"
        )
        return {str(value): str(uid) for value, uid in rows}
