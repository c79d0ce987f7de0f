"""Measure the dashboard on a real pseudo-terminal of 160x48: `python tests/benchmarks/dashboard.py [RUNS ...]`.

Prints ratios against a bare Textual application measured in the same run, and bytes. Nothing here is a test of time.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
COLUMNS, ROWS = 160, 48
QUIET = 0.6
"""Seconds without a byte after which a screen is complete."""

BARE = """
from textual.app import App
from textual.widgets import Footer, Header, Static
from tests.tui.fake import FakeWorkbench
workbench = FakeWorkbench({runs})
class Bare(App):
    def compose(self):
        yield Header()
        yield Static("ready")
        yield Footer()
Bare().run()
"""

OURS = """
import sys
from tests.tui.fake import NOW, FakeWorkbench
from repro_tui.tui.app import TuiOptions, run_dashboard
workbench = FakeWorkbench({runs})
import threading, time
def later():
    time.sleep({delay})
    for key in {changed}:
        workbench.change(key, metrics={{"acc": 0.5, "loss": 0.25}})
threading.Thread(target=later, daemon=True).start()
sys.exit(run_dashboard(workbench, TuiOptions(clock=lambda: NOW)))
"""


class Terminal:
    """A program on a pseudo-terminal of its own."""

    def __init__(self, code: str) -> None:
        self.began = time.monotonic()
        self.pid, self.fd = pty.fork()
        if not self.pid:
            environment = {k: v for k, v in os.environ.items() if k not in {"COLORTERM", "NO_COLOR"}}
            environment |= {"TERM": "xterm-256color", "XDG_STATE_HOME": tempfile.mkdtemp(), "PYTHONPATH": str(ROOT)}
            os.execve(sys.executable, [sys.executable, "-c", code], environment)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    def read(self, quiet: float = QUIET) -> tuple[int, float]:
        """Read until it is quiet; gives bytes and the moment of the last one."""
        count, last = 0, time.monotonic()
        while select.select([self.fd], [], [], quiet)[0]:
            try:
                part = os.read(self.fd, 1 << 20)
            except OSError:
                break
            if not part:
                break
            count, last = count + len(part), time.monotonic()
        return count, last

    def launched(self, marker: bytes) -> float:
        """Give the seconds from start until a text is on screen."""
        seen = b""
        while marker not in seen and select.select([self.fd], [], [], 60)[0]:
            seen += os.read(self.fd, 1 << 20)
        took = time.monotonic() - self.began
        self.read(1.0)
        return took

    def key(self, key: bytes, quiet: float) -> tuple[int, float]:
        """Press a key; gives the bytes and seconds to the last of them."""
        began = time.monotonic()
        os.write(self.fd, key)
        count, last = self.read(quiet)
        return count, last - began

    def memory(self) -> float:
        """Give the resident memory in MiB."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

    def end(self) -> None:
        """End the program in good order."""
        os.kill(self.pid, signal.SIGTERM)
        self.read(1.0)
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def launch(code: str, marker: bytes, times: int = 3) -> float:
    """Give the median of the seconds to a first complete picture."""
    took = []
    for _ in range(times):
        terminal = Terminal(code)
        took.append(terminal.launched(marker))
        terminal.end()
    return statistics.median(took)


def measure(runs: int) -> None:
    """Measure one size of project; the bare application makes the same stand-in for a project first."""
    bare = launch(BARE.format(runs=runs), b"ready")
    code = OURS.format(runs=runs, delay=3600, changed=[])
    terminal = Terminal(code)
    took = terminal.launched(b"amber-otter")
    print(
        f"{runs:>7,} runs: launch to list {took:.2f} s, {took / bare:.2f} x bare Textual; {terminal.memory():.0f} MiB"
    )
    downs = [terminal.key(b"j", 0.06) for _ in range(40)]
    terminal.read()
    times = sorted(seconds for _, seconds in downs)
    sizes = sorted(count for count, _ in downs)
    print(f"  arrow key: p50 {times[20] * 1e3:.0f} ms, p95 {times[38] * 1e3:.0f} ms; {sizes[20]} bytes")
    terminal.key(b"g", QUIET)
    # Each page waits until the pane beside the list has followed, so that no page is swallowed by the next one.
    pages = [terminal.key(b"\x1b[6~", QUIET) for _ in range(8)]
    terminal.read()
    wait, size = statistics.median(s for _, s in pages), statistics.median(c for c, _ in pages)
    print(f"  page down, with the pane: {wait * 1e3:.0f} ms; {size:.0f} bytes")
    print(f"  idle for 5 s: {terminal.read(5.0)[0]} bytes")
    terminal.end()
    terminal = Terminal(OURS.format(runs=runs, delay=took + 4, changed=list(range(1, 21))))
    terminal.launched(b"amber-otter")
    print(f"  20 runs off screen changed: {terminal.read(8.0)[0]} bytes")
    terminal.end()


def main() -> None:
    """Measure what was asked for, or 1,000 and 100,000 runs."""
    for runs in [int(a) for a in sys.argv[1:]] or [1_000, 100_000]:
        measure(runs)


if __name__ == "__main__":
    main()
