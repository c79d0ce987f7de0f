"""Everything a run's screen shows of one run at one moment, gathered from the workbench into one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from textual.message import Message

from repro_tui.domain.alarms import Alarm
from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.level import Level, level_of
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import Run, State
from repro_tui.domain.series import Curve, CurveQuery
from repro_tui.ports import Workbench
from repro_tui.tui.render.resources import NAMES, SHAPE

LINKABLE = 2
"""The level that is also reached by data that is only linked."""

Facts = Mapping[str, object]
"""A facts document as decoded."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """One run, with what other ports know about it."""

    run: Run
    state: State
    level: int
    why: str
    """Why the level is not higher."""
    metrics: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Metric to its last (step, value)."""
    since: tuple[str, ...] = ()
    """What changed since the previous run of the lineage."""
    previous: str = ""
    """Name of that run."""
    documents: Mapping[str, Facts | Unavailable] = field(default_factory=dict)
    """By section; what was read of them so far."""
    resources: Mapping[str, Curve] = field(default_factory=dict)
    """Sampled resource to its shape over time."""
    alarms: tuple[Alarm, ...] = ()
    """What to look at before it is trusted."""
    linked: bool = False
    """Its data is not kept, but known by its full digest and where it lies."""

    @property
    def level_text(self) -> str:
        """Write the level as it is shown: `2/6`, `2 linked`."""
        return Level(self.level, self.why, self.linked).text


@dataclass
class FactsRead(Message):
    """A run was read."""

    uid: RunId
    facts: RunFacts | Unavailable

    def can_replace(self, message: Message) -> bool:
        """Replace an older reading of the same run."""
        return isinstance(message, FactsRead) and message.uid == self.uid


class Gatherer:
    """Gathers a run's facts; documents are named by content, so each is read once."""

    def __init__(self, workbench: Workbench, uid: RunId) -> None:
        self._workbench = workbench
        self._uid = uid
        self._documents: dict[Digest, Facts] = {}

    def gather(self) -> FactsRead:
        """Ask the workbench for everything; raises ReproError."""
        bench, uid = self._workbench, self._uid
        run = bench.run(uid)
        if isinstance(run, Unavailable):
            return FactsRead(uid, run)
        level, why = bench.level(uid)
        before = bench.previous(uid)
        name = bench.run(before) if before else None
        documents = {section: self._document(document.digest) for section, document in run.documents.items()}
        facts = RunFacts(
            run,
            bench.state(uid),
            level,
            why,
            dict(bench.last_metrics(uid)),
            tuple(bench.since_previous(uid)),
            name.name if isinstance(name, Run) else "",
            documents,
            {curve.metric: curve for curve in bench.curves(CurveQuery((uid,), NAMES, "time", buckets=SHAPE))},
            tuple(bench.alarms(uid)),
            level == LINKABLE and level_of(run).linked,
        )
        return FactsRead(uid, facts)

    def _document(self, digest: Digest) -> Facts | Unavailable:
        known = self._documents.get(digest)
        if known is not None:
            return known
        read = self._workbench.document(digest)
        if not isinstance(read, Unavailable):
            self._documents[digest] = read
        return read
