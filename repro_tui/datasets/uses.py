"""Which runs used which version of a dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from repro_tui.datasets.reads import Read, RunReads
from repro_tui.domain.dataset import Dataset, Version
from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.profile import FileLine

_MAX_COMPARED = 20
"""Versions whose file lists are compared with what older runs read, newest first."""
_MAX_LISTED = 20_000

Listing = Callable[[str, Digest], tuple[FileLine, ...] | Unavailable]
"""Gives the file list of a version, by name and digest."""


def with_runs(datasets: Iterable[Dataset], runs: Sequence[RunReads], listing: Listing) -> tuple[Dataset, ...]:
    """Put into each version the runs that used it, newest first.

    A run used a version when it noted the dataset's fingerprint, or when every file that it was seen reading there has
    the content that the version's list gives it: that is how runs count that were before the declaration.
    """
    datasets = tuple(datasets)
    owners = {dataset.spec.path: dataset.spec.name for dataset in datasets}
    return tuple(_with_runs(dataset, runs, owners, listing) for dataset in datasets)


def _with_runs(dataset: Dataset, runs: Sequence[RunReads], owners: Mapping[str, str], listing: Listing) -> Dataset:
    known = {version.digest for version in dataset.versions}
    used: dict[Digest, list[RunId]] = {}
    older: list[tuple[RunReads, list[Read]]] = []
    for run in runs:
        found = next((r for r in run.inputs if r.digest in known and _is_its(r.path, dataset, owners)), None)
        if found is not None and found.digest is not None:
            used.setdefault(found.digest, []).append(run.uid)
        elif within := _inside(run, dataset.spec.path):
            older.append((run, within))
    if older:
        for run, version in _by_content(dataset, older, listing):
            used.setdefault(version.digest, []).append(run.uid)
    order = {run.uid: place for place, run in enumerate(runs)}
    versions = tuple(
        replace(version, runs=tuple(sorted(used.get(version.digest, ()), key=order.__getitem__)))
        for version in dataset.versions
    )
    return replace(dataset, versions=versions)


def _is_its(path: str, dataset: Dataset, owners: Mapping[str, str]) -> bool:
    """Tell whether a fingerprint at a path is this dataset's: it lies there, or no other one does (it was moved)."""
    return owners.get(path, dataset.spec.name) == dataset.spec.name


def _inside(run: RunReads, path: str) -> list[Read]:
    """Give the files of a dataset that a run read one by one; none when it noted the whole or was not quite seen."""
    found = [read for read in run.inputs if read.path.startswith(path + "/")]
    if any(read.path == path for read in run.inputs) or any(read.digest is None for read in found):
        return []
    return found


def _by_content(
    dataset: Dataset, runs: Sequence[tuple[RunReads, list[Read]]], listing: Listing
) -> Iterable[tuple[RunReads, Version]]:
    """Find for each run the version that it read: of several that fit, the newest that was there when it ran."""
    lists: list[tuple[Version, dict[str, Digest | None]]] = []
    for version in dataset.versions[:_MAX_COMPARED]:
        files = listing(dataset.spec.name, version.digest) if version.files <= _MAX_LISTED else ()
        if isinstance(files, tuple) and files:
            lists.append((version, {f"{dataset.spec.path}/{line.path}": line.digest for line in files}))
    for run, within in runs:
        fitting = [version for version, files in lists if all(files.get(read.path) == read.digest for read in within)]
        there = [version for version in fitting if version.t <= run.t] or fitting[-1:]
        if there:
            yield run, there[0]
