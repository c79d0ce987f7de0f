"""Retention as plain values: what a policy says, what it is asked about, what it decides, what a prune would do.

The words of a policy are those of `retention:` in repro.yaml (docs/retention.md). Deciding is in
`retention_decide` and what stands beside it; everything here only names things.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from repro_tui.domain.footprint import Footprint
from repro_tui.domain.ids import Digest, RunId

DAY_S = 86_400.0
GRACE_S = 7 * DAY_S
"""Seconds that removed snapshots stay in the trash unless repro.yaml says otherwise."""


class Per(StrEnum):
    """Within what the rules of a policy count."""

    LINEAGE = "lineage"
    TAG = "tag"
    """Each tag by itself; what has several tags is kept when it is kept for one of them."""
    PROJECT = "project"


@dataclass(frozen=True, slots=True)
class Best:
    """One rule of `keep_best`."""

    metric: str
    n: int = 1
    per: Per | None = None
    """Within what; that of the policy when None."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """A kind of part that is given up of snapshots that no rule keeps, where not all of them is."""

    part: str
    """`data`, `data:train`, `wheels`, `outputs`."""
    above: int = 0
    """Only parts of more bytes than this when restored."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What is kept: a snapshot that any rule names stays. Without a rule nothing is removed."""

    keep_last: int = 0
    keep_hourly: int = 0
    keep_daily: int = 0
    keep_weekly: int = 0
    keep_monthly: int = 0
    keep_yearly: int = 0
    keep_within: float = 0.0
    """Seconds: everything stays that is less than this older than the newest of its group."""
    keep_tags: tuple[str, ...] = ()
    keep_best: tuple[Best, ...] = ()
    keep_cited: bool = False
    """What was exported or stands in `paper:` of repro.yaml."""
    keep_verified: bool = False
    """What a replay has rebuilt, finished, agreed with or found identical (level 3 and above)."""
    keep_parents: bool = False
    """What something kept was made from."""
    keep_failed: int | None = None
    """So many of the newest snapshots of failed runs; these then count for no rule that counts, but what names one (a
    tag, a citation) still keeps it. None: they are as others."""
    max_size: int | None = None
    """Bytes that the store may have; above it the least valuable go although a rule keeps them, never a pinned one."""
    per: Per = Per.LINEAGE
    give_up: tuple[GiveUp, ...] = ()
    """What is given up of what no rule keeps; all of it when empty."""

    @property
    def empty(self) -> bool:
        """Tell whether no rule says what to keep, so that nothing is removed."""
        return not (
            self.keep_last
            or self.keep_hourly
            or self.keep_daily
            or self.keep_weekly
            or self.keep_monthly
            or self.keep_yearly
            or self.keep_within
            or self.keep_tags
            or self.keep_best
            or self.keep_cited
            or self.keep_verified
            or self.keep_failed is not None
            or self.max_size is not None
        )


@dataclass(frozen=True, slots=True)
class StockPart:
    """A part of a snapshot that has bytes in the store."""

    name: str
    """`code`, `environment`, `wheels`, `outputs`, `data` or `data:train`."""
    kind: str
    size: int
    """Bytes when restored."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A snapshot, as far as a policy asks."""

    digest: Digest
    t: float
    """When it was taken, seconds since the epoch."""
    name: str
    """Of its run, or `train@v3`."""
    run: RunId | None = None
    lineage: str = ""
    """Of its run; `data NAME` of a dataset's version kept by itself."""
    tags: frozenset[str] = frozenset()
    failed: bool = False
    """Its run failed or died."""
    running: bool = False
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Last value of each metric; NaN is never best."""
    pinned: bool = False
    cited: tuple[str, ...] = ()
    """Where: `paper`, `export 2026-11-20`."""
    level: int = 0
    level_text: str = ""
    """As it is shown: `2/6`, `2 linked`."""
    parents: frozenset[str] = frozenset()
    """Uids of runs and digests of dataset versions that it was made from."""
    versions: frozenset[Digest] = frozenset()
    """Dataset versions whose bytes it holds."""
    parts: tuple[StockPart, ...] = ()
    own: int = 0
    """Bytes in the store that no other snapshot needs."""
    why: str = ""
    """Why it cannot be read, so that nothing is decided about it and it stays; empty when it can."""


class Verdict(StrEnum):
    """What is to become of a snapshot."""

    KEEP = "keep"
    REMOVE = "remove"
    LESSEN = "lessen"
    """Some of its parts are given up, the rest stays."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that spoke about a snapshot."""

    rule: str
    """`pinned`, `last`, `daily`, `best`, `max_size`, `you`, …: the stable word of `--json`, events and sorting."""
    words: str
    """`last 1`, `daily 3`, `best 2 by acc`, `failed, over keep failed 0`, `older twin of a kept day`."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on one snapshot, with all of its reasons; the first is the strongest."""

    digest: Digest
    verdict: Verdict
    reasons: tuple[Reason, ...]
    parts: frozenset[str] = frozenset()
    """Names of the parts that go, of `LESSEN`; `*` of `REMOVE`; empty of `KEEP`."""
    overridden: bool = False
    """A person said so."""
    fixed: bool = False
    """Nobody may remove it: it is pinned, the last of its lineage, from the future, running, or unreadable."""


Overrides = Mapping[Digest, Verdict]
"""What a person said line by line: KEEP, REMOVE (all of it), LESSEN (as the policy's `give_up`, else its data)."""


@dataclass(frozen=True, slots=True)
class Trashed:
    """Something that was removed and can be brought back."""

    digest: Digest
    name: str
    parts: frozenset[str]
    """`*` for the whole snapshot."""
    t: float
    """When it was removed, seconds since the epoch."""
    until: float
    """From when on it is emptied, seconds since the epoch."""
    user: str
    rule: str
    """Words of the reason: `older twin of a kept day`."""
    batch: str
    """What was removed together has the same; `undo` brings back a batch."""
    frees: int = 0
    """Bytes that nothing else needs, were it emptied alone."""
    why: str = ""
    """Why it cannot be brought back; empty while it can."""


@dataclass(frozen=True, slots=True)
class PackWork:
    """What emptying does to the packs of a store."""

    deleted: int = 0
    """Packs in which nothing is needed."""
    rewritten: int = 0
    """Packs of which what is needed is written again."""
    left: int = 0
    """Packs that hold so little unneeded that they stay as they are."""
    frees: int = 0
    """Bytes that the disk gets back, sidecars included."""
    stays: int = 0
    """Unneeded bytes in the packs that stay."""
    scratch: int = 0
    """Bytes that must be free while a pack is written again; 0 when none is."""


@dataclass(frozen=True, slots=True)
class Move:
    """One snapshot, or parts of it, on the way to the trash."""

    digest: Digest
    name: str
    parts: frozenset[str]
    reason: Reason


@dataclass(frozen=True, slots=True)
class PrunePlan:
    """What a prune would do; carrying it out takes nothing else."""

    moves: tuple[Move, ...]
    kept: int
    """Snapshots that stay whole."""
    packs: PackWork
    """What emptying the trash of these (and what is there already) will do."""
    frees: int
    """Bytes that these moves alone free when the trash is emptied."""
    until: float
    """From when on the trash is emptied, seconds since the epoch."""
    free: int
    """Bytes free on the disk of the store now."""
    impossible: tuple[str, ...]
    """What can no longer be done: `calm-heron-40 could no longer be replayed`."""
    stamp: str
    """Condenses what was decided upon; a plan whose stock has changed since is made again, not carried out."""

    @property
    def empty(self) -> bool:
        """Tell whether nothing would be moved."""
        return not self.moves


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a prune did."""

    moved: tuple[Move, ...]
    batch: str
    until: float
    stopped: bool = False
    """It was stopped before all were moved; what was moved is whole in the trash."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class EmptyPlan:
    """What emptying the trash would do."""

    trashed: tuple[Trashed, ...]
    """What is gone for good afterwards."""
    waiting: tuple[Trashed, ...]
    """What stays in the trash, because its time has not come."""
    packs: PackWork
    free: int
    """Bytes free on the disk now."""
    early: bool
    """Something's time has not come: it was asked to go now."""
    stamp: str


@dataclass(frozen=True, slots=True)
class Emptied:
    """What emptying did."""

    gone: tuple[Trashed, ...]
    freed: int
    """Bytes."""
    packs: PackWork
    stopped: bool = False
    left: tuple[str, ...] = ()
    """What could not be freed, and why, as sentences."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Stock:
    """Everything that deciding needs, read once: the screen decides again on it at each change of a number."""

    t: float
    """When it was read, seconds since the epoch; "now" of deciding."""
    candidates: tuple[Candidate, ...]
    """Newest first."""
    footprint: Footprint
    trashed: tuple[Trashed, ...]
    """Newest first."""
    size: int
    """Bytes of the store: packs and sidecars."""
    free: int
    """Bytes free on its disk."""
    directions: Mapping[str, bool]
    """Metric to whether higher is better; one that is missing here has no best."""
    grace: float = GRACE_S
    """Seconds that what is removed stays in the trash."""
    hint_above: int = 0
    """Bytes above which the screens point to pruning; 0 for never."""
    readonly: bool = False
    damaged: str = ""
    """Why nothing may be removed for good now: documents were set aside by a repair, or one cannot be read."""
    stamp: str = ""
    """Condenses what is in the store and in the trash."""


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One line of "where do the bytes go"."""

    what: str
    """`train`, `amber-otter`, `code`, `trash`, `unneeded`."""
    kind: str
    """`dataset`, `run`, `part`, `store`."""
    own: int
    """Stored bytes that nothing else needs."""
    shared: int
    """Stored bytes that others need too."""
    size: int
    """Bytes when restored."""
    snapshots: int
    """How many snapshots hold it."""
