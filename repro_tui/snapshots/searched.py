"""Remembers which contents were searched for secrets and had none: searching is the slowest part of keeping code."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from blake3 import blake3

from repro_tui import __version__
from repro_tui.snapshots.where import to_name
from repro_tui.source.searched import is_searched, why_withheld

_SIZE = 16
_MOST = 200_000
"""Contents that are remembered; with more the memory begins anew."""


class Searcher:
    """Says why a file must not be kept."""

    def __init__(self, cache: Path) -> None:
        self._path = cache / "searched"
        self._key = blake3(__version__.encode()).digest()
        self._fresh: set[bytes] = set()
        self._known = self._load()

    def why(self, path: bytes, data: bytes) -> str:
        """Give the reason, empty when the file may be kept."""
        name = to_name(path)
        if not is_searched(name, len(data)):
            return ""
        mark = blake3(data + b"\0" + os.path.splitext(path)[1], key=self._key).digest(_SIZE)  # noqa: PTH122 - bytes
        if mark in self._known:
            return ""
        why = why_withheld(data, name)
        if not why:
            self._known.add(mark)
            self._fresh.add(mark)
        return why

    def close(self) -> None:
        """Keep what was learnt; losing it costs searching again."""
        if not self._fresh:
            return
        temporary = self._path.with_name(f".searched.{os.getpid()}")
        with contextlib.suppress(OSError):
            marks = (self._load() | self._known) if len(self._known) <= _MOST else self._fresh
            body = b"".join(sorted(marks))
            temporary.write_bytes(self._seal(body) + body)
            temporary.replace(self._path)

    def _load(self) -> set[bytes]:
        try:
            raw = self._path.read_bytes()
        except OSError:
            return set()
        body = raw[32:]
        if raw[:32] != self._seal(body) or len(body) % _SIZE:
            return set()
        return {body[at : at + _SIZE] for at in range(0, len(body), _SIZE)}

    def _seal(self, body: bytes) -> bytes:
        """Give the checksum; it depends on the version, since a newer one may know more kinds of secrets."""
        return blake3(body, key=self._key).digest()
