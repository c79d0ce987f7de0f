"""The files that a run read and wrote, as a table."""

from __future__ import annotations

from repro_tui.domain.ids import short
from repro_tui.domain.run import FileFact, Run
from repro_tui.tui.render import numbers
from repro_tui.tui.render.facts import coverage_words
from repro_tui.tui.render.lines import EMPTY, Field, Line, Piece, table
from repro_tui.tui.render.text import clean

_MODES = {"r": "read", "w": "written", "rw": "both"}
_ROLES = {"in": "data", "out": "result", "config": "config", "source": "source", "": "-"}


def files(run: Run, cells: int) -> tuple[Line | None, list[Line]]:
    """Give the head and the lines of a table of files, data first."""
    if not run.files:
        return None, [
            EMPTY,
            ((" No file was seen to be read or written.", "value"),),
            ((' --data PATH and --out PATH declare them; repro_tui.save("model.npz") does from a script.', "dim"),),
        ]
    order = {"in": 0, "config": 1, "out": 2, "source": 4}
    listed = sorted(run.files, key=lambda file: (order.get(file.role, 3), file.path))
    fields = (
        Field(" file", keep_end=True),
        Field("", most=7),
        Field("", most=7),
        Field("size", right=True),
        Field("files", right=True),
        Field("digest"),
        Field("fingerprint"),
    )
    return table(fields, [_file_row(file) for file in listed], cells)


def _file_row(file: FileFact) -> tuple[Piece, ...]:
    words, style = coverage_words(file)
    return (
        (" " + clean(file.path), "value"),
        (_MODES.get(file.mode, file.mode), "dim"),
        (_ROLES.get(file.role, file.role), "dim"),
        (numbers.size(file.size), "value"),
        (numbers.count(file.files) if file.files is not None else "", "dim"),
        (short(file.digest) if file.digest else "-", "dim"),
        (words, style),
    )
