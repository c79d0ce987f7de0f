"""A place for files that are made while a snapshot is taken: wheels, large committed files. The dead leave none."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from repro_tui.store.durable import is_orphan, process_mark

_PREFIX = ".making-"
_OLD_S = 86400.0
"""Seconds after which it is deleted although nothing is known of who made it: another machine may be at work."""


@contextmanager
def scratch(cache: Path) -> Iterator[Path]:
    """Give a new folder that is gone afterwards; what killed processes left beside it is deleted first."""
    _sweep(cache)
    with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{process_mark()}-", dir=cache) as folder:
        yield Path(folder)


def spool(cache: Path) -> IO[bytes]:
    """Open a new file that is gone when it is closed, with a name by which it is found when we die."""
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    return tempfile.NamedTemporaryFile(prefix=f"{_PREFIX}{process_mark()}-", dir=cache)


def _sweep(cache: Path) -> None:
    limit = time.time() - _OLD_S
    with contextlib.suppress(OSError), os.scandir(cache) as entries:
        for entry in entries:
            if not entry.name.startswith(_PREFIX):
                continue
            with contextlib.suppress(OSError):
                if is_orphan(entry.name) or entry.stat(follow_symlinks=False).st_mtime < limit:
                    if entry.is_dir(follow_symlinks=False):
                        shutil.rmtree(entry.path, ignore_errors=True)
                    else:
                        Path(entry.path).unlink()
