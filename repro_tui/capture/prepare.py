"""Everything that is decided before the command starts: which run, which folder, which files, which environment."""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from repro_tui.capture.declared import declared_places
from repro_tui.capture.identity import Identity, identify
from repro_tui.capture.lineage import lineage_of
from repro_tui.capture.naming import name_for
from repro_tui.capture.series import began, series_of
from repro_tui.capture.streams import Streams
from repro_tui.domain.ids import RunId
from repro_tui.errors import StorageError
from repro_tui.journal.layout import Layout
from repro_tui.settings import Project

_INJECT = str(Path(__file__).parent.parent / "recorder" / "inject")
_ROOM = 1 << 16
"""Bytes that must be writable for a recording to begin: less would fail at the first page of output."""
_CLOCK_SLACK_S = 2.0
_MOST_RUNS = 10_000
"""Runs that one requeued job script or one step may begin."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a person says about a run when starting it."""

    name: str = ""
    """A name of one's own instead of the drawn one."""
    tags: tuple[str, ...] = ()
    note: str = ""
    lineage: str = ""
    """Compare with the runs of this name, instead of the script's."""
    data: tuple[str, ...] = ()
    """Files or folders that are data of this run."""
    out: tuple[str, ...] = ()
    """Files or folders that results go to."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A run that is about to begin, with its folder made."""

    project: Project
    layout: Layout
    folder: Path
    """The run's folder."""
    uid: RunId
    name: str
    identity: Identity
    argv: tuple[str, ...]
    """As given; it is redacted when it is written down."""
    options: RunOptions
    environment: Mapping[str, str]
    """The environment of the command."""
    cwd: str
    user: str
    lineage: str
    streams: Streams
    """With the names of files that this supervisor has for itself."""
    started: float
    """Seconds since the epoch."""
    since: float
    """What was changed before this moment, as the project's file system stamps it, was not written by this run."""
    series: str = ""
    """What started it: the same for all runs of one shell."""
    began: float = 0.0
    """When `repro-tui run` itself was started, seconds since the epoch."""

    def inside(self, path: str) -> str:
        """Write a path as journals do: from the project's folder where it lies inside, else absolute."""
        absolute = os.path.normpath(os.path.join(self.cwd, path))  # noqa: PTH118 - normpath has no pathlib form
        root = str(self.project.root)
        return os.path.relpath(absolute, root) if absolute == root or absolute.startswith(root + "/") else absolute


def prepare(
    project: Project, argv: Sequence[str], options: RunOptions, environment: Mapping[str, str], streams: Streams
) -> Recording:
    """Make the run's folder and its output files; raises StorageError when nothing can be recorded."""
    cwd = _cwd(environment)
    identity = identify(environment, argv, cwd)
    layout = Layout.of(project)
    layout.create()
    started = time.time()
    uid, name, folder = _place(layout, identity, options, started)
    own = _own_files(layout, folder, identity, streams)
    lineage = options.lineage or lineage_of(argv, Path(cwd), project.root)
    ours = child_environment(environment, project, uid, folder, identity) | {"REPRO_LINEAGE": lineage}
    return Recording(
        project=project,
        layout=layout,
        folder=folder,
        uid=uid,
        name=name,
        identity=identity,
        argv=tuple(argv),
        options=options,
        environment=ours | _declared(project, options, cwd),
        cwd=cwd,
        user=_user(),
        lineage=lineage,
        streams=own,
        started=started,
        since=_stamp(folder, project.root, started),
        series=series_of(environment),
        began=min(began(), started),
    )


def child_environment(
    environment: Mapping[str, str], project: Project, uid: RunId, folder: Path, identity: Identity
) -> dict[str, str]:
    """Give the command's environment: its own, plus what the recorder needs to find the run."""
    paths = [_INJECT, *(p for p in environment.get("PYTHONPATH", "").split(os.pathsep) if p and p != _INJECT)]
    return {
        **environment,
        "PYTHONPATH": os.pathsep.join(paths),
        "REPRO_RUN_UID": uid,
        "REPRO_RUN_DIR": str(folder),
        "REPRO_ATTEMPT": str(identity.attempt),
        "REPRO_ROOT": str(project.root),
        "REPRO_RANK": str(identity.rank),
    }


def own_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Give a command's environment as it was before ours was added: what a record says of it is the user's alone."""
    paths = [p for p in environment.get("PYTHONPATH", "").split(os.pathsep) if p and p != _INJECT]
    left = {name: text for name, text in environment.items() if name != "PYTHONPATH" and not name.startswith("REPRO_")}
    return left | ({"PYTHONPATH": os.pathsep.join(paths)} if paths else {})


def _declared(project: Project, options: RunOptions, cwd: str) -> dict[str, str]:
    """Name the declared folders to the recorder, which otherwise leaves out what lies far from the project."""
    named = declared_places(project, (*options.data, *options.out), cwd)
    return {"REPRO_DATA": os.pathsep.join(named)} if named else {}


def _place(layout: Layout, identity: Identity, options: RunOptions, started: float) -> tuple[RunId, str, Path]:
    """Find or make the run's folder."""
    if not identity.joins:
        uid, _ = identity.ordinal(0)
        name = options.name or name_for(uid, _count(layout) + 1)
        return uid, name, layout.new_run(name, started, uid)
    for count in range(_MOST_RUNS):
        uid, label = identity.ordinal(count)
        name = options.name or name_for(uid, identity.number)
        folder = layout.runs / label
        layout.make_folder(folder)
        layout.make_folder(folder / "journal")
        if identity.uid or _claim(folder, identity, layout.file_mode):
            return uid, name, folder
    raise StorageError(f"{layout.runs} holds {_MOST_RUNS} runs of this job.", "Start a new job for further runs.")


def _stamp(folder: Path, root: Path, started: float) -> float:
    """Give the moment of the beginning as the file system has it: the run's folder was changed just now.

    A file of the run before, written a moment ago, is older than that by the same clock. Where the project lies on
    another file system than its records, a clock that is behind by up to `_CLOCK_SLACK_S` is allowed for.
    """
    try:
        stat = folder.stat()
        if stat.st_dev == root.stat().st_dev:
            return stat.st_mtime
    except OSError:
        pass
    return started - _CLOCK_SLACK_S


def _claim(folder: Path, identity: Identity, mode: int) -> bool:
    """Take this attempt and rank of a run; False when another command of the same job has it already."""
    path = folder / f"claim.{identity.attempt}.{identity.rank}"
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode))
    except FileExistsError:
        return False
    except OSError as error:
        raise _unwritable(path, error) from error
    return True


def _own_files(layout: Layout, folder: Path, identity: Identity, streams: Streams) -> Streams:
    """Create the output files under names that no other supervisor of the run has."""
    named = {name: _create(layout, folder, name, identity) for name in streams.relays}
    return Streams(
        interactive=streams.interactive,
        terminals=streams.terminals,
        files={descriptor: named[name] for descriptor, name in streams.files.items()},
        relays={named[name]: descriptor for name, descriptor in streams.relays.items()},
        closed=streams.closed,
    )


def _create(layout: Layout, folder: Path, name: str, identity: Identity) -> str:
    stem = name.removesuffix(".log")
    plain = identity.attempt == 1 and identity.rank == 0
    first = name if plain else f"{stem}-{identity.attempt}.{identity.rank}.log"
    for own in (first, *(f"{stem}-{identity.attempt}.{identity.rank}.{n}.log" for n in range(2, 100))):
        try:
            descriptor = os.open(folder / own, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, layout.file_mode)
        except FileExistsError:
            continue
        except OSError as error:
            raise _unwritable(folder / own, error) from error
        _try_room(descriptor, folder / own, layout.file_mode)
        return own
    raise StorageError(f"{folder} holds too many files named {name}.", "Give each supervisor its own REPRO_RANK.")


def _try_room(descriptor: int, path: Path, mode: int) -> None:
    """Check that something can really be written: a full disk lets one create files."""
    try:
        os.fchmod(descriptor, mode)
        written = os.write(descriptor, bytes(_ROOM))
        os.ftruncate(descriptor, 0)
        if written < _ROOM:
            raise OSError(28, "No space left on device")
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        os.close(descriptor)


def _unwritable(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{path} cannot be written: {error.strerror}.",
        "Give write permission and space there, or choose another place with REPRO_HOME.",
    )


def _count(layout: Layout) -> int:
    """Count the project's runs."""
    try:
        with os.scandir(layout.runs) as entries:
            return sum(1 for entry in entries if not entry.name.startswith("."))
    except OSError:
        return 0


def _cwd(environment: Mapping[str, str]) -> str:
    """Give the working folder; one that was deleted under us has only the shell's word for it."""
    try:
        return os.getcwd()  # noqa: PTH109 - a text is wanted
    except OSError:
        return environment.get("PWD", "/")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an arbitrary uid inside a container has no name
        return str(os.getuid())
