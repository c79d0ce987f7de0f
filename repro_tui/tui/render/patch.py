"""A patch as lines: a title a file, line numbers, and the words of the language in colour.

Taking it apart costs one pass; a line is coloured when it comes into sight, so a long patch scrolls like a short one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, overload

from repro_tui.tui.render.lines import EMPTY, Line, Piece
from repro_tui.tui.render.text import clean

if TYPE_CHECKING:
    from pygments.lexer import Lexer

_HUNK = re.compile(r"@@+ -\d+(?:,\d+)? (?:-\d+(?:,\d+)? )?\+(\d+)(?:,\d+)? @@+ ?(.*)")
_TOLD = ("new file mode", "deleted file mode", "old mode", "new mode", "rename ", "similarity ", "copy ")
_LONGEST_COLOURED = 400
"""A longer line is data rather than code."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a patch, taken apart."""

    kind: str
    """`file`, `hunk`, `added`, `removed`, `same`, `told` or `gap`."""
    text: str
    number: int = 0
    """Line number in the new file."""
    path: str = ""
    """File, for choosing the language."""


def parse(patch: str) -> list[Row]:
    """Take a patch apart; what is no patch at all comes out as it is."""
    rows: list[Row] = []
    path, number, in_hunk = "", 0, False
    encoded = 0
    for raw in patch.split("\n"):
        if raw.startswith("diff --git "):
            path, in_hunk, encoded = _path(raw), False, 0
            rows += [Row("gap", "")] if rows else []
            rows.append(Row("file", path, path=path))
        elif (hunk := _HUNK.match(raw)) is not None:
            number, in_hunk = int(hunk[1]), True
            rows.append(Row("hunk", f"line {hunk[1]}  {hunk[2]}".rstrip()))
        elif in_hunk and raw[:1] in {"+", "-", " "}:
            kind = {"+": "added", "-": "removed", " ": "same"}[raw[0]]
            rows.append(Row(kind, raw[1:], 0 if kind == "removed" else number, path))
            number += kind != "removed"
        elif raw.startswith("GIT binary patch") or encoded:
            rows += [Row("told", "binary: its content is kept in the patch and not shown")] if not encoded else []
            encoded += 1
        elif raw.startswith((*_TOLD, "Binary files", "\\ ")) or (raw and not path):
            rows.append(Row("told", raw.removeprefix("\\ ")))
    return rows


def _path(header: str) -> str:
    """Read the path from `diff --git a/P b/P`."""
    names = header.removeprefix("diff --git ")
    if names.startswith('"'):
        return names.split('"')[1][2:]
    return (
        names[2 : (len(names) - 1) // 2] if len(names) % 2 and names[:2] == "a/" else names.partition(" b/")[2] or names
    )


class PatchLines(Sequence[Line]):
    """The lines of a page that ends in a patch, each made when it is asked for."""

    def __init__(self, before: Sequence[Line], rows: Sequence[Row]) -> None:
        self._before = before
        self._rows = rows
        self._digits = len(str(max((row.number for row in rows), default=0)))

    def __len__(self) -> int:
        return len(self._before) + len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Line: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Line]: ...
    def __getitem__(self, index: int | slice) -> Line | Sequence[Line]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if index < len(self._before):
            return self._before[index]
        return self._line(self._rows[index - len(self._before)])

    def plain(self, index: int) -> str:
        """Give the text of a line without making its colours."""
        if index < len(self._before):
            return "".join(text for text, _ in self._before[index])
        return self._rows[index - len(self._before)].text

    def _line(self, row: Row) -> Line:
        if row.kind == "gap":
            return EMPTY
        if row.kind == "file":
            return ((f" {clean(row.text)}", "file"),)
        gutter = f" {row.number or '':>{self._digits}} "
        if row.kind in {"hunk", "told"}:
            return (gutter, "number"), ("  " + clean(row.text), "hunk" if row.kind == "hunk" else "dim")
        sign, style = {"added": ("+", "added"), "removed": ("-", "removed"), "same": (" ", "dim")}[row.kind]
        text = row.text.expandtabs(4)
        if row.kind == "same":
            return (gutter, "number"), ("  " + clean(text), "dim")
        return (gutter, "number"), (f"{sign} ", style), *_coloured(text, row.path, style)


@lru_cache(maxsize=2048)
def _coloured(text: str, path: str, style: str) -> tuple[Piece, ...]:
    """Part a line of code into words with the styles of its language; plain where none is known."""
    lexer = lexer_of(path)
    if lexer is None or len(text) > _LONGEST_COLOURED or not text.strip():
        return ((clean(text), style),)
    return tuple(_pieces(text, lexer, style))


def _pieces(text: str, lexer: Lexer, style: str) -> Iterator[Piece]:
    for kind, value in lexer.get_tokens(text):
        shown = clean(value.rstrip("\n"))
        if shown:
            yield shown, _style(str(kind), style)


_KINDS = (
    ("Token.Comment", "comment"),
    ("Token.Literal.String.Doc", "comment"),
    ("Token.Literal.String", "text"),
    ("Token.Literal.Number", "number"),
    ("Token.Keyword", "keyword"),
    ("Token.Name.Function", "called"),
    ("Token.Name.Class", "called"),
    ("Token.Operator.Word", "keyword"),
)


def _style(kind: str, otherwise: str) -> str:
    return next((style for prefix, style in _KINDS if kind.startswith(prefix)), otherwise)


@lru_cache(maxsize=64)
def lexer_of(path: str) -> Lexer | None:
    """Choose a language by a file's name."""
    from pygments.lexers import get_lexer_for_filename
    from pygments.util import ClassNotFound

    try:
        return get_lexer_for_filename(path.rsplit("/", 1)[-1], stripnl=False)
    except ClassNotFound:
        return None
