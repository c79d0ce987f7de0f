"""The answer to a statement that a person wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableAnswer:
    """Columns, and rows as they are asked for: there may be more of them than fit into memory."""

    columns: tuple[str, ...]
    """Names; two may be equal."""
    types: tuple[str, ...]
    """What the index calls the type of each column: `VARCHAR`, `DOUBLE`, `BIGINT`."""
    rows: Iterator[Sequence[object]]
    """To be read once, before the session is closed; reading may raise `errors.ReproError`."""
