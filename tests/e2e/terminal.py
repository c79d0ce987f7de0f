"""A real terminal to test in: tmux on a socket of its own."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

LOOK_EVERY_S = 0.05
PATIENCE_S = 30.0
"""How long a condition is waited for: much longer than it takes, for a busy machine."""
PROMPT = r"[$#] ?$"


class Terminal:
    """One tmux server with one window, in which a shell runs that programs are started from."""

    def __init__(self, columns: int, lines: int, cwd: Path, environment: Mapping[str, str] | None = None) -> None:
        self._socket = f"repro-tui-test-{uuid.uuid4().hex[:12]}"
        self._environment = {
            key: value
            for key, value in os.environ.items()
            if key in {"PATH", "HOME", "USER", "TMPDIR"} or key.startswith("XDG_")
        }
        self._environment |= {"LANG": "C.UTF-8", "TERM": "xterm-256color", **(environment or {})}
        self.tmux(
            "-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(lines), "-c", str(cwd),
            "bash --norc --noprofile",
        )  # fmt: skip
        self.tmux("set-option", "-g", "default-terminal", "tmux-256color")
        self.tmux("set-option", "-sg", "escape-time", "0")
        self.tmux("set-option", "-g", "status", "off")
        self.tmux("set-option", "-g", "window-size", "manual")
        self.wait_for(PROMPT)

    def tmux(self, *words: str) -> str:
        """Call tmux and give what it prints."""
        done = subprocess.run(
            ["tmux", "-L", self._socket, *words], env=self._environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    def type(self, line: str) -> None:
        """Type a line of the shell, and enter."""
        self.tmux("send-keys", "-l", "--", line)
        self.tmux("send-keys", "Enter")

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names: `Enter`, `Escape`, `/`, `C-d`."""
        for key in keys:
            self.tmux("send-keys", *(["-l", "--"] if len(key) == 1 else []), key)

    def screen(self) -> str:
        """Give the text that is on the screen now."""
        return self.tmux("capture-pane", "-p")

    def resize(self, columns: int, lines: int) -> None:
        """Give the window another size."""
        self.tmux("resize-window", "-x", str(columns), "-y", str(lines))

    def shows(self, pattern: str) -> bool:
        """Tell whether a regular expression matches the screen now, line by line."""
        return re.search(pattern, self.screen(), re.MULTILINE) is not None

    def wait_for(self, *patterns: str, patience: float = PATIENCE_S) -> str:
        """Wait until every regular expression matches the screen, and give the screen."""

        def complete() -> str:
            screen = self.screen()
            return screen if all(re.search(pattern, screen, re.MULTILINE) for pattern in patterns) else ""

        return wait_until(complete, patience, lambda: f"never saw {patterns} in:\n{self.screen()}")

    def wait_until_gone(self, pattern: str) -> None:
        """Wait until a regular expression no longer matches the screen."""
        wait_until(lambda: not self.shows(pattern), PATIENCE_S, lambda: f"{pattern} stayed in:\n{self.screen()}")

    def alternate(self) -> bool:
        """Tell whether a program has taken the alternate screen."""
        return self.tmux("display-message", "-p", "#{alternate_on}").strip() == "1"

    def mouse(self) -> bool:
        """Tell whether a program has asked for the mouse."""
        return self.tmux("display-message", "-p", "#{mouse_any_flag}").strip() == "1"

    def cursor_visible(self) -> bool:
        """Tell whether the cursor can be seen."""
        return self.tmux("display-message", "-p", "#{cursor_flag}").strip() == "1"

    def is_sane(self) -> bool:
        """Tell whether the shell is back with its own screen, a cursor, an echo and line editing."""
        wait_until(lambda: len(self.pids()) == 1, complaint=self.screen)
        if self.alternate() or self.mouse() or not self.cursor_visible():
            return False
        mark = uuid.uuid4().hex[:8]
        self.type(f"clear; stty -a; echo {mark[:4]}''{mark[4:]}")
        screen = self.wait_for(mark)
        flags = set(re.findall(r"-?\w+", screen))
        return {"echo", "icanon", "isig", "icrnl", "opost"} <= flags

    def pids(self) -> list[int]:
        """Give the processes of the window: the shell and what it started, youngest last."""
        shell = int(self.tmux("display-message", "-p", "#{pane_pid}"))
        return [shell, *descendants(shell)]

    def close(self) -> None:
        """End the server and all in it."""
        with suppress(subprocess.CalledProcessError):
            self.tmux("kill-server")


def descendants(pid: int) -> list[int]:
    """Give the children of a process and theirs."""
    try:
        children = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return [*children, *(grand for child in children for grand in descendants(child))]


def wait_until(condition, patience: float = PATIENCE_S, complaint=lambda: "it never came true"):
    """Wait until a condition gives something true, and give that; fail after the patience."""
    deadline = time.monotonic() + patience
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(complaint())
        time.sleep(LOOK_EVERY_S)


def quoted(words: Sequence[object]) -> str:
    """Join words to a line of the shell."""
    return shlex.join(str(word) for word in words)
