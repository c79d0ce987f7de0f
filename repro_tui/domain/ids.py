"""Identities: what a run, a writer and a content are called."""

from __future__ import annotations

from typing import NewType

RunId = NewType("RunId", str)
"""128 random (or derived) bits, 32 lower-case hex digits: the identity of a run."""

WriterId = NewType("WriterId", str)
"""16 lower-case hex digits: one journal file has one writer."""

Digest = NewType("Digest", str)
"""Algorithm, colon, hex digits: `b3:91ac…`."""

ColumnKey = NewType("ColumnKey", str)
"""A column of the run table: `param:lr`, `metric:acc`, `field:age` (see `domain.columns`)."""

HEX = frozenset("0123456789abcdef")


def is_run_id(text: str) -> bool:
    """Tell whether a text has the form of a run's uid."""
    return len(text) == 32 and HEX.issuperset(text)  # noqa: PLR2004 - 128 bits in hex


def is_writer_id(text: str) -> bool:
    """Tell whether a text has the form of a writer's id."""
    return len(text) == 16 and HEX.issuperset(text)  # noqa: PLR2004 - 64 bits in hex


def short(digest: str) -> str:
    """Shorten a digest for a screen: algorithm and the first eight digits."""
    algorithm, _, digits = digest.partition(":")
    return f"{algorithm}:{digits[:8]}" if digits else digest[:8]
