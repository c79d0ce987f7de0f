"""Says what differs between runs, and what that did to the results."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from repro_tui.catalog import history
from repro_tui.catalog.listing import metric_columns
from repro_tui.compare.columns import check_columns, column_of, outcomes_of, without_results
from repro_tui.compare.records import Known, Records
from repro_tui.compare.wording import noted
from repro_tui.domain.comparison import NOW, CodeChange, Comparison, Direction, ExactPatch
from repro_tui.domain.diff import diff
from repro_tui.domain.directions import direction_of
from repro_tui.domain.explanation import Explanation, Variation
from repro_tui.domain.filters import Term
from repro_tui.domain.ids import RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.rows import rows
from repro_tui.domain.run import Run
from repro_tui.domain.traits import Part, Section, Traits
from repro_tui.domain.traits_of import traits_of
from repro_tui.errors import NotFoundError, UsageError
from repro_tui.ingest.lifecycle import Asking
from repro_tui.journal.layout import Layout
from repro_tui.ports import Datasets
from repro_tui.settings import Project

if TYPE_CHECKING:  # rows are shown before anything else is asked, and need none of what the other questions need
    from repro_tui.compare.code_side import CodeSide
    from repro_tui.compare.now import Moment
    from repro_tui.domain.profile import DataChange

_LYING_HERE = frozenset({Section.CODE, Section.DATA, Section.ENVIRONMENT})
_LATER = (
    "repro_tui.compare.code_side",
    "repro_tui.store.store",
    "repro_tui.compare.code_change",
    "repro_tui.compare.gather",
    "repro_tui.domain.explain",
    "repro_tui.compare.now",
    "repro_tui.compare.data_change",
)
"""What `explain`, `code` and `data` import when they are first asked, in pieces of some 20 ms."""


class CompareService:
    """Implements `ports.Comparisons`."""

    def __init__(self, project: Project, ask: Asking, datasets: Datasets, environment: Mapping[str, str]) -> None:
        self._project = project
        self._records = Records(Layout.of(project), ask, self._names)
        self._datasets = datasets
        self._environment = environment
        self._declared = {
            name: record.get("better", "") for name, record in project.settings.records("metrics").items()
        }

    def compare(self, uids: Sequence[RunId], *, baseline: int = 0) -> Comparison:
        """Put two to eight runs side by side."""
        check_columns(uids, baseline)
        known = self._known(*uids)
        moment = self._moment(known, *uids)
        names = self._names()
        traits = [self._traits(uid, known, moment, names) for uid in uids]
        logged = self._records.ask(
            lambda catalog: history.logged(catalog, [uid for uid in uids if uid != NOW], extremes=True)
        )
        outcomes = [outcomes_of(known.get(uid), logged.get(uid, {})) for uid in uids]
        directions = {name: self._direction(name) for each in outcomes for name in each}
        notes = list(moment.notes) if moment is not None else []
        found = rows(traits, outcomes, baseline, directions)
        if len(uids) == 2:  # noqa: PLR2004 - of more, each cell must speak for itself
            datasets = self._datasets
            found = tuple(
                noted(r, traits[baseline], traits[1 - baseline], datasets, set(names.values())) for r in found
            )
        return Comparison(
            tuple(column_of(uid, known.get(uid)) for uid in uids),
            baseline,
            without_results(found, [uid == NOW for uid in uids]),
            tuple(dict.fromkeys([*notes, *_unknown(uids, known, traits)])),
            frozenset(section for each in traits for section in each.unknown),
        )

    def code(self, before: RunId, after: RunId) -> CodeChange:
        """Give the patch from the code of one run to that of another, with the commits between them."""
        from repro_tui.compare.code_change import code_change
        from repro_tui.store.store import Store

        known = self._known(before, after)
        moment = self._moment(known, before, after)
        sides = [self._code_side(uid, known, moment) for uid in (before, after)]
        return code_change(sides[0], sides[1], Store.of(self._project))

    def patch(self, before: RunId, after: RunId) -> Iterator[ExactPatch]:
        """Give the same patch file by file as `git apply` takes it."""
        from repro_tui.compare.exact import exact_patch
        from repro_tui.store.store import Store

        known = self._known(before, after)
        moment = self._moment(known, before, after)
        sides = [self._code_side(uid, known, moment) for uid in (before, after)]
        return exact_patch(sides[0], sides[1], Store.of(self._project))

    def data(self, before: RunId, after: RunId, name: str) -> DataChange | Unavailable:
        """Explain how a dataset, or an input by its path, differs between two runs."""
        from repro_tui.compare.data_change import data_change

        known = self._known(before, after)
        moment = self._moment(known, before, after)
        sides = [moment.run if moment is not None and uid == NOW else known[uid].run for uid in (before, after)]
        return data_change(self._datasets, sides[0], sides[1], name)

    def explain(self, before: RunId, after: RunId, *, metric: str = "") -> Explanation:
        """Say why two results differ."""
        from repro_tui.compare.gather import Wanted, gather
        from repro_tui.compare.wording import reworded
        from repro_tui.domain.explain import explain
        from repro_tui.store.store import Store

        if NOW in {before, after}:
            raise UsageError("What lies there now has no result yet.", "See what differs: repro-tui diff RUN now")
        if before == after:
            raise UsageError("A run differs in nothing from itself.", "Name two runs.")
        known = self._known(before, after)
        wanted = Wanted(before, after, metric, tuple(self._declared), self._direction)
        shown = self._records.ask(lambda catalog: [column.name for column in metric_columns(catalog)])
        case = gather(self._records, wanted, shown, self._here(known))
        sides = [self._code_side(uid, known, None) for uid in (before, after)]
        return explain(reworded(case, self._datasets, sides[0], sides[1], Store.of(self._project)))

    def varies(self, where: Term, *, metric: str = "") -> Variation:
        """Say which traits vary over the matching runs, and how each goes with an outcome."""
        from repro_tui.compare.varying import Survey, field_of
        from repro_tui.domain.varies import varies

        survey = Survey(where, metric, time.time(), tuple(self._declared), self._direction, self._names())
        return varies(field_of(self._records, survey))

    def warm(self) -> Iterator[None]:
        """Load what the questions about two runs need, piece by piece."""
        for name in _LATER:
            import_module(name)
            yield

    # Parts

    def _names(self) -> Mapping[str, str]:
        return {spec.path: spec.name for spec in self._datasets.specs()}

    def _direction(self, metric: str) -> Direction:
        return direction_of(metric, self._declared)

    def _known(self, *uids: RunId) -> dict[RunId, Known]:
        """Read runs; raises NotFoundError, and UsageError when there is only `now`."""
        wanted = [uid for uid in dict.fromkeys(uids) if uid != NOW]
        if not wanted:
            raise UsageError("What lies there now is compared with a run.", "Name a run: repro-tui diff @1 now")
        found = self._records.runs(wanted)
        for uid in wanted:
            if uid not in found:
                raise NotFoundError(
                    f"There is no run {uid[:8]} in this project (any more).", "`repro-tui ls` lists them."
                )
        return found

    def _moment(self, known: Mapping[RunId, Known], *uids: RunId) -> Moment | None:
        """Look at what lies there now, when that is asked for, as the command of the first run would find it."""
        if NOW not in uids:
            return None
        return self._look(known[next(uid for uid in uids if uid != NOW)].run)

    def _look(self, like: Run) -> Moment:
        from repro_tui.compare.now import look

        return look(self._project, like, self._records.facts(like, "environment"), self._environment)

    def _traits(
        self, uid: RunId, known: Mapping[RunId, Known], moment: Moment | None, names: Mapping[str, str]
    ) -> Traits:
        if uid == NOW and moment is not None:
            return traits_of(moment.side(names))
        return self._records.traits(known[uid], names)

    def _code_side(self, uid: RunId, known: Mapping[RunId, Known], moment: Moment | None) -> CodeSide:
        from repro_tui.compare.code_side import code_side

        if uid == NOW and moment is not None:
            return code_side(self._project, moment.run, moment.documents)
        run = known[uid].run
        facts = {section: self._records.facts(run, section) for section in ("code", "patch", "tree")}
        return code_side(self._project, run, facts)

    def _here(self, known: Mapping[RunId, Known]) -> frozenset[RunId] | None:
        """Say which runs have the code, data and environment that lie here now; None when that is not known."""
        names = self._names()
        found = set()
        for uid, each in known.items():
            now = traits_of(self._look(each.run).side(names))
            then = self._records.traits(each, names)
            if _LYING_HERE & (now.unknown.keys() | then.unknown.keys()):
                return None
            changes = [c for c in diff(then, now) if c.section in _LYING_HERE and c.part is Part.INPUT]
            if not changes:
                found.add(uid)
        return frozenset(found)


def _unknown(uids: Sequence[RunId], known: Mapping[RunId, Known], traits: Sequence[Traits]) -> list[str]:
    """Say in sentences what could not be compared."""
    found = []
    for uid, each in zip(uids, traits, strict=True):
        name = "now" if uid == NOW else known[uid].run.name or uid[:8]
        reasons: dict[str, list[str]] = {}
        for section, reason in each.unknown.items():
            reasons.setdefault(reason, []).append(str(section))
        found += [
            f"{name}: {reason} ({', '.join(sections)} cannot be told in full)" for reason, sections in reasons.items()
        ]
    return found
