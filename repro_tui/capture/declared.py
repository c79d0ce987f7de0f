"""Which folders a person declared as data or output: the recorder is told of them, wherever they lie."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from repro_tui.journal.layout import Layout, journals_in
from repro_tui.journal.sealed import blocks_of
from repro_tui.recorder.line import from_text
from repro_tui.settings import Project

_MARK = b'"k":"dataset"'


def declared_places(project: Project, paths: Sequence[str], cwd: str) -> list[str]:
    """Give the absolute paths of all that is declared: on the command line, in repro.yaml, in the project's journal.

    It is asked before the command starts, so the journal is searched and not folded: what is no dataset any more does
    no harm here.
    """
    settings = project.settings
    named = [os.path.join(cwd, path) for path in paths]  # noqa: PTH118 - texts are wanted
    inside = [path for name in ("data", "out") for path in settings.list(name)]
    inside += [path for record in settings.records("datasets").values() if (path := record.get("path"))]
    inside += _in_journal(Layout.of(project).project_journal)
    named += [os.path.join(project.root, path) for path in inside]  # noqa: PTH118 - the same
    plain = {os.path.abspath(path) for path in named}  # noqa: PTH100 - the same
    return sorted(plain | {os.path.realpath(path) for path in plain})


def _in_journal(folder: Path) -> Iterable[str]:
    """Give the path of each dataset that was ever declared."""
    for path in journals_in(folder):
        try:
            raw = b"".join(blocks_of(path))
        except OSError:
            continue
        if _MARK not in raw:
            continue
        for line in raw.split(b"\n"):
            if _MARK in line and (found := _path_in(line)):
                yield found


def _path_in(line: bytes) -> str:
    try:
        found = json.loads(line)
    except ValueError:
        return ""
    path = found.get("path") if isinstance(found, dict) else None
    return from_text(path) if isinstance(path, str) else ""
