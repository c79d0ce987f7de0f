"""How a blob is stored: as a zstd frame, or raw where that saves less than 2 %."""

from __future__ import annotations

import sys

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

RAW, ZSTD = 0, 1
_WORTH = 0.98
_FAST = {zstd.CompressionParameter.min_match: 7, zstd.CompressionParameter.hash_log: 14}
"""Besides level 1: data is mostly numbers, in which short matches cost more than they save (docs/design/0012)."""

Bytes = bytes | memoryview


class Packer:
    """Compresses one blob after the other, keeping zstd's memory between them; not for several threads at once."""

    def __init__(self, level: int) -> None:
        options = {int(zstd.CompressionParameter.compression_level): level}
        if level == 1:
            options |= {int(name): value for name, value in _FAST.items()}
        self._zstd = zstd.ZstdCompressor(options=options)

    def pack(self, data: Bytes) -> tuple[int, Bytes]:
        """Give (codec, stored bytes); raw bytes are the ones that were given, not a copy."""
        packed = self._zstd.compress(data, self._zstd.FLUSH_FRAME)
        return (ZSTD, packed) if len(packed) <= len(data) * _WORTH else (RAW, data)


def unpack(codec: int, stored: bytes, length: int) -> bytes:
    """Give a blob back, never more than `length` bytes; raises ValueError for what no writer can have written."""
    if codec == RAW:
        if len(stored) != length:
            raise ValueError("its length is wrong")
        return stored
    if codec != ZSTD:
        raise ValueError(f"its codec {codec} is unknown")
    unpacker = zstd.ZstdDecompressor()
    try:
        data = unpacker.decompress(stored, length + 1)
    except (zstd.ZstdError, EOFError) as error:
        raise ValueError(f"it cannot be unpacked: {error}") from error
    if len(data) != length or not unpacker.eof or unpacker.unused_data:
        raise ValueError("it unpacks to another length")
    return data
