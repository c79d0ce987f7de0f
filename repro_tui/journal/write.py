"""Writing a journal from our own processes: the supervisor's, and those of people who annotate.

The bytes are the recorder's (`recorder.line`), so that both sides of the format are one piece of code; this adds what
the recorder must not pay for: the Lamport counter, durability, the sign of life, and errors a person can act on.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from repro_tui.domain.events import Role
from repro_tui.domain.ids import RunId, WriterId
from repro_tui.errors import StorageError
from repro_tui.journal.layout import Layout, journals_in
from repro_tui.journal.sealed import blocks_of
from repro_tui.recorder.line import JournalFile

COUNTED = frozenset(
    {
        "start",
        "params",
        "doc",
        "flags",
        "libs",
        "tag",
        "note",
        "pin",
        "name",
        "answer",
        "standing",
        "verified",
        "dropped",
        "dataset",
        "watch",
        "profile",
        "made",
    }
)
"""Kinds in which two writers can contradict each other: they carry the counter."""

MAX_COUNTER = 2**53
"""Greater counters are not believed: a damaged line must not use them up for everybody."""

_COUNTER = re.compile(rb'"c":\s*([0-9]{1,16})(?=[,}\s])')
_BLOCK = 1 << 20
_OVERLAP = 64


def boot_id() -> str:
    """Give the kernel's boot id, empty when unknown: a process id means something only within one boot."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def new_writer_id() -> WriterId:
    """Draw the id of a new writer."""
    return WriterId(os.urandom(8).hex())


def new_run_id() -> RunId:
    """Draw the identity of a new run."""
    return RunId(os.urandom(16).hex())


def greatest_counter(folder: Path) -> int:
    """Give the greatest Lamport counter in the journals of a folder, 0 when there is none.

    It looks for `"c":` without decoding, so a metric of that name may make it greater than it need be: a counter must
    only never be smaller than one that was seen.
    """
    greatest = 0
    for path in journals_in(folder):
        with contextlib.suppress(OSError):
            kept = b""
            for block in blocks_of(path, _BLOCK):
                text = kept + block
                found = max(map(int, _COUNTER.findall(text)), default=0)
                greatest = max(greatest, found if found <= MAX_COUNTER else 0)
                kept = text[-_OVERLAP:]
    return greatest


class Writer:
    """One writer of one run: appends events to `journal/<writer>.jsonl`. For one thread at a time."""

    def __init__(self, journal: Path, header: Mapping[str, object], *, mode: int, alive: Path | None) -> None:
        self.path = journal / f"{header['writer']}.jsonl"
        """The journal file."""
        self.id = WriterId(str(header["writer"]))
        """This writer's id."""
        self._alive = alive
        self._mode = mode
        self._counter = greatest_counter(journal)
        try:
            self._file = JournalFile(str(self.path), dict(header), mode)
            with contextlib.suppress(OSError):  # a umask must not take away what `shared: group` gives
                self.path.chmod(mode)
        except OSError as error:
            raise _trouble(self.path, error) from error

    def event(self, kind: str, **fields: object) -> None:
        """Append an event; kinds that can be contradicted get the counter.

        An event above the limit of a line is split where it can be, else replaced by a `problem` that names it. Raises
        StorageError when it could not be written; the event is lost then, and the next one repairs the line.
        """
        if kind in COUNTED:
            self._counter = min(self._counter + 1, MAX_COUNTER)
            fields["c"] = self._counter
        try:
            if self.removed:
                raise FileNotFoundError(errno.ENOENT, "it was removed")
            self._file.event(kind, **fields)
        except ValueError:
            self._too_long(kind, fields)
        except OSError as error:
            raise _trouble(self.path, error) from error

    @property
    def descriptor(self) -> int:
        """The journal's descriptor: what a process that closes everything else must keep open."""
        return self._file.fd

    def see(self, counter: int) -> None:
        """Take note of a counter seen elsewhere, so that what is written next wins over it."""
        self._counter = max(self._counter, min(counter, MAX_COUNTER))

    @property
    def removed(self) -> bool:
        """Tell whether somebody deleted the journal while it is being written."""
        try:
            return os.fstat(self._file.fd).st_nlink == 0
        except OSError:
            return True

    def _too_long(self, kind: str, fields: dict[str, object]) -> None:
        """Split an event above the limit of a line where its fields are a mapping; else say that it is missing."""
        values = fields.get("v")
        if isinstance(values, Mapping) and len(values) > 1:
            items = list(values.items())
            for half in (items[: len(items) // 2], items[len(items) // 2 :]):
                self.event(kind, **{**fields, "v": dict(half)})
        elif kind != "problem":
            self.event("problem", where=kind, what=f"a {kind} event was too long for the journal and is missing")

    def point(self, step: float, t: float, values: Mapping[str, float], source: str = "") -> None:
        """Append a row of metric values; `source` is the file they were read from. Raises StorageError."""
        try:
            self._file.point(step, t, dict(values), source)
        except OSError as error:
            raise _trouble(self.path, error) from error

    def alive(self) -> None:
        """Touch the sign of life; what cannot be touched is no trouble, because the journal is a sign too."""
        if self._alive is None:
            return
        with contextlib.suppress(OSError):
            descriptor = os.open(self._alive, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, self._mode)
            try:
                os.utime(descriptor)
            finally:
                os.close(descriptor)

    def sync(self) -> None:
        """Flush what was written to the disk (and, on a network file system, to its server)."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _trouble(self.path, error) from error

    def close(self) -> None:
        """Give back the descriptor and take away the sign of life."""
        self._file.close()
        if self._alive is not None:
            with contextlib.suppress(OSError):
                self._alive.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_writer(  # noqa: PLR0913 - a header has that many fields, and each is named at the call
    folder: Path,
    *,
    run: RunId | str,
    role: Role,
    attempt: int,
    rank: int = 0,
    host: str = "",
    t: float | None = None,
    layout: Layout | None = None,
) -> Writer:
    """Begin a new journal in a run's folder (or in `project/`), with its header.

    Args:
        folder: the run's folder; its `journal/` is made when missing.
        run: the run's uid, empty for the project's journal.
        role: who writes.
        attempt: which execution of the run; 0 for a person.
        rank: rank in a distributed job.
        host: name of this host, asked of the system when empty.
        t: seconds since the epoch; the clock's when None.
        layout: gives the modes; private when None.

    Raises:
        StorageError: the journal cannot be begun.
        ReadOnlyError: the session only reads.
    """
    layout = layout or Layout(folder.parent.parent)
    layout.check_writable()
    journal = folder / "journal"
    layout.make_folder(journal)
    writer = new_writer_id()
    header: dict[str, object] = {
        "repro": 1,
        "run": str(run),
        "writer": writer,
        "role": role,
        "attempt": attempt,
        "rank": rank,
        "host": host or os.uname().nodename,
        "boot": boot_id(),
        "pid": os.getpid(),
        "t": time.time() if t is None else t,
    }
    if not run:
        del header["run"]
    alive = None if role == "person" else folder / f"alive.{writer}"
    return Writer(journal, header, mode=layout.file_mode, alive=alive)


def _trouble(path: Path, error: OSError) -> StorageError:
    """Say what a failed write means and what helps."""
    hints = {
        errno.ENOSPC: "The disk is full: free some space; recording goes on with the next event.",
        errno.EDQUOT: "Your quota is used up: delete something of yours; recording goes on with the next event.",
        errno.ENOENT: "Its folder was removed while the run went on; what was recorded there is gone.",
        errno.EROFS: "The file system is read-only: choose another place with REPRO_HOME.",
        errno.EACCES: "Give write permission there, or choose another place with REPRO_HOME.",
    }
    hint = hints.get(error.errno or 0, "Check the disk, or choose another place with REPRO_HOME.")
    return StorageError(f"{path} cannot be written: {error.strerror or error}.", hint)
