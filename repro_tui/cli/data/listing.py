"""`data list` and `data log`: the datasets in a line each, and one of them with its history."""

from __future__ import annotations

import time

from repro_tui.cli.call import Call
from repro_tui.cli.data.documents import dataset_document, head, now_document
from repro_tui.cli.data.progress import shown
from repro_tui.cli.data.words import (
    aligned,
    content,
    files_word,
    fitting,
    made_by,
    opened_datasets,
    runs_word,
    safe,
    the_one,
)
from repro_tui.cli.output import Output
from repro_tui.cli.projects import named_project
from repro_tui.datasets.service import DatasetService
from repro_tui.domain.data_words import rows_word
from repro_tui.domain.dataset import Dataset, Now, Source, Version, Watch
from repro_tui.domain.ids import short
from repro_tui.domain.run import COVERAGE_WORDS, Coverage
from repro_tui.tui.render.ages import age
from repro_tui.tui.render.numbers import size

NOTHING = "No dataset is declared. See what runs read: repro-tui data add"


def list(call: Call) -> int:  # noqa: A001 - named as the subcommand is
    """Print the datasets, a line each."""
    project = named_project(call)
    with opened_datasets(call, project) as service:
        datasets = service.all()
        if call.options.json:
            runs = service.run_names()
            call.output.json(head(project) | {"datasets": [dataset_document(d, runs) for d in datasets]})
            return 0
        if not datasets:
            call.output.note(NOTHING)
        for line in aligned([_cells(call.output, dataset) for dataset in datasets], right=(2, 3, 4, 5)):
            call.output.line(line)
        for dataset in datasets:
            for problem in dataset.problems:
                call.output.note(f"{dataset.spec.name} {problem}.")
    return 0


def _cells(output: Output, dataset: Dataset) -> tuple[str, ...]:
    """Give a dataset's line: name, version, rows, files, size, runs, and what else there is to say."""
    spec = dataset.spec
    watch = "" if spec.watch is Watch.NEVER else f"watch: {spec.watch}  "
    rest = f"{watch}{safe(output, spec.path)}"
    newest = dataset.versions[0] if dataset.versions else None
    if newest is None:
        return (spec.name, "-", "", "", "not seen yet", "", rest)
    rows = rows_word(newest.rows) if newest.rows is not None else ""
    used = runs_word(len({uid for version in dataset.versions for uid in version.runs}))
    return (spec.name, f"v{newest.number}", rows, files_word(newest.files), size(newest.size), used, rest)


def log(call: Call) -> int:
    """Print the versions of a dataset, how each was made, and who used it."""
    project = named_project(call)
    with opened_datasets(call, project) as service:
        dataset = the_one(service, call.options.name)
        with shown(call.output) as progress:
            now = service.now(dataset.spec.name, read=True, progress=progress)
            if now.same_as is not None and not _is_known(dataset, now):
                service.look_into(dataset.spec.name, progress)
        dataset = the_one(service, dataset.spec.name)
        runs = service.run_names()
        if call.options.json:
            document = dataset_document(dataset, runs)
            document["now"] = now_document(dataset.spec.name, dataset.spec.path, now)
            call.output.json(head(project) | document)
            return 0
        _print_head(call.output, dataset, now)
        for version in dataset.versions:
            _print_version(call.output, service, dataset, version, runs)
    return 0


def _is_known(dataset: Dataset, now: Now) -> bool:
    """Tell whether somebody has looked into the tables of what lies there now."""
    return any(version.digest == now.digest and version.profile is not None for version in dataset.versions)


def _print_head(output: Output, dataset: Dataset, now: Now) -> None:
    spec = dataset.spec
    used = runs_word(len({uid for version in dataset.versions for uid in version.runs}))
    versions = "1 version" if len(dataset.versions) == 1 else f"{len(dataset.versions)} versions"
    name = output.style(safe(output, spec.name), "bold")
    output.line(f"{name}   {versions}, {used}, watch: {spec.watch}   {safe(output, spec.path)}")
    output.line(f"  now   {now_line(output, now)}")


def now_line(output: Output, now: Now) -> str:
    """Say what lies there now."""
    if now.digest is None:
        return safe(output, now.why or "not known")
    same = f"same as v{now.same_as}" if now.same_as else "not noted yet"
    return f"{files_word(now.files)}   {size(now.size)}   {short(now.digest)}   {same}   {COVERAGE_WORDS[now.coverage]}"


def _print_version(
    output: Output, service: DatasetService, dataset: Dataset, version: Version, runs: dict[str, str]
) -> None:
    who = safe(output, (version.made.user if version.made else version.user) or "?")
    when = age(time.time() - version.t)
    left = f"  {f'v{version.number}':<5} {when:>4}  {who}  {safe(output, made_by(version))}"
    output.line(fitting(output, left, f"used by {runs_word(len(version.runs))}"))
    details = [content(version), short(version.digest)]
    if version.coverage is not Coverage.FULL:
        details.append(COVERAGE_WORDS[version.coverage])
    if version.snapshot:
        details.append("kept")
    output.line(output.style(f"        {'  '.join(details)}", "dim"))
    older = next((v for v in dataset.versions if v.number == version.number - 1), None)
    if older is not None and (words := service.phrase(dataset.spec.name, older.digest, version.digest)):
        output.line(f"        {safe(output, words)}")
    for fault in version.faults:
        output.line(f"        {output.style('problem', 'yellow')}  {safe(output, fault)}")
    if version.made and (sources := [_source(service, source) for source in version.made.of]):
        output.line(output.style(f"        from {safe(output, ', '.join(sources))}", "dim"))
    if version.made and version.made.run and (name := runs.get(version.made.run)):
        output.line(output.style(f"        recorded as {safe(output, name)}", "dim"))


def _source(service: DatasetService, source: Source) -> str:
    """Name what a version was made from."""
    known = service.known(source.name, source.digest) if source.name and source.digest else None
    if known is not None:
        return f"{source.name} v{known.number}"
    digest = f" {short(source.digest)}" if source.digest else ""
    return f"{source.name or source.path}{digest}"
