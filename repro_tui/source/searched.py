"""Which contents are searched for secrets, and what is said of one that holds one."""

from __future__ import annotations

from collections.abc import Sequence

from repro_tui.source import secrets
from repro_tui.source.kinds import is_config, is_program

_LONG = 1_000_000
"""Bytes of a text that is neither a program nor configuration above which it counts as data, which is kept as it is."""


def is_searched(path: str, size: int) -> bool:
    """Tell whether a file of the code is searched."""
    return size <= _LONG or is_program(path) or is_config(path)


def as_text(content: bytes) -> str | None:
    """Decode what a person could read; None for binary content."""
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return content.decode("utf-16", "replace")
    if b"\0" in content[:8192]:
        return None
    return content.decode("utf-8", "replace")


def why_withheld(content: bytes, path: str) -> str:
    """Say why a file must not be kept; empty when it may."""
    text = as_text(content) if is_searched(path, len(content)) else None
    found = secrets.find(text, path) if text is not None else []
    return told(found) if found else ""


def told(found: Sequence[secrets.Found]) -> str:
    """Say what was found, never what it says."""
    kinds = list(dict.fromkeys(one.kind for one in found))
    first = next(one for one in found if one.kind == kinds[0])
    more = f" and {len(kinds) - 1} more" if len(kinds) > 1 else ""
    return f"something like a secret: {kinds[0]} in line {first.line}{more}; allow it with secrets.allow"
