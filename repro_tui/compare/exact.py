"""The patch from the code of one run to that of another for `git apply`: every byte, with modes and blob ids."""

from __future__ import annotations

import base64
import posixpath
import stat
import zlib
from collections.abc import Iterator

from repro_tui.compare.code_change import both_contents, differing
from repro_tui.compare.code_side import CodeSide
from repro_tui.compare.patches import exact_lines
from repro_tui.domain.comparison import ExactPatch
from repro_tui.domain.missing import Unavailable
from repro_tui.snapshots.where import to_bytes
from repro_tui.source.apply import MODE_FILE, MODE_LINK, MODE_PROGRAM, blob_id
from repro_tui.source.patch import quote
from repro_tui.store.store import Store

_NONE = "0" * 40
_ROW = 52
"""Bytes that a line of a binary patch stands for, at most."""
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
"""How many bytes a line stands for, from 1."""

File = tuple[bytes, int]
"""Content and mode."""


def exact_patch(before: CodeSide, after: CodeSide, store: Store) -> Iterator[ExactPatch]:
    """Give the patch file by file; those that vanish come first, since a folder may take their place."""
    names = differing(before, after) | _of_other_mode(before, after)
    ordered = sorted(names, key=lambda name: (name in after.files, name))
    for name, old, new in both_contents(before, after, ordered, store):
        path = _path(after, name)
        missing = next((side.reason for side in (old, new) if isinstance(side, Unavailable)), "")
        if not path or missing:
            yield ExactPatch(name, why=missing or "it lies outside of the repository")
            continue
        assert not isinstance(old, Unavailable)
        assert not isinstance(new, Unavailable)
        one, two = (
            None if content is None else (content, _mode(side, other, name))
            for side, other, content in ((before, after, old), (after, before, new))
        )
        if one != two:
            yield ExactPatch(name, patch_of_file(path, one, two))


def patch_of_file(path: bytes, old: File | None, new: File | None) -> bytes:
    """Write one file's share of a patch; None stands for no file."""
    if old is not None and new is not None and stat.S_IFMT(old[1]) != stat.S_IFMT(new[1]):
        return patch_of_file(path, old, None) + patch_of_file(path, None, new)  # a link in place of a file
    before, after = old[0] if old is not None else b"", new[0] if new is not None else b""
    head = [b"diff --git %s %s" % (quote(b"a/" + path), quote(b"b/" + path)), *_modes(old, new)]
    if before == after and old is not None and new is not None:
        return b"\n".join(head) + b"\n"
    ids = [blob_id(each[0]) if each is not None else _NONE for each in (old, new)]
    kept = b" %06o" % old[1] if old is not None and new is not None and old[1] == new[1] else b""
    head.append(f"index {ids[0]}..{ids[1]}".encode() + kept)
    if before == after:
        return b"\n".join(head) + b"\n"
    if b"\0" in before or b"\0" in after:
        return b"\n".join([*head, b"GIT binary patch", *_literal(after), *_literal(before)]) + b"\n"
    tab = b"\t" if b" " in path else b""
    head.append(b"--- " + (quote(b"a/" + path) + tab if old is not None else b"/dev/null"))
    head.append(b"+++ " + (quote(b"b/" + path) + tab if new is not None else b"/dev/null"))
    lines = exact_lines(before.decode("latin-1"), after.decode("latin-1"))  # a letter a byte, and back
    return b"\n".join([*head, *(line.encode("latin-1") for line in lines)]) + b"\n"


def _modes(old: File | None, new: File | None) -> list[bytes]:
    if old is None:
        return [b"new file mode %06o" % new[1]] if new is not None else []
    if new is None:
        return [b"deleted file mode %06o" % old[1]]
    return [b"old mode %06o" % old[1], b"new mode %06o" % new[1]] if old[1] != new[1] else []


def _literal(content: bytes) -> list[bytes]:
    """Write a content in the letters of git's binary patches, with the empty line that ends it."""
    packed = zlib.compress(content)
    rows = [packed[at : at + _ROW] for at in range(0, len(packed), _ROW)]
    return [
        b"literal %d" % len(content),
        *(_LETTERS[len(row) - 1].encode() + base64.b85encode(row, pad=True) for row in rows),
        b"",
    ]


def _of_other_mode(before: CodeSide, after: CodeSide) -> set[str]:
    """Give the files of which both modes are known and not the same."""
    both = before.files.keys() & after.files.keys()
    pairs = ((name, before.files[name].mode, after.files[name].mode) for name in both)
    return {name for name, one, two in pairs if one and two and one != two}


def _mode(side: CodeSide, other: CodeSide, name: str) -> int:
    """Give the mode that a patch can name; one that is not known is that of the other side, or of a plain file."""
    modes = [each.files[name].mode for each in (side, other) if name in each.files]
    mode = next((mode for mode in modes if mode), 0)
    return mode if mode in {MODE_FILE, MODE_PROGRAM, MODE_LINK} else MODE_FILE


def _path(side: CodeSide, name: str) -> bytes:
    """Give the path from the top of the repository, where `git apply` begins; empty for what lies elsewhere."""
    way = (side.facts.way or "") if side.facts.is_git else ""
    path = posixpath.normpath(posixpath.join(to_bytes(way), to_bytes(name)))
    return b"" if path.startswith((b"/", b"../")) or path == b".." else path
