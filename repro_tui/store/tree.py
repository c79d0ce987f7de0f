"""Writes below one folder and nowhere else, whatever paths say and whoever plants links there meanwhile.

Everything is opened relative to the descriptor of a folder that was itself reached without following a link, and is
made anew (O_EXCL): an existing file is never opened for writing.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from repro_tui.errors import StorageError, UsageError

MARK = ".repro-restoring"
"""Lies in the folder while it is incomplete."""
_MARK_TEXT = """\
repro-tui is writing a snapshot into this folder, or was stopped while it did so. It is incomplete as long as this
file is here. When no `repro-tui restore` is running: delete the folder, and restore again.
"""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_PRIVATE = 0o700
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Tree:
    """A folder that is being filled. Methods may be called from several threads."""

    def __init__(self, folder: Path) -> None:
        """Make the folder, or take an empty one; raises UsageError when it is neither, StorageError."""
        self.folder = folder
        self._made = False
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            self._made = _make(folder)
            self._root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except NotADirectoryError as error:
            raise UsageError(f"{folder} is no folder.", "Give a new or an empty one.") from error
        except OSError as error:
            raise _refused(folder, error) from error
        try:
            self._begin()
        except BaseException:
            os.close(self._root)
            raise

    def _begin(self) -> None:
        """Look whether the folder is empty, and mark it as incomplete."""
        with os.scandir(self._root) as entries:
            names = {entry.name for entry in entries}
        if MARK in names:
            raise UsageError(
                f"{self.folder} holds a restoration that did not come to its end.",
                "When none is running any more: delete the folder, and restore again.",
            )
        if names:
            raise UsageError(f"{self.folder} is not empty.", "Give a new or an empty folder.")
        try:
            with open(self.new_file(self._root, os.fsencode(MARK)), "w", encoding="utf-8") as stream:  # noqa: PTH123 - descriptor
                stream.write(_MARK_TEXT)
        except OSError as error:
            raise _refused(self.folder, error) from error

    def make_folders(self, paths: Sequence[bytes], private: frozenset[bytes]) -> dict[bytes, OSError]:
        """Make folders, those above before those in them; gives what could not be made.

        Those in `private` get their modes at the end, and nobody else looks into them before.
        """
        failed: dict[bytes, OSError] = {}
        for path in paths:
            try:
                with self.opened(os.path.dirname(path)) as parent:  # noqa: PTH120 - bytes
                    os.mkdir(os.path.basename(path), _PRIVATE if path in private else 0o755, dir_fd=parent)  # noqa: PTH119 - relative to a descriptor
            except OSError as error:
                self.check_room(error)
                failed[path] = error
        return failed

    @contextlib.contextmanager
    def opened(self, path: bytes) -> Iterator[int]:
        """Open a folder below the root, part by part, so that no link is followed; raises OSError."""
        descriptor = os.dup(self._root)
        try:
            for part in path.split(b"/") if path else ():
                inner = os.open(part, _FOLDER, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = inner
            yield descriptor
        finally:
            os.close(descriptor)

    @staticmethod
    def new_file(folder: int, name: bytes) -> int:
        """Make a file in an opened folder, readable by the owner alone until it is done; raises OSError."""
        return os.open(name, _NEW, 0o600, dir_fd=folder)

    def dress_folder(self, path: bytes, mode: int, mtime_ns: int) -> None:
        """Give a folder its mode and time, after everything in it was written; raises OSError."""
        with self.opened(path) as descriptor:
            os.fchmod(descriptor, mode)
            os.utime(descriptor, ns=(mtime_ns, mtime_ns))

    def leads_out(self, path: bytes) -> bytes:
        """Give what a link leads to when that exists and lies outside of the folder; else nothing."""
        root = os.path.realpath(os.fsencode(self.folder))
        target = os.path.realpath(root + b"/" + path)
        inside = (target + b"/").startswith(root.rstrip(b"/") + b"/")
        return b"" if inside or not os.path.lexists(target) else target

    def check_room(self, error: OSError) -> None:
        """Raise StorageError when the reason is one that everything else would meet too."""
        if error.errno in _FULL:
            raise StorageError(
                f"{self.folder}: {error.strerror}. Nothing of it is left there.",
                "Free some space, or restore to another disk.",
            ) from error
        if error.errno in {errno.EROFS, errno.EIO}:
            raise StorageError(
                f"{self.folder}: {error.strerror}. Nothing of it is left there.", "Restore to another disk."
            ) from error

    def finish(self) -> None:
        """Take the mark away: the folder is complete."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(MARK, dir_fd=self._root)
        os.close(self._root)

    def abandon(self) -> None:
        """Delete what was written, and the folder if it was not there before."""
        with contextlib.suppress(OSError):
            names = sorted(os.listdir(self._root), key=MARK.__eq__)  # noqa: PTH208 - a descriptor; the mark goes last
            for name in names:
                try:
                    os.unlink(name, dir_fd=self._root)
                except OSError:
                    shutil.rmtree(name, ignore_errors=True, dir_fd=self._root)
            if self._made:
                self.folder.rmdir()
        os.close(self._root)


def _make(folder: Path) -> bool:
    """Make a folder that only its owner may look into; tell whether it was not there before."""
    try:
        folder.mkdir(mode=_PRIVATE)
    except FileExistsError:
        return False
    return True


def _refused(folder: Path, error: OSError) -> StorageError:
    return StorageError(f"{folder} cannot be written: {error.strerror}.", "Give write permission and space there.")
