"""What the terminal at hand can do, read from the environment before the dashboard starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from repro_tui.errors import UsageError
from repro_tui.tui.options import TuiOptions
from repro_tui.tui.state import state_path

_RICH_TERMS = ("256color", "direct", "kitty", "alacritty", "ghostty", "wezterm", "foot", "iterm")
_PLAIN_LOCALES = frozenset({"C", "POSIX"})


def is_remote(environment: Mapping[str, str]) -> bool:
    """Tell whether the terminal is at the other end of a network connection."""
    return any(environment.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "MOSH_IP"))


def has_many_colours(environment: Mapping[str, str]) -> bool:
    """Tell whether the terminal shows more than its own 16 colours."""
    if environment.get("COLORTERM", "").lower() in {"truecolor", "24bit"}:
        return True
    return any(word in environment.get("TERM", "").lower() for word in _RICH_TERMS)


def is_ascii(environment: Mapping[str, str]) -> bool:
    """Tell whether only ASCII is safe: a locale that is no UTF-8, or a console whose font has no braille.

    An empty locale says nothing (ssh seldom forwards one) and terminals are UTF-8 today; `LANG=C` says it is not.
    Python itself sets LC_CTYPE to C.UTF-8 under `LANG=C`, so that value proves nothing.
    """
    if environment.get("TERM", "") == "linux":
        return True
    named = environment.get("LC_ALL", "")
    if not named:
        category = environment.get("LC_CTYPE", "")
        named = environment.get("LANG", "") if category in {"", "C.UTF-8"} else category
    return bool(named) and (named in _PLAIN_LOCALES or not _says_utf8(named))


def _says_utf8(name: str) -> bool:
    return name.lower().replace("-", "").partition("@")[0].endswith("utf8")


def settle(options: TuiOptions, environment: Mapping[str, str], root: str) -> TuiOptions:
    """Fill in what the command line left open; raises UsageError on a terminal that cannot show a screen."""
    term = environment.get("TERM", "")
    if term in {"", "dumb", "unknown"}:
        raise UsageError(
            f"A terminal of the kind {term or '(none)'!r} cannot show the dashboard.",
            "Set TERM (for example `TERM=xterm-256color`), or use `repro-tui ls` and `repro-tui show`.",
        )
    remote = options.remote or is_remote(environment)
    color = options.color
    if color == "auto":
        color = "none" if environment.get("NO_COLOR") else "auto" if has_many_colours(environment) else "16"
    return replace(
        options,
        remote=remote,
        mouse=not remote if options.mouse is None else options.mouse,
        ascii=options.ascii or is_ascii(environment),
        color=color,
        state_file=options.state_file or _state_file(root, environment),
    )


def _state_file(root: str, environment: Mapping[str, str]) -> Path | None:
    try:
        return state_path(root, environment)
    except RuntimeError:
        # There is no home directory: a view that cannot be kept is no reason not to show one.
        return None
