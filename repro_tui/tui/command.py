"""What a command of the dashboard is: an id, its keys, and the words for it.

Only the standard library is imported here, so that documentation and tests read the table without starting a screen.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a set of commands is valid."""

    name: str
    title: str
    """Heading in the help page and in docs/keys.md."""
    inside: str = ""
    """The scope around this one, whose commands are valid too unless a key is taken here."""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that a person can ask for."""

    id: str
    """`scope.verb`; what the setting `keys:` calls it."""
    keys: tuple[str, ...]
    """Textual's names of keys; the first one is shown."""
    title: str
    """One to three words for the footer and the palette."""
    tooltip: str
    """One sentence for the help page."""
    group: str = "act"
    """`act`, `move` or `view`: the help page keeps them apart."""
    footer: int = 0
    """Place in the footer, the lowest first; 0 is not shown there."""
    palette: bool = True
    """Whether the palette offers it; moving the cursor by name is of no use."""

    @property
    def scope(self) -> str:
        """Give the scope it belongs to."""
        return self.id.partition(".")[0]

    @property
    def action(self) -> str:
        """Name the method `action_…` that carries it out."""
        return self.id.partition(".")[2]


def move(scope: str, verb: str, keys: tuple[str, ...], tooltip: str) -> Command:
    """Give a command that moves, which no palette and no footer names."""
    return Command(f"{scope}.{verb}", keys, verb.replace("_", " "), tooltip, "move", palette=False)


def moves(scope: str, thing: str) -> tuple[Command, ...]:
    """Give the commands that move over lines of a thing."""
    return (
        move(scope, "up", ("up", "k"), f"One {thing} up."),
        move(scope, "down", ("down", "j"), f"One {thing} down."),
        move(scope, "fast_up", ("K",), f"Ten {thing}s up."),
        move(scope, "fast_down", ("J",), f"Ten {thing}s down."),
        move(scope, "first", ("g", "home"), f"To the first {thing}."),
        move(scope, "last", ("G", "end"), f"To the last {thing}."),
        move(scope, "half_up", ("ctrl+u",), "Half a page up."),
        move(scope, "half_down", ("ctrl+d",), "Half a page down."),
        move(scope, "page_up", ("pageup",), "A page up."),
        move(scope, "page_down", ("pagedown",), "A page down."),
    )
