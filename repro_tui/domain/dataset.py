"""Datasets, their versions, and how one was made from another."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.run import Coverage


class Watch(StrEnum):
    """Whether a person wants to be asked when a dataset has changed."""

    NEVER = "never"
    ASK = "ask"
    ALWAYS = "always"
    """Keep each version without asking."""


@dataclass(frozen=True, slots=True)
class Spec:
    """A dataset as it was declared, in repro.yaml or by `repro-tui data add`."""

    name: str
    path: str
    """Relative to the project where it lies inside, else absolute; a file or a folder."""
    kind: str = "auto"
    """`auto`, `table`, `images` or `files`."""
    watch: Watch = Watch.NEVER
    label: str = ""
    """The column that holds the class; guessed when empty (`label`, `target`, `class`, `y`)."""
    key: str = ""
    """The column that names a row, if there is one."""
    declared: str = "repro.yaml"
    """`repro.yaml` or `journal`."""


@dataclass(frozen=True, slots=True)
class Source:
    """Something a version was made from."""

    name: str
    """Name of a dataset; empty when it was a plain path."""
    digest: Digest | None
    path: str


@dataclass(frozen=True, slots=True)
class Making:
    """How a version came to be: a command, or a note."""

    t: float
    user: str
    argv: tuple[str, ...] = ()
    note: str = ""
    of: tuple[Source, ...] = ()
    exit: int | None = None
    run: RunId | None = None
    """The run that recorded the command."""


@dataclass(frozen=True, slots=True)
class Version:
    """The content of a dataset at one time."""

    number: int
    """1 for the first one seen: `v1`."""
    digest: Digest
    """Of the file list (docs/formats/journal.md, "Digests")."""
    t: float
    """When it was first seen, seconds since the epoch."""
    user: str
    files: int
    size: int
    coverage: Coverage
    listing: Digest | None = None
    """Facts document with the file list."""
    profile: Digest | None = None
    """Facts document with what its tables hold; None while that was not looked at."""
    rows: int | None = None
    """Rows of all its tables; None when it has none, or was not looked at."""
    faults: tuple[str, ...] = ()
    """What of its tables could not be read, the first few: `x.csv row 3: 4 columns, not 2; left out`."""
    run: RunId | None = None
    """The run that saw it first."""
    made: Making | None = None
    snapshot: Digest | None = None
    """Document of the snapshot that keeps it."""
    runs: tuple[RunId, ...] = ()
    """Runs that used it, newest first."""


@dataclass(frozen=True, slots=True)
class Now:
    """What lies at a dataset's path at this moment."""

    digest: Digest | None
    files: int
    size: int
    coverage: Coverage
    same_as: int | None = None
    """Number of the version that it equals; None when it is another, or not known."""
    why: str = ""
    """Why it is not known: `is not there`, `3 files not read yet`."""
    notes: tuple[str, ...] = ()
    """What of it does not count, or only as a name: pipes, broken links, files that vanished."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset with its history, newest version first."""

    spec: Spec
    versions: tuple[Version, ...] = ()
    problems: tuple[str, ...] = field(default=())
    last: Digest | None = None
    """Of the versions before the newest, the one that a run has used last; None when none did."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A path that runs were seen reading and that could be declared."""

    name: str
    """A name that is free."""
    path: str
    runs: int
    """How many runs read it."""
    size: int
    files: int | None = None
