"""Answers statements that a person wrote, in a transaction that can only read.

Three walls stand behind each other: only one statement that reads is taken, its transaction is read-only, and the
connection was shut against files, extensions and settings when it was opened.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

import duckdb

from repro_tui.catalog.connect import Catalog
from repro_tui.domain.answer import TableAnswer
from repro_tui.errors import ReproError, StorageError, UsageError

T = TypeVar("T")

_BATCH = 1000
_AGAIN_S = 0.05
_READS = frozenset({duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN})
_CLASS = re.compile(r"^\w[\w ]{0,40} Error: ")
_WITHOUT = re.compile(
    r""""(?:[^"]|"")*"|'(?:[^']|'')*'|\b(?P<kind>(?:TIMESTAMP|TIME) WITH TIME ZONE|TIMESTAMP_NS|INTERVAL)\b"""
)
"""Types that Python has not: it needs a package for time zones, cuts nanoseconds, and takes months for 30 days. Names
of fields and values of enumerations stand in quotes where they are not plain."""
_TABLES = "`repro-tui sql` without a statement lists the tables; docs/formats/catalog.md describes them."
_READ_ONLY = "The index is only read: ask with SELECT, WITH, FROM, DESCRIBE, SUMMARIZE, SHOW or EXPLAIN."
_OURS = (duckdb.IOException, duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)
"""What is no fault of the statement: the index cannot be read."""


def ask(catalog: Catalog, statement: str) -> TableAnswer:
    """TableAnswer a statement.

    Raises UsageError for one that is not understood, is refused, or fails; StorageError when the index is damaged.
    """
    cursor = catalog.separate_cursor()
    worker = ThreadPoolExecutor(1, thread_name_prefix="sql")

    def patiently(work: Callable[[], T]) -> T:
        """Work in another thread, so that ctrl-c is noticed here and stops it: DuckDB itself does not look."""
        future = worker.submit(work)
        try:
            return future.result()
        except KeyboardInterrupt:
            while not future.done():  # the statement may only just be about to begin
                cursor.interrupt()
                wait([future], _AGAIN_S)
            raise
        except duckdb.Error as error:
            raise _told(error) from error

    try:
        kind = _kind(patiently(lambda: cursor.extract_statements(statement)))
        patiently(lambda: cursor.execute("BEGIN TRANSACTION READ ONLY"))
        patiently(lambda: cursor.execute(statement))
        names, types = _described(cursor)
        if kind is duckdb.StatementType.SELECT and (told := [_told_as(each) for each in types]) != list(types):
            patiently(lambda: cursor.execute(_as_texts(statement, types, told)))
    except BaseException:
        worker.shutdown(wait=False)
        raise

    def rows() -> Iterator[Sequence[object]]:
        try:
            while batch := patiently(lambda: cursor.fetchmany(_BATCH)):
                yield from batch
        finally:
            worker.shutdown(wait=False)

    return TableAnswer(names, types, rows())


def _kind(statements: Sequence[duckdb.Statement]) -> duckdb.StatementType:
    """Take one statement that reads; refuse all else."""
    if not statements:
        raise UsageError("There is no statement.", _TABLES)
    if len(statements) > 1:
        raise UsageError(
            f"One statement is answered at a time, but there are {len(statements)}.", "Ask them one by one."
        )
    kind = statements[0].type
    if kind not in _READS:
        name = str(kind).rpartition(".")[2].replace("_", " ")
        if name == "MULTI":
            raise UsageError("A PIVOT needs its values, since it may write nothing.", "PIVOT … ON name IN ('a', 'b') …")
        raise UsageError(f"{name} is refused.", _READ_ONLY)
    return kind


def _described(cursor: duckdb.DuckDBPyConnection) -> tuple[tuple[str, ...], tuple[str, ...]]:
    description = cursor.description or []
    return tuple(str(each[0]) for each in description), tuple(str(each[1]) for each in description)


def _told_as(kind: str) -> str:
    """Give the type with texts in place of what Python has no type for, or one that says less."""
    return _WITHOUT.sub(lambda found: "VARCHAR" if found["kind"] else found[0], kind)


def _as_texts(statement: str, types: Sequence[str], told: Sequence[str]) -> str:
    """Ask the same with some columns as other types."""
    names = [f"c{number}" for number in range(len(types))]
    columns = zip(names, types, told, strict=True)
    wanted = ", ".join(name if kind == as_text else f"{name}::{as_text}" for name, kind, as_text in columns)
    quoted = statement.replace("'", "''")
    return f"SELECT {wanted} FROM query('{quoted}') answer({', '.join(names)})"  # noqa: S608 - it is the person's own statement, and the transaction reads only


def _told(error: duckdb.Error) -> ReproError:
    """Say what is wrong with a statement, with the place in it that DuckDB points at."""
    message, _, place = str(error).strip().partition("\n")
    if isinstance(error, _OURS):
        return StorageError(
            f"The index could not answer: {message}",
            "It is built again by `repro-tui rebuild`; no recorded run is lost.",
        )
    if "read-only mode" in message:
        return UsageError("A statement that writes is refused.", _READ_ONLY)
    if isinstance(error, duckdb.PermissionException):
        return UsageError(f"Files, extensions and other databases are out of reach: {_plain(message)}", _READ_ONLY)
    if isinstance(error, duckdb.OutOfMemoryException):
        return UsageError("The answer needs more memory than the index may take.", "Ask for less: WHERE, or LIMIT.")
    return UsageError(_plain(message), "\n".join([line for line in place.splitlines() if line.strip()] or [_TABLES]))


def _plain(message: str) -> str:
    """Give DuckDB's words without the name of its error class, and with an end."""
    said = _CLASS.sub("", message)
    return said if said.endswith((".", "!", "?")) else f"{said}."
