"""What is handed over when a run has ended: enough to ask about it, and to leave it alone."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from repro_tui.capture.prepare import Recording
from repro_tui.domain.ids import RunId


@dataclass(frozen=True, slots=True)
class Ended:
    """A run whose command has ended; everything that it printed was passed on, and the terminal is as it was found.

    Signals other than those that cannot be caught still arrive and do nothing: the exit status is the command's own.
    """

    uid: RunId
    name: str
    folder: Path
    """The run's folder."""
    user: str
    rank: int
    nested: bool
    """A recorded run started it."""
    status: int
    """The command's wait status."""
    line: str
    """What was said about its end, without the program's name."""
    told: bool
    """It was said on standard error, which is a terminal."""
    keyboard: bool
    """Standard input was the terminal that this process belongs to when it began, and so is an output now."""
    in_line: bool = False
    """What the command printed last on the terminal ended no line, and nothing was said since."""

    @property
    def failed(self) -> bool:
        """Tell whether the command ended with another status than 0."""
        return os.WIFEXITED(self.status) and os.WEXITSTATUS(self.status) != 0

    @property
    def interrupted(self) -> bool:
        """Tell whether a signal ended the command."""
        return os.WIFSIGNALED(self.status)


def ending(recording: Recording, status: int, line: str, *, told: bool, keyboard: bool, in_line: bool) -> Ended:
    """Describe the end of a recorded run; `keyboard` tells what standard input was at its beginning."""
    return Ended(
        uid=recording.uid,
        name=recording.name,
        folder=recording.folder,
        user=recording.user,
        rank=recording.identity.rank,
        nested=bool(recording.identity.parent),
        status=status,
        line=line,
        told=told,
        keyboard=keyboard and (is_ours(2) or is_ours(1)),
        in_line=in_line and not told,
    )


def is_ours(descriptor: int) -> bool:
    """Tell whether a descriptor is the terminal that this process's session belongs to."""
    try:
        os.tcgetpgrp(descriptor)
    except OSError:
        return False
    return True
