"""Starting the command: the only code that runs between fork and exec."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import signal
import termios
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Command:
    """What is started, and with which descriptors."""

    argv: Sequence[str]
    environment: Mapping[str, str]
    descriptors: Mapping[int, int] = field(default_factory=dict)
    """Descriptor of the command to descriptor of ours; what is not named is inherited."""
    closed: Collection[int] = ()
    """Descriptors that the command shall not have."""
    terminal: int = -1
    """A pseudo-terminal that becomes the session's, with the command in its foreground; -1 for none."""
    held: Collection[int] = ()
    """Sides of a pseudo-terminal that its parent keeps open until the command has ended."""
    ignored: Collection[int] = ()
    """Signals that were ignored when we were started (`nohup`, background jobs of a script)."""


def become(command: Command, *, marked: bool = True) -> int:
    """Turn this process into the command; gives an errno where that is impossible, else never returns.

    `marked` tells the recorder inside it that it is the first process of a run.
    """
    pid = os.getpid()
    if command.terminal >= 0:
        os.setpgid(0, 0)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])
        with contextlib.suppress(OSError):
            os.tcsetpgrp(command.terminal, pid)
    for target, source in command.descriptors.items():
        os.dup2(source, target, inheritable=True)
    for descriptor in command.closed:
        with contextlib.suppress(OSError):
            os.close(descriptor)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN if number in command.ignored else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    environment = {**command.environment, "REPRO_MAIN_PID": str(pid)} if marked else dict(command.environment)
    try:
        os.execvpe(command.argv[0], list(command.argv), environment)  # noqa: S606 - running it is the purpose
    except OSError as error:
        if error.errno == errno.ENOEXEC:
            return _as_script(command.argv, environment)
        return error.errno or errno.EIO
    except ValueError:  # a NUL in an argument
        return errno.EINVAL


def _as_script(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run an executable text without `#!` by the shell, as every shell and execvp(3) do."""
    found = next((path for path in _candidates(argv[0], environment) if os.access(path, os.X_OK)), argv[0])
    try:
        os.execve("/bin/sh", ["sh", found, *argv[1:]], dict(environment))  # noqa: S606 - the same
    except OSError as error:
        return error.errno or errno.EIO


def _candidates(name: str, environment: Mapping[str, str]) -> list[str]:
    if "/" in name:
        return [name]
    return [os.path.join(folder or ".", name) for folder in os.get_exec_path(dict(environment))]  # noqa: PTH118 - between fork and exec nothing is imported


def take_terminal(descriptor: int) -> None:
    """Make a terminal the controlling one of this new session."""
    fcntl.ioctl(descriptor, termios.TIOCSCTTY, 0)


def ignored_signals() -> set[int]:
    """Give the signals that our caller ignored; two of them Python itself ignores, whatever the caller did."""
    candidates = signal.valid_signals() - {signal.SIGPIPE, signal.SIGXFSZ}
    return {number for number in candidates if signal.getsignal(number) is signal.SIG_IGN}
