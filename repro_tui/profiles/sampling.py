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
    """Expressions, one a column, that give what is kept."""
    size: int
    """Bytes of its files, unpacked where that is known."""
    hashed: bool = True
    """Rows can be hashed: not so many columns that this takes too much memory."""


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
    kept = ", ".join(f"{column} AS c{i}" for i, column in enumerate(source.columns))
    hashed = f"hash({', '.join(f'c{i}' for i in range(len(source.columns)))})" if source.hashed else "0::UBIGINT"
    rows = f"(SELECT *, {hashed} AS h FROM (SELECT {kept} FROM {source.relation}))"  # noqa: S608 - names and texts in it are quoted
    budget = bench.clock.budget
    whole = source.size <= budget.cells and source.size <= budget.text
    count, content, distinct = 0, "", 0
    condition = ""
    if not whole:
        count, content, distinct = _counted(bench, rows)
        condition = _condition(bench, source, count, distinct)
        if "number" in condition:
            rows = f"(SELECT *, hash(h, row_number() OVER ()) AS number FROM {rows})"  # noqa: S608 - the same
    bench.ask(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM {rows} {condition}")  # noqa: S608 - the same
    if whole:
        count, content, distinct = _counted(bench, table)
        return Loaded(count, count, content if source.hashed else "")
    found = bench.ask(f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608 - the same
    return Loaded(count, int(found), content if source.hashed else "")


def _counted(bench: Bench, rows: str) -> tuple[int, str, int]:
    """Count all rows, digest them so that their order plays no part, and estimate how many are different."""
    count, total, different = bench.ask(
        f"SELECT count(*), coalesce(sum(h), 0)::VARCHAR, approx_count_distinct(h) FROM {rows}"  # noqa: S608 - the same
    )[0]
    digest = sha256(f"{count}:{total}".encode()).hexdigest()[:32] if count else ""
    return int(count), digest, int(different)


def _condition(bench: Bench, source: Source, rows: int, distinct: int) -> str:
    """Choose how many halvings make the rows fit, and whether content or place decides which stay."""
    budget = bench.clock.budget
    most = max(1, min(budget.rows, budget.cells // max(1, len(source.columns))))
    if source.size:
        most = max(1, min(most, int(budget.text * rows / source.size)))
    halvings = 0
    while rows >> halvings > most:
        halvings += 1
    if not halvings:
        return ""
    limit = (1 << 64) >> halvings
    by = "h" if source.hashed and distinct >> halvings >= min(_LEAST_DISTINCT, most // 4) else "number"
    return f"WHERE {by} < {limit}::UBIGINT"
