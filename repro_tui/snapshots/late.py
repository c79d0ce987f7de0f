"""What is still the same in a folder that changed since a run: told by file lists that were recorded then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from repro_tui.domain.dataset import Spec
from repro_tui.domain.ids import Digest
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.profile import FileLine
from repro_tui.domain.run import Coverage, Run
from repro_tui.journal.datasets import DatasetLedger
from repro_tui.settings import Project
from repro_tui.snapshots.look import Looked, by_path
from repro_tui.snapshots.parts import Plan
from repro_tui.snapshots.where import full_path, to_name
from repro_tui.store.entry import Found

_MANY = 50
"""Names that are listed of files that are gone; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded of the files in folders."""

    project: Project
    run: Run
    ledger: DatasetLedger
    specs: Sequence[Spec]

    def lines(self, looked: Looked) -> Mapping[bytes, FileLine]:
        """Give the file list that a folder had for the run, as far as it is known; else nothing."""
        if looked.now.files is None or looked.fact.files is None or looked.fact.digest is None:
            return {}
        for spec in self.specs:
            if full_path(spec.path, self.project.root) == looked.full:
                lines = self.ledger.listing(spec.name, looked.fact.digest)
                if not isinstance(lines, Unavailable):
                    return by_path(lines)
        return self._seen(looked.full)

    def rows(self, dataset: str, version: Digest | None) -> int | None:
        """Give how many rows a version has, where somebody counted them."""
        known = self.ledger.known(dataset, version) if version else None
        return known.rows if known is not None else None

    def _seen(self, folder: bytes) -> Mapping[bytes, FileLine]:
        """Give the files below a folder of which the run itself took fingerprints."""
        found = []
        for fact in self.run.files:
            full = full_path(fact.path, self.project.root)
            if full.startswith(folder + b"/") and fact.files is None and fact.coverage is Coverage.FULL:
                found.append(FileLine(to_name(full[len(folder) + 1 :]), fact.size or 0, fact.digest))
        return by_path(found)


def note_changed(plan: Plan, looked: Looked, found: Sequence[Found], lines: Mapping[bytes, FileLine]) -> None:
    """Say of a folder that changed which files of the run are missing in it now; changed ones show as they are read."""
    present = {item.full for item in found}
    gone = sorted(way for way in lines if looked.full + b"/" + way not in present)
    name = looked.fact.path
    plan.partial.append(f"{name} changed since the run; of its files those that are still the same are kept")
    plan.partial += [f"{name}/{to_name(way)} is gone since the run" for way in gone[:_MANY]]
    if len(gone) > _MANY:
        plan.partial.append(f"{len(gone) - _MANY:,} further files of {name} are gone since the run")
