"""`data transform`: run a command that makes a dataset, recorded as a run, and note what it made from what."""

from __future__ import annotations

import os
from dataclasses import asdict

from repro_tui.cli.call import Call
from repro_tui.cli.data.documents import head
from repro_tui.cli.data.words import opened_datasets
from repro_tui.cli.projects import project_for_recording
from repro_tui.datasets.service import DatasetService
from repro_tui.datasets.transform import Made, Transformation
from repro_tui.domain.dataset import Watch
from repro_tui.errors import ReproError, UsageError
from repro_tui.settings import Project


def transform(call: Call) -> int:
    """Run the command; the exit status is its own."""
    options = call.options
    argv = options.argv[1:] if options.argv[:1] == ["--"] else options.argv
    if not argv:
        raise UsageError(
            "There is nothing to run.", "Write the command after `--`: repro-tui data transform --out train -- CMD"
        )
    if argv[0].startswith("-") and options.argv[:1] != ["--"]:
        raise UsageError(f"There is no option {argv[0]}.", "See `repro-tui data transform --help`.")
    if call.environment.get("REPRO_TUI") == "off":
        raise UsageError("REPRO_TUI=off forbids recording.", "Call it without, so that it is known what made the data.")
    from repro_tui.capture.record import Ended, RunOptions, record

    project = project_for_recording(call)
    with opened_datasets(call, project) as service:
        work = Transformation(service, str(project.root), str(call.cwd), options.ins, options.outs)
        work.begin()

        def then(ended: Ended) -> None:
            """Note what the command made, before this process ends as the command did."""
            status = os.WTERMSIG(ended.status) + 128 if ended.interrupted else os.WEXITSTATUS(ended.status)
            try:
                _tell(call, project, service, work.end(ended.uid, argv, options.note, status), status)
            except ReproError as error:
                call.output.error(error)

        chosen = RunOptions(lineage=work.lineage, note=options.note, data=work.data, out=work.out)
        return record(project, argv, chosen, call.environment, then)


def _tell(call: Call, project: Project, service: DatasetService, made: tuple[Made, ...], status: int) -> None:
    """Say what became of the outputs."""
    for each in made:
        if each.claimed and not status and service.spec(each.name).watch is Watch.ALWAYS:
            service.checkpoint(each.name)
    if call.options.json:
        call.output.json_line(head(project) | {"exit": status, "made": [asdict(each) for each in made]})
        call.output.flush()
        return
    for each in made:
        call.output.note(f"repro-tui: {_words(each, status)}")


def _words(made: Made, status: int) -> str:
    was = (f", was v{made.before}" if made.before else "") + (f": {made.change}" if made.change else "")
    if made.why == "is not there":
        return f"{made.name} was not made: it is not there"
    if made.why or made.after is None:
        return f"{made.name}: what lies there now is not known: {made.why or 'it cannot be noted'}"
    if not made.claimed:
        return f"{made.name} is as it was, v{made.after}" + (
            f"; the command failed with exit status {status}" if status else ""
        )
    if status:
        blame = f"noted as made by a command that failed with exit status {status}"
        return f"{made.name} is now v{made.after}{was}; {blame}"
    return f"{made.name} is now v{made.after}{was}; to keep it: repro-tui data checkpoint {made.name}"
