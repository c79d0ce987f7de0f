"""What is going to be kept, before anything is: parts with their files, in memory, in git's objects or on the disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from repro_tui.domain.ids import Digest
from repro_tui.domain.snapshot import LeftOut, Link, PartKind
from repro_tui.snapshots.git_objects import GitObjects
from repro_tui.source.apply import MODE_LINK, MODE_PROGRAM
from repro_tui.store.entry import Found


@dataclass(frozen=True, slots=True)
class Given:
    """A file (or a link, as git keeps one) whose bytes do not come from the disk."""

    path: bytes
    """Where it is restored."""
    mode: int
    """Git's: kind and whether it is a program."""
    data: bytes | None = None
    """Its content; None when git's objects hold it."""
    objects: GitObjects | None = None
    oid: str = ""
    size: int = 0
    mtime_ns: int = 0

    @property
    def is_link(self) -> bool:
        """Tell whether the content is the text of a symbolic link."""
        return self.mode == MODE_LINK

    @property
    def permissions(self) -> int:
        """Give the permission bits: git knows of programs and of other files only."""
        return 0o755 if self.mode == MODE_PROGRAM else 0o644


@dataclass(frozen=True, slots=True)
class PartPlan:
    """One part of a snapshot that is going to be taken."""

    name: str
    kind: PartKind
    what: str = ""
    """In words, for the question."""
    given: tuple[Given, ...] = ()
    found: tuple[Found, ...] = ()
    linked: tuple[Link, ...] = ()
    digest: Digest | None = None
    """Identity of a dataset's content; that of the listing when None."""
    searched: bool = False
    """Text in it is searched for secrets, and a file that holds one is withheld."""
    level: int = 1
    """Of compression."""
    loose: frozenset[bytes] = frozenset()
    """Paths of the code that git did not keep."""

    guess: int = 0
    """Bytes, at most, of what is not there yet: of wheels that would be fetched."""

    @property
    def files(self) -> int:
        """Count the files."""
        if self.linked:
            return sum(1 if link.files is None else link.files for link in self.linked)
        return len(self.given) + sum(found.kind != "d" for found in self.found)

    @property
    def size(self) -> int:
        """Count the bytes when restored."""
        if self.linked:
            return sum(link.size for link in self.linked)
        return sum(given.size for given in self.given) + sum(f.size for f in self.found if f.kind == "f") + self.guess


@dataclass(slots=True)
class Plan:
    """Everything that a snapshot is going to hold, and what it is not."""

    parts: list[PartPlan] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    partial: list[str] = field(default_factory=list)
    """What has changed since the run, as sentences."""
    manifest: Mapping[str, object] = field(default_factory=dict)
    completed: list[dict[str, object]] = field(default_factory=list)
    """Fields of `print` events: fingerprints that were pending and are known now."""
