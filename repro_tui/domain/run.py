"""A run as everything above the journal sees it: one frozen value, the fold of its events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from repro_tui.domain.events import Header, Scalar
from repro_tui.domain.ids import Digest, RunId


class State(StrEnum):
    """Where a run stands (docs/formats/journal.md, "State")."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    DIED = "died"
    SILENT = "silent"


GLYPHS: dict[State, tuple[str, str]] = {
    State.RUNNING: ("●", "*"),
    State.DONE: ("✓", "+"),
    State.FAILED: ("✗", "x"),
    State.DIED: ("!", "!"),
    State.SILENT: ("?", "?"),
}
"""State to its glyph and the glyph's ASCII stand-in, one cell each."""


class Coverage(StrEnum):
    """How much of something a fingerprint rests on."""

    FULL = "full"
    METADATA = "metadata"
    PENDING = "pending"


COVERAGE_WORDS: dict[Coverage, str] = {
    Coverage.FULL: "100 % of bytes",
    Coverage.METADATA: "metadata only",
    Coverage.PENDING: "pending",
}


@dataclass(frozen=True, slots=True)
class Relation:
    """How a run hangs together with another."""

    role: str
    """`parent` (the sweep or script that started it), `replay-of`, `code-from`, `data-from`."""
    uid: RunId


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt's command ended, as its supervisor saw it."""

    t: float
    exit: int | None = None
    signal: int | None = None
    why: str = ""
    """`not-found` or `not-executable` when the command never started."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One execution of the command (a requeue or a resume makes a further one)."""

    number: int
    started: float
    writers: tuple[Header, ...] = ()
    endings: tuple[Ending, ...] = ()
    """One a supervisor; several in a distributed job."""
    orderly: bool = False
    """The main process said `bye`: the interpreter ended in an orderly way, whatever became of the supervisor."""
    error: str = ""
    """The exception that ended the main process, one line."""
    last_sign: float = 0.0
    """The latest writer's time seen in any of its events."""
    command_pids: tuple[tuple[str, str, int], ...] = ()
    """(host, boot id, pid) of each command started (`child` events)."""
    alone: bool = False
    """The command was one interpreter that started no other process, as it said when it took leave."""


NOT_SET = "(not set)"
"""What is shown of an environment variable that a script asked for in vain."""


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter's value and where it came from."""

    value: Scalar
    source: str
    """`log`, `argparse`, `click`, `argv`, `hydra`, `env`, `env:child` or `file:PATH`, in falling order of trust."""

    @property
    def surrounds(self) -> bool:
        """Tell whether it is an environment variable that the script asked for; its value is None if it was not set."""
        return self.source in {"env", "env:child"}

    @property
    def is_unset(self) -> bool:
        """Tell whether it is an environment variable that the script asked for in vain."""
        return self.value is None and self.surrounds


@dataclass(frozen=True, slots=True)
class FileFact:
    """A file or folder that the run read or wrote."""

    path: str
    mode: str
    """`r`, `w` or `rw`."""
    role: str = ""
    """`in`, `out`, `config`, `source`; empty while it was only observed."""
    by: tuple[str, ...] = ()
    """How it was noticed: `open`, `fd`, `declared`."""
    digest: Digest | None = None
    size: int | None = None
    """Bytes; of a folder, of all its files."""
    files: int | None = None
    """Number of files, for a folder."""
    coverage: Coverage = Coverage.PENDING
    changed_during: bool = False
    """Its fingerprints before and after the run differ."""
    stat: tuple[int, ...] = ()
    """State (size, mtime_ns, ctime_ns, inode) that the fingerprint belongs to, or waits for; empty when not known."""


@dataclass(frozen=True, slots=True)
class Seed:
    """A seed call, as it was made."""

    library: str
    value: str
    at: str
    """`train.py:12`."""


@dataclass(frozen=True, slots=True)
class Document:
    """A facts document: named by content, read when asked for."""

    section: str
    digest: Digest
    summary: Mapping[str, object] = field(default_factory=dict)
    size: int = 0


REMOVED = "removed"
"""Kind of what was recorded and given up later, to have its bytes back."""


@dataclass(frozen=True, slots=True)
class Omission:
    """Something that was redacted, withheld or left out, and why: never silently."""

    kind: str
    """`redacted`, `withheld` or `left_out`; `removed` of output that was recorded and given up later."""
    what: str
    why: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be observed; the run went on."""

    where: str
    what: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer to a question about a run."""

    answer: str
    """`yes`, `no`, `later`, `always`, `never`."""
    by: str = ""
    """`person`, `timeout`, `policy` or `interrupt`."""
    user: str = ""
    t: float = 0.0


@dataclass(frozen=True, slots=True)
class KeptPart:
    """A part of a snapshot, as its event says."""

    name: str
    kind: str
    files: int = 0
    size: int = 0
    linked: bool = False
    dropped: bool = False
    coverage: str = "full"
    """Of a linked part: how much of it its digest rests on (`full`, `metadata`, `pending`)."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What took bytes of a snapshot away: a person, or a rule of a policy that a person let loose."""

    part: str
    """Name of the part; `*` for the whole snapshot."""
    t: float
    """When, seconds since the epoch."""
    until: float = 0.0
    """From when on the trash may be emptied of it; 0 when nobody said."""
    why: str = ""
    """The reason in words."""
    rule: str = ""
    """Stable word of the rule."""
    batch: str = ""
    """What was removed together has the same."""
    user: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A snapshot of a run, as journals tell of it; its document lies in the store."""

    digest: Digest
    t: float
    parts: tuple[KeptPart, ...] = ()
    partial: tuple[str, ...] = ()
    dropped: bool = False
    """The whole of it was given up (it may be in the trash)."""
    verified: bool | None = None
    """What the last full reading found; None when there was none."""
    why: str = ""
    removals: tuple[Removal, ...] = ()
    """What was given up of it and was not brought back, by part."""


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a command, in one or more attempts."""

    uid: RunId
    name: str = ""
    argv: tuple[str, ...] = ()
    """As recorded, with secrets redacted."""
    cwd: str = ""
    root: str = ""
    user: str = ""
    lineage: str = ""
    """Runs of the same script in time order; what "the previous run" means."""
    started: float = 0.0
    """The writer's clock at the first attempt's start, seconds since the epoch."""
    python: str = ""
    output: tuple[str, ...] = ()
    """Names of output files in the run's folder."""
    relations: tuple[Relation, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    params: Mapping[str, Param] = field(default_factory=dict)
    configs: Mapping[str, Mapping[str, Scalar]] = field(default_factory=dict)
    """Configuration file to the parameters that it gave, those too that a more trusted source said again."""
    unkept: bool = False
    """Not all parameters were kept, so that nothing follows from what is missing."""
    parsed: int | None = None
    """So many words at the end of the command line are told by the parameters in full; None when that is not known."""
    files: tuple[FileFact, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    """Paths on the command line that are symbolic links, or lie behind one, to where they lead."""
    saved: tuple[str, ...] = ()
    """Outputs the script declared."""
    seeds: tuple[Seed, ...] = ()
    flags: Mapping[str, Scalar] = field(default_factory=dict)
    libraries: Mapping[str, str] = field(default_factory=dict)
    modules: frozenset[str] = frozenset()
    """Installed top-level modules that were imported; empty when that was not noted."""
    sources: Mapping[str, Digest] = field(default_factory=dict)
    """Imported source files outside site-packages."""
    documents: Mapping[str, Document] = field(default_factory=dict)
    """By section."""
    omissions: tuple[Omission, ...] = ()
    problems: tuple[Problem, ...] = ()
    tags: frozenset[str] = frozenset()
    note: str = ""
    pinned: bool = False
    answers: Mapping[str, Answered] = field(default_factory=dict)
    """Question (`snapshot`, `dataset:NAME:VERSION`) to the answer that stands."""
    snapshots: tuple[Kept, ...] = ()
    """Snapshots taken of it, by digest."""
    unreadable: str = ""
    """Why the run cannot be shown in full (a newer format, no header)."""

    @property
    def host(self) -> str:
        """Name the host of the latest attempt's first writer."""
        return next((w.host for a in reversed(self.attempts) for w in a.writers), "")

    @property
    def ended(self) -> float | None:
        """Give the last attempt's end in seconds since the epoch, or None while none was written."""
        if not self.attempts or not self.attempts[-1].endings:
            return None
        return max(e.t for e in self.attempts[-1].endings)


@dataclass(frozen=True, slots=True)
class Liveness:
    """What an adapter knows of a run's pulse on the reader's own clock."""

    alive: bool
    """A process of it exists on this host, or it gave a sign within the limit."""
    local: bool
    """Its latest attempt's writers are on this host and this boot, so that "no process" is proof."""
