"""Lines out of a stream of bytes."""

from __future__ import annotations


class Lines:
    """Collects what a socket delivers in pieces, and gives whole lines."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Take a piece; give the lines that are complete now, without their ends."""
        self._rest += data
        if b"\n" not in data:
            return []
        *lines, rest = bytes(self._rest).split(b"\n")
        self._rest = bytearray(rest)
        return lines
