"""The filter language: `lr>0.01 acc>=0.9 state:running tag:paper -has:acc name:otter|wren since:2d "two words"`.

Terms side by side must all hold; `|` joins the terms beside it as alternatives, and binds more tightly than a space;
`-` negates a term; parentheses group. Values may be quoted. This module holds the tree; `parse`, `to_text` and
`token_at` live beside it in `filter_text`, `complete` in `filter_completion`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Comparison = Literal["=", "!=", ">", ">=", "<", "<="]

QUALIFIERS: dict[str, str] = {
    "state": "running, done, failed, died, silent",
    "tag": "has this tag",
    "name": "part of the name",
    "since": "began within: 2d, 3h, 30m, or from a date 2026-11-20",
    "until": "began before: 2d ago, or a date",
    "has": "has a parameter or metric of this name",
    "note": "part of the note",
    "user": "who started it",
    "host": "where it ran",
    "lineage": "part of the lineage",
    "alarm": "what to look at: any, died, nan, data, result, duplicate",
    "level": "reproducibility level",
    "pinned": "yes or no",
    "uid": "beginning of the identity",
    "commit": "beginning of the git commit",
}
"""Qualifier (`state:…`) to its help line."""


@dataclass(frozen=True, slots=True)
class Word:
    """A bare word: part of the name, a tag, the note, or the command line."""

    text: str


@dataclass(frozen=True, slots=True)
class Qualified:
    """`state:running`, `since:2d`; commas list alternatives: `state:running,done`."""

    qualifier: str
    """A key of QUALIFIERS."""
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """`lr>0.01`, `param.opt=adam`, `metric.acc>=0.9`: a parameter or metric against a value."""

    key: str
    """Name as typed; may begin with `param.` or `metric.` to say which is meant."""
    comparison: Comparison
    value: str
    number: float | None
    """The value as a number (`1e-3`, `64k`, `2GB`, `90%`, `1h` in seconds), None when it is text."""


@dataclass(frozen=True, slots=True)
class Not:
    """`-term`."""

    term: Term


@dataclass(frozen=True, slots=True)
class AnyOf:
    """`a | b`: at least one holds."""

    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Terms side by side: all hold. Without terms it matches every run."""

    terms: tuple[Term, ...] = ()


Term = Word | Qualified | Compared | Not | AnyOf | AllOf

EVERYTHING = AllOf()
