"""From datasets to the lines of their place: what lies there now, versions, who used them, paths to declare. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from repro_tui.domain.dataset import Dataset, Making, Now, Proposal, Version, Watch
from repro_tui.domain.ids import short
from repro_tui.domain.run import COVERAGE_WORDS, Coverage
from repro_tui.tui.render import ages, numbers
from repro_tui.tui.render.lines import cut_pieces
from repro_tui.tui.render.text import clean, fit, shorten, to_ascii, width
from repro_tui.tui.run_lines import Piece

USER_MOST = 10
KEPT = "kept"
SIZES_FROM = 110
"""Cells from which a version's line gives rows and bytes too."""

WATCH_WORDS: Mapping[Watch, str] = {
    Watch.NEVER: "nobody is asked when it has changed",
    Watch.ASK: "a change is asked about",
    Watch.ALWAYS: "each version is kept without a question",
}


@dataclass(frozen=True, slots=True)
class Spot:
    """One line of the place: a dataset, what lies there now, a version, or a path that could be declared."""

    kind: str
    """`dataset`, `now`, `version`, `proposal`, `note`; `blank` between datasets."""
    name: str = ""
    number: int = 0

    @property
    def key(self) -> str:
        """Give the identity of the line; lines without one are passed over."""
        if self.kind == "version":
            return f"{self.name}@v{self.number}"
        return {"dataset": self.name, "now": f"{self.name}@now", "proposal": f"+{self.name}"}.get(self.kind, "")


@dataclass(frozen=True, slots=True)
class Sets:
    """What is known about the datasets at one moment."""

    datasets: Sequence[Dataset] = ()
    proposals: Sequence[Proposal] = ()
    error: str = ""
    """Why they cannot be read."""

    def dataset(self, name: str) -> Dataset | None:
        """Find a dataset by its name."""
        return next((found for found in self.datasets if found.spec.name == name), None)

    def version(self, name: str, number: int) -> Version | None:
        """Find a version by its number."""
        found = self.dataset(name)
        return next((v for v in found.versions if v.number == number), None) if found else None

    def spots(self) -> list[Spot]:
        """Give the lines in order."""
        spots: list[Spot] = []
        for dataset in self.datasets:
            name = dataset.spec.name
            spots += [Spot("blank")] if spots else []
            spots += [Spot("dataset", name), Spot("now", name)]
            spots += [Spot("version", name, version.number) for version in dataset.versions]
        if self.proposals:
            spots += [Spot("blank")] if spots else []
            spots += [Spot("note", "runs also read:" if self.datasets else "runs were seen reading:")]
            spots += [Spot("proposal", proposal.path) for proposal in self.proposals]
        return spots


def runs_of(dataset: Dataset) -> int:
    """Count the runs that used any version."""
    return len({run for version in dataset.versions for run in version.runs})


def counted(count: int, noun: str) -> str:
    """Write a count with its noun: `1 run`, `36 runs`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def used_text(version: Version) -> str:
    """Say by how many runs a version was used."""
    return f"used by {counted(len(version.runs), 'run')}" if version.runs else "not used"


def command_text(argv: Sequence[str]) -> str:
    """Write a command line without the interpreter, whose name tells nobody anything."""
    shown = argv[1:] if len(argv) > 1 and argv[0].rpartition("/")[2].startswith("python") else argv
    return clean(shlex.join(shown if shown and not shown[0].startswith("-") else argv))


def made_text(made: Making | None, *, is_first: bool) -> Piece:
    """Say how a version came to be."""
    if made is not None and made.argv:
        failed = f" (exit {made.exit})" if made.exit else ""
        return command_text(made.argv) + failed, "value"
    if made is not None and made.note:
        return f'by hand: "{clean(made.note)}"', "value"
    return ("first seen", "quiet") if is_first else ("how it was made is not noted (i)", "faint")


def now_text(now: Now | None, dataset: Dataset) -> list[Piece]:
    """Say what lies there now, and whether it is a version that is known."""
    if now is None:
        return [("looking ...", "faint")]
    newest = dataset.versions[0] if dataset.versions else None
    same = next((v for v in dataset.versions if v.number == now.same_as), None) if now.same_as else None
    figures = [f"{same.rows:,} rows"] if same is not None and same.rows is not None else []
    figures += [] if figures else [counted(now.files, "file")] if now.files else []
    figures += [numbers.size(now.size)] if now.files else []
    figures += [short(now.digest)] if now.digest else []
    pieces: list[Piece] = [("   ".join(figures), "value"), ("   " if figures else "", "")]
    if same is not None:
        pieces.append((f"same as v{same.number}", "good" if same is newest else "warn"))
        return [*pieces, (f"   {COVERAGE_WORDS[now.coverage]}", "quiet")]
    if now.digest is not None:
        since = f"changed since v{newest.number}" if newest else "not a version yet"
        return [*pieces, (since, "warn"), (f"   {COVERAGE_WORDS[now.coverage]}", "quiet")]
    why = clean(now.why) or "it was not read yet"
    if not now.files:
        return [(why, "bad")]
    return [*pieces, (why, "warn"), ("   w reads it" if now.coverage is not Coverage.FULL else "", "quiet")]


@dataclass(frozen=True, slots=True)
class DataTable:
    """The lines of the place, as a source of a row table."""

    sets: Sets
    now: float
    lies: Mapping[str, Now] = field(default_factory=dict)
    """Dataset to what lies there now, where that was looked at."""
    marked: str = ""
    """Key of the version that others are compared with."""
    ascii_only: bool = False
    spots: Sequence[Spot] = ()
    keys: Sequence[str] = ()
    user_cells: int = 0
    number_cells: int = 3
    used_cells: int = 0

    @classmethod
    def of(cls, sets: Sets, now: float, lies: Mapping[str, Now], *, marked: str, ascii_only: bool) -> DataTable:
        """Measure what all lines have in common."""
        spots = sets.spots()
        versions = [version for dataset in sets.datasets for version in dataset.versions]
        users = max((width(shorten(v.user, USER_MOST)) for v in versions), default=0)
        digits = max((len(f"v{v.number}") for v in versions), default=3)
        used = max((len(used_text(version)) for version in versions), default=0)
        keys = tuple(spot.key for spot in spots)
        return cls(sets, now, lies, marked, ascii_only, spots, keys, users, max(3, digits), used)

    def spot(self, key: str) -> Spot | None:
        """Give the line of an identity."""
        return next((spot for spot in self.spots if spot.key == key), None) if key else None

    def head(self, cells: int) -> Sequence[Piece] | None:
        """Give no head: each dataset has its own."""
        del cells
        return None

    def line(self, index: int, cells: int) -> Sequence[Piece]:
        """Write one line; the last cell stays free, as in the lines above and below the table."""
        pieces = cut_pieces(self._pieces(self.spots[index], cells - 1), cells - 1)
        return [(to_ascii(text), style) for text, style in pieces] if self.ascii_only else pieces

    def _pieces(self, spot: Spot, cells: int) -> list[Piece]:
        if spot.kind == "note":
            return [(" " + spot.name, "quiet")]
        if spot.kind == "proposal":
            return self._proposal(next(p for p in self.sets.proposals if p.path == spot.name), cells)
        dataset = self.sets.dataset(spot.name)
        if dataset is None:
            return []
        if spot.kind == "dataset":
            return self._head(dataset, cells)
        if spot.kind == "now":
            lies = now_text(self.lies.get(spot.name), dataset)
            return [("  ", ""), (fit("now", self.number_cells), "quiet"), ("  ", ""), *lies]
        version = self.sets.version(spot.name, spot.number)
        return self._version(dataset, version, cells) if version else []

    def _head(self, dataset: Dataset, cells: int) -> list[Piece]:
        spec = dataset.spec
        name = shorten(spec.name, max(8, cells // 3))
        facts = f"{counted(len(dataset.versions), 'version')}, {counted(runs_of(dataset), 'run')}, watch: {spec.watch}"
        pieces: list[Piece] = [(" ", ""), (name, "title"), ("   ", ""), (facts, "quiet")]
        if dataset.problems:
            pieces += [("   ", ""), (clean(dataset.problems[0]), "bad")]
        room = cells - sum(width(text) for text, _ in pieces) - 4
        path = shorten(spec.path, room, keep="end") if room > 3 else ""  # noqa: PLR2004 - less of a path tells nothing
        blank = " " * max(0, room + 4 - width(path))
        return [*pieces, (blank, ""), (path, "faint")]

    def _version(self, dataset: Dataset, version: Version, cells: int) -> list[Piece]:
        mark = ("*", "accent") if self.marked == f"{dataset.spec.name}@v{version.number}" else (" ", "")
        left: list[Piece] = [
            (" ", ""),
            mark,
            (fit(f"v{version.number}", self.number_cells), "name"),
            (f" {ages.age(self.now - version.t):>4}  ", "quiet"),
            (fit(version.user, self.user_cells), "quiet"),
            ("  ", ""),
        ]
        right: list[Piece] = []
        if cells >= SIZES_FROM:
            rows = "" if version.rows is None else counted(version.rows, "row")
            right += [(f"  {rows:>16}  {numbers.size(version.size):>6}", "value")]
        right += [(f"  {KEPT if version.snapshot else '':<4}", "good")]
        used = used_text(version)
        right += [(f"  {used:>{self.used_cells}}", "value" if version.runs else "faint")]
        room = cells - sum(width(text) for text, _ in (*left, *right))
        text, style = made_text(version.made, is_first=version is dataset.versions[-1])
        if room < 8:  # noqa: PLR2004 - then who used it gives way
            return [*left, (text, style)]
        return [*left, (fit(text, room), style), *right]

    def _proposal(self, proposal: Proposal, cells: int) -> list[Piece]:
        files = f"{counted(proposal.files, 'file')}   " if proposal.files is not None else ""
        right = f"   {files}{numbers.size(proposal.size)}   read by {counted(proposal.runs, 'run')}"
        room = cells - 3 - width(right)
        if room < 8:  # noqa: PLR2004 - a path is worth more than figures
            return [("   ", ""), (shorten(proposal.path, cells - 3, keep="end"), "value")]
        return [("   ", ""), (fit(proposal.path, room, keep="end"), "value"), (right, "quiet")]
