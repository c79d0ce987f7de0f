"""The errors that a person sees: one tree, each with what to do next and an exit code.

One place prints them (`repro_tui.cli.output`); anything else that escapes is a defect and is shown as one.
"""

from __future__ import annotations

EXIT_CODES: dict[int, str] = {
    0: "it worked",
    1: "it did not work; the message says why",
    2: "the command line was not understood",
    3: "there is no project here, or no such run",
    4: "a file could not be read or written",
    5: "the input is damaged or from a newer version",
    126: "the command exists but could not be started (as a shell says it)",
    127: "the command was not found (as a shell says it)",
    130: "interrupted by ctrl-c",
    141: "whoever read the output left (`| head`)",
}
"""Exit status to meaning. `repro-tui run` otherwise ends exactly as its command did."""


class ReproError(Exception):
    """Something a person can act on: the thing, the reason, and what to do next."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ReproError):
    """The command line, a filter or a setting was not understood."""

    exit_code = 2


class ChangedError(UsageError):
    """What a plan rests on has changed since it was made, so nothing was done."""


class NotFoundError(ReproError):
    """There is no project here, or no such run."""

    exit_code = 3


class StorageError(ReproError):
    """A file of ours could not be read or written."""

    exit_code = 4


class ReadOnlyError(StorageError):
    """The project is only looked at: nothing of it may be written."""

    def __init__(self) -> None:
        super().__init__(
            "This session only reads (--readonly), so nothing was changed.",
            "Leave out --readonly, and REPRO_TUI_READONLY where it is set.",
        )


class DamagedError(ReproError):
    """A file is damaged, or was written by a newer version."""

    exit_code = 5


class CancelledError(ReproError):
    """A person stopped something that takes long; nothing of it is left behind."""

    exit_code = 130


class CannotStartError(ReproError):
    """The user's command exists but could not be started."""

    exit_code = 126


class CommandNotFoundError(ReproError):
    """The user's command was not found."""

    exit_code = 127
