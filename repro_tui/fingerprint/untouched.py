"""Tells by times alone whether something was changed since a moment; nothing is read."""

from __future__ import annotations

import os
import stat


def is_untouched(place: bytes, since: float) -> bool:
    """Tell whether a file, or nothing in a folder and no list of names in it, was changed since a time.

    `since` is in seconds since the epoch, by the clock of the file system.
    """
    limit = int(since * 1e9)
    try:
        if not stat.S_ISDIR((info := os.stat(place)).st_mode):  # noqa: PTH116 - bytes
            return info.st_ctime_ns < limit
    except OSError:
        return False
    return _is_folder_untouched(place, limit)


def _is_folder_untouched(folder: bytes, limit: int) -> bool:
    waiting = [folder]
    try:
        while waiting:
            place = waiting.pop()
            if os.stat(place).st_ctime_ns >= limit:  # noqa: PTH116 - bytes
                return False
            with os.scandir(place) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    elif entry.is_symlink() or entry.stat(follow_symlinks=False).st_ctime_ns >= limit:
                        return False  # what a link leads to may have changed without the link
    except OSError:
        return False
    return True
