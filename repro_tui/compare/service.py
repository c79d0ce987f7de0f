"""Says what differs between runs, and what that did to the results."""

from __future__ import annotations

from collections.abc import Mapping

from repro_tui.compare.code_change import code_change
from repro_tui.compare.code_side import CodeSide, code_side
from repro_tui.compare.data_change import data_change
from repro_tui.compare.now import Moment, look
from repro_tui.compare.records import Records
from repro_tui.domain.comparison import NOW, CodeChange
from repro_tui.domain.ids import RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.profile import DataChange
from repro_tui.domain.run import Run
from repro_tui.errors import NotFoundError, UsageError
from repro_tui.ingest.lifecycle import Asking
from repro_tui.journal.layout import Layout
from repro_tui.ports import Datasets
from repro_tui.settings import Project
from repro_tui.store.store import Store


class CompareService:
    """Implements `ports.Comparisons`."""

    def __init__(self, project: Project, ask: Asking, datasets: Datasets, environment: Mapping[str, str]) -> None:
        self._project = project
        self._records = Records(Layout.of(project), ask)
        self._datasets = datasets
        self._environment = environment

    def code(self, before: RunId, after: RunId) -> CodeChange:
        """Give the patch from the code of one run to that of another, with the commits between them."""
        old, new = self._code_sides(before, after)
        return code_change(old, new, Store.of(self._project))

    def data(self, before: RunId, after: RunId, name: str) -> DataChange | Unavailable:
        """Explain how a dataset, or an input by its path, differs between two runs."""
        runs = self._runs(before, after)
        moment = self._moment(runs, before, after)
        sides = [moment.run if moment is not None and uid == NOW else runs[uid] for uid in (before, after)]
        return data_change(self._datasets, sides[0], sides[1], name)

    # Parts

    def _code_sides(self, before: RunId, after: RunId) -> tuple[CodeSide, CodeSide]:
        runs = self._runs(before, after)
        moment = self._moment(runs, before, after)
        sides = []
        for uid in (before, after):
            if moment is not None and uid == NOW:
                sides.append(code_side(self._project, moment.run, moment.documents))
            else:
                facts = {section: self._records.facts(runs[uid], section) for section in ("code", "patch", "tree")}
                sides.append(code_side(self._project, runs[uid], facts))
        return sides[0], sides[1]

    def _runs(self, *uids: RunId) -> dict[RunId, Run]:
        """Read runs; raises NotFoundError, and UsageError when there is only `now`."""
        wanted = [uid for uid in dict.fromkeys(uids) if uid != NOW]
        if not wanted:
            raise UsageError("What lies there now is compared with a run.", "Name a run: repro-tui diff @1 now")
        found = {uid: run for uid, (run, _) in self._records.runs(wanted).items()}
        for uid in wanted:
            if uid not in found:
                raise NotFoundError(
                    f"There is no run {uid[:8]} in this project (any more).", "`repro-tui ls` lists them."
                )
        return found

    def _moment(self, runs: Mapping[RunId, Run], *uids: RunId) -> Moment | None:
        """Look at what lies there now, when that is asked for, as the command of the first run would find it."""
        if NOW not in uids:
            return None
        like = next(runs[uid] for uid in uids if uid != NOW)
        return look(self._project, like, self._records.facts(like, "environment"), self._environment)
