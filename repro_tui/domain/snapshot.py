"""Snapshots as everything above the store sees them (the bytes are described in docs/formats/store.md)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from repro_tui.domain.ids import Digest, RunId


class PartKind(StrEnum):
    """What a part of a snapshot holds, in the order of restoring."""

    CODE = "code"
    ENVIRONMENT = "environment"
    WHEELS = "wheels"
    DATA = "data"
    OUTPUTS = "outputs"


class DataChoice(StrEnum):
    """What a snapshot does with the data of its run."""

    ASK = "ask"
    """As repro.yaml says (`snapshot.data`), within `snapshot.data_limit`."""
    YES = "yes"
    NO = "no"
    LINK = "link"
    """Keep only the digest and where it was."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a snapshot that can be restored, or given up, by itself."""

    name: str
    """`code`, `environment`, `wheels`, `outputs`, `data` or `data:train`."""
    kind: PartKind
    files: int
    size: int
    """Bytes when restored."""
    digest: Digest | None = None
    linked: tuple[Link, ...] = ()
    """Instead of bytes: where it lay."""
    dropped: str = ""
    """Why its bytes were given up; empty while they are there."""

    @property
    def kept(self) -> bool:
        """Tell whether its bytes are in the store."""
        return not self.linked and not self.dropped


@dataclass(frozen=True, slots=True)
class Link:
    """Data that is known by its digest and its place, and not kept."""

    path: str
    digest: Digest | None
    size: int
    files: int | None = None
    coverage: str = "full"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that is not in a snapshot, and why."""

    what: str
    why: str
    """`limit 2 GB`, `a secret was found in it`, `is a pipe`, `cannot be read: Permission denied`."""
    size: int = 0
    kind: str = "left_out"
    """`redacted`, `withheld`, `left_out` or `changed`."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A manifest and the kept bytes it refers to, in parts; immutable."""

    digest: Digest
    """Of its document."""
    t: float
    """Seconds since the epoch."""
    user: str
    host: str
    parts: tuple[Part, ...]
    run: RunId | None = None
    name: str = ""
    """Name of the run when it was taken."""
    dataset: str = ""
    """Set when it keeps a dataset version by itself."""
    version: Digest | None = None
    partial: tuple[str, ...] = ()
    """What had changed since the run, as sentences; empty when it is whole."""
    left_out: tuple[LeftOut, ...] = ()

    @property
    def size(self) -> int:
        """Count the bytes when restored."""
        return sum(part.size for part in self.parts if part.kept)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One file of a snapshot."""

    path: str
    """Where it is restored; bytes that are no UTF-8 in the NUL encoding of journals."""
    size: int
    """Bytes when restored."""


@dataclass(frozen=True, slots=True)
class PartFiles:
    """What one kept part of a snapshot holds."""

    name: str
    """Of the part: `code`, `data:train`."""
    files: tuple[KeptFile, ...]
    """The largest ones, the largest first."""
    count: int
    """All of its files."""
    why: str = ""
    """Why they cannot be listed."""


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """One line of the list of snapshots."""

    snapshot: Snapshot
    own: int
    """Bytes in the store that no other snapshot needs: what would be freed."""
    shared: int
    """Bytes in the store that others need too."""
    level: str = ""
    """Of its run: `2/6`, `2 linked`."""
    level_why: str = ""
    """Why that is not higher."""
    pinned: bool = False
    verified: bool | None = None
    """What the last full reading found; None when there was none."""
    why: str = ""
    """Why it does not verify, or cannot be read."""


@dataclass(frozen=True, slots=True)
class PartOffer:
    """What a part of a snapshot would keep, before it is taken."""

    name: str
    kind: PartKind
    what: str
    """In words: `3 files, 1 uncommitted patch`, `31 packages, Python 3.11.7`, `train 51,204 rows, test 10,000`."""
    files: int
    size: int
    new: int
    """Bytes new to the store, before compression; an estimate."""
    linked: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What answering "yes" would do: shown with the question."""

    run: RunId | None
    name: str
    parts: tuple[PartOffer, ...]
    seconds: float
    """Expected duration."""
    free: int
    """Bytes free where the store lies."""
    left_out: tuple[LeftOut, ...] = ()
    changed: tuple[str, ...] = ()
    """What has changed since the run, so that the snapshot would be partial."""
    level: str = ""
    """The level that the run will reach: `2/6`, `2 linked`, `1/6`."""
    why: str = ""
    """Why it will not be higher."""

    @property
    def size(self) -> int:
        """Count all bytes."""
        return sum(part.size for part in self.parts)

    @property
    def new(self) -> int:
        """Count the bytes that are new to the store."""
        return sum(part.new for part in self.parts)


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking a snapshot did."""

    snapshot: Snapshot
    added: int
    """Bytes that the store grew by."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Damage:
    """Something in the store that is not what it should be."""

    what: str
    """The file, relative to the store."""
    why: str
    snapshots: tuple[str, ...] = ()
    """Names of the snapshots that lose something by it."""
    loses: Digest | None = None
    """The snapshot's document, where it is the loss of one snapshot."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a check, a verification, a repair or a restoration found and did."""

    read: int
    """Bytes read."""
    files: int
    """Files compared or written."""
    damages: tuple[Damage, ...] = ()
    done: tuple[str, ...] = ()
    """What was repaired or put elsewhere, as sentences."""
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Tell whether everything is as it should be."""
        return not self.damages


@dataclass(frozen=True, slots=True)
class StoreUsage:
    """How large the store is."""

    size: int
    """Bytes of packs and sidecars."""
    packs: int
    blobs: int
    snapshots: int
    free: int
    """Bytes free on its disk."""
    trash: int = 0
    """Bytes that only removed snapshots need."""
    hint_above: int = 0
    """Bytes above which pruning is pointed to; 0 for never."""

    @property
    def is_large(self) -> bool:
        """Tell whether the store is larger than the size from which pruning is pointed to."""
        return 0 < self.hint_above < self.size
