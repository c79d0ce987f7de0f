"""How one file differs, as a unified diff for a person: lines that are safe to show, and a reason where there are none.

Foreign text must not reach a terminal as it is, so tabs become spaces and what cannot be seen is left out. Where two
lines then look the same and are not, both are shown with signs for what cannot be seen.
"""

from __future__ import annotations

from collections.abc import Sequence

from repro_tui.compare.blocks import Block, matching
from repro_tui.compare.meaning import is_layout, may_be_layout
from repro_tui.domain.comparison import FilePatch
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.plain import clean
from repro_tui.source.searched import as_text

Content = bytes | None | Unavailable
"""What a file holds; None where there is no file."""

LARGEST = 5_000_000
"""Bytes of a file above which no lines are compared."""
_CONTEXT = 3
_TAB = 4
_LONGEST = 2000
"""Characters of a line that are shown."""
_NO_NEWLINE = "\\ No newline at end of file"
_SIGNS = str.maketrans({"\t": "→", "\r": "␍", "\0": "␀", "\x1b": "␛", "\f": "␌"})


def patch_of(path: str, before: Content, after: Content, *, used: bool = True) -> FilePatch:
    """Compare two contents of a file."""
    for side in (before, after):
        if isinstance(side, Unavailable):
            return FilePatch(path, (), why=side.reason, used=used)
    assert not isinstance(before, Unavailable)
    assert not isinstance(after, Unavailable)
    if max(len(before or b""), len(after or b"")) > LARGEST:
        return FilePatch(path, (), why=_sized("larger than 5 MB", before, after), used=used)
    old, new = as_text(before or b""), as_text(after or b"")
    if old is None or new is None:
        return FilePatch(path, (), why=_sized("binary", before, after), used=used)
    if "\ufffd" in old + new:  # bytes that are no UTF-8 must not look alike
        old, new = _exact(before or b"", old), _exact(after or b"", new)
    if not old and not new:
        why = "an empty file" if before is None or after is None else ""
        return FilePatch(path, (), why=why, used=used)
    if before is not None and after is not None and old.replace("\r\n", "\n") == new.replace("\r\n", "\n"):
        return FilePatch(path, (), why=f"only its line ends differ: {_ends(old)} to {_ends(new)}", used=used)
    if _ends(old) == _ends(new) == "CRLF":
        old, new = old.replace("\r\n", "\n"), new.replace("\r\n", "\n")
    lines, added, removed = _unified(_Text.of(old), _Text.of(new), readable=True)
    same = before is not None and after is not None and may_be_layout(lines) and is_layout(path, old, new)
    return FilePatch(path, lines, added, removed, used=used, layout=same)


def exact_lines(old: str, new: str) -> tuple[str, ...]:
    """Give the hunks between two texts with every line as it is: for a program, not for a terminal."""
    return _unified(_Text.of(old), _Text.of(new), readable=False)[0]


def _exact(content: bytes, text: str) -> str:
    """Decode with each byte that is no UTF-8 by its number; UTF-16 is what it is."""
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return text
    return content.decode("utf-8", "backslashreplace")


def _sized(why: str, before: bytes | None, after: bytes | None) -> str:
    sizes = [f"{len(side):,}" for side in (before, after) if side is not None]
    return f"{why}, {' to '.join(sizes)} bytes"


def _ends(text: str) -> str:
    crlf, all_ends = text.count("\r\n"), text.count("\n")
    return "LF" if not crlf else "CRLF" if crlf == all_ends else "mixed"


class _Text:
    """The lines of a text, and whether its last one ends."""

    def __init__(self, lines: Sequence[str], *, ended: bool) -> None:
        self.lines = lines
        self.keys = lines if ended or not lines else [*lines[:-1], lines[-1] + "\n"]
        """The same with a mark at a last line that has no end, so that it is unlike one that has."""

    @classmethod
    def of(cls, text: str) -> _Text:
        lines = text.split("\n")
        ended = lines[-1] == ""
        if ended:
            lines.pop()
        return cls(lines, ended=ended)

    def marked(self, at: int) -> list[str]:
        """Give the line that git puts behind a last line without an end."""
        return [_NO_NEWLINE] if self.keys[at] is not self.lines[at] else []


def _unified(old: _Text, new: _Text, *, readable: bool) -> tuple[tuple[str, ...], int, int]:
    blocks = [*matching(old.keys, new.keys), (len(old.lines), len(new.lines), 0)]
    lines: list[str] = []
    added = removed = 0
    for hunk in _hunks(blocks, len(old.lines)):
        first, first2, last, last2 = hunk[0][0], hunk[0][2], hunk[-1][1], hunk[-1][3]
        lines.append(f"@@ -{_range(first, last)} +{_range(first2, last2)} @@")
        for low, high, low2, high2, equal in hunk:
            if equal:
                lines += _side(old, low, high, " ") if readable else _raw(old, low, high, " ")
                continue
            if readable:
                alike = _alike(old.lines[low:high], new.lines[low2:high2])
                lines += _side(old, low, high, "-", alike)
                lines += _side(new, low2, high2, "+", alike)
            else:
                lines += _raw(old, low, high, "-")
                lines += _raw(new, low2, high2, "+")
            removed, added = removed + high - low, added + high2 - low2
    return tuple(lines), added, removed


Stretch = tuple[int, int, int, int, bool]
"""Lines of the first text (from, to), of the second, and whether they are equal."""


def _hunks(blocks: Sequence[Block], lines: int) -> list[list[Stretch]]:
    """Group what differs with some equal lines around it; `lines` are those of the first text."""
    groups: list[list[tuple[int, int, int, int]]] = []
    at = at2 = 0
    for start, start2, count in blocks:
        if at < start or at2 < start2:
            near = bool(groups) and at - groups[-1][-1][1] <= 2 * _CONTEXT
            if not near:
                groups.append([])
            groups[-1].append((at, start, at2, start2))
        at, at2 = start + count, start2 + count
    return [_around(group, lines) for group in groups]


def _around(group: Sequence[tuple[int, int, int, int]], lines: int) -> list[Stretch]:
    """Put the equal lines before, between and after the changes of one hunk."""
    low, _, low2, _ = group[0]
    lead = min(_CONTEXT, low)
    stretches: list[Stretch] = [(low - lead, low, low2 - lead, low2, True)] if lead else []
    for change, following in zip(group, [*group[1:], None], strict=True):
        stretches.append((*change, False))
        _, end, _, end2 = change
        count = following[0] - end if following is not None else min(_CONTEXT, lines - end)
        if count:
            stretches.append((end, end + count, end2, end2 + count, True))
    return stretches


def _range(first: int, last: int) -> str:
    count = last - first
    start = first + 1 if count else first
    return f"{start}" if count == 1 else f"{start},{count}"


def _raw(text: _Text, low: int, high: int, sign: str) -> list[str]:
    lines = [sign + line for line in text.lines[low:high]]
    return lines + (text.marked(high - 1) if high > low else [])


def _side(text: _Text, low: int, high: int, sign: str, alike: frozenset[str] = frozenset()) -> list[str]:
    lines: list[str] = []
    for at in range(low, high):
        shown = _shown(text.lines[at])
        lines.append(sign + (_signed(text.lines[at]) if shown.rstrip() in alike else shown))
        lines += text.marked(at)
    return lines


def _alike(old: Sequence[str], new: Sequence[str]) -> frozenset[str]:
    """Give the texts under which lines of both sides would be shown although they differ."""
    shown: dict[str, set[str]] = {}
    for line in old:
        shown.setdefault(_shown(line).rstrip(), set()).add(line)
    return frozenset(text for line in new if (text := _shown(line).rstrip()) in shown and shown[text] != {line})


def _shown(line: str) -> str:
    text = line if line.isascii() and line.isprintable() else clean(line.expandtabs(_TAB)[: 2 * _LONGEST])
    if len(line) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}… ({len(line):,} characters)"


def _signed(line: str) -> str:
    """Show what cannot be seen: tabs, ends, spaces at the end, characters without a shape."""
    body = line.rstrip(" ")
    text = "".join(
        c if c.isprintable() or c in "→␍␀␛␌" else f"\\u{ord(c):04x}" for c in body[:_LONGEST].translate(_SIGNS)
    )
    return text + "·" * min(len(line) - len(body), _TAB)
