"""`data diff`: what changed between two versions of a dataset."""

from __future__ import annotations

from repro_tui.cli.call import Call
from repro_tui.cli.data.documents import change_document, head
from repro_tui.cli.data.progress import shown
from repro_tui.cli.data.words import NOW, find_version, label, opened_datasets, safe, the_one
from repro_tui.cli.projects import named_project
from repro_tui.datasets.service import DatasetService
from repro_tui.domain.data_change import summary_lines
from repro_tui.domain.dataset import Dataset
from repro_tui.domain.ids import Digest
from repro_tui.domain.missing import Unavailable
from repro_tui.errors import NotFoundError, StorageError

_WIDEST = 100


def diff(call: Call) -> int:
    """Print what changed."""
    project = named_project(call)
    with opened_datasets(call, project) as service, shown(call.output) as progress:
        name, words = _words(call)
        dataset = the_one(service, name)
        before, after, dataset = _versions(service, dataset, words)
        change = service.change(dataset.spec.name, before, after, progress)
        if isinstance(change, Unavailable):
            raise StorageError(f"The versions cannot be compared: {change.reason}.", "See `repro-tui data log`.")
        phrase = service.phrase(dataset.spec.name, before, after)
    if call.options.json:
        call.output.json(head(project) | change_document(dataset.spec.name, change, phrase))
        return 0
    same = before == after or change.empty
    call.output.line(
        f"{call.output.style(dataset.spec.name, 'bold')}  {label(dataset, before)} to {label(dataset, after)}"
        f"{': nothing changed' if same else f': {safe(call.output, phrase)}'}"
    )
    lines = (
        []
        if before == after
        else summary_lines(change, min(call.output.width, _WIDEST) - 2, ascii_only=call.output.ascii)
    )
    for line in lines:
        call.output.line(f"  {line}".rstrip())
    return 0


def _words(call: Call) -> tuple[str, tuple[str, str]]:
    """Understand `train v1 v2`, and `train@v1 train@v2`."""
    options = call.options
    name, at, version = options.name.partition("@")
    if at and name:
        return name, (version, options.before)
    return options.name, (options.before, options.after)


def _versions(service: DatasetService, dataset: Dataset, words: tuple[str, str]) -> tuple[Digest, Digest, Dataset]:
    """Find both versions; the dataset is given as it is known after looking at what lies there now."""
    name = dataset.spec.name
    runs = service.run_names()
    after = find_version(service, dataset, words[1] or NOW, runs)
    dataset = the_one(service, name)
    if words[0]:
        return find_version(service, dataset, words[0], runs), after, dataset
    number = next((version.number for version in dataset.versions if version.digest == after), 0)
    older = [version for version in dataset.versions if version.number == number - 1]
    if not older:
        raise NotFoundError(f"{name} has no version before {words[1] or NOW}.", "It was first seen as it is.")
    return older[0].digest, after, dataset
