"""Applies a recorded patch to blobs as they were committed, exactly: no fuzz, no filters, no line-end rules, no git.

A patch is git's, with full blob ids, so that what comes out can be compared with the id that the patch names.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from repro_tui.source.patch import Part

MODE_FILE, MODE_PROGRAM, MODE_LINK, MODE_NESTED = 0o100644, 0o100755, 0o120000, 0o160000
_INDEX = re.compile(rb"^index ([0-9a-f]{7,64})\.\.([0-9a-f]{7,64})(?: ([0-7]{6}))?$", re.MULTILINE)
_MODE = re.compile(rb"^(new file|deleted file|old|new) mode ([0-7]{6})$", re.MULTILINE)
_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_SECTION = re.compile(rb"^(literal|delta) (\d+)$")
_NO_NEWLINE = b"\\ No newline at end of file"
_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
_DIGITS = {byte: value for value, byte in enumerate(_ALPHABET)}
_SHA1_DIGITS = 40
LARGEST = 1 << 30
"""Bytes that a binary patch may unpack to."""


class PatchError(Exception):
    """A patch does not fit what it is applied to, or is none; the text says why."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the lines before the content say of one file."""

    old: bytes = b""
    """Blob id before; zeros when there was no file; empty when the content does not change."""
    new: bytes = b""
    old_mode: int = 0
    new_mode: int = 0
    """0 when the file is deleted or its mode does not change."""
    created: bool = False
    deleted: bool = False

    @property
    def nested(self) -> bool:
        """Tell whether it is about a repository within the repository."""
        return MODE_NESTED in {self.old_mode, self.new_mode}


def head_of(part: Part) -> Head:
    """Read the head of a part."""
    lines = part.content.split(b"\n@@", 1)[0].split(b"\nGIT binary patch\n", 1)[0]
    modes = {word: int(mode, 8) for word, mode in _MODE.findall(lines)}
    index = _INDEX.search(lines)
    kept = int(index[3], 8) if index and index[3] else 0
    return Head(
        old=index[1] if index else b"",
        new=index[2] if index else b"",
        old_mode=modes.get(b"old", modes.get(b"deleted file", kept)),
        new_mode=modes.get(b"new", modes.get(b"new file", kept)),
        created=b"new file" in modes,
        deleted=b"deleted file" in modes,
    )


def apply(part: Part, before: bytes) -> bytes:
    """Give a file's content after a part of a patch; raises PatchError.

    `before` is the committed content, empty for a new file. Where the part names the id of what comes out, it is
    compared.
    """
    head = head_of(part)
    if part.binary:
        after = _binary(part.content, before)
    else:
        start = part.content.find(b"\n@@")
        after = _hunks(part.content[start + 1 :], before) if start >= 0 else before
    if len(head.new) >= _SHA1_DIGITS and head.new.strip(b"0") and blob_id(after, len(head.new)) != head.new.decode():
        raise PatchError("what comes out is not what the patch names")
    return after


def blob_id(content: bytes, digits: int = _SHA1_DIGITS) -> str:
    """Give the id that git gives a content, in a repository whose ids have so many digits."""
    kind = hashlib.sha1 if digits == _SHA1_DIGITS else hashlib.sha256
    return kind(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _hunks(body: bytes, before: bytes) -> bytes:
    """Apply the hunks of a text."""
    old = before.split(b"\n")
    ends_with_newline = old[-1] == b""
    if ends_with_newline:
        old.pop()
    rows = body.split(b"\n")
    done: list[bytes] = []
    at = place = 0
    newline = ends_with_newline
    while place < len(rows):
        match = _HUNK.match(rows[place])
        if match is None:
            if rows[place]:
                raise PatchError("a line is outside of every hunk")
            place += 1
            continue
        first, count = int(match[1]), int(match[2] or 1)
        begin = first - 1 if count else first
        if begin < at or begin + count > len(old):
            raise PatchError("a hunk lies beyond the file's end")
        done += old[at:begin]
        at = begin
        place, taken, given, ends = _hunk(rows, place + 1, count, int(match[4] or 1))
        if old[at : at + count] != taken:
            raise PatchError("the file is not what the patch was made for")
        done += given
        at += count
        newline = ends if at == len(old) else newline
    done += old[at:]
    return b"\n".join(done) + (b"\n" if done and newline else b"")


def _hunk(rows: Sequence[bytes], place: int, old: int, new: int) -> tuple[int, list[bytes], list[bytes], bool]:
    """Read one hunk: the place after it, the lines before and after, and whether the last one after has an end."""
    taken: list[bytes] = []
    given: list[bytes] = []
    newline, last = True, b""
    while place < len(rows):
        row = rows[place]
        sign = row[:1]
        if row == _NO_NEWLINE:
            newline = newline and last == b"-"
        elif len(taken) >= old and len(given) >= new:
            break
        elif sign in {b" ", b""}:
            taken.append(row[1:])
            given.append(row[1:])
        elif sign == b"-":
            taken.append(row[1:])
        elif sign == b"+":
            given.append(row[1:])
        else:
            raise PatchError("a hunk holds a line that is none")
        place, last = place + 1, sign
    if len(taken) != old or len(given) != new:
        raise PatchError("a hunk is cut off")
    return place, taken, given, newline


def _binary(content: bytes, before: bytes) -> bytes:
    """Apply a `GIT binary patch`: the first of its two directions is the one forward."""
    rows = iter(content.partition(b"\nGIT binary patch\n")[2].split(b"\n"))
    match = _SECTION.match(next(rows, b""))
    if match is None:
        raise PatchError("the binary patch has no content")
    size = int(match[2])
    packed = bytearray()
    for row in rows:
        if not row:
            break
        packed += _base85(row)
    if size > LARGEST:
        raise PatchError("the binary patch is too large")
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(bytes(packed), size + 1)
    except zlib.error as error:
        raise PatchError(f"the binary patch is damaged: {error}") from error
    if len(data) != size:
        raise PatchError("the binary patch has not the length that it says")
    return data if match[1] == b"literal" else _delta(data, before)


def _base85(row: bytes) -> bytes:
    """Decode one line of a binary patch: its first letter says how many bytes it stands for."""
    first = row[0]
    count = first - 64 if 65 <= first <= 90 else first - 70 if 97 <= first <= 122 else 0  # noqa: PLR2004 - A to Z, a to z
    digits = row[1:]
    if not count or len(digits) != (count + 3) // 4 * 5 or not _DIGITS.keys() >= set(digits):
        raise PatchError("the binary patch holds a line that is none")
    found = bytearray()
    for start in range(0, len(digits), 5):
        number = 0
        for byte in digits[start : start + 5]:
            number = number * 85 + _DIGITS[byte]
        if number >= 1 << 32:
            raise PatchError("the binary patch holds a number that is too large")
        found += number.to_bytes(4, "big")
    return bytes(found[:count])


def _delta(delta: bytes, before: bytes) -> bytes:
    """Apply git's delta: copies from what was there, and insertions."""
    source, at = _size(delta, 0)
    target, at = _size(delta, at)
    if source != len(before) or target > LARGEST:
        raise PatchError("the binary patch was made for another file")
    found = bytearray()
    while at < len(delta):
        code = delta[at]
        at += 1
        if code & 0x80:
            offset, at = _bytes(delta, at, code, 4)
            size, at = _bytes(delta, at, code >> 4, 3)
            size = size or 0x10000
            if offset + size > len(before):
                raise PatchError("the binary patch copies beyond the file's end")
            found += before[offset : offset + size]
        elif code:
            found += delta[at : at + code]
            at += code
        else:
            raise PatchError("the binary patch holds an instruction that is none")
    if len(found) != target:
        raise PatchError("the binary patch does not give what it says")
    return bytes(found)


def _size(delta: bytes, at: int) -> tuple[int, int]:
    number, shift = 0, 0
    while at < len(delta):
        byte = delta[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return number, at
    raise PatchError("the binary patch is cut off")


def _bytes(delta: bytes, at: int, mask: int, count: int) -> tuple[int, int]:
    """Read a number of which only the bytes that a mask names are there."""
    number = 0
    for place in range(count):
        if mask & 1 << place:
            if at >= len(delta):
                raise PatchError("the binary patch is cut off")
            number |= delta[at] << 8 * place
            at += 1
    return number, at
