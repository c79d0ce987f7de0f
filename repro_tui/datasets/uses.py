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


def with_runs(
    datasets: Iterable[Dataset], paths: Mapping[str, frozenset[str]], runs: Sequence[RunReads], listing: Listing
) -> tuple[Dataset, ...]:
    """Put into each version the runs that used it, newest first.

    A run used a version when it noted the dataset's fingerprint, or when every file that it was seen reading there has
    the content that the version's list gives it: that is how runs count that were before the declaration.

    Args:
        datasets: with all their versions.
        paths: name to the paths at which the dataset lies or once lay.
        runs: what each run read, newest first.
        listing: gives file lists.
    """
    return tuple(
        _with_runs(dataset, paths.get(dataset.spec.name, frozenset()) | {dataset.spec.path}, runs, listing)
        for dataset in datasets
    )


def _with_runs(dataset: Dataset, paths: frozenset[str], runs: Sequence[RunReads], listing: Listing) -> Dataset:
    known = {version.digest for version in dataset.versions}
    used: dict[Digest, list[RunId]] = {}
    older: list[tuple[RunReads, list[Read]]] = []
    for run in runs:
        found = next((read for read in run.inputs if read.digest in known and read.path in paths), None)
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
    before = [version for version in versions[1:] if version.runs]
    last = min(before, key=lambda version: order[version.runs[0]], default=None)
    return replace(dataset, versions=versions, last=last.digest if last else None)


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
