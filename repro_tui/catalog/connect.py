"""One DuckDB file, opened small, closed to the outside, and asked by one cursor a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from repro_tui.catalog.schema import SCHEMA, TABLES, catalog_name
from repro_tui.errors import StorageError

T = TypeVar("T")

Row = tuple[Any, ...]
"""One row of an answer; its columns are those of the statement."""

MEMORY_LIMIT = "160MB"
"""What DuckDB may hold. This runs on a training node; 10 million points stay below 300 MB of memory in all."""
MOST_SPILLED = "2GB"
"""What DuckDB may write beside it for an answer that needs more memory; its own limit is nearly all of the disk."""
THREADS = "2"
BLOCK_SIZE = 65_536
"""Bytes a block. With DuckDB's own 256 KiB the catalog of a dozen runs is 3.4 MB, with this 0.9 (docs/design/0002)."""

_NAME = "catalog"


class UnusableError(Exception):
    """A catalog file cannot be used: damaged, of another version, or not to be opened. It is built again."""


class Catalog:
    """An open catalog. Reading is safe from any thread, writing from one thread at a time."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path | None, *, read_only: bool) -> None:
        self.path = path
        """The file, None when it lives in memory."""
        self.read_only = read_only
        self._connection = connection
        self._local = threading.local()
        self._cursors: list[duckdb.DuckDBPyConnection] = []
        self._lock = threading.Lock()
        self._closed = False

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Give this thread's cursor. Two statements at once on one cursor would replace each other's results."""
        cursor: duckdb.DuckDBPyConnection | None = getattr(self._local, "cursor", None)
        if cursor is None:
            with self._lock:
                if self._closed:
                    raise StorageError("The session is closed.", "Open the project again.")
                cursor = self._connection.cursor()
                cursor.execute(f"USE {_NAME}")
                self._cursors.append(cursor)
            self._local.cursor = cursor
        return cursor

    def separate_cursor(self) -> duckdb.DuckDBPyConnection:
        """Give a cursor that nothing else uses, for an answer that is read bit by bit; closed with the catalog."""
        with self._lock:
            if self._closed:
                raise StorageError("The session is closed.", "Open the project again.")
            cursor = self._connection.cursor()
            cursor.execute(f"USE {_NAME}")
            self._cursors.append(cursor)
        return cursor

    def fetch(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Ask, and read the answer to its end. Raises StorageError when the index cannot answer."""
        return self._guarded(lambda: self.cursor().execute(sql, list(parameters)).fetchall())

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Carry out a statement that answers nothing."""
        self.fetch(sql, parameters)

    def append(self, table: str, rows: Iterable[Sequence[object]]) -> None:
        """Append rows in bulk: the appender takes 3 million points a second, `executemany` 300 (docs/design/0002)."""

        def fill() -> None:
            with self.cursor().appender(table) as appender:
                appender.append_rows(rows)

        self._guarded(fill)

    def transaction(self, work: Callable[[], None]) -> None:
        """Do several writes as one: all of it is seen, or nothing."""
        self.execute("BEGIN")
        try:
            work()
        except BaseException:
            self.execute("ROLLBACK")
            raise
        self.execute("COMMIT")

    def checkpoint(self) -> bool:
        """Write everything into the file; False when that is not possible right now, because somebody reads."""
        try:
            self.cursor().execute("CHECKPOINT").fetchall()
        except duckdb.Error:
            return False
        return True

    def interrupt(self) -> None:
        """Stop what other threads are asking, so that closing does not wait for them."""
        for cursor in list(self._cursors):
            cursor.interrupt()

    def close(self) -> None:
        """Give everything back. The file stays; its owner deletes it."""
        with self._lock:
            self._closed = True
            for cursor in self._cursors:
                cursor.close()
            self._cursors.clear()
            self._connection.close()

    @staticmethod
    def _guarded(work: Callable[[], T]) -> T:
        try:
            return work()
        except duckdb.Error as error:
            raise StorageError(
                f"The index could not answer: {str(error).splitlines()[0]}",
                "It is built again by `repro-tui rebuild`; no recorded run is lost.",
            ) from error


def current_name() -> str:
    """Name the published catalog of this DuckDB and this schema."""
    return catalog_name(duckdb.__version__)


def open_catalog(path: Path | None, temporary: Path, *, read_only: bool = False) -> Catalog:
    """Open a catalog, or begin an empty one.

    Args:
        path: the file; None keeps everything in memory.
        temporary: folder to which DuckDB may spill what does not fit into its memory.
        read_only: never write; the file must exist.

    Raises:
        UnusableError: the file is damaged, foreign, of another version, or in use by a writer.
    """
    connection = None
    try:
        connection = duckdb.connect(
            config={
                "threads": THREADS,
                "memory_limit": MEMORY_LIMIT,
                "temp_directory": str(temporary),
                "max_temp_directory_size": MOST_SPILLED,
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            }
        )
        # A private copy is never recovered, so its write-ahead log would only double the writing.
        options = (
            "(READ_ONLY)"
            if read_only
            else ""
            if path is None
            else f"(RECOVERY_MODE 'no_wal_writes', BLOCK_SIZE {BLOCK_SIZE})"
        )
        place = ":memory:" if path is None else str(path).replace("'", "''")
        connection.execute(f"ATTACH '{place}' AS {_NAME} {options}")
        connection.execute(f"USE {_NAME}")
        connection.execute("SET enable_external_access=false")
        connection.execute("SET lock_configuration=true")
        if read_only or (path is not None and _tables(connection)):
            _check(connection)
        else:
            _create(connection)
    except (duckdb.Error, RuntimeError) as error:
        if connection is not None:
            connection.close()
        raise UnusableError(str(error).splitlines()[0]) from error
    return Catalog(connection, path, read_only=read_only)


def _tables(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, ...]]:
    """Give each table with its columns as they are in the file."""
    found = connection.execute(
        "SELECT table_name, list(column_name ORDER BY column_index) FROM duckdb_columns() "
        "WHERE database_name = current_database() AND NOT internal GROUP BY table_name"
    ).fetchall()
    return {name: tuple(columns) for name, columns in found}


def _check(connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse a file that is not of this version, whatever its name says."""
    from repro_tui.catalog.schema import columns_of

    found = _tables(connection)
    wrong = [table for table in TABLES if found.get(table) != columns_of(table)]
    if wrong:
        raise duckdb.CatalogException(f"table {wrong[0]} is missing or has other columns")
    if connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchall() != [(str(SCHEMA),)]:
        raise duckdb.CatalogException("it is of another version")


def _create(connection: duckdb.DuckDBPyConnection) -> None:
    for table, columns in TABLES.items():
        connection.execute(f"CREATE TABLE {table} ({columns})")
    connection.execute("INSERT INTO meta VALUES ('schema', ?), ('generation', '0')", [str(SCHEMA)])
