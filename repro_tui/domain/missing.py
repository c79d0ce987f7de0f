"""Something that is not known is a value with a reason, never a `None` with a meaning."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Something that was looked for and is not to be had."""

    reason: str
    """A sentence fragment for a person: `no git repository here`."""

    def __bool__(self) -> bool:
        """Be false, so that `value or fallback` reads naturally."""
        return False
