"""What the command line decides about the dashboard before it starts."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Color = Literal["auto", "none", "16"]


@dataclass(frozen=True, slots=True)
class TuiOptions:
    """How the dashboard looks and behaves on this terminal."""

    ascii: bool = False
    """Draw with ASCII signs only; also set where the locale is no UTF-8."""
    mouse: bool | None = None
    """None: on, except over SSH, where each movement of the mouse would cost bytes."""
    color: Color = "auto"
    """`auto` is what the terminal offers; NO_COLOR in the environment means `none`."""
    state_file: Path | None = None
    """Where the view is kept between sessions; None: below XDG_STATE_HOME, by the project's folder."""
    keymap: Mapping[str, str] = field(default_factory=dict)
    """The setting `keys:`: command id to key."""
    theme: str = ""
    """Name of a Textual theme; our own when empty."""
    remote: bool = False
    """The terminal is at the other end of a network connection: fewer updates, no mouse."""
    clock: Callable[[], float] = time.time
    """Tells the time, in seconds since the epoch."""
