"""Takes a table's rows into memory: all of them, or a sample that equal content always gives again.

A row is in the sample when the hash of its values lies below a limit that is a power of two. So neither order, nor
files, nor threads play a part, and the samples of two versions hold the same rows where the versions do: what differs
between them is change, not chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from repro_tui.profiles.connect import Bench

_LEAST_DISTINCT = 20_000
"""A sample by content of fewer different rows says little, because equal rows come all or not at all."""


@dataclass(frozen=True, slots=True)
class Source:
    """A table as DuckDB can read it."""

    relation: str
    """`read_csv(…)`, what comes after FROM."""
    columns: tuple[str, ...]
    """Expressions, one a column, that give what a row is known by."""
    values: tuple[str, ...]
    """Expressions of these as r0, r1, … that give what is kept; they are only computed for rows that are."""
    size: int
    """Bytes of its files, unpacked where that is known."""
    width: int = 0
    """Values that a row has in the end, where these are not its columns."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What lies in memory."""

    rows: int
    """Rows of the table."""
    kept: int
    """Rows that are in memory."""
    content: str
    """Digest of all rows whatever their order; empty where that was not computed."""

    @property
    def sampled(self) -> int | None:
        """Give the number of rows that statistics rest on, when it is not all."""
        return self.kept if self.kept < self.rows else None


def load(bench: Bench, table: str, source: Source) -> Loaded:
    """Make a table in memory with the columns c0, c1, … of a source. Raises what `Bench.ask` raises."""
    known = ", ".join(f"{column} AS r{i}" for i, column in enumerate(source.columns))
    kept = ", ".join(f"{value} AS c{i}" for i, value in enumerate(source.values))
    hashed = f"hash({', '.join(f'r{i}' for i in range(len(source.columns)))})"
    rows = f"(SELECT *, {hashed} AS h FROM (SELECT {known} FROM {source.relation}))"  # noqa: S608 - names and texts in it are quoted
    budget = bench.clock.budget
    whole = source.size <= budget.cells and source.size <= budget.text
    count, content, distinct = 0, "", 0
    limit = ""
    if not whole:
        count, content, distinct = counted(bench, rows)
        limit = condition(bench, source, count, distinct)
        if "number" in limit:
            rows = f"(SELECT *, hash(h, row_number() OVER ()) AS number FROM {rows})"  # noqa: S608 - the same
    bench.ask(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {kept}, h FROM {rows} {limit}")  # noqa: S608 - the same
    if whole:
        count, content, distinct = counted(bench, table)
        return Loaded(count, count, content)
    found = bench.ask(f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608 - the same
    return Loaded(count, int(found), content)


def counted(bench: Bench, rows: str) -> tuple[int, str, int]:
    """Count all rows, digest them so that their order plays no part, and estimate how many are different."""
    count, total, different = bench.ask(
        f"SELECT count(*), coalesce(sum(h), 0)::VARCHAR, approx_count_distinct(h) FROM {rows}"  # noqa: S608 - the same
    )[0]
    digest = sha256(f"{count}:{total}".encode()).hexdigest()[:32] if count else ""
    return int(count), digest, int(different)


def condition(bench: Bench, source: Source, rows: int, distinct: int, cells: int = 0) -> str:
    """Choose how many halvings make the rows fit, and whether content or place decides which stay."""
    budget = bench.clock.budget
    most = max(1, min(budget.rows, (cells or budget.cells) // max(1, source.width or len(source.columns))))
    if source.size:
        most = max(1, min(most, int(budget.text * rows / source.size)))
    times = halvings(rows, most)
    by = "h" if distinct >> times >= min(_LEAST_DISTINCT, most // 4) else "number"
    return f"WHERE {by} < {(1 << 64) >> times}::UBIGINT" if times else ""


def halvings(rows: int, most: int) -> int:
    """Say how often a number of rows must be halved until it is at most another."""
    return max(0, (rows - 1) // most).bit_length()
