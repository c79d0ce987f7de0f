"""Where everything lies below `.repro/` (docs/formats/journal.md, "Where it lies"), and with which modes."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from repro_tui.domain.ids import Digest, RunId, is_writer_id
from repro_tui.errors import ReadOnlyError, StorageError
from repro_tui.journal.sealed import plain_name
from repro_tui.settings import Project

JOURNAL_SUFFIX = ".jsonl"
_NAME_BYTES = 80
"""Longest name kept in a folder's label; file systems allow 255 bytes for the whole."""
_PRIVATE = (0o700, 0o600)
_GROUP = (0o2770, 0o660)
_UNSAFE = re.compile(r"[^\w.+=-]+")
_README = """\
This folder is written by repro-tui. It holds what was recorded about the runs of the project beside it.

  runs/      one folder a run: what happened (journal/), and what the terminal showed (output.log).
             This cannot be computed again. Deleting a run's folder deletes what is known about that run.
  project/   facts that belong to no single run.
  facts/     details that runs refer to: environment, code state, host. Keep them with runs/.
  cache/     an index for speed. It may be deleted at any time and is built again.

It may be copied, moved, and merged with another copy (rsync -a). Nothing in it is sent anywhere.
"""


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths below one `.repro/` folder. Building one touches no file."""

    home: Path
    """The `.repro` folder, absolute."""
    shared: bool = False
    """`shared: group`: the folder's group may read and write."""
    readonly: bool = False
    """Nothing may be written."""

    @classmethod
    def of(cls, project: Project) -> Layout:
        """Give the layout of a project, with the modes that its settings ask for."""
        return cls(project.home, project.settings.text("shared") == "group", project.readonly)

    @property
    def runs(self) -> Path:
        """One folder a run."""
        return self.home / "runs"

    @property
    def project_journal(self) -> Path:
        """Journals that belong to no run."""
        return self.home / "project" / "journal"

    @property
    def facts(self) -> Path:
        """Documents named by their content."""
        return self.home / "facts"

    @property
    def cache(self) -> Path:
        """What may be deleted at any time."""
        return self.home / "cache"

    @property
    def folder_mode(self) -> int:
        """Mode of folders that are made here."""
        return (_GROUP if self.shared else _PRIVATE)[0]

    @property
    def file_mode(self) -> int:
        """Mode of files that are made here."""
        return (_GROUP if self.shared else _PRIVATE)[1]

    def check_writable(self) -> None:
        """Raise ReadOnlyError in a session that only reads."""
        if self.readonly:
            raise ReadOnlyError

    def create(self) -> None:
        """Make the folders with their README; what exists is left alone. Raises StorageError with what to do."""
        self.check_writable()
        for folder in (self.home, self.runs, self.home / "project", self.project_journal, self.facts, self.cache):
            self.make_folder(folder)
        self._write_once(self.home / "README", _README)
        self._write_once(self.home / ".gitignore", "*\n")

    def make_folder(self, folder: Path) -> None:
        """Make one folder with this project's mode (whatever the umask); an existing one is left as it is.

        Folders above it that are missing get the same mode as far as they lie in `.repro/`.
        """
        if folder != self.home and self.home in folder.parents and not folder.parent.is_dir():
            self.make_folder(folder.parent)
        try:
            folder.mkdir(mode=self.folder_mode, parents=folder == self.home)
            folder.chmod(self.folder_mode)
        except FileExistsError as error:
            if not folder.is_dir():
                raise StorageError(f"{folder} is in the way: it is no folder.", "Move it away.") from error
        except OSError as error:
            raise StorageError(
                f"{folder} cannot be made: {error.strerror}.",
                "Give write permission and space there, or choose another place with REPRO_HOME.",
            ) from error

    def _write_once(self, path: Path, text: str) -> None:
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, self.file_mode)
            with open(descriptor, "w", encoding="utf-8") as stream:  # noqa: PTH123 - pathlib cannot open with modes
                os.fchmod(descriptor, self.file_mode)
                stream.write(text)
        except FileExistsError:
            return
        except OSError as error:
            raise StorageError(
                f"{path} cannot be written: {error.strerror}.", "Give write permission and space there."
            ) from error

    def new_run(self, name: str, t: float, uid: RunId) -> Path:
        """Make the folder of a new run with its `journal/`.

        Args:
            name: the run's name; characters that no file name should have become `-`.
            t: start, seconds since the epoch; it makes the folder's label sort by time.
            uid: identity; its first digits keep two runs of one second and name apart.

        Raises:
            StorageError: the folder cannot be made.
        """
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(_printable(t)))
        label = f"{stamp}-{folder_name(name)}".rstrip("-")
        for folder in (self.runs / label, self.runs / f"{label}-{uid[:8]}", self.runs / f"{label}-{uid}"):
            self.make_folder(self.runs)
            try:
                folder.mkdir(mode=self.folder_mode)
                folder.chmod(self.folder_mode)
            except FileExistsError:
                continue
            except OSError as error:
                raise StorageError(
                    f"The run's folder {folder} cannot be made: {error.strerror}.",
                    "Give write permission and space there, or choose another place with REPRO_HOME.",
                ) from error
            self.make_folder(folder / "journal")
            return folder
        raise StorageError(f"The run {uid} has a folder in {self.runs} already.", "Start the run again.")

    def run_folders(self) -> Iterator[Path]:
        """Give every folder below `runs/`, newest label last; none when there is no such folder."""
        try:
            with os.scandir(self.runs) as entries:
                names = [entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir()]
        except OSError:
            return
        for name in sorted(names):
            yield self.runs / name

    def journals(self, folder: Path) -> list[Path]:
        """Give the journal files of a run's folder in the order of their names; none when there are none yet."""
        return journals_in(folder / "journal")

    def project_journals(self) -> list[Path]:
        """Give the journal files that belong to no run."""
        return journals_in(self.project_journal)

    def document(self, digest: Digest) -> Path:
        """Give the place of a facts document: `facts/ab/<64 hex digits>`."""
        digits = digest.partition(":")[2]
        return self.facts / digits[:2] / digits

    def run_of(self, path: Path) -> Path | None:
        """Give the run folder that a path lies in, or None when it lies elsewhere."""
        try:
            parts = path.relative_to(self.runs).parts
        except ValueError:
            return None
        return self.runs / parts[0] if parts else None


def journals_in(folder: Path) -> list[Path]:
    """Give the files of a `journal/` folder that may be journals: `<name>.jsonl`, no links, in order of name.

    One that is sealed is given by the name that it had before: `sealed.open_source` opens either.
    """
    try:
        with os.scandir(folder) as entries:
            names = {name for e in entries if (name := journal_name(e.name)) and e.is_file(follow_symlinks=False)}
    except OSError:
        return []
    return [folder / name for name in sorted(names)]


def journal_name(name: str) -> str:
    """Give the name that a journal has while it is not sealed, by the name of its file; empty when it is none."""
    plain = plain_name(name)
    return plain if plain.endswith(JOURNAL_SUFFIX) else ""


def writer_of(path: Path) -> str:
    """Give the writer's id that a journal's name says, empty when the name is no id."""
    return path.stem if is_writer_id(path.stem) else ""


def folder_name(name: str) -> str:
    """Turn a name into something that is safe as a part of a folder's name on any file system."""
    safe = _UNSAFE.sub("-", name).strip("-.")
    return safe.encode("utf-8", "ignore")[:_NAME_BYTES].decode("utf-8", "ignore").strip("-.")


def _printable(t: float) -> float:
    """Keep a time within what a four-digit year can show."""
    return min(max(t, 0.0), 253402300799.0) if t == t else 0.0  # noqa: PLR0124 - NaN is the only value unlike itself
