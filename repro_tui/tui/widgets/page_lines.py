"""The page of a snapshot or a version: lines that are scrolled and searched."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from repro_tui.tui.keymap import bindings
from repro_tui.tui.widgets.lines import Lines


class PageLines(Lines, inherit_bindings=False):
    """Lines that answer to the keys of pages in place of those of a run's tabs."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("page")
    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--strong"}
