"""A line on the terminal that tells how far something long is; nothing where there is no terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from repro_tui.cli.output import Output, clean
from repro_tui.tui.render.numbers import size
from repro_tui.tui.render.text import shorten

if TYPE_CHECKING:
    from repro_tui.domain.progress import Progress

_PATIENCE_S = 0.5
"""Seconds before anything is shown: what is over at once needs no words."""


@contextmanager
def shown(output: Output) -> Iterator[Progress]:
    """Give what is told of progress; the line is gone at the end."""
    begun = time.monotonic()
    drawn = False

    def tell(done: int, total: int, what: str) -> None:
        nonlocal drawn
        if output.stderr is None or not _is_terminal() or time.monotonic() - begun < _PATIENCE_S:
            return
        much = f"{done / total:4.0%} of {size(total)}" if total else size(done) if done else ""
        words = f"{clean(what)}  {much}".rstrip()
        output.stderr.write(f"\r\x1b[K{shorten(words, max(output.width - 1, 10))}")
        output.stderr.flush()
        drawn = True

    try:
        yield tell
    finally:
        if drawn and output.stderr is not None:
            output.stderr.write("\r\x1b[K")
            output.stderr.flush()


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()
