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
    """Look at everything in a folder, and at what links in it lead to, which may have changed without the link."""
    waiting, met = [folder], set()
    try:
        while waiting:
            place = waiting.pop()
            info = os.stat(place)  # noqa: PTH116 - bytes
            if (key := (info.st_dev, info.st_ino)) in met:
                continue
            met.add(key)
            if info.st_ctime_ns >= limit:
                return False
            with os.scandir(place) as entries:
                for entry in entries:
                    own, target = entry.stat(follow_symlinks=False), _target(entry)
                    if max(own.st_ctime_ns, target.st_ctime_ns if target else 0) >= limit:
                        return False
                    if target and stat.S_ISDIR(target.st_mode):
                        waiting.append(entry.path)
    except OSError:
        return False
    return True


def _target(entry: os.DirEntry[bytes]) -> os.stat_result | None:
    """Look at what an entry is, through links; None for a link that leads nowhere, or in a circle."""
    try:
        return entry.stat()
    except OSError:
        if entry.is_symlink():
            return None
        raise
