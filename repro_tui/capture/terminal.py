"""The user's terminal: its modes, its size, and whether we may touch it now."""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
import termios
from dataclasses import dataclass, field

_SIZE = struct.Struct("HHHH")
_IFLAG, _OFLAG, _CFLAG, _LFLAG, _CC = 0, 1, 2, 3, 6

Attributes = list[int | list[bytes | int]]


def raw_of(attributes: Attributes) -> Attributes:
    """Give the modes that pass every byte through, from a terminal's present modes."""
    raw = list(attributes)
    flags: list[int] = [item for item in raw if isinstance(item, int)]
    raw[_IFLAG] = flags[_IFLAG] & ~(
        termios.BRKINT | termios.ICRNL | termios.INLCR | termios.IGNCR | termios.INPCK | termios.ISTRIP | termios.IXON
    )
    raw[_OFLAG] = flags[_OFLAG] & ~termios.OPOST
    raw[_CFLAG] = (flags[_CFLAG] & ~(termios.CSIZE | termios.PARENB)) | termios.CS8
    raw[_LFLAG] = flags[_LFLAG] & ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
    control = raw[_CC]
    assert isinstance(control, list)
    raw[_CC] = [*control]
    changed = raw[_CC]
    assert isinstance(changed, list)
    changed[termios.VMIN], changed[termios.VTIME] = 1, 0
    return raw


def _in_lines(attributes: Attributes) -> bool:
    """Tell whether a terminal gathers lines, as it does while no other program reads single keys."""
    local = attributes[_LFLAG]
    assert isinstance(local, int)
    return bool(local & termios.ICANON)


@dataclass
class Mode:
    """The modes of the terminal on standard input, where keys are relayed; without a descriptor all of it does nothing.

    The modes are touched only while we are in the foreground: from the background the kernel would stop us.
    """

    descriptor: int = -1
    """The terminal, -1 when keys are not relayed."""
    saved: Attributes = field(default_factory=list)
    """Its modes as they were found."""
    raw: bool = False
    """They are ours now."""

    @property
    def descriptors(self) -> set[int]:
        """What must stay open for `repair`."""
        return {self.descriptor} if self.descriptor >= 0 else set()

    def remember(self) -> None:
        """Note the modes as they are found."""
        if self.descriptor >= 0:
            self.saved = termios.tcgetattr(self.descriptor)

    def foreground(self) -> bool:
        """Tell whether the terminal is ours to read and to set."""
        if self.descriptor < 0:
            return False
        try:
            return os.tcgetpgrp(self.descriptor) == os.getpgrp()
        except OSError:
            return False

    def enter(self) -> bool:
        """Pass every key through, if we are in the foreground; tell whether keys may be read now."""
        if not self.foreground():
            self.raw = False
            return False
        if not self.raw:
            try:
                self.saved = termios.tcgetattr(self.descriptor)
                if _in_lines(self.saved):
                    termios.tcsetattr(self.descriptor, termios.TCSADRAIN, raw_of(self.saved))
            except termios.error:
                return False
            self.raw = True
        return True

    def leave(self) -> None:
        """Put the modes back as they were found.

        Keys that came one by one before were another program's: whoever set those modes puts them back.
        """
        if self.raw and self.foreground() and _in_lines(self.saved):
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self.descriptor, termios.TCSADRAIN, self.saved)
        self.raw = False

    def repair(self) -> None:
        """Put the modes back from another process, if they are still the ones that we set.

        Where a shell was faster its own modes must stay, so they are compared first.
        """
        if self.descriptor < 0 or not self.saved or not _in_lines(self.saved):
            return
        with contextlib.suppress(termios.error):
            if termios.tcgetattr(self.descriptor) == raw_of(self.saved):
                termios.tcsetattr(self.descriptor, termios.TCSADRAIN, self.saved)


def copy_size(source: int, target: int) -> None:
    """Give a pseudo-terminal the size of the real one; its programs are told by the kernel."""
    with contextlib.suppress(OSError):
        size = fcntl.ioctl(source, termios.TIOCGWINSZ, bytes(_SIZE.size))
        fcntl.ioctl(target, termios.TIOCSWINSZ, size)


def open_terminal(like: int, *, verbatim: bool) -> tuple[int, int]:
    """Open a pseudo-terminal with the modes and the size of a real one; give (master, slave).

    Args:
        like: descriptor of the real terminal.
        verbatim: leave line ends alone, because the real terminal, whose modes stay as they are, will see to them.
    """
    master, slave = os.openpty()
    with contextlib.suppress(termios.error):
        attributes = termios.tcgetattr(like)
        if verbatim:
            attributes[_OFLAG] &= ~termios.OPOST
        termios.tcsetattr(slave, termios.TCSANOW, attributes)
    copy_size(like, master)
    return master, slave
