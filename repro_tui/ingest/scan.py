"""What lies on the disk: names, sizes and times of journals, with as few system calls as that takes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from repro_tui.journal.layout import Layout, journal_name

_63_BITS = 2**63 - 1

PROJECT = ""
"""Stands for `project/journal/` where run folders have their name."""


class Stat(NamedTuple):
    """What tells, without reading, whether a file is the one that was read."""

    size: int
    mtime_ns: int
    inode: int


def folder_names(layout: Layout) -> list[str] | None:
    """Give the names of the folders below `runs/`, oldest label first; None when that cannot be told right now.

    A folder that is not there has no runs; one that refuses to be read (a network file system that went away) says
    nothing, and then nothing is taken for deleted.
    """
    try:
        with os.scandir(layout.runs) as entries:
            return sorted(e.name for e in entries if not e.name.startswith(".") and e.is_dir())
    except FileNotFoundError:
        return []
    except OSError:
        return None


def journals(layout: Layout, folder: str) -> dict[str, Stat] | None:
    """Give the journals of a run's folder (of the project for `PROJECT`); None when that cannot be told right now.

    One that is sealed goes by the name that it had before, because it is the same file, and what was read of it counts.
    """
    place = f"{layout.runs}/{folder}/journal" if folder else layout.project_journal
    found: dict[str, Stat] = {}
    try:
        with os.scandir(place) as entries:
            for entry in entries:
                name = journal_name(entry.name)
                if name and entry.is_file(follow_symlinks=False):
                    stat = entry.stat(follow_symlinks=False)
                    own = Stat(stat.st_size, stat.st_mtime_ns, stat.st_ino & _63_BITS)
                    other = found.get(name)
                    found[name] = own if other is None else _both(own, other)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError:
        return None
    return found


def _both(one: Stat, other: Stat) -> Stat:
    """Tell of a file that is there twice, sealed and not, in a way that differs from each alone, whatever the order."""
    return Stat(one.size + other.size, max(one.mtime_ns, other.mtime_ns), one.inode ^ other.inode)


def journal_folder(layout: Layout, folder: str) -> Path:
    """Give the folder that holds the journals."""
    return layout.runs / folder / "journal" if folder else layout.project_journal


def everything(layout: Layout, names: list[str]) -> Iterator[tuple[str, dict[str, Stat] | None]]:
    """Give each folder with its journals, newest label first, and the project's own at the very beginning."""
    yield PROJECT, journals(layout, PROJECT)
    for name in reversed(names):
        yield name, journals(layout, name)
