"""Decides what a snapshot of a run holds: from its journal, its facts documents, and what lies there now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from repro_tui.domain.dataset import Spec
from repro_tui.domain.dataset_specs import read_specs
from repro_tui.domain.ids import Digest
from repro_tui.domain.level import is_material
from repro_tui.domain.progress import Progress
from repro_tui.domain.run import REMOVED, Coverage, FileFact, Run
from repro_tui.domain.snapshot import DataChoice, LeftOut, PartKind
from repro_tui.errors import UsageError
from repro_tui.fingerprint import Fingerprinter
from repro_tui.journal.datasets import DatasetLedger
from repro_tui.journal.layout import Layout
from repro_tui.settings import Project
from repro_tui.snapshots.code import plan_code
from repro_tui.snapshots.environment import Making, plan_environment
from repro_tui.snapshots.inputs import Inputs, Policy, data_facts
from repro_tui.snapshots.late import Recorded
from repro_tui.snapshots.look import SLACK_S, Lister, Looked, look, read
from repro_tui.snapshots.manifest import read_documents
from repro_tui.snapshots.outputs import output_facts, plan_outputs, printed
from repro_tui.snapshots.parts import PartPlan, Plan
from repro_tui.snapshots.where import full_path, is_below, restored, to_name
from repro_tui.source.kinds import is_program


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for."""

    data: DataChoice = DataChoice.ASK
    wheels: bool = False
    read: bool = True
    """Content may be read to compare it; False for an offer, which is to be quick."""
    progress: Progress | None = None
    scratch: Path | None = None
    """A folder for files that are made on the way; None when nothing is to be kept yet."""


class Planner:
    """Plans snapshots of one project's runs."""

    def __init__(self, project: Project, ledger: DatasetLedger) -> None:
        self._project = project
        self._layout = Layout.of(project)
        self._ledger = ledger

    def plan(
        self, run: Run, folders: Sequence[Path], wish: Wish, prints: Fingerprinter
    ) -> tuple[Plan, Mapping[str, Mapping[str, object]]]:
        """Make the plan of a run's snapshot; gives the facts documents too, for the manifest."""
        plan = Plan()
        documents, plan.partial = read_documents(self._layout, run)
        plan.left_out = [
            LeftOut(o.what, f"removed: {o.why}", o.size)
            if o.kind == REMOVED
            else LeftOut(o.what, o.why, o.size, o.kind)
            for o in run.omissions
            if o.kind != "left_out" or not is_material(run, o.what)
        ]
        if "code" in documents:
            plan.parts.append(plan_code(self._project, run, documents, plan))
        else:
            plan.partial.append("the code was not recorded, and is not in it")
        making = Making(wish.wheels, wish.scratch, wish.progress)
        plan.parts += plan_environment(self._project, run, documents, plan, making)
        inputs = self._look(prints, run, data_facts(run, self._project), wish)
        outputs = self._look(prints, run, output_facts(run, self._project), wish)
        lister = Lister(prints, wish.read)
        specs = self.specs()
        recorded = Recorded(self._project, run, self._ledger, specs)
        policy = Policy.of(self._project, wish.data)
        committed = {given.path: given for part in plan.parts if part.kind is PartKind.CODE for given in part.given}
        plan.parts += Inputs(self._project, recorded, specs, plan, committed).parts(inputs, policy, lister)
        plan.parts += plan_outputs(self._project, outputs, printed(run, folders), lister, plan)
        plan.parts = _once(plan.parts, _used(run, self._project))
        plan.completed = [_print(each) for each in (*inputs, *outputs) if each.completed]
        return plan, documents

    def specs(self) -> tuple[Spec, ...]:
        """Give the declared datasets; a repro.yaml that says something wrong declares none of them."""
        try:
            declared = read_specs(self._project.settings.records("datasets"), str(self._project.root))
        except UsageError:
            declared = ()
        return self._ledger.ask(lambda fold: fold.specs(declared))

    def _look(self, prints: Fingerprinter, run: Run, facts: list[FileFact], wish: Wish) -> list[Looked]:
        since = _since(run, facts)
        looked = look(prints, facts, self._project.root, since)
        return read(prints, looked, since, wish.progress) if wish.read else looked


def _used(run: Run, project: Project) -> frozenset[bytes]:
    """Give what the run read as data and what it wrote, files and folders, as paths in a snapshot."""
    paths = [*(fact.path for fact in run.files if fact.role in {"in", "out"}), *run.saved]
    return frozenset(restored(full_path(path, project.root), project.root) for path in paths) - {b""}


def _once(parts: list[PartPlan], used: frozenset[bytes]) -> list[PartPlan]:
    """Leave out of the code what is kept as data or as a result: a table may be committed and yet be data.

    Of data and results that git did not keep nothing is code, also where they are not to be kept.
    """
    results = [part for part in parts if part.kind in {PartKind.DATA, PartKind.OUTPUTS}]
    kept = {f.path for part in results for f in part.found} | {g.path for part in results for g in part.given}

    def is_code(part: PartPlan, path: bytes) -> bool:
        return is_program(to_name(path)) or not (path in kept or (path in part.loose and is_below(path, used)))

    return [
        replace(
            part,
            given=tuple(g for g in part.given if is_code(part, g.path)),
            found=tuple(f for f in part.found if f.path not in kept and is_code(part, f.path)),
        )
        if part.kind is PartKind.CODE
        else part
        for part in parts
    ]


def _since(run: Run, facts: list[FileFact]) -> float:
    """Give the time since which nothing may have changed: of results the run's end, else well before its beginning."""
    outputs = bool(facts) and all(fact.role == "out" for fact in facts)
    return run.ended or run.started if outputs else run.started - SLACK_S


def _print(looked: Looked) -> dict[str, object]:
    """Give the fields of the event that completes a fingerprint."""
    when = "after" if looked.fact.role == "out" else "before"
    return {"path": looked.fact.path, "role": looked.fact.role, "when": when, **looked.now.fields()}


def completed(run: Run, plan: Plan) -> Run:
    """Give the run as it will be known once the completed fingerprints are in its journal."""
    known = {str(fields["path"]): fields for fields in plan.completed}
    return replace(run, files=tuple(_complete(fact, known.get(fact.path)) for fact in run.files))


def _complete(fact: FileFact, fields: Mapping[str, object] | None) -> FileFact:
    if fields is None:
        return fact
    found, size, files, state = (fields[name] for name in ("d", "size", "files", "st"))
    return replace(
        fact,
        digest=Digest(found) if isinstance(found, str) else None,
        size=size if isinstance(size, int) else None,
        files=files if isinstance(files, int) else None,
        coverage=Coverage(str(fields["cov"])),
        stat=tuple(state) if isinstance(state, list) else (),
    )
