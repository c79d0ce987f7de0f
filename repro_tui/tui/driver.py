"""The way to a real terminal: Textual's driver, made to end when its terminal is gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any

from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from textual.app import App


_HUNG_UP = 129
"""The exit status of a program that SIGHUP ended."""


class Outlet:
    """A text stream that takes what it is given and drops it once nobody is at the other end.

    The thread that writes would otherwise end at the first failed write, and the next thirty writes would fill its
    queue: the thirty-first waits for ever.
    """

    def __init__(self, file: IO[str], told: Callable[[], None]) -> None:
        self._file = file
        self._told = told
        self.gone = False

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - it stands for the whole file
        return getattr(self._file, name)

    def write(self, text: str) -> None:
        """Write it, or drop it."""
        if not self.gone:
            try:
                self._file.write(text)
            except (OSError, ValueError):
                self._lose()

    def flush(self) -> None:
        """Pass on what was written, or drop it."""
        if not self.gone:
            try:
                self._file.flush()
            except (OSError, ValueError):
                self._lose()

    def _lose(self) -> None:
        self.gone = True
        self._told()


class TerminalDriver(LinuxDriver):
    """Textual's driver for POSIX terminals, with two changes for a terminal that is closed.

    A terminal that goes away sends its session SIGHUP and then SIGCONT. Textual takes each SIGCONT for the end of a
    suspension and starts its threads a second time; the first ones are lost, and one of them reads the end of its input
    for ever. Here only what was suspended is resumed.
    """

    def __init__(self, app: App[Any], **options: Any) -> None:  # noqa: ANN401 - they are Textual's
        self._suspended = False
        super().__init__(app, **options)
        if self._file is not None:
            self._file = Outlet(self._file, self._lose_terminal)  # type: ignore[assignment] # it has all that is used

    def _lose_terminal(self) -> None:
        """End the thread that reads keys, and the dashboard with it, also where SIGHUP is ignored."""
        self.exit_event.set()
        self._app.call_later(self._app.exit, _HUNG_UP)

    def _sigtstp_application(self, *_: object) -> None:
        if not self._auto_restart:
            super()._sigtstp_application()
            return
        # The signal that stops the process is sent inside, so the mark has to come first.
        self._suspended = True
        super()._sigtstp_application()

    def _sigcont_application(self, *_: object) -> None:
        if self._suspended:
            self._suspended = False
            super()._sigcont_application()
