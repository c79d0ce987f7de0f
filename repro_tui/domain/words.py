"""Lists of words that are easier to read and to change as prose than as quoted items."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """Split a text into its words."""
    return frozenset(text.split())
