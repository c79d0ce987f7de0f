"""One line on a terminal that says how far something long has come."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from repro_tui.cli.output import Output, clean
from repro_tui.domain.progress import Progress
from repro_tui.errors import CancelledError
from repro_tui.tui.render.numbers import size
from repro_tui.tui.render.text import shorten

_EVERY_S = 0.2
_PATIENCE_S = 0.4
"""Seconds before anything is shown: what is over at once needs no words."""


@contextmanager
def shown(output: Output, title: str, stopped: str = "") -> Iterator[Progress | None]:
    """Give what a long piece of work tells its progress to: a line on standard error, where a person looks at it.

    The line is taken away at the end, however that comes. Ctrl-c is then told as `stopped`, which says what was left.
    """
    try:
        with _line(output, title) as progress:
            yield progress
    except KeyboardInterrupt:
        if not stopped:
            raise
        raise CancelledError(stopped) from None


@contextmanager
def _line(output: Output, title: str) -> Iterator[Progress | None]:
    stream = output.stderr
    if stream is None or not output.terminal or not stream.isatty():
        yield None
        return
    begin = last = time.monotonic()
    drawn = False

    def show(done: int, total: int, what: str) -> None:
        nonlocal last, drawn
        now = time.monotonic()
        if now - begin < _PATIENCE_S or now - last < _EVERY_S:
            return
        last = now
        share = f"{min(done / total, 1.0):4.0%} of {size(total)}" if total else ""
        line = "  ".join(part for part in (title, share, clean(what)) if part)
        stream.write(f"\r\x1b[K{shorten(line, max(output.width - 2, 10))}")
        stream.flush()
        drawn = True

    try:
        yield show
    finally:
        if drawn:
            stream.write("\r\x1b[K")
            stream.flush()
