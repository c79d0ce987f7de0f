"""Looks into data files: tables through DuckDB, arrays through their headers.

Nothing here imports DuckDB before it is needed; `in_child` keeps it out of the caller's process altogether.
"""

from repro_tui.profiles.budget import Budget
from repro_tui.profiles.child import in_child, overlap_in_child, was_lost
from repro_tui.profiles.document import from_document, to_document
from repro_tui.profiles.labels import no_label
from repro_tui.profiles.shared import overlap
from repro_tui.profiles.survey import profile

__all__ = [
    "Budget",
    "from_document",
    "in_child",
    "no_label",
    "overlap",
    "overlap_in_child",
    "profile",
    "to_document",
    "was_lost",
]
