"""Sealed files made by hand, from what docs/formats/journal.md says."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def framed(data: bytes, frame: int = 1 << 20) -> bytes:
    """Give the bytes of a sealed file with its table."""
    pieces = [data[at : at + frame] for at in range(0, len(data), frame)]
    packed = [zstd.compress(piece) for piece in pieces]
    table = b"".join(struct.pack("<II", len(one), len(piece)) for one, piece in zip(packed, pieces, strict=True))
    table += struct.pack("<IBI", len(packed), 0, 0x8F92EAB1)
    return b"".join(packed) + struct.pack("<II", 0x184D2A5E, len(table)) + table


def seal_by_hand(path: Path, frame: int = 1 << 20) -> Path:
    """Put a sealed file in the place of another."""
    target = path.with_name(path.name + ".zst")
    target.write_bytes(framed(path.read_bytes(), frame))
    path.unlink()
    return target


def compress(data: bytes) -> bytes:
    """Compress as any program does."""
    return zstd.compress(data)
