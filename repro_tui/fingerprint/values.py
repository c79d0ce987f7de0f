"""What a fingerprint says, and how well."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from repro_tui.domain.ids import Digest
from repro_tui.domain.run import Coverage

if TYPE_CHECKING:  # "did it change?" is asked in a hurry, and needs no file list
    from repro_tui.domain.profile import FileLine

Stat = tuple[int, int, int, int]
"""Size in bytes, mtime and ctime in nanoseconds, inode: what is compared to tell that a file is still the same."""


def stat_of(info: os.stat_result) -> Stat:
    """Take from a stat what identifies a file's state; device numbers differ between hosts and are left out."""
    return (info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The identity of a file or folder by its content, at one time."""

    path: str
    """As it was asked for."""
    digest: Digest | None
    """Of the content, or of the file list of a folder; of names, sizes and times when the coverage is `metadata`,
    which compares only with its like; None while it is pending."""
    size: int | None
    """Bytes, of a folder those of all its files; None when nothing is there."""
    files: int | None
    """Number of files of a folder; None for a file."""
    coverage: Coverage
    stat: Stat | None = None
    """State of the file that the fingerprint belongs to; None for a folder."""
    why: str = ""
    """Why it is not full."""
    notes: tuple[str, ...] = ()
    """What of a folder is not in the digest, or is only there as a name: sockets, broken links, files that vanished."""

    def fields(self) -> dict[str, object]:
        """Give the fields of a `print` event: `d`, `size`, `files`, `cov`, `st`."""
        return {
            "d": self.digest,
            "size": self.size,
            "files": self.files,
            "cov": str(self.coverage),
            "st": list(self.stat) if self.stat else None,
        }


@dataclass(frozen=True, slots=True)
class FileList:
    """A fingerprint, and the list that it is made of."""

    fingerprint: Fingerprint
    files: tuple[FileLine, ...]
    """Sorted by path as bytes; empty when nothing is there. A file without a digest was not read."""
