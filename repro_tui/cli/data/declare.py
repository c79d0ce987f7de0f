"""`data add`, `data remove`, `data watch`: what is a dataset, and whether to be asked about it."""

from __future__ import annotations

import os

from repro_tui.cli.call import Call
from repro_tui.cli.data.documents import dataset_document, head, proposal_document
from repro_tui.cli.data.words import content, files_word, opened_datasets, runs_word, safe
from repro_tui.cli.projects import named_project, project_for_recording
from repro_tui.datasets.service import DatasetService
from repro_tui.domain.dataset import Spec, Watch
from repro_tui.errors import UsageError
from repro_tui.recorder.line import to_text
from repro_tui.settings import Project
from repro_tui.tui.render.numbers import size
from repro_tui.tui.render.text import pad, width


def add(call: Call) -> int:
    """Declare a dataset, or list what could be one."""
    options = call.options
    if not options.name:
        return _propose(call)
    project = project_for_recording(call)
    with opened_datasets(call, project) as service:
        path = os.path.abspath(call.cwd / options.path) if options.path else _proposed(service, options.name)  # noqa: PTH100 - links stay
        spec = Spec(options.name, to_text(path), options.kind, Watch(options.watch), options.label, options.key)
        dataset = service.add(spec)
        if options.json:
            call.output.json(head(project) | dataset_document(dataset, service.run_names()))
            return 0
        version = dataset.versions[0] if dataset.versions else None
        if version is None:
            now = service.now(dataset.spec.name)
            call.output.note(f"{dataset.spec.name} is declared; what lies there is not known: {now.why}.")
        else:
            call.output.note(f"{dataset.spec.name} v{version.number}: {content(version)}")
            for fault in version.faults:
                call.output.note(f"  problem: {safe(call.output, fault)}")
    return 0


def _propose(call: Call) -> int:
    project = named_project(call)
    with opened_datasets(call, project) as service:
        proposals = service.proposals()
        if call.options.json:
            call.output.json(head(project) | {"proposals": [proposal_document(each) for each in proposals]})
            return 0
        if not proposals:
            call.output.note("No run was seen reading anything that is no dataset yet.")
            call.output.note("Declare one all the same: repro-tui data add NAME PATH")
            return 0
        call.output.note("Runs were seen reading these. To declare one:")
        column = max(width(f"{each.name} {_quoted(each.path)}") for each in proposals)
        for each in proposals:
            words = pad(safe(call.output, f"{each.name} {_quoted(each.path)}"), column)
            much = f"{files_word(each.files)}, {size(each.size)}" if each.files is not None else size(each.size)
            call.output.line(f"  repro-tui data add {words}  {much}, read by {runs_word(each.runs)}")
    return 0


def _quoted(path: str) -> str:
    import shlex

    from repro_tui.recorder.line import from_text

    return shlex.quote(from_text(path))


def _proposed(service: DatasetService, name: str) -> str:
    """Give the path that was proposed under a name; raises UsageError."""
    for proposal in service.proposals():
        if proposal.name == name:
            return service.place(proposal.path)
    raise UsageError(f"Where does {name} lie?", f"Write the path too: repro-tui data add {name} PATH.")


def remove(call: Call) -> int:
    """Take a declaration back."""
    project = named_project(call)
    with opened_datasets(call, project) as service:
        service.remove(call.options.name)
        _said(call, project, f"{call.options.name} is no dataset any more; its history stays.", {"removed": True})
    return 0


def watch(call: Call) -> int:
    """Say whether to be asked when a dataset changes."""
    project = named_project(call)
    name, word = call.options.name, Watch(call.options.watch)
    meanings = {
        Watch.NEVER: f"You are not asked when {name} changes.",
        Watch.ASK: f"You are asked when {name} has changed.",
        Watch.ALWAYS: f"Each version of {name} that a run uses is kept.",
    }
    with opened_datasets(call, project) as service:
        service.watch(name, word)
        _said(call, project, meanings[word], {"watch": str(word)})
    return 0


def _said(call: Call, project: Project, text: str, fields: dict[str, object]) -> None:
    if call.options.json:
        call.output.json(head(project) | {"name": call.options.name} | fields)
    else:
        call.output.note(text)
