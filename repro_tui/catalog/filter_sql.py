"""A filter as a condition in SQL. Everything that a person typed is a bound parameter, never a part of the text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from repro_tui.catalog import alarms
from repro_tui.catalog.connect import Catalog
from repro_tui.domain.filters import AllOf, AnyOf, Compared, Comparison, Not, Qualified, Term, Word
from repro_tui.domain.quantities import to_moment
from repro_tui.errors import UsageError

DURATION = "(coalesce(r.ended, CASE WHEN r.state = 'running' THEN {now} ELSE r.last_sign END) - r.started)"
"""How long a run took, or has taken; `{now}` is replaced by a number."""

_OPERATORS: dict[Comparison, str] = {"=": "=", "!=": "<>", ">": ">", ">=": ">=", "<": "<", "<=": "<="}
_YES = frozenset({"yes", "true", "1", "on"})


@dataclass(slots=True)
class _Builder:
    """Gathers the parameters in the order of their question marks."""

    catalog: Catalog
    now: float
    parameters: list[object] = field(default_factory=list)

    def bind(self, *values: object) -> None:
        self.parameters += values

    def term(self, term: Term) -> str:
        match term:
            case Word():
                self.bind(term.text.casefold())
                return "contains(r.words, ?)"
            case Qualified():
                return self._any(self._qualified(term.qualifier, value) for value in term.values)
            case Compared():
                return self._compared(term)
            case Not():
                return f"NOT coalesce({self.term(term.term)}, false)"
            case AnyOf():
                return self._any(self.term(t) for t in term.terms)
            case AllOf():
                return " AND ".join(f"({self.term(t)})" for t in term.terms) or "true"

    @staticmethod
    def _any(conditions: object) -> str:
        assert hasattr(conditions, "__iter__")
        return "(" + (" OR ".join(f"({c})" for c in conditions) or "false") + ")"

    def _qualified(self, qualifier: str, value: str) -> str:
        if qualifier in {"since", "until"}:
            moment = to_moment(value, self.now)
            if moment is None:
                raise UsageError(f"{qualifier}:{value} names no moment.", "Write 30m, 3h, 2d or 2026-11-20.")
            self.bind(moment)
            return "r.started >= ?" if qualifier == "since" else "r.started <= ?"
        if qualifier == "alarm":
            text, values = alarms.condition_of(self.catalog, value.lower())
            self.bind(*values)
            return text
        if qualifier == "pinned":
            self.bind(value.lower() in _YES)
            return "r.pinned = ?"
        if qualifier == "level":
            number = value.partition("/")[0]
            self.bind(int(number) if number.isascii() and number.isdigit() and len(number) < 3 else -1)  # noqa: PLR2004 - 0 to 6
            return "r.level = ?"
        if qualifier == "has":
            self.bind(value, value)
            return f"r.key IN ({_PARAMS_NAMED}) OR r.key IN ({_METRICS_NAMED})"
        self.bind(value.casefold())
        return _TEXTS[qualifier]

    def _compared(self, term: Compared) -> str:
        kind, _, name = term.key.partition(".")
        if kind == "param" and name:
            return self._param(name, term)
        if kind == "metric" and name:
            return self._metric(name, term)
        parts = [self._param(term.key, term), self._metric(term.key, term)]
        own = _FIELDS.get(term.key)
        if own is not None and term.number is not None:
            # A parameter or metric of the same name is what its author means, so a field answers only without one.
            self.bind(term.number, term.key)
            compared = f"{own(self.now)} {_OPERATORS[term.comparison]} ?"
            parts.append(f"({compared} AND NOT EXISTS (SELECT 1 FROM params WHERE name = ?))")  # noqa: S608 - texts of our own
        return self._any(parts)

    def _param(self, name: str, term: Compared) -> str:
        operator = _OPERATORS[term.comparison]
        if term.number is None:
            self.bind(name, term.value.casefold())
            condition = f"lower(text) {operator} ?"
        elif term.comparison in {"=", "!="}:
            self.bind(name, term.number, term.value.casefold())
            joined = "OR" if term.comparison == "=" else "AND"
            condition = f"(number IS NOT NULL AND number {operator} ?) {joined} lower(text) {operator} ?"
            if term.comparison == "!=":
                condition = f"(number IS NULL OR number {operator} ?) AND lower(text) {operator} ?"
        else:
            self.bind(name, term.number)
            condition = f"number {operator} ?"
        return f"r.key IN (SELECT run FROM params WHERE name = ? AND ({condition}))"  # noqa: S608 - operators of our own

    def _metric(self, name: str, term: Compared) -> str:
        if term.number is None:
            return "false"
        self.bind(name, term.number)
        return (
            "r.key IN (SELECT s.run FROM series s JOIN metrics m ON m.id = s.metric AND NOT m.resource "  # noqa: S608 - operators of our own
            f"WHERE m.name = ? AND NOT isnan(s.value) AND s.value {_OPERATORS[term.comparison]} ?)"
        )


_PARAMS_NAMED = "SELECT run FROM params WHERE name = ?"
_METRICS_NAMED = "SELECT s.run FROM series s JOIN metrics m ON m.id = s.metric AND NOT m.resource WHERE m.name = ?"
_TEXTS = {
    "state": "r.state = ?",
    "tag": "list_contains(list_transform(r.tags, lambda x: lower(x)), ?)",
    "name": "contains(lower(r.name), ?)",
    "note": "contains(lower(r.note), ?)",
    "user": "lower(r.user) = ?",
    "host": "starts_with(lower(r.host), ?)",
    "lineage": "contains(lower(r.lineage), ?)",
    "uid": "starts_with(r.uid, ?)",
    "commit": "starts_with(r.commit, ?)",
}
_FIELDS: dict[str, Callable[[float], str]] = {
    "duration": lambda now: DURATION.format(now=float(now)),
    "age": lambda now: f"({float(now)} - r.started)",
    "exit": lambda _: "r.exit",
    "level": lambda _: "r.level",
    "step": lambda _: (
        "(SELECT max(s.step) FROM series s JOIN metrics m ON m.id = s.metric AND NOT m.resource WHERE s.run = r.key)"
    ),
}


def condition(catalog: Catalog, term: Term, now: float) -> tuple[str, list[object]]:
    """Give the condition on `runs r` that a filter means, and the parameters for its question marks.

    `now` is in seconds since the epoch. Raises UsageError for a value that means nothing.
    """
    builder = _Builder(catalog, now)
    return builder.term(term), builder.parameters
