"""The part of the fold that is about attempts: who wrote, when it began, how it ended."""

from __future__ import annotations

from typing import TypeVar

from repro_tui.domain.events import Event, Header
from repro_tui.domain.foreign import ForeignError, flag, text, whole
from repro_tui.domain.registers import Registers
from repro_tui.domain.run import Attempt, Ending

MAX_ATTEMPTS = 1_000
MAX_WRITERS = 10_000
"""Writers, ends and commands that are kept of one run: more than ranks of the largest jobs."""

Place = tuple[int, str, int]
"""(attempt, writer, byte offset): where something was said."""


V = TypeVar("V")


class AttemptFold:
    """Gathers headers and the events that tell of a beginning or an end, in any order."""

    def __init__(self) -> None:
        self._headers: Registers[str, Header] = Registers(MAX_WRITERS)
        self._starts: Registers[int, float] = Registers(MAX_ATTEMPTS)
        self._signs: Registers[int, float] = Registers(MAX_ATTEMPTS)
        self._ends: Registers[Place, Ending] = Registers(MAX_WRITERS)
        self._children: Registers[Place, int] = Registers(MAX_WRITERS)
        self._byes: Registers[int, tuple[str, bool]] = Registers(MAX_ATTEMPTS)

    def add_header(self, header: Header) -> None:
        """Take the first line of a journal."""
        self._headers.put(header.writer, (header.t, repr(header)), header)
        if header.role != "person":
            self.sign(header.attempt, header.t)

    def sign(self, attempt: int, t: float) -> None:
        """Take the time of anything that an attempt wrote."""
        if attempt > 0:
            self._signs.merge(attempt, t, max)

    def start(self, event: Event) -> None:
        """Take a `start` event."""
        if event.attempt > 0:
            self._starts.merge(event.attempt, event.t, min)

    def child(self, event: Event) -> None:
        """Take a `child` event; raises ForeignError."""
        pid = whole(event.body, "pid")
        if pid is None or pid <= 0:
            raise ForeignError("pid")
        self._children.put((event.attempt, event.writer, event.position), 0, pid)

    def end(self, event: Event) -> None:
        """Take an `end` event; raises ForeignError."""
        body = event.body
        said = Ending(event.t, whole(body, "exit"), whole(body, "signal"), text(body, "why", "", 100))
        if said.exit is None and said.signal is None and not said.why:
            raise ForeignError("exit")
        self._ends.put((event.attempt, event.writer, event.position), 0, said)

    def bye(self, event: Event) -> None:
        """Take a `bye` event: only the first process of the command tells how it ended."""
        if flag(event.body, "main") and event.attempt > 0:
            said = text(event.body, "err", ""), flag(event.body, "alone")
            self._byes.put(event.attempt, (event.t, str(event.writer), event.position), said)

    def attempts(self) -> tuple[tuple[Attempt, ...], float]:
        """Give the attempts in their order, and when the first began."""
        writers: dict[int, list[Header]] = {}
        for header in self._headers.values():
            if header.role != "person":
                writers.setdefault(header.attempt, []).append(header)
        ends = _by_attempt(self._ends)
        children = _by_attempt(self._children)
        numbers = {number for number, _ in self._signs.items()} | writers.keys() | ends.keys()
        found = tuple(
            self._attempt(number, writers.get(number, []), ends.get(number, []), children.get(number, []))
            for number in sorted(numbers)
            if number > 0
        )
        return found, found[0].started if found else 0.0

    def _attempt(
        self,
        number: int,
        writers: list[Header],
        ends: list[tuple[str, Ending]],
        children: list[tuple[str, int]],
    ) -> Attempt:
        hosts: dict[str, tuple[str, str]] = {header.writer: (header.host, header.boot) for header in writers}
        began = self._starts.get(number)
        first = min((header.t for header in writers), default=0.0)
        bye = self._byes.get(number)
        return Attempt(
            number=number,
            started=first if began is None else began,
            writers=tuple(sorted(writers, key=_by_rank)),
            endings=tuple(end for _, end in sorted(ends, key=lambda pair: (pair[1].t, pair[0]))),
            orderly=bye is not None,
            error=bye[0] if bye is not None else "",
            alone=bye is not None and bye[1],
            last_sign=self._signs.get(number) or 0.0,
            command_pids=tuple(sorted({(*hosts.get(writer, ("", "")), pid) for writer, pid in children})),
        )


def _by_attempt(registers: Registers[Place, V]) -> dict[int, list[tuple[str, V]]]:
    found: dict[int, list[tuple[str, V]]] = {}
    for (attempt, writer, _), value in registers.items():
        found.setdefault(attempt, []).append((writer, value))
    return found


def _by_rank(header: Header) -> tuple[bool, int, float, str]:
    """Order writers: supervisors before processes, then by rank and time."""
    return (header.role != "supervisor", header.rank, header.t, header.writer)
