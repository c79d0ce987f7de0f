"""The results of a run: declared or observed, kept as they were when it ended."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from repro_tui.domain.run import Coverage, FileFact, Run
from repro_tui.domain.snapshot import LeftOut, PartKind
from repro_tui.journal.sealed import SUFFIX
from repro_tui.settings import Project
from repro_tui.snapshots.code_tree import found_at
from repro_tui.snapshots.look import Lister, Looked, found_of
from repro_tui.snapshots.parts import PartPlan, Plan
from repro_tui.snapshots.where import LOG, full_path, inside, to_bytes, to_name
from repro_tui.store.entry import Found

_SHOWN = 3


def output_facts(run: Run, project: Project) -> list[FileFact]:
    """Give what the run wrote: in the project, or declared; without what lies in a folder of the list."""
    saved = {full_path(path, project.root) for path in run.saved}
    facts = [fact for fact in run.files if fact.role == "out"]
    full = {fact.path: full_path(fact.path, project.root) for fact in facts}
    folders = tuple(full[fact.path] + b"/" for fact in facts if fact.files is not None)
    return [
        fact
        for fact in facts
        if not (folders and full[fact.path].startswith(folders))
        and (inside(full[fact.path], project.root) is not None or full[fact.path] in saved or "declared" in fact.by)
    ]


def printed(run: Run, folders: Sequence[Path]) -> list[Found]:
    """Give the files that hold what the run printed: who gets the result again compares with it.

    What is sealed by now is kept sealed: `output.log.zst`.
    """
    names = (form for name in run.output for form in (name, name + SUFFIX))
    places = ((name, folder / name) for name in names for folder in folders)
    found = (found_at(os.fsencode(place), LOG + b"/" + to_bytes(name), b"") for name, place in places)
    return list({item.path: item for item in found if item is not None and item.size}.values())


def plan_outputs(
    project: Project, looked: Sequence[Looked], log: Sequence[Found], lister: Lister, plan: Plan
) -> list[PartPlan]:
    """Make the part of the results; what is too large, gone or overwritten goes to the plan's lists."""
    limit = project.settings.number("snapshot.output_limit")
    found: list[Found] = []
    for each in looked:
        size = each.now.size if each.now.size is not None else each.fact.size or 0
        if each.now.size is None and each.fact.digest is None:
            continue  # it was declared and never written, or a temporary file
        if size > limit:
            plan.left_out.append(LeftOut(each.fact.path, f"above snapshot.output_limit ({limit:,} bytes)", size))
        elif each.why:
            plan.partial.append(f"{each.fact.path} {_since(each)}")
        else:
            found += _found(project, each, lister, plan)
    what = _words([item for item in found if item.kind != "d"]) or "what it printed"
    for item in log:
        if item.size > limit:
            why = f"above snapshot.output_limit ({limit:,} bytes)"
            plan.left_out.append(LeftOut(f"what it printed, {to_name(item.full)}", why, item.size))
        else:
            found.append(item)
    return [PartPlan("outputs", PartKind.OUTPUTS, what, found=tuple(found))] if found else []


def _since(looked: Looked) -> str:
    """Say what became of a result since the run; of a folder it is not known whether files were added or taken away."""
    if looked.now.size is None:
        return "is gone since the run"
    return "changed since the run" if looked.now.files is not None else "was written again since the run"


def _found(project: Project, looked: Looked, lister: Lister, plan: Plan) -> list[Found]:
    lines = {} if looked.now.files is None else lister.lines(looked.full)
    if looked.now.coverage is Coverage.METADATA:
        lines = {}
    found, troubles = found_of(looked, project.root, project.settings.list("exclude"), lines)
    for trouble in troubles:
        if trouble.why.startswith("is "):
            plan.left_out.append(LeftOut(to_name(trouble.path), trouble.why, trouble.size))
        else:
            plan.partial.append(f"{to_name(trouble.path)} {trouble.why}")
    return found


def _words(files: Sequence[Found]) -> str:
    """Name a few files: `model.npz, table.csv`."""
    names = [os.path.basename(to_name(item.path)) for item in files[:_SHOWN]]  # noqa: PTH119 - a name of the journal
    more = f" and {len(files) - _SHOWN:,} more" if len(files) > _SHOWN else ""
    return ", ".join(names) + more
