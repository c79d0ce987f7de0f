"""A DuckDB of our own that reads the named files and nothing else, through links of harmless names."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repro_tui.profiles.budget import Clock
from repro_tui.profiles.places import Place

if TYPE_CHECKING:
    import duckdb

Row = tuple[Any, ...]
"""One row of an answer."""

_SUFFIX = {"gzip": ".gz", "zstd": ".zst", "": ""}


class TooLongError(Exception):
    """The time was over before the answer came, or somebody stopped it."""


class Bench:
    """An open DuckDB, with links to the files that it may read."""

    def __init__(self, folder: Path, clock: Clock, places: Sequence[Place]) -> None:
        import duckdb

        self.folder = folder
        self.clock = clock
        self._errors = duckdb.Error
        self._interrupted = duckdb.InterruptException
        self._too_much = duckdb.OutOfMemoryException
        self.short = False
        """Whether the memory did not suffice for something that was asked."""
        self._links: dict[str, Place] = {}
        self._aliases = {id(place): self._link(number, place) for number, place in enumerate(places)}
        self._connection = self._open([os.path.realpath(place.path) for place in places])

    def _link(self, number: int, place: Place) -> str:
        """Give a file a name that holds nothing that means something to DuckDB: no glob, no quote, only UTF-8."""
        alias = str(self.folder / f"{number}.{place.form}{_SUFFIX[place.packing]}")
        Path(alias).symlink_to(place.path.absolute())
        self._links[alias] = place
        return alias

    def _open(self, targets: Sequence[str]) -> duckdb.DuckDBPyConnection:
        import duckdb

        budget = self.clock.budget
        connection = duckdb.connect(
            config={
                "threads": str(budget.threads),
                "memory_limit": budget.memory,
                "temp_directory": str(self.folder / "spill"),
                "max_temp_directory_size": "2GB",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            }
        )
        paths, folders = _permitted(targets)
        connection.execute(f"SET allowed_paths = {literal_list(paths)}")
        connection.execute(f"SET allowed_directories = {literal_list([*folders, str(self.folder)])}")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        return connection

    def add(self, place: Place) -> Place:
        """Take in a file that was written into our own folder."""
        self._aliases[id(place)] = str(place.path)
        self._links[str(place.path)] = place
        return place

    def alias(self, place: Place) -> str:
        """Give the path under which DuckDB knows a file."""
        return self._aliases[id(place)]

    def place(self, alias: str) -> Place | None:
        """Give the file of such a path."""
        return self._links.get(alias)

    def list_of(self, places: Sequence[Place]) -> str:
        """Write the files of a table for a statement."""
        return literal_list([self.alias(place) for place in places])

    def ask(self, sql: str) -> list[Row]:
        """Ask within the time that is left.

        Raises TooLongError when it does not suffice, ValueError with DuckDB's reason in one line when it cannot answer.
        """
        if self.clock.over:
            raise TooLongError
        over = threading.Event()
        watch = threading.Thread(target=self._watch, args=(over,), daemon=True)
        watch.start()
        try:
            return self._connection.execute(sql).fetchall()
        except self._interrupted as error:
            raise TooLongError from error
        except self._too_much as error:
            self.short = True
            raise ValueError(f"it takes more than {self.clock.budget.memory} of memory") from error
        except (self._errors, RuntimeError) as error:
            raise ValueError(self._told(str(error))) from error
        finally:
            over.set()
            watch.join()

    def _told(self, text: str) -> str:
        """Give a message of DuckDB with the names of files that a person knows."""
        for alias, place in self._links.items():
            if alias in text:
                text = text.replace(alias, place.name)
        return text

    def _watch(self, over: threading.Event) -> None:
        """Interrupt a statement when the time is over."""
        while not over.wait(min(0.2, self.clock.left + 0.01)):
            if self.clock.over:
                self._connection.interrupt()

    def close(self) -> None:
        """Give everything back."""
        self._connection.close()


@contextlib.contextmanager
def bench(places: Sequence[Place], clock: Clock) -> Iterator[Bench]:
    """Open a DuckDB for some files; its links and what it spilt are gone afterwards."""
    folder = Path(os.path.realpath(tempfile.mkdtemp(prefix="repro-tui-profile-")))
    try:
        opened = Bench(folder, clock, places)
        try:
            yield opened
        finally:
            opened.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _permitted(targets: Sequence[str]) -> tuple[list[str], list[str]]:
    """Give the paths that may be read, and folders for those whose names cannot be written as text."""
    paths, folders = [], set()
    for target in targets:
        if _is_text(target):
            paths.append(target)
            continue
        folders.add(next(str(folder) for folder in Path(target).parents if _is_text(str(folder))))
    return paths, sorted(folders)


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def literal(text: str) -> str:
    """Write a text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def literal_list(texts: Sequence[str]) -> str:
    """Write a list of texts as SQL."""
    return "[" + ", ".join(map(literal, texts)) + "]::VARCHAR[]" if texts else "[]::VARCHAR[]"


def name(text: str) -> str:
    """Write a name as SQL."""
    return '"' + text.replace('"', '""') + '"'
