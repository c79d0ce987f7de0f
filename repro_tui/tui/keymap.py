"""From the table of commands and the user's `keys:` to Textual's bindings, with every conflict reported."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from textual.binding import Binding, BindingType
from textual.keys import _character_to_key

from repro_tui.tui.commands import BY_ID, SCOPES, TABLE, commands_in, key_text, outward

UNTOUCHABLE = frozenset({"ctrl+c", "ctrl+z"})
"""Keys that a terminal user relies on, whatever runs in the terminal."""


@dataclass(frozen=True, slots=True)
class Keymap:
    """The user's wishes, as far as they can be granted."""

    moved: Mapping[str, tuple[str, ...]]
    """Command id to its keys, for the commands that were moved."""
    problems: tuple[str, ...] = ()
    """A sentence for each wish that was not granted."""

    def keys(self, command_id: str) -> tuple[str, ...]:
        """Give the keys of a command as they are now."""
        return self.moved.get(command_id) or BY_ID[command_id].keys

    def shown(self, command_id: str) -> str:
        """Write a command's first key."""
        return key_text(self.keys(command_id)[0])


STANDARD = Keymap({})


def bindings(scope: str, *, group: str = "", priority: bool = False) -> list[BindingType]:
    """Give the bindings of a scope, for a class variable `BINDINGS`; the app's keymap moves them afterwards.

    A `group` picks the commands of that group; `-move` all but those of that group.
    With `priority` they come before those of a focused input, so that a list can be steered while its filter is typed.
    """
    return [
        Binding(",".join(c.keys), c.action, c.title, show=c.footer > 0, tooltip=c.tooltip, id=c.id, priority=priority)
        for c in commands_in(scope)
        if not group or (c.group != group[1:] if group.startswith("-") else c.group == group)
    ]


def resolve(wishes: Mapping[str, str]) -> Keymap:
    """Grant what can be granted of the setting `keys:` (command id to key, or keys with commas between)."""
    wanted: dict[str, tuple[str, ...]] = {}
    problems: list[str] = []
    for name, text in wishes.items():
        keys = tuple(_canonical(part) for part in _split(text))
        reason = _refusal(name, keys)
        if reason:
            problems.append(f"keys: {name}: {reason}")
        else:
            wanted[name] = keys
    return _without_conflicts(wanted, problems)


def _split(text: str) -> list[str]:
    """Part keys at commas; a comma alone is the key itself."""
    return [","] if text.strip() == "," else [part.strip() for part in text.split(",") if part.strip()]


def _canonical(key: str) -> str:
    """Give Textual's name of a key that was typed as a sign (`/`) or by its name (`slash`, `ctrl+o`)."""
    head, plus, last = key.rpartition("+")
    if len(key) == 1:
        return _character_to_key(key)
    if plus and len(last) == 1:
        return f"{head}+{_character_to_key(last)}"
    return {"esc": "escape", "return": "enter", "page up": "pageup", "page down": "pagedown"}.get(key, key)


def _refusal(name: str, keys: tuple[str, ...]) -> str:
    """Say why a wish cannot be granted, whatever the others are; empty when it can."""
    if name not in BY_ID:
        near = difflib.get_close_matches(name, BY_ID, 1)
        return f"there is no such command{f'; {near[0]} is meant?' if near else ''}."
    if not keys:
        return "no key is given."
    taken = UNTOUCHABLE.intersection(keys)
    return f"{', '.join(sorted(taken))} belongs to the terminal." if taken else ""


def _without_conflicts(wanted: dict[str, tuple[str, ...]], problems: list[str]) -> Keymap:
    """Drop, one after the other, wishes whose key already means something else where both are valid."""
    granted = dict(wanted)
    for name in wanted:
        rival = _rival(name, granted)
        if rival:
            key = ", ".join(key_text(k) for k in granted.pop(name))
            problems.append(f"keys: {name} cannot be {key}: that is {rival}, which was not moved.")
    return Keymap(granted, tuple(problems))


def _rival(name: str, granted: Mapping[str, tuple[str, ...]]) -> str:
    """Find a command that is valid in the same place and has one of the same keys."""
    mine = set(granted[name])
    related = _related(BY_ID[name].scope)
    for other in TABLE:
        if other.id != name and other.scope in related and mine & set(granted.get(other.id, other.keys)):
            return other.id
    return ""


def _related(scope: str) -> set[str]:
    """Give the scopes around and inside a scope, and itself."""
    inside = {s.name for s in SCOPES if scope in outward(s.name)}
    return inside | set(outward(scope))
