"""Lists the files of a folder as a data set is identified by them, in one pass of scandir and stat."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from repro_tui.recorder.line import to_text
from repro_tui.settings import HOME_NAME

NEVER = frozenset({os.fsencode(HOME_NAME), b".git"})
"""Names that are never data."""
_Above = tuple[tuple[int, int], ...]
_MAX_DEPTH = 100
_MAX_NOTES = 100
LINK_MODE = 0o120777
"""Mode of a link that is listed as itself: one that leads nowhere, or back into the folder."""


@dataclass(slots=True)
class Listed:
    """One file of a folder."""

    path: bytes
    """Relative to the folder, with `/`."""
    folder: bytes
    """Absolute path of the folder it lies in."""
    name: bytes
    size: int
    mtime: int
    ctime: int
    inode: int
    mode: int
    """Permission bits; LINK_MODE for a link that is listed as itself."""
    digest: bytes | None = None
    """32 bytes once known."""
    link: bytes = b""
    """Text of a link that is listed as itself."""
    why: str = ""
    """Why there is no digest."""


@dataclass(slots=True)
class Listing:
    """What a folder holds."""

    files: list[Listed] = field(default_factory=list)
    names: dict[bytes, set[bytes]] = field(default_factory=dict)
    """Absolute path of each folder to the names of its files."""
    notes: list[str] = field(default_factory=list)
    """What is not in the list, or only as a link."""
    unread: bool = False
    """A folder could not be read, so the list is not whole."""

    def note(self, path: bytes, what: str, *, unread: bool = False) -> None:
        """Say something about a path; beyond a hundred only that there is more."""
        self.unread = self.unread or unread
        if len(self.notes) < _MAX_NOTES:
            self.notes.append(f"{to_text(os.fsdecode(path))} {what}")
        elif len(self.notes) == _MAX_NOTES:
            self.notes.append("and more")


def list_folder(root: bytes, exclude: Sequence[str] = ()) -> Listing:
    """List every regular file below a folder, sorted by path as bytes.

    Links to files and to folders elsewhere are followed, because data sets are often links to shared storage. A link
    that leads nowhere or back into the folder is listed as itself. Sockets, pipes and devices are named in `notes`.
    `.git`, `.repro` and NFS's `.nfs*` files are no data. `exclude` holds glob patterns of relative paths or names.
    """
    listing = Listing()
    walker = _Walker(listing, os.path.realpath(root) + b"/", tuple(exclude))
    walker.walk(root, b"", ())
    listing.files.sort(key=_path)
    return listing


def _path(listed: Listed) -> bytes:
    return listed.path


class _Walker:
    def __init__(self, listing: Listing, inside: bytes, exclude: tuple[str, ...]) -> None:
        self._listing = listing
        self._inside = inside
        self._exclude = exclude

    def walk(self, folder: bytes, prefix: bytes, above: _Above) -> None:
        """Take one folder and those below it; `above` identifies the linked folders on the way, to notice a loop."""
        names = self._listing.names.setdefault(folder, set())
        below: list[tuple[bytes, _Above]] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    way = self._take(entry, folder, prefix, above, names)
                    if way is not None:
                        below.append((entry.name, way))
        except OSError as error:
            if error.errno != errno.ENOENT or not prefix:
                self._listing.note(prefix or b".", f"cannot be read: {error.strerror}", unread=True)
        for name, way in below:
            if prefix.count(b"/") >= _MAX_DEPTH:
                self._listing.note(prefix + name, "is nested too deeply: not counted", unread=True)
            else:
                self.walk(folder + b"/" + name, prefix + name + b"/", way)

    def _take(
        self, entry: os.DirEntry[bytes], folder: bytes, prefix: bytes, above: _Above, names: set[bytes]
    ) -> _Above | None:
        """List one entry; for a folder gives the linked folders on the way to it."""
        name = entry.name
        path = prefix + name
        if self._excluded(path, name):
            return None
        if entry.is_symlink():
            return self._link(folder, path, name, above)
        if entry.is_dir(follow_symlinks=False):
            return above
        info = entry.stat(follow_symlinks=False)
        if self._regular(path, info.st_mode):
            names.add(name)
            mode = info.st_mode & 0o7777
            found = Listed(path, folder, name, info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino, mode)
            self._listing.files.append(found)
        return None

    def _regular(self, path: bytes, mode: int) -> bool:
        """Tell a file from what is none, which is named."""
        if stat.S_ISREG(mode):
            return True
        self._listing.note(path, f"is {_kind(mode)}: not counted")
        return False

    def _excluded(self, path: bytes, name: bytes) -> bool:
        if name in NEVER or name.startswith(b".nfs"):
            return True
        if not self._exclude:
            return False
        texts = (os.fsdecode(path), os.fsdecode(name))
        return any(fnmatchcase(text, pattern.rstrip("/")) for pattern in self._exclude for text in texts)

    def _link(self, folder: bytes, path: bytes, name: bytes, above: _Above) -> _Above | None:
        """Take a link: to a file as that file; to a folder elsewhere gives the folders on the way; else as itself."""
        full = folder + b"/" + name
        try:
            info = os.stat(full)  # noqa: PTH116 - bytes
        except OSError as error:
            self._as_itself(
                folder, path, name, "is a link in a circle" if error.errno == errno.ELOOP else "is a broken link"
            )
            return None
        if stat.S_ISREG(info.st_mode):
            self._listing.names.setdefault(folder, set()).add(name)
            mode = info.st_mode & 0o7777
            found = Listed(path, folder, name, info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino, mode)
            self._listing.files.append(found)
            return None
        if not stat.S_ISDIR(info.st_mode):
            self._regular(path, info.st_mode)
            return None
        identity = (info.st_dev, info.st_ino)
        target = os.path.realpath(full) + b"/"
        if target.startswith(self._inside) or self._inside.startswith(target) or identity in above:
            self._as_itself(folder, path, name, "is a link to a folder that is counted already")
            return None
        return (*above, identity)

    def _as_itself(self, folder: bytes, path: bytes, name: bytes, what: str) -> None:
        try:
            text = os.readlink(folder + b"/" + name)  # noqa: PTH115 - bytes
        except OSError:
            return
        self._listing.note(path, f"{what}: counted as a link")
        self._listing.files.append(Listed(path, folder, name, len(text), 0, 0, 0, LINK_MODE, None, text))


def _kind(mode: int) -> str:
    """Name what is no file."""
    if stat.S_ISFIFO(mode):
        return "a pipe"
    if stat.S_ISSOCK(mode):
        return "a socket"
    return "a device"
