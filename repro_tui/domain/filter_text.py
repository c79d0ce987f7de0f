"""The filter language as text: reading it, writing it back, and the term under a cursor.

    filter       = { alternatives }                     all hold; an empty filter matches every run
    alternatives = term { "|" term }                    at least one holds
    term         = "-" term | "(" filter ")"
                 | qualifier ":" value { ("," or "|") value }
                 | key comparison value | word

A value, a key or a word may stand in double or single quotes; inside them a backslash takes the next character
as it is.
A `|` without spaces inside a qualifier joins values, like a comma: `name:otter|wren`.
For every term that `parse` gives, `parse(to_text(term)) == term`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from repro_tui.domain.alarms import ANY, AlarmKind
from repro_tui.domain.filters import QUALIFIERS, AllOf, AnyOf, Compared, Comparison, Not, Qualified, Term, Word
from repro_tui.domain.quantities import to_moment, to_number
from repro_tui.domain.run import State
from repro_tui.errors import UsageError

MAX_LENGTH = 10_000
"""Characters of a filter; a person types a hundred."""
MAX_DEPTH = 50
"""Parentheses and negations inside each other."""
_OPERATOR = re.compile(r"!=|>=|<=|==|=|>|<|:")
_HEAD = re.compile(r"""(?:(?!!=)[^\s|()<>=:])+""")
_VALUE = re.compile(r"[^\s|()]+")
_LISTED = re.compile(r"[^\s|(),]+")
_TERM_AHEAD = re.compile(r"""-|\(|[^\s|()"',]*(?:!=|[<>=:])|["'][^"']*["'](?:!=|[<>=:])""")
_PLAIN = re.compile(r"[\w.+/*@#%~^$&;?\[\]{}\\-]+")
_QUOTES = frozenset("\"'")
_OPENERS = frozenset("-:,=<>(|")
_CHOICES = {"state": tuple(State), "pinned": ("yes", "no"), "alarm": (ANY, *AlarmKind)}


class FilterError(UsageError):
    """A filter was not understood."""

    def __init__(self, position: int, trouble: str, hint: str = "") -> None:
        super().__init__(f"At character {position + 1} of the filter: {trouble}.", hint)
        self.position = position
        """Index of the character where it went wrong; the text's length when something is missing at its end."""
        self.trouble = trouble
        """The sentence without the position."""


class _Parser:
    """Reads one filter from left to right; `at` is the index of the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _space(self) -> None:
        while self._peek().isspace():
            self.at += 1

    def filter(self, depth: int) -> Term:
        """Read terms up to the end or a closing parenthesis."""
        if depth > MAX_DEPTH:
            raise FilterError(self.at, "too many parentheses inside each other")
        found: list[Term] = []
        self._space()
        while self._peek() not in {"", ")"}:
            found.append(self._alternatives(depth))
            self._space()
        return found[0] if len(found) == 1 else AllOf(tuple(found))

    def _alternatives(self, depth: int) -> Term:
        found = [self._term(depth)]
        self._space()
        while self._peek() == "|":
            self.at += 1
            self._space()
            if self._peek() in {"", ")", "|"}:
                raise FilterError(self.at, "a term is expected after |", "Write `a | b`, or quote the sign: '|'.")
            found.append(self._term(depth))
            self._space()
        return found[0] if len(found) == 1 else AnyOf(tuple(found))

    def _term(self, depth: int) -> Term:
        sign = self._peek()
        if sign == "|":
            raise FilterError(self.at, "a term is expected before |", "Write `a | b`, or quote the sign: '|'.")
        if sign == "-":
            self.at += 1
            if self._peek() in {"", ")", "|"} or self._peek().isspace():
                raise FilterError(self.at, "a term is expected after -", "Write `-tag:paper`, or quote the sign: '-'.")
            if depth >= MAX_DEPTH:
                raise FilterError(self.at, "too many negations inside each other")
            return Not(self._term(depth + 1))
        if sign == "(":
            opened = self.at
            self.at += 1
            inner = self.filter(depth + 1)
            if self._peek() != ")":
                raise FilterError(self.at, f"the ( at character {opened + 1} has no )", "Close it, or quote it: '('.")
            self.at += 1
            return inner
        return self._plain_term()

    def _plain_term(self) -> Term:
        start = self.at
        head, quoted = self._piece(_HEAD)
        operator = _OPERATOR.match(self.text, self.at)
        if operator is None:
            return Word(head)
        if not head:
            raise FilterError(start, f"a name is expected before {operator[0]}", "Write `lr>0.01`, or quote the sign.")
        self.at = operator.end()
        if operator[0] != ":":
            value, _ = self._piece(_VALUE)
            if self.at == operator.end():
                raise FilterError(self.at, f"a value is expected after {head}{operator[0]}", "Write `lr>0.01`.")
            comparison = cast("Comparison", "=" if operator[0] == "==" else operator[0])
            return Compared(head, comparison, value, to_number(value))
        if quoted or head not in QUALIFIERS:
            near = ", ".join(sorted(QUALIFIERS))
            raise FilterError(start, f"{head!r} is no qualifier", f"There are {near}; quote the word to search for it.")
        return Qualified(head, self._values(head))

    def _values(self, qualifier: str) -> tuple[str, ...]:
        """Read the values of a qualifier, and check those of which only some make sense."""
        values: list[str] = []
        while True:
            start = self.at
            value, _ = self._piece(_LISTED)
            if self.at == start:
                raise FilterError(start, f"a value is expected after {qualifier}:", QUALIFIERS[qualifier] + ".")
            _check(qualifier, value, start)
            values.append(value)
            ahead = self._peek()
            if ahead != "," and not (ahead == "|" and self._goes_on()):
                return tuple(values)
            self.at += 1

    def _goes_on(self) -> bool:
        """Tell whether the | here joins a further value, and does not begin another term."""
        rest = self.text[self.at + 1 : self.at + 2]
        return bool(rest) and rest not in "|()" and not rest.isspace() and not _TERM_AHEAD.match(self.text, self.at + 1)

    def _piece(self, bare: re.Pattern[str]) -> tuple[str, bool]:
        """Read a quoted text, or as much as a pattern matches; tell whether it was quoted."""
        if self._peek() in _QUOTES and self._peek():
            return self._quoted(), True
        match = bare.match(self.text, self.at)
        if match is None:
            return "", False
        self.at = match.end()
        return match[0], False

    def _quoted(self) -> str:
        opened, quote = self.at, self._peek()
        found: list[str] = []
        self.at += 1
        while (sign := self._peek()) != quote:
            if sign == "\\" and self.at + 1 < len(self.text):
                self.at += 1
                sign = self._peek()
            if not sign:
                raise FilterError(opened, f"the quote {quote} is not closed", f"Write {quote} at its end.")
            found.append(sign)
            self.at += 1
        self.at += 1
        return "".join(found)


def _check(qualifier: str, value: str, position: int) -> None:
    """Refuse a value that can never match."""
    choices = _CHOICES.get(qualifier, ())
    if choices and value.lower() not in choices:
        raise FilterError(position, f"{value!r} is none of {', '.join(choices)}")
    if qualifier in {"since", "until"} and to_moment(value, 0.0) is None:
        raise FilterError(position, f"{value!r} is no time", "Write 30m, 3h, 2d, 1w, today or 2026-11-20.")


def parse(text: str) -> Term:
    """Read a filter; raises FilterError (a UsageError) that names the position and what was expected there."""
    if len(text) > MAX_LENGTH:
        raise FilterError(MAX_LENGTH, f"it is longer than {MAX_LENGTH:,} characters")
    parser = _Parser(text)
    term = parser.filter(0)
    if parser.at < len(text):
        raise FilterError(parser.at, "this ) closes nothing", "Take it away, or quote it: ')'.")
    return term


def to_text(term: Term) -> str:
    """Write a term as a person would type it."""
    match term:
        case AllOf(terms):
            return " ".join(f"({to_text(t)})" if isinstance(t, AllOf) else to_text(t) for t in terms)
        case AnyOf(terms):
            return " | ".join(f"({to_text(t)})" if isinstance(t, AllOf | AnyOf) else to_text(t) for t in terms)
        case Not(inner):
            return f"-({to_text(inner)})" if isinstance(inner, AllOf | AnyOf) else f"-{to_text(inner)}"
        case Qualified(qualifier, values):
            return f"{qualifier}:{','.join(map(quote, values))}"
        case Compared(key, comparison, value, _):
            return f"{quote(key)}{comparison}{quote(value, value=True)}"
        case Word(text):
            return quote(text)


def quote(text: str, *, value: bool = False) -> str:
    """Put quotes around a text where the language would read it as something else; a value may begin with `-`."""
    if _PLAIN.fullmatch(text) and (value or not text.startswith("-")):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@dataclass(frozen=True, slots=True)
class Token:
    """The stretch of a filter that a completion replaces."""

    start: int
    stop: int
    text: str


def token_at(text: str, cursor: int) -> Token:
    """Give the term under or just before a cursor; an empty one between terms. Any cursor is allowed."""
    cursor = max(0, min(cursor, len(text)))
    for start, stop in _spans(text):
        if start <= cursor <= stop:
            return Token(start, stop, text[start:stop])
        if start > cursor:
            break
    return Token(cursor, cursor, "")


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Give where each term begins and ends: spaces, bars and brackets outside of quotes part them."""
    at = 0
    while at < len(text):
        if text[at].isspace() or text[at] in "|()":
            at += 1
            continue
        start, quoted = at, ""
        while at < len(text):
            sign = text[at]
            if quoted:
                at += sign == "\\"
                quoted = "" if sign == quoted else quoted
            elif sign in "\"'" and (at == start or text[at - 1] in _OPENERS):
                quoted = sign
            elif sign.isspace() or sign in "()" or (sign == "|" and not _joins_values(text[start:at])):
                break
            at += 1
        at = min(at, len(text))
        yield start, at


def _joins_values(before: str) -> bool:
    """Tell whether a bar after this text stands between the values of a qualifier."""
    head = before.lstrip("-").partition(":")
    return bool(head[1]) and head[0] in QUALIFIERS
