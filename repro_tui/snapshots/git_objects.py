"""Reads what a repository committed, by name: no work tree, no index, no filter has a part in it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from repro_tui.source.git import Git, GitError

_TIMEOUT_S = 120.0
_BATCH = 16 << 20
"""Bytes of content that are asked for at a time."""
_HEAD = 200
"""Bytes of a line that says what follows, at most."""
_FIELDS = 3


@dataclass(frozen=True, slots=True)
class Committed:
    """One file of a commit."""

    path: bytes
    """Relative to the repository."""
    mode: int
    """With git's kinds: 0o100644, 0o100755, 0o120000 (link), 0o160000 (a repository within)."""
    oid: str


@dataclass(slots=True)
class GitObjects:
    """The objects of one repository."""

    folder: Path
    """A folder in it."""
    _system: bool = field(default=False, repr=False)

    def _git(self) -> Git:
        return Git(self.folder, time.monotonic() + _TIMEOUT_S, self._system)

    def top(self) -> Path:
        """Give the top of the work tree; raises GitError."""
        try:
            raw = self._git().ask("rev-parse", "--show-toplevel")
        except GitError as error:
            if error.kind != "owner" or self._system:
                raise
            self._system = True  # an administrator may have marked the folder as safe
            return self.top()
        return Path(os.fsdecode(raw).removesuffix("\n"))

    def tree(self, commit: str) -> list[Committed]:
        """List what a commit holds; raises GitError when it is not there any more."""
        raw = self._git().ask("ls-tree", "-r", "-z", "--full-tree", f"{commit}^{{commit}}", limit=1 << 30)
        found = []
        for record in raw.split(b"\0"):
            facts, _, path = record.partition(b"\t")
            if path:
                mode, _, oid = facts.split(b" ")
                found.append(Committed(path, int(mode, 8), oid.decode()))
        return found

    def time_ns(self, commit: str) -> int:
        """Give when a commit was made, in nanoseconds since the epoch; 0 when that is not known."""
        text = self._git().line("show", "-s", "--format=%ct", "--no-show-signature", commit, "--")
        return int(text) * 10**9 if text.isascii() and text.isdigit() else 0

    def sizes(self, oids: Iterable[str]) -> dict[str, int]:
        """Give the sizes of objects; those that are not there (a partial clone) are left out."""
        given = "".join(f"{oid}\n" for oid in oids).encode()
        if not given:
            return {}
        answer = self._git().ask("cat-file", "--batch-check", given=given, limit=1 << 30)
        rows = (line.split(b" ") for line in answer.splitlines())
        return {row[0].decode(): int(row[2]) for row in rows if len(row) == _FIELDS and row[2].isdigit()}

    def read(self, wanted: Sequence[tuple[str, int]]) -> Iterator[tuple[str, bytes]]:
        """Give the content of (id, size), in batches; one that is not there any more is left out."""
        batch: list[tuple[str, int]] = []
        for oid, size in wanted:
            if batch and sum(s for _, s in batch) + size > _BATCH:
                yield from self._batch(batch)
                batch = []
            batch.append((oid, size))
        if batch:
            yield from self._batch(batch)

    def read_one(self, oid: str) -> bytes | None:
        """Give one content, None when it is not there."""
        size = self.sizes([oid]).get(oid)
        return None if size is None else next((data for _, data in self.read([(oid, size)])), None)

    def write(self, oid: str, descriptor: int) -> None:
        """Write one content to a descriptor, however large it is; raises GitError."""
        self._git().ask_into(descriptor, "cat-file", "blob", oid)

    def _batch(self, batch: Sequence[tuple[str, int]]) -> Iterator[tuple[str, bytes]]:
        limit = sum(size + _HEAD for _, size in batch)
        given = "".join(f"{oid}\n" for oid, _ in batch).encode()
        answer = memoryview(self._git().ask("cat-file", "--batch", given=given, limit=limit))
        at = 0
        while at < len(answer):
            line = bytes(answer[at : at + _HEAD]).partition(b"\n")[0]
            at += len(line) + 1
            row = line.split(b" ")
            if len(row) == _FIELDS and row[2].isdigit():
                size = int(row[2])
                yield row[0].decode(), bytes(answer[at : at + size])
                at += size + 1


def nested(objects: GitObjects, path: str) -> GitObjects:
    """Give the objects of a repository within another one."""
    return replace(objects, folder=objects.folder / path)
