"""The tables, as docs/formats/catalog.md describes them, and what a catalog of this version is called."""

from __future__ import annotations

SCHEMA = 6
"""Grows with every change of the tables or of what stands in them: other catalogs are then rebuilt."""

TABLES: dict[str, str] = {
    "meta": "key VARCHAR, value VARCHAR",
    "positions": (
        "id INTEGER, folder VARCHAR, file VARCHAR, run INTEGER, size BIGINT, mtime_ns BIGINT, inode BIGINT, "
        "read_to BIGINT, resume VARCHAR USING COMPRESSION zstd, skipped INTEGER, twin BOOLEAN"
    ),
    "runs": (
        "key INTEGER, uid VARCHAR, name VARCHAR, state VARCHAR, started DOUBLE, ended DOUBLE, exit INTEGER, "
        'signal INTEGER, why VARCHAR, "user" VARCHAR, host VARCHAR, lineage VARCHAR, commit VARCHAR, note VARCHAR, '
        "pinned BOOLEAN, tags VARCHAR[], words VARCHAR, parent VARCHAR, level TINYINT, "
        "level_text VARCHAR, level_why VARCHAR, reach DOUBLE, reach_unit VARCHAR, "
        "problems INTEGER, code VARCHAR, used VARCHAR, data VARCHAR, parameters VARCHAR, "
        "environment VARCHAR, imported VARCHAR, seeds VARCHAR, inputs VARCHAR, exact VARCHAR, moved VARCHAR, "
        "previous INTEGER, changed VARCHAR, last_sign DOUBLE, "
        "document VARCHAR USING COMPRESSION zstd"
    ),
    "attempts": (
        "run INTEGER, number INTEGER, started DOUBLE, ended DOUBLE, exit INTEGER, signal INTEGER, why VARCHAR, "
        "orderly BOOLEAN, error VARCHAR, host VARCHAR"
    ),
    "params": "run INTEGER, name VARCHAR, text VARCHAR, number DOUBLE, source VARCHAR",
    "metrics": "id INTEGER, name VARCHAR, resource BOOLEAN",
    "ticks": "id BIGINT, run INTEGER, file INTEGER, ms BIGINT",
    "points": "run INTEGER, metric INTEGER, tick BIGINT, step DOUBLE, value DOUBLE",
    "series": (
        "run INTEGER, metric INTEGER, points BIGINT, broken BIGINT, first_step DOUBLE, step DOUBLE, t DOUBLE, "
        "value DOUBLE, file INTEGER, seen DOUBLE, tidy BOOLEAN, nan_step DOUBLE"
    ),
    "inputs": (
        "run INTEGER, path VARCHAR, mode VARCHAR, role VARCHAR, digest VARCHAR, size BIGINT, files BIGINT, "
        "coverage VARCHAR"
    ),
    "outputs": (
        "run INTEGER, path VARCHAR, mode VARCHAR, role VARCHAR, digest VARCHAR, size BIGINT, files BIGINT, "
        "coverage VARCHAR"
    ),
    "events": "run INTEGER, kind VARCHAR, t DOUBLE, what VARCHAR",
}
"""Table to its columns. No index and no key: rows are written in bulk and found by their blocks' statistics."""

OF_A_RUN = ("attempts", "params", "ticks", "points", "series", "inputs", "outputs", "events")
"""Tables whose rows belong to one run by `run`."""


def catalog_name(duckdb_version: str) -> str:
    """Name the published catalog for a version of DuckDB: `catalog-v5-duckdb2.0.duckdb`."""
    return f"catalog-v{SCHEMA}-duckdb{'.'.join(duckdb_version.split('.')[:2])}.duckdb"


def columns_of(table: str) -> tuple[str, ...]:
    """Give the columns of a table in order."""
    return tuple(part.split()[0].strip('"') for part in TABLES[table].split(", "))
