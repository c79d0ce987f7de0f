"""What doctor finds: the thing, how it stands, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "note", "problem"]
"""`note` costs something (comfort, speed) but nothing is wrong; `problem` keeps something from working."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of doctor's report."""

    area: str
    """`project`, `machine`, `terminal` or `versions`."""
    name: str
    found: str
    status: Status = "ok"
    advice: str = ""
    """What to do about it; never empty unless the status is `ok`."""
