"""Ask the index of runs in SQL; it is only read, and a copy of what the journals say.

Without a statement the tables and their columns are listed; docs/formats/catalog.md describes them.
A statement that writes, attaches, loads, or reads files is refused.
"""

from __future__ import annotations

import argparse
import sys

from repro_tui.cli.answers import print_csv, print_json, print_table
from repro_tui.cli.call import Call
from repro_tui.cli.compare.documents import head
from repro_tui.cli.compare.sentences import print_prose
from repro_tui.cli.projects import named_project, opened
from repro_tui.errors import UsageError
from repro_tui.recorder.line import to_text

EXAMPLES = """\
examples:
  repro-tui sql                        # the tables and their columns
  repro-tui sql "SELECT name, state, level_text FROM runs ORDER BY started DESC LIMIT 5"
  repro-tui sql "SELECT name, text FROM params WHERE name = 'lr'" --csv
  cat question.sql | repro-tui sql - --json
"""
_TABLES = """
    SELECT table_name AS "table", string_agg(column_name, ', ' ORDER BY column_index) AS columns
    FROM duckdb_columns() WHERE database_name = current_database() AND NOT internal GROUP BY 1 ORDER BY 1
"""
_LARGEST = 1_000_000
"""Bytes of a statement on standard input."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `sql`."""
    parser.add_argument(
        "statement", metavar="STATEMENT", nargs="?", help="one statement; - reads it from standard input"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="as CSV, with a head")
    form.add_argument("--json", action="store_true", help="as JSON (docs/formats/json.md)")


def execute(call: Call) -> int:
    """Answer a statement."""
    options = call.options
    statement = _TABLES if options.statement is None else _statement(options.statement)
    with opened(named_project(call)) as workbench:
        answer = workbench.sql(statement)
        if options.json:
            print_json(call.output, head(workbench), answer)
        elif options.csv:
            print_csv(call.output, answer)
        elif options.statement is None:
            for table, names in answer.rows:
                call.output.line(call.output.style(str(table), "bold"))
                print_prose(call.output, str(names), "  ")
        elif not print_table(call.output, answer) and call.output.terminal:
            call.output.note("No row.")
    return 0


def _statement(given: str) -> str:
    """Read the statement from standard input where that is asked for."""
    if given != "-":
        return _readable(given)
    if sys.stdin is None:
        raise UsageError("Standard input is closed.", "Give the statement on the command line.")
    content = sys.stdin.buffer.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise UsageError("The statement is larger than a million bytes.", "Is the file the right one?")
    return _readable(content.decode("utf-8-sig", "surrogateescape"))


def _readable(statement: str) -> str:
    """Write bytes that are no UTF-8 as the index has them in names of runs and files."""
    try:
        statement.encode()
    except UnicodeEncodeError:
        return to_text(statement)
    return statement
