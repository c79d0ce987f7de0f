"""A policy as text: the one line of `--policy` and of events, and the mapping in repro.yaml.

Both have the same rules with the same names. What is read from what was written is the same policy.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from repro_tui.domain.retention import Best, GiveUp, Per, Policy
from repro_tui.domain.retention_words import age_text, escape, parse_age, parse_size, size_text, unescape
from repro_tui.errors import UsageError

PARTS = ("data", "wheels", "outputs", "code", "environment")
"""What may be given up; `data:train` names one dataset."""
BESIDE = ("grace", "hint_above", "runs")
"""Keys of `retention:` that are settings, not rules."""
_MOST = 10**9
_MOST_BYTES = 2**63
EXAMPLE = "keep_last=5 keep_daily=7 keep_best=acc:3 keep_cited=yes max_size=20GB"


@dataclass(frozen=True, slots=True)
class Rule:
    """How one field of a policy is read and written."""

    read: Callable[[object], object]
    """Makes the field's value of what YAML or the line says; raises ValueError."""
    line: Callable[[Any], str] = str
    """Writes it for the line."""
    plain: Callable[[Any], object] = lambda value: value
    """Writes it for YAML."""


def parse_line(text: str, where: str = "--policy") -> Policy:
    """Read `keep_last=5 keep_best=acc:3`; raises UsageError that names the rule. An empty text is the empty policy."""
    found: dict[str, object] = {}
    for word in text.split():
        name, sign, value = word.partition("=")
        if name in found:
            raise UsageError(f"{where}: {name} is said twice.", f"Say each rule once: {EXAMPLE}")
        if not sign and name not in RULES:
            raise UsageError(f"{where}: {name} is neither a rule nor a file.", f"For example: {EXAMPLE}")
        if name in BESIDE:
            raise UsageError(f"{where}: {name} is no rule but a setting.", f"Say retention.{name} in repro.yaml.")
        found[name] = value if sign else "yes"
    return read_mapping(found, where)


def line(policy: Policy) -> str:
    """Write a policy as one line, only what it says; empty for the empty policy."""
    return " ".join(f"{name}={RULES[name].line(value)}" for name, value in _said(policy))


def read_mapping(raw: object, where: str = "retention") -> Policy:
    """Read what a policy says in YAML, with or without `retention:` around it; raises UsageError that names the key."""
    if isinstance(raw, Mapping) and isinstance(raw.get("retention"), Mapping):
        raw = raw["retention"]
    if raw is None:
        return Policy()
    if not isinstance(raw, Mapping):
        raise UsageError(f"{where} is {_shown(raw)}, but rules are expected.", f"For example: {EXAMPLE}")
    check_names((str(name) for name in raw), where)
    return Policy(**{str(name): read_rule(str(name), value, where) for name, value in raw.items() if name in RULES})


def to_mapping(policy: Policy) -> dict[str, object]:
    """Write a policy as plain values for YAML, only what it says, in the order of the rules."""
    return {name: RULES[name].plain(value) for name, value in _said(policy)}


def read_rule(name: str, raw: object, where: str = "retention") -> Any:  # noqa: ANN401 - the type of its field
    """Read one rule's value; raises UsageError that names the key."""
    try:
        return RULES[name].read(raw)
    except ValueError as error:
        raise UsageError(f"{where}: {name} is {_shown(raw)}, but {error}.", f"For example: {EXAMPLE}") from error


def rule_text(name: str, raw: object) -> str:
    """Write what YAML says of one rule as the line writes it, empty when it says nothing; raises ValueError."""
    value = RULES[name].read(raw)
    return "" if value == getattr(Policy(), name) else RULES[name].line(value)


def check_names(names: Iterable[str], where: str = "retention") -> None:
    """Refuse a rule that is not known: passed over, it would keep nothing, and what it meant to keep would go."""
    for name in names:
        if name not in RULES and name not in BESIDE:
            near = difflib.get_close_matches(name, RULES, 1)
            hint = f"Is {near[0]} meant?" if near else f"The rules are {', '.join(RULES)}."
            shown = name or "an empty name"
            raise UsageError(f"{where}: {shown} is no rule that this version knows, so nothing is removed.", hint)


def _said(policy: Policy) -> Iterable[tuple[str, object]]:
    nothing = Policy()
    for name in RULES:
        if (value := getattr(policy, name)) != getattr(nothing, name):
            yield name, value


def _shown(raw: object) -> str:
    text = repr(raw)
    return text if len(text) <= 60 else f"{text[:59]}…"  # noqa: PLR2004 - what a person reads of a wrong value


def _count(raw: object) -> int:
    if isinstance(raw, str) and raw.strip().isascii() and raw.strip().isdigit() and len(raw) < 19:  # noqa: PLR2004 - 64 bits
        raw = int(raw)
    if raw is None:
        return 0
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw <= _MOST:
        raise ValueError(f"a whole number is expected, {_MOST:,} at most")
    return raw


def _count_or_none(raw: object) -> int | None:
    return None if raw is None or raw == "" else _count(raw)


def _flag(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().lower() if raw is not None else "no"
    if word not in {"yes", "no", "true", "false", "on", "off"}:
        raise ValueError("yes or no is expected")
    return word in {"yes", "true", "on"}


def _age(raw: object) -> float:
    if raw is None or (raw == 0 and not isinstance(raw, bool)):
        return 0.0
    if not isinstance(raw, str):
        raise ValueError("a length of time with its unit is expected: 12h, 30d, 8w or 1y")  # noqa: TRY004 - as the others
    return parse_age(raw)


def _size(raw: object) -> int | None:
    if raw is None or raw is False or (isinstance(raw, str) and raw.strip().lower() in {"", "no"}):
        return None
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        raise ValueError("a size is expected: 500MB or 20GB")  # noqa: TRY004 - as the others
    size = raw if isinstance(raw, int) else parse_size(raw)
    if size > _MOST_BYTES:
        raise ValueError("that is more than any disk")
    if size <= 0:
        raise ValueError("that would give up everything; leave max_size out for no limit")
    return size


def _items(raw: object) -> list[object]:
    """Give the items of a list; a text is read as the line writes it, separated by commas."""
    if raw is None or raw == "":
        return []
    if isinstance(raw, str):
        return list(raw.split(","))
    return list(raw) if isinstance(raw, list | tuple) else [raw]


def _name(raw: object) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise ValueError("names are expected; put numbers, dates, yes and no in quotes")
    return raw


def _tags(raw: object) -> tuple[str, ...]:
    if isinstance(raw, str):
        return tuple(unescape(_name(item)) for item in _items(raw))
    return tuple(_name(item) for item in _items(raw))


def _best(raw: object) -> tuple[Best, ...]:
    return tuple(_one_best(item) for item in _items(raw))


def _one_best(raw: object) -> Best:
    if isinstance(raw, str):
        parts = [unescape(part) for part in raw.split(":")]
        if len(parts) > 3:  # noqa: PLR2004 - metric, n, per
            raise ValueError(f"METRIC, METRIC:N or METRIC:N:PER is expected, with a colon in a name as {escape(':')}")
        raw = dict(zip(("metric", "n", "per"), parts, strict=False))
    if not isinstance(raw, Mapping) or not {"metric"} <= {str(key) for key in raw} <= {"metric", "n", "per"}:
        raise ValueError("{metric: acc, n: 3, per: lineage} or acc:3 is expected")
    n = _count(raw.get("n", 1))
    if n < 1:
        raise ValueError("n is 1 at least")
    return Best(_name(raw["metric"]), n, _per(raw["per"]) if raw.get("per") else None)


def _per(raw: object) -> Per:
    try:
        return Per(str(raw))
    except ValueError:
        raise ValueError(f"one of {', '.join(Per)} is expected") from None


def _give_up(raw: object) -> tuple[GiveUp, ...]:
    return tuple(_one_part(item) for item in _items(raw))


def _one_part(raw: object) -> GiveUp:
    if isinstance(raw, Mapping) and {str(key) for key in raw} == {"part", "above"}:
        raw = f"{raw['part']}>{raw['above']}"
    if not isinstance(raw, str):
        raise ValueError("data, data:train, wheels or outputs>100MB is expected")  # noqa: TRY004 - as the others
    part, sign, above = raw.partition(">")
    name = unescape(part.strip())
    if name not in PARTS and not (name.startswith("data:") and len(name) > len("data:")):
        raise ValueError(f"{part.strip()!r} is no part; they are {', '.join(PARTS)}, and data:NAME")
    return GiveUp(name, parse_size(above) if sign else 0)


def _write_best(best: Best) -> str:
    return f"{escape(best.metric, ':')}:{best.n}" + (f":{best.per}" if best.per else "")


def _write_part(part: GiveUp) -> str:
    return escape(part.part, ">") + (f">{size_text(part.above)}" if part.above else "")


def _plain_best(best: Best) -> dict[str, object]:
    found: dict[str, object] = {"metric": best.metric, "n": best.n}
    return found | {"per": str(best.per)} if best.per else found


def _joined(write: Callable[[Any], str]) -> Callable[[Iterable[object]], str]:
    return lambda items: ",".join(write(item) for item in items)


_COUNT = Rule(_count)
_FLAG = Rule(_flag, lambda value: "yes" if value else "no")
RULES: Mapping[str, Rule] = {
    "keep_last": _COUNT,
    "keep_hourly": _COUNT,
    "keep_daily": _COUNT,
    "keep_weekly": _COUNT,
    "keep_monthly": _COUNT,
    "keep_yearly": _COUNT,
    "keep_within": Rule(_age, age_text, age_text),
    "keep_tags": Rule(_tags, _joined(escape), list),
    "keep_best": Rule(_best, _joined(_write_best), lambda items: [_plain_best(best) for best in items]),
    "keep_cited": _FLAG,
    "keep_verified": _FLAG,
    "keep_parents": _FLAG,
    "keep_failed": Rule(_count_or_none),
    "max_size": Rule(_size, size_text, size_text),
    "per": Rule(_per, str, str),
    "give_up": Rule(_give_up, _joined(_write_part), lambda items: [_write_part(part) for part in items]),
}
"""Name of a rule, which is that of its field in `Policy`, to how it is read and written; in the order of writing."""
