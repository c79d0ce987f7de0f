"""Where the command's input and output go, decided from what the three standard descriptors are.

A stream that is a terminal gets a pseudo-terminal, because programs behave differently there (colours, progress bars).
Any other goes straight to a file in the run's folder: nothing of ours stands between the command and its output.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

TERMINAL_LOG = "output.log"


@dataclass(frozen=True, slots=True)
class Streams:
    """The plan for the descriptors 0, 1 and 2 of the command."""

    interactive: bool = False
    """Keys are relayed: the command gets a terminal of its own as its controlling terminal."""
    terminals: frozenset[int] = frozenset()
    """Output descriptors that get the pseudo-terminal."""
    files: Mapping[int, str] = field(default_factory=dict)
    """Output descriptor to the name of the file that it goes to."""
    relays: Mapping[str, int] = field(default_factory=dict)
    """File name to the original descriptor that its content is passed on to."""
    closed: frozenset[int] = frozenset()
    """Descriptors that were closed when we were started, and are for the command too."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the output files."""
        return tuple(self.relays)

    @property
    def screen(self) -> int:
        """The original descriptor that is a terminal; -1 without one."""
        return min(self.terminals, default=-1)


def plan_streams() -> Streams:
    """Look at our own descriptors 0, 1 and 2."""
    kinds: dict[int, tuple[int, int]] = {}
    closed = set()
    for descriptor in (0, 1, 2):
        try:
            stat = os.fstat(descriptor)
        except OSError:
            closed.add(descriptor)
        else:
            kinds[descriptor] = (stat.st_dev, stat.st_ino)
    terminals = frozenset(d for d in (1, 2) if d in kinds and os.isatty(d))
    plain = [d for d in (1, 2) if d in kinds and d not in terminals]
    files: dict[int, str] = {d: {1: "stdout.log", 2: "stderr.log"}[d] for d in plain}
    if len(plain) == 2 and kinds[1] == kinds[2]:  # noqa: PLR2004 - both of them
        files = dict.fromkeys(plain, TERMINAL_LOG)
    relays = {name: d for d, name in reversed(files.items())}
    if terminals:
        relays = {TERMINAL_LOG: min(terminals), **relays}
    interactive = 0 in kinds and 1 in terminals and os.isatty(0)
    return Streams(interactive, terminals, files, relays, frozenset(closed))
