"""Find the metric files of a run while it goes, and read them on."""

from __future__ import annotations

import fnmatch
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from repro_tui.readers.interface import HEAD, Reader, Row, Tail
from repro_tui.readers.json_lines import JsonLinesReader
from repro_tui.readers.names import number
from repro_tui.readers.purpose import is_data_file
from repro_tui.readers.results import ResultsReader
from repro_tui.readers.table import TableReader
from repro_tui.readers.tensorboard import TensorBoardReader
from repro_tui.readers.trainer_state import TrainerStateReader
from repro_tui.recorder.line import from_text

GUESSED = (
    "runs", "logs", "log", "lightning_logs", "tb_logs", "tensorboard", "outputs", "output", "out", "results",
    "ray_results", "multirun", "experiments", "checkpoints",
)  # fmt: skip
"""Folders of a project in which tools leave their logs, for `Discovery(..., guess=...)`."""

_FILES_LIMIT = 300
_ENTRIES_LIMIT = 5000
_DEPTH_LIMIT = 8
_SCAN_EVERY = 3.0

_ENDINGS = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".log", ".txt", ".tab")
_SKIPPED = {"__pycache__", "node_modules", "site-packages", "wandb", "mlruns"}
_ROLES = {"train", "training", "validation", "valid", "val", "test", "eval", "evaluation", "dev"}


def readers() -> list[Reader]:
    """Give a reader of each format, the more particular first. A further format is one line here and one file."""
    return [TensorBoardReader(), TrainerStateReader(), JsonLinesReader(), TableReader(), ResultsReader()]


@dataclass(slots=True)
class _Found:
    """A metric file that is read on."""

    tail: Tail
    source: str
    prefix: str


class Discovery:
    """The metric files of one run: those that it was seen to write, and those that lie in its output folders."""

    def __init__(
        self,
        root: Path,
        started: float,
        *,
        folders: Sequence[Path] = (),
        exclude: Sequence[Path] = (),
        patterns: Sequence[str] = (),
        guess: Callable[[], bool] | None = None,
    ) -> None:
        """Look below `folders` for files changed since `started`, never below `exclude`.

        `started` is in seconds since the epoch as the file system stamps its files: its clock may be another than ours.

        `patterns` are further glob patterns, relative to the root. With `guess` the folders are looked into where tools
        usually leave their logs; it is asked for each file found there whether it can only be this run's.
        """
        self._root = root.resolve()
        self._started = started
        self._declared = [Path(os.path.abspath(folder)) for folder in folders]  # noqa: PTH100 - without following links
        self._folders = [(folder, False) for folder in folders]
        if guess is not None:
            self._folders += [(self._root / name, True) for name in GUESSED]
        self._guess = guess
        self._exclude = [folder.resolve() for folder in (*exclude, self._root / ".repro")]
        self._patterns = patterns
        self._readers = readers()
        self._found: dict[Path, _Found] = {}
        self._undecided: dict[Path, tuple[int, int]] = {}
        self._begins: dict[Path, int] = {}
        self._events_folder: Path | None = None
        self._next_scan = 0.0
        self._turn = 0

    def observed(self, path: str, begin: int = 0) -> None:
        """Add a file that the run was seen to write, as journals name it; `begin`: its bytes before the run."""
        file = Path(os.path.abspath(self._root / from_text(path)))  # noqa: PTH100 - without following links
        if (
            file not in self._found
            and len(self._undecided) < _FILES_LIMIT
            and self._may_be(file)
            and self._allowed(file)
        ):
            self._undecided.setdefault(file, (-1, -1))
            self._begins.setdefault(file, begin)

    def sources(self) -> tuple[str, ...]:
        """Name the files that are read, for messages."""
        return tuple(found.source for found in self._found.values())

    def poll(self, deadline: float, *, now: float | None = None, final: bool = False) -> list[Row]:
        """Give the rows that are new in all files, stopping early after `deadline` (monotonic seconds).

        With `final` the folders are looked through once more, and last lines without a line end count.
        """
        clock = time.monotonic()
        moment = time.time() if now is None else now
        if clock >= self._next_scan or final:
            self._scan(deadline)
            self._next_scan = time.monotonic() + _SCAN_EVERY
        self._decide()
        rows: list[Row] = []
        paths = list(self._found)
        for count in range(len(paths)):
            found = self._found[paths[(self._turn + count) % len(paths)]]
            rows += [_labelled(row, found) for row in found.tail.poll(moment, deadline, final=final)]
            if time.monotonic() >= deadline and not final:
                self._turn = (self._turn + count + 1) % len(paths)  # the next poll goes on where this one stopped
                break
        return rows

    def _may_be(self, file: Path) -> bool:
        """Tell by its name whether a file may hold metrics."""
        name = file.name.lower()
        try:
            relative = file.relative_to(self._root)
        except ValueError:
            relative = file
        if "tfevents" in name or any(fnmatch.fnmatch(relative.as_posix(), pattern) for pattern in self._patterns):
            return True
        if not name.endswith(_ENDINGS):
            return False
        declared = any(folder in file.parents for folder in self._declared)
        return declared or not is_data_file(relative, GUESSED)

    def _allowed(self, file: Path) -> bool:
        """Tell whether a file, links followed, lies outside of what is excluded."""
        real = Path(os.path.realpath(file))
        return not any(folder in real.parents for folder in self._exclude)

    def _scan(self, deadline: float) -> None:
        """Look through the folders for files that are new."""
        budget = _ENTRIES_LIMIT
        for folder, guessed in self._folders:
            if not self._allowed(folder / "x") or folder.is_symlink():
                continue
            for entry in _walk(folder, _DEPTH_LIMIT):
                budget -= 1
                if budget <= 0 or time.monotonic() >= deadline + 1.0:
                    return
                self._consider(entry, guessed=guessed)
        self._scan_patterns()

    def _scan_patterns(self) -> None:
        """Look for files that the patterns name."""
        for pattern in self._patterns:
            if pattern.startswith(("/", "..")):
                continue
            for count, path in enumerate(self._root.glob(pattern)):
                if count >= _FILES_LIMIT:
                    break
                if path.is_file() and not path.is_symlink() and path.stat().st_mtime >= self._started:
                    self.observed(str(path))

    def _consider(self, entry: os.DirEntry[str], *, guessed: bool) -> None:
        """Add a file of a folder if it was changed since the run began, and by no other run."""
        path = Path(entry.path)
        if path in self._found or path in self._undecided or not self._may_be(path):
            return
        try:
            recent = entry.stat(follow_symlinks=False).st_mtime >= self._started
        except OSError:
            return
        if recent and (not guessed or self._guess is None or self._guess()):
            self.observed(entry.path)

    def _decide(self) -> None:
        """Ask the readers about files that are not known yet, again whenever one has changed."""
        for path, before in list(self._undecided.items()):
            try:
                stat = path.stat()
                if (stat.st_size, stat.st_mtime_ns) == before or not stat.st_size:
                    continue
                self._undecided[path] = (stat.st_size, stat.st_mtime_ns)
                head = _head(path)
            except OSError:
                continue
            reader = next((r for r in self._readers if r.recognise(path, head)), None)
            if reader is None:
                if len(head) >= HEAD:
                    del self._undecided[path]  # its beginning is whole, and is of no format that is known
                continue
            if len(self._found) < _FILES_LIMIT:
                del self._undecided[path]
                tail = reader.open(path, self._begins.pop(path, 0))
                self._found[path] = _Found(tail, self._source(path), self._prefix(path, reader))

    def _source(self, path: Path) -> str:
        """Write a path as the journal does."""
        try:
            return path.relative_to(self._root).as_posix()
        except ValueError:
            return path.as_posix()

    def _prefix(self, path: Path, reader: Reader) -> str:
        """Tell event files in sibling folders apart: `train/`, `validation/`, or a sub-folder of the first."""
        if reader.name != "tensorboard":
            return ""
        folder = path.parent
        if folder.name.lower() in _ROLES:
            return folder.name + "/"
        if self._events_folder is None or folder in self._events_folder.parents:
            self._events_folder = folder
        if self._events_folder in folder.parents:
            parts = folder.relative_to(self._events_folder).parts
            # PyTorch's `add_hparams` writes into a folder that is called after the moment, which no two runs share.
            return "/".join("hparams" if number(part) is not None else part for part in parts) + "/"
        return ""


def _labelled(row: Row, found: _Found) -> Row:
    """Write the file and the folder's prefix into a row."""
    values = {found.prefix + name: value for name, value in row.values.items()} if found.prefix else row.values
    return replace(row, source=found.source, values=values)


def _head(path: Path) -> bytes:
    """Read a file's beginning, without waiting for a pipe."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        return os.read(fd, HEAD)
    finally:
        os.close(fd)


def _walk(folder: Path, depth: int) -> Iterator[os.DirEntry[str]]:
    """Give the plain files below a folder, following no link; hidden folders and caches are passed over."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        try:
            if entry.is_file(follow_symlinks=False):
                yield entry
            elif depth and entry.is_dir(follow_symlinks=False) and entry.name not in _SKIPPED and entry.name[0] != ".":
                yield from _walk(Path(entry.path), depth - 1)
        except OSError:
            continue
