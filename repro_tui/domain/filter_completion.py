"""Completing a filter at a cursor, from the keys and values that were seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from repro_tui.domain.alarms import ANY, MEANINGS, AlarmKind
from repro_tui.domain.filter_text import quote, token_at
from repro_tui.domain.filters import QUALIFIERS
from repro_tui.domain.run import State
from repro_tui.domain.view import Candidate

MAX_CANDIDATES = 50
_SPLIT = re.compile(
    r"""(-*)("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|(?:(?!!=)[^<>=:"'])*)(!=|>=|<=|==|=|>|<|:|)(.*)""", re.DOTALL
)
_SINCE = ("30m", "3h", "1d", "2d", "1w", "today", "yesterday")
_FIXED: Mapping[str, tuple[str, ...]] = {
    "state": tuple(State),
    "pinned": ("yes", "no"),
    "alarm": (ANY, *AlarmKind),
    "since": _SINCE,
    "until": _SINCE,
    "level": tuple("0123456"),
}

_NOTES: Mapping[str, Mapping[str, str]] = {
    "alarm": {ANY: "any of these", **{str(kind): meaning for kind, meaning in MEANINGS.items()}},
}
"""What values mean that do not speak for themselves."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What was seen in a project, in the order in which it should be offered."""

    params: tuple[str, ...] = ()
    """Names of parameters, those that vary first."""
    metrics: tuple[str, ...] = ()
    """Names of metrics, the latest logged first."""
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values seen: of a parameter by its name, of a qualifier (`tag`, `name`, `user`, `host`, …) by its word."""


def complete(text: str, cursor: int, vocabulary: Vocabulary) -> tuple[Candidate, ...]:
    """Give what may stand in place of the term under the cursor, the best first, at most `MAX_CANDIDATES`."""
    token = token_at(text, cursor)
    match = _SPLIT.fullmatch(token.text)
    if match is None:
        return ()
    minus, head, operator, value = match[1], match[2], match[3], match[4]
    if not operator:
        found = _keys(_bare(head), vocabulary)
        return tuple(Candidate(minus + c.text, c.note) for c in found)
    if operator != ":":
        name = _bare(head)
        seen = vocabulary.values.get(name) or vocabulary.values.get(name.partition(".")[2], ())
        best = _best(_bare(value), seen)
        return tuple(Candidate(f"{minus}{head}{operator}{quote(v, value=True)}", "") for v in best)
    return tuple(_qualified(minus + head + ":", value, head, vocabulary))


def _keys(typed: str, vocabulary: Vocabulary) -> list[Candidate]:
    """Offer names: parameters that vary first, then metrics, then qualifiers."""
    notes: dict[str, str] = {}
    for name in vocabulary.params:
        seen = " ".join(vocabulary.values.get(name, ())[:4])
        notes.setdefault(quote(name), f"parameter: {seen}" if seen else "parameter")
    for name in vocabulary.metrics:
        notes.setdefault(quote(name), "metric")
    for word, meaning in QUALIFIERS.items():
        notes.setdefault(f"{word}:", meaning)
    return [Candidate(text, notes[text]) for text in _best(typed, notes)]


def _qualified(prefix: str, value: str, qualifier: str, vocabulary: Vocabulary) -> Iterator[Candidate]:
    """Offer values of a qualifier; those that are listed already stay in front of the new one."""
    cut = max(value.rfind(","), value.rfind("|")) + 1
    listed, typed = value[:cut], _bare(value[cut:])
    if qualifier == "has":
        seen: Iterable[str] = (*vocabulary.params, *vocabulary.metrics)
    else:
        seen = _FIXED.get(qualifier) or vocabulary.values.get(qualifier, ())
    notes = _NOTES.get(qualifier, {})
    there = set(re.split(r"[,|]", listed))
    for option in _best(typed, [v for v in seen if v not in there]):
        text = quote(option, value=True) if option[:1] != "-" else quote(option)
        yield Candidate(f"{prefix}{listed}{text}", notes.get(option, ""))


def _best(typed: str, options: Iterable[str]) -> list[str]:
    """Order what contains the typed text: equal beginnings first, else as given; what is typed in full comes last."""
    low = typed.lower()
    within = [option for option in options if option and low in option.lower()]
    return sorted(within, key=lambda o: (o.lower() == low, not o.lower().lstrip('"').startswith(low)))[:MAX_CANDIDATES]


def _bare(text: str) -> str:
    """Take away quotes that were typed, also when the closing one is missing."""
    if text[:1] in {'"', "'"}:
        sign = text[0]
        body = text[1:]
        body = body.removesuffix(sign) if len(body) > 0 else body
        return re.sub(r"\\(.)", r"\1", body)
    return text
