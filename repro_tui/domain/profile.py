"""What a version of a dataset holds: its files, its tables, the columns in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from repro_tui.domain.ids import Digest


@dataclass(frozen=True, slots=True)
class FileLine:
    """One line of a file list."""

    path: str
    """Relative to the dataset, in the NUL encoding of journal.md."""
    size: int
    digest: Digest | None
    mode: int = 0o644
    mtime_ns: int = 0


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What one column of a table holds."""

    name: str
    type: str
    """DuckDB's name of the type; NumPy's for arrays."""
    nulls: float
    """Share of rows without a value, 0 to 1."""
    distinct: int | None = None
    """Number of different values; approximate above 10,000."""
    low: str = ""
    """Smallest value, as text."""
    high: str = ""
    quartiles: tuple[float, ...] = ()
    """25 %, 50 % and 75 % of a numeric column."""
    mean: float | None = None
    fingerprint: str = ""
    """Digest of a sample of its values in order, to tell a renamed column."""


@dataclass(frozen=True, slots=True)
class TableProfile:
    """What one table holds; several files of the same columns and form count as one."""

    name: str
    """Path of its file, or the pattern of several: `*.csv`."""
    form: str
    """`csv`, `tsv`, `jsonl`, `parquet`, `npy`, `npz`; `images` for folders that are classes, where a file is a row."""
    files: int
    rows: int | None
    columns: tuple[ColumnProfile, ...]
    label: str = ""
    """Name of the label column, if there is one."""
    classes: Mapping[str, int] = field(default_factory=dict)
    """Label to number of rows, at most 100 labels."""
    sampled: int | None = None
    """Rows that the statistics rest on, when not on all."""
    shape: tuple[int, ...] = ()
    """Of an array."""
    problem: str = ""
    """What could not be read: `row 3 has 4 columns, not 3`; the rest was."""
    content: str = ""
    """Digest of all rows whatever their order, to tell a table that was only sorted or written anew; empty when not
    every row was read."""
    unread: bool = False
    """It is there, and nothing is known of what it holds; a problem of the profile says why."""


@dataclass(frozen=True, slots=True)
class TypeCount:
    """Files of one type."""

    suffix: str
    """`.png`; empty for files without one."""
    files: int
    size: int


@dataclass(frozen=True, slots=True)
class Profile:
    """What a version holds."""

    types: tuple[TypeCount, ...]
    tables: tuple[TableProfile, ...] = ()
    problems: tuple[str, ...] = ()
    """What could not be looked into, with the file's name: `x.csv is empty`."""
    unfinished: bool = False
    """The memory did not suffice for all of it, so that looking again may tell more."""

    @property
    def faults(self) -> tuple[str, ...]:
        """Give everything that could not be read, of files and of tables."""
        return (*self.problems, *(table.problem for table in self.tables if table.problem))

    @property
    def rows(self) -> int | None:
        """Count the rows of all tables that could be read; None when there is none, or when one was not counted."""
        counted = [table.rows for table in self.tables if table.form != "images" and not table.unread]
        known = [rows for rows in counted if rows is not None]
        return sum(known) if counted and len(known) == len(counted) else None


@dataclass(frozen=True, slots=True)
class Renamed:
    """A file or column that was probably only renamed."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """How a column that both versions have differs."""

    name: str
    before: ColumnProfile
    after: ColumnProfile
    shift: float | None = None
    """How far the values moved: difference of medians in quartile ranges of the version before; None for text."""


@dataclass(frozen=True, slots=True)
class TableChange:
    """How a table differs."""

    name: str
    before: TableProfile | None
    """None when the table is new."""
    after: TableProfile | None
    added: tuple[str, ...] = ()
    """Columns."""
    removed: tuple[str, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    """Columns that probably have only another name."""
    retyped: tuple[ColumnChange, ...] = ()
    changed: tuple[ColumnChange, ...] = ()
    """Columns with other statistics, the largest shift first."""
    distance: float | None = None
    """Total variation distance between the shares of the classes, 0 to 1; None without a label column."""
    reordered: bool = False
    """Its files differ and its rows do not: they were sorted, or written in another way."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Rows that two datasets share: a train set that holds rows of its test set leaks."""

    other: str
    """Name of the other dataset."""
    rows: int
    of: int
    """Rows of this dataset that were compared."""
    sampled: bool = False


@dataclass(frozen=True, slots=True)
class DataChange:
    """What changed between two versions of a dataset."""

    before: Digest
    after: Digest
    added: tuple[FileLine, ...] = ()
    removed: tuple[FileLine, ...] = ()
    modified: tuple[tuple[FileLine, FileLine], ...] = ()
    renamed: tuple[Renamed, ...] = ()
    """Files of equal content under another path."""
    tables: tuple[TableChange, ...] = ()
    types: tuple[tuple[TypeCount, TypeCount], ...] = ()
    """Types of files whose number or size differs: before, after."""
    overlaps: tuple[Overlap, ...] = ()
    unknown: tuple[str, ...] = ()
    """What cannot be said, and why: `the version before has no profile: it was never read`."""
    faults_before: tuple[str, ...] = ()
    """What could not be read of the older version: `x.csv row 3: 4 columns, not 2; left out`."""
    faults_after: tuple[str, ...] = ()
    """The same of the newer one."""

    @property
    def empty(self) -> bool:
        """Tell whether nothing is known to have changed."""
        return not (self.added or self.removed or self.modified or self.renamed or self.tables)
