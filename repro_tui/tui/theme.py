"""Colours: one calm theme with a single accent, its stand-in for 16 colours, and the colours of runs."""

from __future__ import annotations

from textual.theme import Theme

RUN_COLOURS = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#F0E442", "#0072B2", "#D55E00", "#bbbbbb")
"""Okabe and Ito's palette, which colour-blind people can tell apart, in an order that reads well on a dark ground.

Source: Okabe M., Ito K. (2008), "Color Universal Design", with grey for its black.
"""

RUN_COLOURS_16 = (
    "bright_cyan",
    "yellow",
    "green",
    "magenta",
    "bright_yellow",
    "bright_blue",
    "bright_red",
    "white",
)
"""Names of the terminal's own colours in the same order, for 16 colours."""


CALM = Theme(
    name="repro",
    primary="#56B4E9",
    secondary="#8fa3b5",
    accent="#56B4E9",
    warning="#E69F00",
    error="#f0705f",
    success="#3dbb94",
    foreground="#d5dbe1",
    background="#12161b",
    surface="#171c22",
    panel="#1e252d",
    boost="#242d37",
    dark=True,
    variables={
        "quiet": "#7f8b97",
        "faint": "#59646f",
        "line": "#2c3640",
        "cursor": "#22303d",
        "cursor-blurred": "#1b232b",
        "live": "#56B4E9",
        "input-cursor-background": "#56B4E9",
        "input-selection-background": "#2d4a61",
        "footer-key-foreground": "#56B4E9",
        "scrollbar": "#2c3640",
        "scrollbar-hover": "#3b4753",
        "scrollbar-active": "#56B4E9",
        "scrollbar-background": "#12161b",
        "scrollbar-corner-color": "#12161b",
        **{f"run-{i}": colour for i, colour in enumerate(RUN_COLOURS, 1)},
    },
)
"""Our own theme, for terminals with 256 colours or more."""

SIXTEEN = Theme(
    name="repro-16",
    ansi=True,
    primary="ansi_cyan",
    secondary="ansi_default",
    accent="ansi_cyan",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    variables={
        "quiet": "ansi_default",
        "faint": "ansi_default",
        "line": "ansi_default",
        "cursor": "ansi_default",
        "cursor-blurred": "ansi_default",
        "live": "ansi_cyan",
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "border-blurred": "ansi_default",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_cyan",
        "input-cursor-background": "ansi_cyan",
        "input-cursor-foreground": "ansi_black",
        "input-selection-background": "ansi_blue",
        "input-selection-foreground": "ansi_white",
        "screen-selection-background": "ansi_blue",
        "screen-selection-foreground": "ansi_white",
        "footer-key-foreground": "ansi_cyan",
        "scrollbar": "ansi_white",
        "scrollbar-background": "ansi_default",
        **{f"run-{i}": f"ansi_{colour}" for i, colour in enumerate(RUN_COLOURS_16, 1)},
    },
)
"""The terminal's own 16 colours, on its own background; dimness and reversal stand in for shades."""

THEMES = (CALM, SIXTEEN)

OURS = ("quiet", "faint", "line", "cursor", "cursor-blurred", "live", *(f"run-{i}" for i in range(1, 9)))
"""Variables that our sheets use and other themes do not have."""


def variables(*, ansi: bool) -> dict[str, str]:
    """Give our own variables for a theme of somebody else."""
    own = SIXTEEN if ansi else CALM
    return {name: own.variables[name] for name in OURS}


def run_colour(index: int, *, sixteen: bool = False) -> str:
    """Give the colour of the nth run (from 0) of a chart or of the marks, as Rich understands it."""
    palette = RUN_COLOURS_16 if sixteen else RUN_COLOURS
    return palette[index % len(palette)]
