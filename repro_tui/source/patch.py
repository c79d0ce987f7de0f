"""Patches as git writes them: taken apart by file, and written for files that git does not know yet."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass

_SPACE, _DELETE = 0x20, 0x7F
_HEADER = b"diff --git "
_ESCAPES = {
    b"a": b"\a",
    b"b": b"\b",
    b"t": b"\t",
    b"n": b"\n",
    b"v": b"\v",
    b"f": b"\f",
    b"r": b"\r",
    b'"': b'"',
    b"\\": b"\\",
}
_ESCAPED = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_LETTERS = {value[0]: letter for letter, value in _ESCAPES.items()}


@dataclass(frozen=True, slots=True)
class Part:
    """One file's share of a patch."""

    path: bytes
    """Path in the repository, unquoted."""
    content: bytes

    @property
    def binary(self) -> bool:
        """Tell whether the content is encoded, so that it cannot be searched as it stands."""
        return b"\nGIT binary patch\n" in self.content

    def lines(self) -> str:
        """Give the lines on both sides without their first column, as text to search."""
        rows = self.content.split(b"\n")
        start = next((number for number, row in enumerate(rows) if row.startswith(b"@@")), len(rows))
        kept = (row[1:] for row in rows[start:] if row[:1] in {b"+", b"-", b" "})
        return b"\n".join(kept).decode("utf-8", "replace")

    def count(self, sign: bytes) -> int:
        """Count the lines added (`+`) or removed (`-`)."""
        start = self.content.find(b"\n@@")
        return self.content.count(b"\n" + sign, start) if start >= 0 else 0


def split(patch: bytes) -> Iterator[Part]:
    """Take a patch apart; content lines never begin with `diff --git`, because each has a first column."""
    starts = [match.start() for match in re.finditer(rb"^diff --git ", patch, re.MULTILINE)]
    for start, end in zip(starts, [*starts[1:], len(patch)][: len(starts)], strict=True):
        content = patch[start:end]
        yield Part(_path(content.partition(b"\n")[0][len(_HEADER) :]), content)


def _path(names: bytes) -> bytes:
    """Read the path from `a/P b/P`, where both sides are the same because renames are off."""
    if names.startswith(b'"'):
        quoted = re.match(rb'"((?:[^"\\]|\\.)*)"', names, re.DOTALL)
        raw = quoted[1] if quoted else names
        return _ESCAPED.sub(_unescape, raw)[2:]
    return names[2 : (len(names) - 1) // 2]


def _unescape(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes((int(code, 8) & 0xFF,)) if len(code) == 3 else _ESCAPES.get(code, code)  # noqa: PLR2004 - an octal byte


def quote(name: bytes) -> bytes:
    """Write a name as git does: in quotes with escapes when it holds more than plain ASCII."""
    if all(_SPACE <= byte < _DELETE and byte not in b'"\\' for byte in name):
        return name
    pieces = (
        b"\\" + _LETTERS[byte] if byte in _LETTERS else bytes((byte,)) if _SPACE <= byte < _DELETE else b"\\%03o" % byte
        for byte in name
    )
    return b'"' + b"".join(pieces) + b'"'


def new_file(path: bytes, content: bytes, mode: int) -> bytes:
    """Write a text file that git does not know as a part of a patch, so that `git apply` makes it."""
    kind = b"120000" if stat.S_ISLNK(mode) else b"100755" if mode & 0o111 else b"100644"
    ours, theirs = quote(b"a/" + path), quote(b"b/" + path)
    head = b"diff --git %s %s\nnew file mode %s\n" % (ours, theirs, kind)
    if not content:
        return head + b"index 0000000..e69de29\n"
    lines = content.split(b"\n")
    torn = lines[-1] != b""
    if not torn:
        lines.pop()
    count = b"+1" if len(lines) == 1 else b"+1,%d" % len(lines)
    end = b"\n\\ No newline at end of file\n" if torn else b"\n"
    tab = b"\t" if b" " in path else b""
    body = b"\n".join(b"+" + line for line in lines)
    return head + b"--- /dev/null\n+++ %s%s\n@@ -0,0 %s @@\n" % (theirs, tab, count) + body + end
