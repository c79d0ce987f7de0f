"""What the terminal can show, and how far away it is."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping

from repro_tui.cli.checkup.finding import Finding
from repro_tui.cli.output import Output, wants_ascii

SMALLEST = (80, 24)
SLOW_ESCAPE_MS = 50


def check_terminal(output: Output, environment: Mapping[str, str]) -> Iterable[Finding]:
    """Look at colours, size, characters, tmux and SSH."""
    if not output.terminal:
        yield Finding(
            "terminal", "output", "no terminal", "note", "The dashboard needs one; `ls`, `show` and `logs` do not."
        )
    yield _colors(environment)
    yield _characters(environment)
    yield _size()
    if environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"):
        yield Finding(
            "terminal",
            "ssh",
            "yes: fewer updates, no mouse unless --mouse",
            "note",
            "`Compression yes` for this host in ~/.ssh/config makes the dashboard ten times lighter on the line.",
        )
    if environment.get("TMUX"):
        yield _tmux()


def _colors(environment: Mapping[str, str]) -> Finding:
    """Say how many colours the dashboard will use."""
    term = environment.get("TERM", "")
    if term in {"", "dumb"}:
        return Finding(
            "terminal", "colours", f"TERM={term or 'not set'}", "problem", "Set TERM, for example to xterm-256color."
        )
    if environment.get("NO_COLOR"):
        return Finding("terminal", "colours", "none, because NO_COLOR is set")
    if environment.get("COLORTERM") in {"truecolor", "24bit"}:
        return Finding("terminal", "colours", f"16 million ({term})")
    if "256" in term or "kitty" in term or "alacritty" in term:
        return Finding("terminal", "colours", f"256 ({term})")
    advice = "If it can do more, set TERM to xterm-256color (tmux: default-terminal tmux-256color)."
    return Finding("terminal", "colours", f"16 ({term})", "note", advice)


def _characters(environment: Mapping[str, str]) -> Finding:
    """Say whether curves can be drawn with braille."""
    if wants_ascii(environment):
        locale = environment.get("LC_ALL") or environment.get("LC_CTYPE") or environment.get("LANG", "")
        return Finding(
            "terminal", "characters", f"ASCII (locale {locale})", "note", "For finer curves: export LANG=C.UTF-8"
        )
    return Finding("terminal", "characters", "UTF-8")


def _size() -> Finding:
    columns, lines = shutil.get_terminal_size(SMALLEST)
    if columns < SMALLEST[0] or lines < SMALLEST[1]:
        advice = f"Screens are drawn for {SMALLEST[0]}x{SMALLEST[1]} or more; smaller ones show less."
        return Finding("terminal", "size", f"{columns}x{lines}", "note", advice)
    return Finding("terminal", "size", f"{columns}x{lines}")


def _tmux() -> Finding:
    """Ask tmux how long it holds the escape key back."""
    from repro_tui.cli.checkup.machine import first_line

    text = first_line(["tmux", "show-options", "-sv", "escape-time"])
    if text.isdigit() and int(text) > SLOW_ESCAPE_MS:
        advice = "esc answers late; add `set -sg escape-time 10` to ~/.tmux.conf."
        return Finding("terminal", "tmux", f"holds the escape key back for {text} ms", "note", advice)
    return Finding("terminal", "tmux", f"escape-time {text} ms" if text else "yes")
