"""What `Adder.add_files` was asked for, and what came of it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace

from repro_tui.domain.progress import Progress
from repro_tui.recorder.line import to_text
from repro_tui.store.entry import Entry, Found, Trouble
from repro_tui.store.intake import Read


class Work:
    """Everything that was found, with the result of each file as it comes."""

    def __init__(self, every: Sequence[Found], recalled: Mapping[int, Entry]) -> None:
        self.every = every
        self.results: list[Read | Trouble | None] = [None] * len(every)
        self._recalled = recalled

    @property
    def skipped(self) -> int:
        """Count the bytes that need no reading."""
        return sum(entry.size for entry in self._recalled.values())

    def files(self) -> list[int]:
        """Give the positions of what must be read."""
        return [number for number, found in enumerate(self.every) if found.kind == "f" and number not in self._recalled]

    def broken_links(self) -> list[int]:
        """Give the positions of hard links that are no longer links to something that was kept, as files to be read."""
        firsts = {found.path: number for number, found in enumerate(self.every) if found.kind == "f"}
        broken = []
        for number, found in enumerate(self.every):
            if found.kind == "h" and not self._holds(found, firsts.get(found.to)):
                broken.append(number)
        if broken:
            every = list(self.every)
            for number in broken:
                every[number] = replace(every[number], kind="f", to=b"")
            self.every = every
        return broken

    def _holds(self, link: Found, first: int | None) -> bool:
        """Tell whether a hard link still is the file that was kept under its first name."""
        if first is None:
            return False
        target = self.results[first]
        if isinstance(target, Trouble):
            return False
        inode = target.stat[3] if target else self.every[first].inode
        try:
            return not inode or os.lstat(link.full).st_ino == inode
        except OSError:
            return False

    def outcome(self) -> tuple[list[Entry], list[Trouble]]:
        """Give what was kept and what was not, in the order in which it was found."""
        entries: list[Entry] = []
        troubles: list[Trouble] = []
        for number, (found, result) in enumerate(zip(self.every, self.results, strict=True)):
            if isinstance(result, Trouble):
                troubles.append(result)
            elif isinstance(result, Read):
                entries.append(result.entry)
            elif number in self._recalled:
                entries.append(self._recalled[number])
            else:
                entries.append(entry_of(found))
        return entries, troubles


def entry_of(found: Found, digest: bytes = b"", content: tuple[bytes | int, ...] = ()) -> Entry:
    """Make the entry of something that was not read."""
    size = found.size if found.kind == "f" else 0
    return Entry(found.path, found.kind, found.mode, size, found.mtime_ns, digest, content, found.to, found.via)


class Telling:
    """Turns the bytes of one reading into the progress of the whole."""

    def __init__(self, progress: Progress | None, before: int, total: int) -> None:
        self._progress = progress
        self._before = before
        self._total = total

    def tell(self, done: int, path: bytes) -> None:
        """Tell how far it is; raises what the listener raises."""
        if self._progress:
            what = f"Keeping {to_text(os.fsdecode(path))}" if path else "Keeping files"
            self._progress(min(self._before + done, max(self._total, 0)), self._total, what)
