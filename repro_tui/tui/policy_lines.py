"""The rules of a policy as lines that are changed step by step. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from repro_tui.domain.retention import DAY_S, Best, GiveUp, Per, Policy
from repro_tui.domain.retention_text import RULES, read_rule
from repro_tui.tui.render.lines import cut_pieces
from repro_tui.tui.render.text import fit, shorten, to_ascii, width
from repro_tui.tui.run_lines import Piece

_NAME = 11
_VALUE = 6
_GIGA = 10**9
_DECADE = 10
_WEEK_FROM = 30
"""Days from which a step is a week."""


@dataclass(frozen=True, slots=True)
class Words:
    """How a rule is called on the screen."""

    name: str
    what: str
    long: str = ""
    """What there is to know more, where the rule is under the cursor."""


_OF_SO_MANY = "the last one of each of so many {0} that have any"
WORDS: Mapping[str, Words] = {
    "keep_last": Words("last", "the newest so many", "so many of the newest stay, of each lineage"),
    "keep_hourly": Words("hourly", "one of each hour", _OF_SO_MANY.format("hours")),
    "keep_daily": Words("daily", "one of each day", _OF_SO_MANY.format("days")),
    "keep_weekly": Words("weekly", "one of each week", _OF_SO_MANY.format("weeks")),
    "keep_monthly": Words("monthly", "one of each month", _OF_SO_MANY.format("months")),
    "keep_yearly": Words("yearly", "one of each year", _OF_SO_MANY.format("years")),
    "keep_within": Words("within", "as old as that at most", "what is less than this older than the newest stays"),
    "keep_tags": Words("tags", "of runs with a tag", "what belongs to runs with one of these tags stays"),
    "keep_best": Words("best", "by a metric: acc:3", "so many of the best by a metric: acc:3, loss:1:project"),
    "keep_cited": Words("cited", "exported, or in paper:", "what was exported or stands in paper: of repro.yaml"),
    "keep_verified": Words("replayed", "level 3 and above", "what a replay has rebuilt: level 3 and above"),
    "keep_parents": Words("parents", "what kept ones came from", "what something kept was made from"),
    "keep_failed": Words("failed", "so many of failed runs", "so many of the newest of failed runs; 0: none of them"),
    "max_size": Words("max size", "least valuable go first", "above it the least valuable go, never a pinned one"),
    "per": Words("per", "rules count within it", "rules count within each lineage, each tag, or the project"),
    "give_up": Words("give up", "what no rule keeps", "only these parts go of what no rule keeps"),
}
"""Rule to its words, in the order of the lines."""

NOTHING = "-"
_PARTS: Sequence[tuple[GiveUp, ...]] = (
    (),
    (GiveUp("data"),),
    (GiveUp("data"), GiveUp("wheels")),
    (GiveUp("data"), GiveUp("wheels"), GiveUp("outputs")),
    (GiveUp("wheels"),),
    (GiveUp("outputs"),),
)


def value_text(policy: Policy, rule: str) -> str:
    """Write the value of a rule; `-` where it says nothing."""
    value = getattr(policy, rule)
    if rule == "give_up" and not value:
        return "all of it"
    nothing = value is None or (value in (0, 0.0, False, ()) and rule not in {"keep_failed", "per"})
    return NOTHING if nothing else RULES[rule].line(value)


def short(policy: Policy) -> str:
    """Write a policy in a few words: `last 5, daily 7, best acc:3, cited, max 20GB`."""
    if policy.empty:
        return "empty: nothing is removed"
    said = []
    for rule, words in WORDS.items():
        text = value_text(policy, rule)
        if text in {NOTHING, "all of it"} or (rule == "per" and policy.per is Per.LINEAGE):
            continue
        said.append(words.name if text == "yes" else f"{words.name} {text}")
    return ", ".join(said)


def stepped(policy: Policy, rule: str, step: int, *, size: int) -> Policy:
    """Give the policy with a rule one step further; `size` is that of the store, where a limit begins."""
    if rule == "max_size":
        return replace(policy, max_size=_sized(policy.max_size, step, size))
    if rule not in _STEPS:
        return policy
    changed: Mapping[str, Any] = {rule: _STEPS[rule](getattr(policy, rule), step)}
    return replace(policy, **changed)


def cleared(policy: Policy, rule: str) -> Policy:
    """Give the policy without a rule."""
    nothing: Mapping[str, Any] = {rule: getattr(Policy(), rule)}
    return replace(policy, **nothing)


def written(policy: Policy, rule: str, text: str) -> Policy:
    """Give the policy with a rule as a person wrote it; raises UsageError that says what is expected."""
    value: Mapping[str, Any] = {rule: read_rule(rule, text.strip(), "policy")}
    return replace(policy, **value)


def _counted(value: int, step: int) -> int:
    return max(0, value + step)


def _aged(value: float, step: int) -> float:
    days = round(value / DAY_S)
    by = 7 if days > _WEEK_FROM or (days == _WEEK_FROM and step > 0) else 1
    return max(0, days + by * step) * DAY_S


def _failed(value: int | None, step: int) -> int | None:
    if value is None:
        return 0 if step > 0 else None
    return value + step if value + step >= 0 else None


def _sized(value: int | None, step: int, size: int) -> int | None:
    """Step by a tenth of the greatest power of ten below it; going below the least step takes the limit away."""
    if value is None:
        return None if step < 0 else max(_GIGA // 1000, _rounded(size))
    by = 10 ** max(6, len(str(value)) - 2)
    if step < 0 and value - by < by * _DECADE:
        by = max(10**6, by // _DECADE)
    return value + by * step if value + by * step > 0 else None


def _rounded(size: int) -> int:
    digits = int(10 ** max(0, len(str(size)) - 2))
    return -(-size // digits) * digits


def _best(value: tuple[Best, ...], step: int) -> tuple[Best, ...]:
    if not value:
        return value
    first = value[0]
    return value[1:] if first.n + step < 1 else (replace(first, n=first.n + step), *value[1:])


def _per(value: Per, step: int) -> Per:
    every = list(Per)
    return every[(every.index(value) + step) % len(every)]


def _given_up(value: tuple[GiveUp, ...], step: int) -> tuple[GiveUp, ...]:
    at = _PARTS.index(value) if value in _PARTS else 0
    return _PARTS[(at + step) % len(_PARTS)]


def _flagged(value: bool, step: int) -> bool:  # noqa: FBT001 - the value of a rule
    del value
    return step > 0


_STEPS: Mapping[str, Callable[..., object]] = {
    **dict.fromkeys(("keep_last", "keep_hourly", "keep_daily", "keep_weekly", "keep_monthly", "keep_yearly"), _counted),
    "keep_within": _aged,
    "keep_best": _best,
    "keep_cited": _flagged,
    "keep_verified": _flagged,
    "keep_parents": _flagged,
    "keep_failed": _failed,
    "per": _per,
    "give_up": _given_up,
}


@dataclass(frozen=True, slots=True)
class PolicyTable:
    """The rules as a source of a row table."""

    policy: Policy
    saved: Policy
    """What repro.yaml says."""
    ascii_only: bool = False

    @property
    def keys(self) -> Sequence[str]:
        """Give the names of the rules."""
        return tuple(WORDS)

    def head(self, cells: int) -> Sequence[Piece]:
        """Say what this is, and whether it is in the file."""
        if self.policy == self.saved:
            return cut_pieces([("  policy of repro.yaml", "head")], cells)
        every = ("policy, not in repro.yaml (W writes it)", "policy, not saved (W)", "not saved: W")
        title = next((words for words in every if len(words) + 2 <= cells), every[-1])
        return cut_pieces([("  ", ""), (title, "sorted")], cells)

    def line(self, index: int, cells: int) -> Sequence[Piece]:
        """Write a rule; one that is not as in the file is lit."""
        rule = self.keys[index]
        text = value_text(self.policy, rule)
        style = "sorted" if self.is_changed(rule) else "faint" if text in {NOTHING, "all of it"} else "value"
        name = fit(WORDS[rule].name, _NAME)
        room = cells - 1 - width(name)
        what = WORDS[rule].what
        held = max(_VALUE, width(text) + 2)
        pieces = [(" ", ""), (name, "quiet")]
        if held + len(what) <= room:
            pieces += [(fit(text, held), style), (what, "faint")]
        else:
            pieces.append((shorten(text, room, ascii_only=self.ascii_only), style))
        line = cut_pieces(pieces, cells)
        return [(to_ascii(part), look) for part, look in line] if self.ascii_only else line

    def is_changed(self, rule: str) -> bool:
        """Tell whether a rule is not as in the file."""
        return bool(getattr(self.policy, rule) != getattr(self.saved, rule))


def about(policy: Policy, saved: Policy, rule: str) -> str:
    """Say what a rule does, its value in full, and what the file says where that is something else."""
    words = WORDS[rule]
    told = f"{words.name} {value_text(policy, rule)}: {words.long or words.what}"
    before = value_text(saved, rule)
    return told if before == value_text(policy, rule) else f"{told} (repro.yaml: {before})"
