"""What the subcommands of `data` share: the service, versions by name, and words for a version."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from repro_tui.cli.call import Call
from repro_tui.cli.output import Output, clean
from repro_tui.cli.projects import named_project
from repro_tui.datasets.service import DatasetService
from repro_tui.domain.data_words import rows_word
from repro_tui.domain.dataset import Dataset, Version
from repro_tui.domain.ids import Digest
from repro_tui.errors import NotFoundError, StorageError, UsageError
from repro_tui.recorder.line import from_text
from repro_tui.settings import Project
from repro_tui.tui.render.numbers import count, size
from repro_tui.tui.render.text import pad, shorten, to_ascii, width

NOW = "now"
_SHORTEST = 4
"""Digits of a digest that name a version."""


@contextmanager
def opened_datasets(call: Call, project: Project | None = None) -> Iterator[DatasetService]:
    """Open the datasets of the project that is meant."""
    from repro_tui.bootstrap import open_services

    service = open_services(project or named_project(call)).datasets
    assert isinstance(service, DatasetService), "commands work on the project itself"
    try:
        yield service
    finally:
        service.close()


def the_one(service: DatasetService, name: str) -> Dataset:
    """Find a dataset with its versions and runs; without a name the only one there is."""
    if name:
        service.spec(name)
    datasets = service.all()
    if not name and len(datasets) != 1:
        names = ", ".join(dataset.spec.name for dataset in datasets)
        raise UsageError(
            "Which dataset?" if names else "No dataset is declared.",
            f"There are: {names}." if names else "Declare one: repro-tui data add NAME PATH.",
        )
    return next(dataset for dataset in datasets if dataset.spec.name == (name or datasets[0].spec.name))


def find_version(service: DatasetService, dataset: Dataset, text: str, runs: Mapping[str, str]) -> Digest:
    """Find a version: `now`, `v3`, `train@v3`, the beginning of its digest, or a run that used it.

    Raises NotFoundError.
    """
    name = dataset.spec.name
    word = text.removeprefix(f"{name}@")
    if word == NOW:
        found = service.now(name, read=True)
        if found.digest is None:
            raise StorageError(
                f"What lies at {name} is not known: {found.why}.", f"See `repro-tui data status {name}`."
            )
        return found.digest
    number = word.removeprefix("v")
    if number.isascii() and number.isdigit():
        by_number = {version.number: version.digest for version in dataset.versions}
        if int(number) in by_number:
            return by_number[int(number)]
    digits = word.removeprefix("b3:")
    by_digest = [v.digest for v in dataset.versions if len(digits) >= _SHORTEST and v.digest[3:].startswith(digits)]
    if len(by_digest) == 1:
        return by_digest[0]
    return _by_run(dataset, word, runs)


def _by_run(dataset: Dataset, word: str, runs: Mapping[str, str]) -> Digest:
    """Find the version that a run used, by the run's name, the beginning of its uid, or `@1` for the newest run."""
    name = dataset.spec.name
    uids = list(runs)
    if word.startswith("@") and word[1:].isdigit() and 0 < int(word[1:]) <= len(uids):
        meant = [uids[int(word[1:]) - 1]]
    else:
        meant = [uid for uid, run in runs.items() if run == word or (len(word) >= _SHORTEST and uid.startswith(word))]
    used = [version.digest for version in dataset.versions for uid in meant if uid in version.runs]
    if len(set(used)) == 1:
        return used[0]
    if used:
        raise UsageError(f"{word} is several runs, which used different versions of {name}.", "Give a uid.")
    if meant:
        raise NotFoundError(f"The run {word} is not known to have used {name}.", f"See `repro-tui data log {name}`.")
    last = dataset.versions[0].number if dataset.versions else 0
    known = "is v1" if last == 1 else f"are v1 to v{last}"
    hint = f"There {known}, {NOW}, and the names of runs." if last else f"There is only {NOW}."
    raise NotFoundError(f"{name} has no version {word!r}.", hint)


def label(dataset: Dataset, digest: Digest) -> str:
    """Name a version: `v3`, or the beginning of its digest when it is not in the list."""
    return next((f"v{v.number}" for v in dataset.versions if v.digest == digest), str(digest)[:11])


def made_by(version: Version) -> str:
    """Say how a version came to be."""
    made = version.made
    if made is None:
        return "first seen" if version.number == 1 else "how it was made is not noted"
    note = f'"{made.note}"' if made.note else ""
    if not made.argv:
        return f"by hand: {note}"
    line = shlex.join(from_text(word) for word in made.argv)
    failed = f"  (exit {made.exit})" if made.exit else ""
    return f"{line}{failed}{f'  {note}' if note else ''}"


def files_word(files: int) -> str:
    """Say a number of files."""
    return "1 file" if files == 1 else f"{count(files)} files"


def content(version: Version) -> str:
    """Say how much a version holds."""
    rows = f"{rows_word(version.rows)}  " if version.rows is not None else ""
    return f"{rows}{files_word(version.files)}  {size(version.size)}"


def runs_word(runs: int) -> str:
    """Say by how many runs a version is used."""
    return "no run" if not runs else "1 run" if runs == 1 else f"{count(runs)} runs"


def safe(output: Output, text: str) -> str:
    """Make foreign text fit for the terminal."""
    return to_ascii(clean(text)) if output.ascii else clean(text)


def fitting(output: Output, left: str, right: str = "") -> str:
    """Put text at the left and at the right of a line; the left one is shortened where both do not fit."""
    total = min(output.width, 100)
    if not output.terminal or not right:
        return (
            f"{left}  {right}".rstrip()
            if output.width > total
            else shorten(left, output.width, ascii_only=output.ascii)
        )
    room = total - width(right) - 2
    text = shorten(left, room, ascii_only=output.ascii)
    return f"{text}{' ' * (room - width(text))}  {right}"


def aligned(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """Set cells in columns; an empty column is left out, and the columns named in `right` end at the same place."""
    columns = [place for place in range(max(map(len, rows), default=0)) if any(row[place] for row in rows)]
    widths = {place: max(width(row[place]) for row in rows) for place in columns}
    return [
        "  ".join(pad(row[p], widths[p], "right" if p in right else "left") for p in columns).rstrip() for row in rows
    ]
