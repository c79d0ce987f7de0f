"""Reading files that may have been sealed: `x.jsonl` and `x.jsonl.zst` are one file, and read alike.

A sealed file is zstd in frames of at most 1 MiB with the table of the zstd seekable format at its end, so that any
part of it is read without what stands before it; `zstd -d` reads it too. One that another program wrote, or that was
cut, has no such table: it is unpacked from its beginning. Places in the file are always those of the unpacked bytes, so
that what was known of a file before it was sealed stays true.

Bytes that cannot be unpacked are replaced by a line that says so. It is no JSON, so that readers of journals count it.
"""

from __future__ import annotations

import contextlib
import os
import stat
import struct
import sys
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

SUFFIX = ".zst"
SKIPPABLE = 0x184D2A5E
"""Begins the frame that holds the table; programs that do not know it pass over it."""
SEEKABLE = 0x8F92EAB1
"""Ends the file."""
FOOTER = struct.Struct("<IBI")
ENTRY = struct.Struct("<II")
_CHECKED = struct.Struct("<III")
_CHECKED_BIT = 0x80
_RESERVED_BITS = 0x7C
_LARGEST_FRAME = 16 << 20
"""Bytes of one frame that are unpacked at once; a file with larger ones is read from its beginning."""
_MOST_FRAMES = 1 << 20
_KEPT_FRAMES = 4
MOST_STREAMED = 4 << 30
"""Bytes that are unpacked of a file without a table: a small one may hold more zeros than there is time."""
_STEP = 1 << 18
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


class Source(Protocol):
    """Bytes of an open file, sealed or not, by their places."""

    descriptor: int
    """Of the file on the disk."""

    @property
    def size(self) -> int:
        """Bytes that there are now; of a file without a table the first question reads all of it."""
        ...

    def pread(self, length: int, offset: int) -> bytes:
        """Give bytes, fewer at the end; raises OSError."""
        ...

    def close(self) -> None:
        """Give back the descriptor."""
        ...


class Plain:
    """A file as it is."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    @property
    def size(self) -> int:
        """Bytes that there are now."""
        return os.fstat(self.descriptor).st_size

    def pread(self, length: int, offset: int) -> bytes:
        """Give bytes, fewer at the end; raises OSError."""
        return os.pread(self.descriptor, length, offset)

    def close(self) -> None:
        """Give back the descriptor."""
        os.close(self.descriptor)


class Framed:
    """A sealed file with a table."""

    def __init__(self, descriptor: int, entries: Sequence[tuple[int, int]]) -> None:
        self.descriptor = descriptor
        self._packed, self._places = [0], [0]
        for packed, size in entries:
            self._packed.append(self._packed[-1] + packed)
            self._places.append(self._places[-1] + size)
        self._kept: OrderedDict[int, bytes] = OrderedDict()

    @property
    def size(self) -> int:
        """Bytes when unpacked."""
        return self._places[-1]

    def pread(self, length: int, offset: int) -> bytes:
        """Give unpacked bytes, fewer at the end; raises OSError."""
        found = []
        end = min(offset + length, self.size)
        while offset < end:
            number = bisect_right(self._places, offset) - 1
            begin = offset - self._places[number]
            piece = self._frame(number)[begin : begin + end - offset]
            found.append(piece)
            offset += len(piece)
        return b"".join(found)

    @property
    def frames(self) -> int:
        """Count the frames."""
        return len(self._packed) - 1

    def is_whole(self, number: int) -> bool:
        """Tell whether a frame can be unpacked; raises OSError."""
        return _unpacked(*self._raw(number)) is not None

    def _raw(self, number: int) -> tuple[bytes, int]:
        """Give a frame as it lies in the file, and its length when unpacked."""
        packed = self._packed[number + 1] - self._packed[number]
        return os.pread(self.descriptor, packed, self._packed[number]), self._places[number + 1] - self._places[number]

    def _frame(self, number: int) -> bytes:
        known = self._kept.get(number)
        if known is None:
            raw, length = self._raw(number)
            known = _unpacked(raw, length)
            if known is None:
                known = _notice(f"{length:,} bytes here")[-length:].rjust(length, b"\r")
            self._kept[number] = known
            if len(self._kept) > _KEPT_FRAMES:
                self._kept.popitem(last=False)
        self._kept.move_to_end(number)
        return known

    def close(self) -> None:
        """Give back the descriptor."""
        os.close(self.descriptor)


class Streamed:
    """A compressed file without a table: what lies before a place is unpacked and thrown away to get there."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._zstd = _zstd()
        self._size = -1
        self._begin()

    def _begin(self) -> None:
        self._raw = 0
        self._at = 0
        """Place of the first byte of `_piece`."""
        self._piece = b""
        self._unpacker: Any = None
        self._input = b""
        self._over = False

    @property
    def size(self) -> int:
        """Bytes when unpacked."""
        while self._size < 0:
            self._advance()
        return self._size

    def pread(self, length: int, offset: int) -> bytes:
        """Give unpacked bytes, fewer at the end; raises OSError."""
        if offset < self._at:
            self._begin()
        found: list[bytes] = []
        while length > 0:
            begin = offset - self._at
            if begin < len(self._piece):
                piece = self._piece[begin : begin + length]
                found.append(piece)
                offset += len(piece)
                length -= len(piece)
            elif self._over:
                break
            else:
                self._advance()
        return b"".join(found)

    def _advance(self) -> None:
        """Go on to the next piece."""
        self._at += len(self._piece)
        self._piece = b""
        try:
            self._piece = self._next()
        except (self._zstd.ZstdError, EOFError):
            self._piece, self._over = _notice("what follows"), True
        if self._at > MOST_STREAMED:
            self._piece, self._over = _notice("what follows"), True
        if self._over:
            self._size = self._at + len(self._piece)

    def _next(self) -> bytes:
        """Unpack a little more; nothing more is there once `_over` is set."""
        while True:
            if self._unpacker is not None and not self._unpacker.eof and not self._unpacker.needs_input:
                piece: bytes = self._unpacker.decompress(b"", _STEP)
            else:
                if not self._input:
                    self._input = os.pread(self.descriptor, _STEP, self._raw)
                    self._raw += len(self._input)
                if not self._input:
                    self._over = True
                    if self._unpacker is not None and not self._unpacker.eof:
                        raise EOFError
                    return b""
                if self._unpacker is None or self._unpacker.eof:
                    self._unpacker = self._zstd.ZstdDecompressor()
                piece = self._unpacker.decompress(self._input, _STEP)
                self._input = b""
            if self._unpacker.eof:
                self._input = self._unpacker.unused_data
            if piece:
                return piece

    def close(self) -> None:
        """Give back the descriptor."""
        os.close(self.descriptor)


def plain_name(name: str) -> str:
    """Give the name that a file has while it is not sealed."""
    return name.removesuffix(SUFFIX)


def sealed_path(path: Path) -> Path:
    """Give the name that a file has when it is sealed."""
    return path if path.name.endswith(SUFFIX) else path.with_name(path.name + SUFFIX)


def find(path: Path) -> os.stat_result | None:
    """Give the stat of a file, or of its sealed form where only that is there; None when neither is."""
    for place in (path, sealed_path(path)):
        with contextlib.suppress(OSError):
            return os.stat(place, follow_symlinks=False)  # noqa: PTH116 - a hot path
    return None


def open_source(path: Path, *, follow: bool = False) -> Source:
    """Open a file, whether it is sealed or not, by its name without `.zst`; raises OSError.

    Where both are there, as after a death or a merge, the longer one is read, for what they share is equal. Links are
    refused unless they may be followed.
    """
    plain = path.with_name(plain_name(path.name))
    flags = _FLAGS if follow else _FLAGS | os.O_NOFOLLOW
    try:
        known = Plain(os.open(plain, flags))
    except FileNotFoundError:
        return _open_sealed(plain, flags)
    try:
        if not stat.S_ISREG(os.fstat(known.descriptor).st_mode) or not os.path.lexists(sealed_path(plain)):
            return known
        other = _open_sealed(plain, flags)
    except OSError:
        return known
    if other.size > known.size:
        known.close()
        return other
    other.close()
    return known


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open a file as `open_source` does, and close it at the end."""
    source = open_source(path)
    try:
        yield source
    finally:
        source.close()


def head_of(path: Path, length: int) -> bytes:
    """Give the first bytes of a file, sealed or not; raises OSError."""
    with opened(path) as source:
        return source.pread(length, 0)


def blocks_of(path: Path, length: int = 1 << 20) -> Iterator[bytes]:
    """Give all bytes of a file, sealed or not, in blocks; raises OSError."""
    at = 0
    with opened(path) as source:
        while block := source.pread(length, at):
            yield block
            at += len(block)


def length_of(path: Path) -> int:
    """Give the bytes of a file as they are, or were before it was sealed; -1 when it cannot be read."""
    try:
        with opened(path) as source:
            return source.size
    except OSError:
        return -1


def _open_sealed(plain: Path, flags: int) -> Source:
    descriptor = os.open(sealed_path(plain), flags)
    try:
        entries = table_of(descriptor) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None
        return Streamed(descriptor) if entries is None else Framed(descriptor, entries)
    except BaseException:
        os.close(descriptor)
        raise


def table_of(descriptor: int) -> list[tuple[int, int]] | None:
    """Give the packed and the unpacked size of each frame; None without a table that can be believed."""
    total = os.fstat(descriptor).st_size
    footer = os.pread(descriptor, FOOTER.size, max(total - FOOTER.size, 0))
    if len(footer) < FOOTER.size:
        return None
    count, flags, magic = FOOTER.unpack(footer)
    if magic != SEEKABLE or flags & _RESERVED_BITS or count > _MOST_FRAMES:
        return None
    entry = _CHECKED if flags & _CHECKED_BIT else ENTRY
    length = count * entry.size + FOOTER.size
    begin = total - length - 8
    if begin < 0:
        return None
    raw = os.pread(descriptor, length + 8, begin)
    if len(raw) != length + 8 or struct.unpack_from("<II", raw) != (SKIPPABLE, length):
        return None
    entries = [(found[0], found[1]) for found in entry.iter_unpack(raw[8 : 8 + count * entry.size])]
    if sum(packed for packed, _ in entries) != begin or any(size > _LARGEST_FRAME for _, size in entries):
        return None
    return [(packed, size) for packed, size in entries if packed or size]


def _unpacked(raw: bytes, length: int) -> bytes | None:
    """Unpack a frame; None when it is damaged or has another length than the table says."""
    zstd = _zstd()
    with contextlib.suppress(zstd.ZstdError, EOFError):
        found: bytes = zstd.ZstdDecompressor().decompress(raw, length + 1)
        if len(found) == length:
            return found
    return None


def _notice(what: str) -> bytes:
    return f"\r[{what} cannot be read: the compressed file is damaged]\n".encode()


def _zstd() -> Any:  # noqa: ANN401 - one of two modules that are the same, depending on the interpreter
    """Import what unpacks, which most projects never need."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd
