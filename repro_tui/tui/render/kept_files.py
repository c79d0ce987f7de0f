"""The files of a snapshot in lines: the largest of each part, with their bytes."""

from __future__ import annotations

from collections.abc import Sequence

from repro_tui.domain.missing import Unavailable
from repro_tui.domain.snapshot import KeptFile, Part, PartFiles
from repro_tui.tui.render import numbers
from repro_tui.tui.render.lines import EMPTY, Line, title, wrapped
from repro_tui.tui.render.text import clean, fit, width

MOST = 20
"""Files of a part that are named; who wants all of them restores it."""
_SIZE = 8
"""Cells of the bytes, with a gap before them."""

Files = Sequence[PartFiles] | Unavailable | None
"""None while they are being read."""


def lines(files: Files, parts: Sequence[Part], cells: int) -> list[Line]:
    """Name the largest files of each kept part."""
    head = title("Files", "the largest of each part")
    if isinstance(files, Unavailable):
        return [head, *wrapped(f"They cannot be listed: {files.reason}", cells, "bad")]
    if files is None:
        return [head, (("reading ...", "faint"),)]
    if not files:
        return [head, (("none: no bytes of it are in the store", "dim"),)]
    names = [width(clean(file.path)) for part in files for file in part.files]
    room = max(8, min(max(names, default=0), cells - _SIZE - 2))
    found: list[Line] = []
    for part in files:
        kept = next((known for known in parts if known.name == part.name), None)
        found += [EMPTY] if found else []
        found += _part(part, kept.size if kept else None, room, cells)
    return [head, *found]


def _part(part: PartFiles, size: int | None, room: int, cells: int) -> list[Line]:
    told = f"{part.count:,} file{'s' * (part.count != 1)}"
    found: list[Line] = [((clean(part.name), "label"), (f"  {told}", "dim"))]
    if part.why:
        return [found[0], *wrapped(part.why, cells, "bad", indent=2)]
    found += [_file(file, room) for file in part.files]
    rest = part.count - len(part.files)
    if rest > 0:
        left = None if size is None else size - sum(file.size for file in part.files)
        bytes_left = f", {numbers.size(left)} together" if left is not None and left >= 0 else ""
        found.append(((f"  and {rest:,} smaller{bytes_left}", "dim"),))
    return found


def _file(file: KeptFile, room: int) -> Line:
    return ("  ", ""), (fit(file.path, room, keep="end"), "value"), (f"{numbers.size(file.size):>{_SIZE}}", "dim")
