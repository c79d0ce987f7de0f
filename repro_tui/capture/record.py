"""`repro-tui run`: start a command as always, and write down what decides its result.

Four processes share the work, so that losing any of them loses neither the command nor its record:
the front (in the user's terminal), the keeper (writes the journal), the holder (parent of the command), and the
observer (looks, counts and hashes at low priority). The witness tells the front which signals the whole group got.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from repro_tui.capture.child import Command, become, ignored_signals
from repro_tui.capture.descriptors import fill_standard, leave_only
from repro_tui.capture.drain import Drain
from repro_tui.capture.ending import Ended, ending, is_ours
from repro_tui.capture.front import Front, end_as, listen
from repro_tui.capture.holder import hold
from repro_tui.capture.keeper import Ends, Keeper, become_keeper
from repro_tui.capture.lag import Lag
from repro_tui.capture.outcome import closing_line, refusal, say
from repro_tui.capture.prepare import Recording, RunOptions, prepare
from repro_tui.capture.relay import Relay
from repro_tui.capture.reserve import Reserve, is_scarce
from repro_tui.capture.streams import Streams, plan_streams
from repro_tui.capture.substitute import Substitute
from repro_tui.capture.terminal import Mode, open_terminal
from repro_tui.capture.witness import start_witness
from repro_tui.errors import StorageError
from repro_tui.journal.hints import first_time
from repro_tui.settings import Project

_NICE = 10

__all__ = ["Ended", "RunOptions", "record"]


def record(
    project: Project,
    argv: Sequence[str],
    options: RunOptions,
    environment: Mapping[str, str],
    then: Callable[[Ended], None] | None = None,
) -> int:
    """Run a command under observation.

    Gives the exit status to end with; when a signal ended the command, this process ends by the same one.

    Args:
        project: where it is recorded.
        argv: the command.
        options: what a person says about the run.
        environment: the command's environment; what is added to it is not seen here.
        then: called when the command has ended and everything it printed was passed on. It must not raise.

    Raises:
        CommandNotFoundError: there is no such command; the run is recorded as failed.
        CannotStartError: it exists but cannot be started; the same.
    """
    streams = plan_streams()
    keyboard = is_ours(0)
    fill_standard()
    if environment.get("REPRO_TUI") == "off":
        return _bare(argv, environment, streams)
    try:
        recording = prepare(project, argv, options, environment, streams)
    except StorageError as error:
        say(f"not recording: {error.message} {error.hint}")
        return _bare(argv, environment, streams)
    except OSError as error:
        hint = "Free space there, or choose another place with REPRO_HOME."
        say(f"not recording: {project.home} cannot be written: {error.strerror}. {hint}")
        return _bare(argv, environment, streams)
    if recording.identity.rank == 0 and os.isatty(2):
        say(f"recording {recording.name}")
    begun = time.monotonic()
    front = _begin(recording)
    front.run()
    with contextlib.suppress(ValueError):
        signal.set_wakeup_fd(-1)
    if front.refused:
        raise refusal(front.refused, argv, recording.cwd, environment)
    assert front.status is not None
    told = recording.identity.rank == 0 and os.isatty(2)
    line = closing_line(recording, front.status, time.monotonic() - begun) if told or keyboard else ""
    if told:
        say(line, anew=front.in_line)
        for hint, text in front.quiet:
            if first_time(recording.layout, hint):
                say(text)
    if then is not None:
        then(ending(recording, front.status, line, told=told, keyboard=keyboard, in_line=front.in_line))
    return end_as(front.status)


def _bare(argv: Sequence[str], environment: Mapping[str, str], streams: Streams) -> int:
    """Become the command: what cannot be recorded runs all the same."""
    sys.stdout.flush() if sys.stdout else None
    command = Command(argv, environment, closed=streams.closed, ignored=ignored_signals())
    trouble = become(command, marked=False)
    raise refusal(trouble, argv, os.getcwd(), environment)  # noqa: PTH109 - a text is wanted


def _begin(recording: Recording) -> Front:
    """Fork the others and give the front. Every descriptor that two of them share is made here, before the forks."""
    streams = recording.streams
    mode = Mode(0 if streams.interactive else -1)
    mode.remember()
    master = slave = -1
    drain: Drain | None = None
    if streams.terminals:
        master, slave = open_terminal(streams.screen, verbatim=not streams.interactive)
        log = next(name for name, target in streams.relays.items() if target in streams.terminals)
        drain = Drain(master, recording.folder / log, recording.layout.file_mode, streams.screen)
    lag = Lag()
    wakeup = listen()
    witness = start_witness(mode)
    to_front, from_keeper = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    front_reports, tell_front = os.pipe()
    linger, linger_held = os.pipe()
    if os.fork() == 0:
        shared = _Shared(drain, lag, to_front, slave, tell_front, linger, linger_held)
        _forked(lambda: _keep(recording, shared))
    for descriptor in (tell_front, linger, *([slave] if slave >= 0 else [])):
        os.close(descriptor)
    to_front.close()
    if not streams.interactive and 0 not in streams.closed:
        # The command alone shall read its input, and be the only one who keeps a pipe's writer from seeing its end.
        nowhere = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nowhere, 0)
        os.close(nowhere)
    relays = [
        Relay(recording.folder / name, target, lag.shown if target in streams.terminals else _uncounted)
        for name, target in streams.relays.items()
    ]
    return Front(
        keeper=from_keeper,
        reports=front_reports,
        wakeup=wakeup,
        witness=witness,
        mode=mode,
        relays=relays,
        drain=drain,
        screen=streams.screen,
        substitute=Substitute(recording),
        apart=streams.interactive,
    )


def _uncounted(_count: int) -> None:
    """Only what goes to the terminal is waited for."""


def _forked(body: Callable[[], None]) -> None:
    """Run a forked process to its end; it must never return into its parent's code."""
    try:
        body()
    except BaseException as defect:  # noqa: BLE001 - a defect of ours must not run the parent's code a second time
        if os.environ.get("REPRO_DEBUG"):
            sys.excepthook(type(defect), defect, defect.__traceback__)
    finally:
        os._exit(0)


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the keeper and those it forks get from the front."""

    drain: Drain | None
    lag: Lag
    front: socket.socket
    slave: int
    """The command's side of the pseudo-terminal, -1 without one."""
    tell_front: int
    """Where the holder reports to the front."""
    linger: int
    """At its end when the holder may go."""
    held: int
    """Held open so that it is not yet at its end."""


def _keep(recording: Recording, shared: _Shared) -> None:
    """Be the keeper: fork the holder, which starts the command at once; begin the journal; fork the observer; keep."""
    files = [os.open(recording.folder / name, os.O_WRONLY | os.O_CLOEXEC) for name in recording.streams.names]
    reserve = Reserve(files)
    if is_scarce(recording.folder):
        reserve.extend()  # elsewhere the command need not wait for it
    reports, tell_keeper = os.pipe()
    if os.fork() == 0:
        _forked(lambda: hold(_command(recording, shared.slave), (tell_keeper, shared.tell_front), shared.linger))
    os.close(tell_keeper)
    from repro_tui.capture.beginning import open_ledger, write_start

    ledger = open_ledger(recording, lambda text: _warn(shared.front, text))
    write_start(ledger, recording)
    ours, theirs = socket.socketpair()
    become_keeper()
    if os.fork() == 0:
        leave_only({theirs.fileno()})
        with contextlib.suppress(OSError):
            os.nice(_NICE)  # before its many imports, which would compete with the command's own start
        from repro_tui.capture.observer import observe

        _forked(lambda: observe(recording, theirs))
    wanted = {shared.front.fileno(), reports, ours.fileno(), shared.held, ledger.descriptor, recording.streams.screen}
    leave_only({d for d in (*wanted, *files) if d >= 0} | (shared.drain.descriptors if shared.drain else set()))
    reserve.add(ledger.descriptor)
    ends = Ends(shared.front, reports, ours, shared.held)
    Keeper(recording, ledger, ends, shared.drain, shared.lag, reserve).run()


def _warn(front: socket.socket, text: str) -> None:
    """Have the front tell the person; without a front there is nobody to tell."""
    with contextlib.suppress(OSError):
        front.send(b"w" + text.encode("utf-8", "replace")[:2000], socket.MSG_DONTWAIT)


def _command(recording: Recording, slave: int) -> Command:
    """Say how the command is started; its output files are opened here."""
    streams = recording.streams
    opened: dict[str, int] = {}
    for name in dict.fromkeys(streams.files.values()):
        opened[name] = os.open(recording.folder / name, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    descriptors = {target: opened[name] for target, name in streams.files.items()}
    descriptors |= dict.fromkeys(streams.terminals, slave)
    if streams.interactive:
        descriptors[0] = slave
    return Command(
        argv=recording.argv,
        environment=recording.environment,
        descriptors=descriptors,
        closed=streams.closed,
        terminal=slave if streams.interactive else -1,
        held=(slave,) if slave >= 0 else (),
        ignored=ignored_signals(),
    )
