"""Walks a file or folder that is to be kept, in one pass of scandir and stat, in the order of listings."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import translate
from pathlib import Path

from repro_tui.settings import HOME_NAME
from repro_tui.store.entry import Found, Trouble

NEVER = frozenset({os.fsencode(HOME_NAME), b".git"})
"""Names that are never kept, as they are no data either (docs/formats/journal.md, "Digests")."""
ORDINARY_FOLDER = 0o755
"""A folder of this mode that holds something is made by restoring what is in it, and is not listed."""
_PERMISSIONS = 0o7777
_BLOCK = 512
"""Unit of st_blocks, by POSIX."""
_MAX_DEPTH = 200
"""Folders inside one another; deeper ones are named instead of followed."""


def walk(
    root: bytes | str | Path, prefix: bytes = b"", exclude: Sequence[str] = ()
) -> tuple[Iterator[Found], list[Trouble]]:
    """List what is to be kept of a file or folder, sorted by path as bytes.

    A symbolic link is kept as a link when it leads to something that is kept too, leads nowhere, or in a circle; the
    content of whatever else it leads to is kept in its place (`via`). Where a link's text would not lead to the same
    thing in another place (it is absolute) it is kept as a relative link, with the old text as `via`.
    `.git`, `.repro` and NFS's `.nfs*` are no data and are passed over.

    Args:
        root: a file, a folder, or a link to one.
        prefix: path under which it is restored, without `/` at its end; empty for the content of a folder.
        exclude: glob patterns of names, of paths relative to the root, or of whole paths with the prefix.

    Returns:
        the entries, which are looked up as they are asked for, and what could not be kept, which fills meanwhile.
    """
    full = os.path.abspath(os.fsencode(root))  # noqa: PTH100 - bytes: names need not be UTF-8
    troubles: list[Trouble] = []
    return _Walker(full, prefix, exclude, troubles).run(), troubles


@dataclass(slots=True)
class _Folder:
    """A folder on the way; met twice, at its own place in the order (scanned) and before what is in it (entered)."""

    full: bytes
    path: bytes
    mode: int
    mtime_ns: int
    bases: tuple[_Base, ...]
    via: bytes = b""
    items: list[tuple[bytes, Found | _Folder]] | None = None
    vanished: bool = False


@dataclass(frozen=True, slots=True)
class _Base:
    """A folder all of which is kept."""

    real: bytes
    """Its path without links, with `/` at the end."""
    path: bytes
    """Where it is restored; with `/` at the end unless empty."""


@dataclass(slots=True)
class _Walker:
    root: bytes
    prefix: bytes
    exclude: Sequence[str]
    troubles: list[Trouble]
    _linked: dict[tuple[int, int], bytes] = field(default_factory=dict)
    """Device and inode of each file that has several names, to the first of its paths."""
    _several: set[bytes] = field(default_factory=set)
    """Paths of such files."""
    _pattern: re.Pattern[str] | None = None

    def run(self) -> Iterator[Found]:
        """Give the entries."""
        if self.exclude:
            parts = [translate(pattern.rstrip("/")) for pattern in self.exclude]
            self._pattern = re.compile("|".join(parts))
        stack = [iter(self._first())]
        while stack:
            for _, item in stack[-1]:
                if isinstance(item, Found):
                    yield self._first_name(item) if item.path in self._several else item
                elif item.items is None:
                    yield from self._meet(item)
                else:
                    stack.append(iter(item.items))
                    break
            else:
                stack.pop()

    def _first(self) -> list[tuple[bytes, Found | _Folder]]:
        """Look at the root itself."""
        try:
            info = os.lstat(self.root)
            via = os.readlink(self.root) if stat.S_ISLNK(info.st_mode) else b""  # noqa: PTH115 - bytes
            if via:
                info = os.stat(self.root)  # noqa: PTH116 - bytes
        except OSError as error:
            return self._lost_root(error)
        path = self.prefix
        if stat.S_ISDIR(info.st_mode):
            real = os.path.realpath(self.root)
            base = _Base(real.rstrip(b"/") + b"/", path + b"/" if path else b"")
            folder = _Folder(self.root, path, info.st_mode & _PERMISSIONS, info.st_mtime_ns, (base,), via)
            return [(b"", folder), (b"/", folder)]
        found = self._file(self.root, path or os.path.basename(self.root), info, via)  # noqa: PTH119 - bytes
        return [(b"", found)] if found else []

    def _lost_root(self, error: OSError) -> list[tuple[bytes, Found | _Folder]]:
        """Keep a broken link as such; name anything else."""
        path = self.prefix or os.path.basename(self.root)  # noqa: PTH119 - bytes
        try:
            return [(b"", _as_link(self.root, path))]
        except OSError:
            self._lost(path, error)
            return []

    def _meet(self, folder: _Folder) -> Iterator[Found]:
        """Scan a folder, and list it where what is in it would not bring it back as it is."""
        folder.items = self._scan(folder)
        unusual = folder.mode & 0o1777 != ORDINARY_FOLDER
        if folder.path and not folder.vanished and (not folder.items or unusual or folder.via):
            yield Found(folder.path, folder.full, "d", folder.mode, mtime_ns=folder.mtime_ns, via=folder.via)

    def _scan(self, folder: _Folder) -> list[tuple[bytes, Found | _Folder]]:
        """Look up everything in a folder, in order; a folder in it comes twice (see `_Folder`)."""
        items: list[tuple[bytes, Found | _Folder]] = []
        prefix = folder.path + b"/" if folder.path else b""
        if prefix.count(b"/") > _MAX_DEPTH:
            self.troubles.append(Trouble(folder.path, "is nested too deeply"))
            return items
        try:
            with os.scandir(folder.full) as entries:
                for entry in entries:
                    item = self._item(entry, prefix + entry.name, folder)
                    if item is None:
                        continue
                    items.append((entry.name, item))
                    if isinstance(item, _Folder):
                        items.append((entry.name + b"/", item))
        except OSError as error:
            self._lost(folder.path or self.root, error)
            folder.vanished = error.errno == errno.ENOENT
        items.sort(key=_key)
        return items

    def _item(self, entry: os.DirEntry[bytes], path: bytes, folder: _Folder) -> Found | _Folder | None:
        """Look at one entry of a folder."""
        if self._excluded(path, entry.name):
            return None
        try:
            info = entry.stat(follow_symlinks=False)
        except OSError as error:
            self._lost(path, error)
            return None
        mode = info.st_mode
        if stat.S_ISREG(mode):
            return self._file(entry.path, path, info, b"")
        if stat.S_ISDIR(mode):
            return _Folder(entry.path, path, mode & _PERMISSIONS, info.st_mtime_ns, folder.bases)
        if stat.S_ISLNK(mode):
            return self._link(entry.path, path, folder.bases)
        self._special(path, mode)
        return None

    def _file(self, full: bytes, path: bytes, info: os.stat_result, via: bytes) -> Found | None:
        """List a file, or name what is none."""
        if not stat.S_ISREG(info.st_mode):
            self._special(path, info.st_mode)
            return None
        if info.st_nlink > 1 and not via:
            self._several.add(path)
        return Found(
            path,
            full,
            "f",
            info.st_mode & _PERMISSIONS,
            info.st_size,
            info.st_mtime_ns,
            info.st_ino,
            info.st_dev,
            info.st_ctime_ns,
            via=via,
            sparse=info.st_blocks * _BLOCK < info.st_size,
        )

    def _first_name(self, found: Found) -> Found:
        """Give a file of several names as a hard link to the one that came first; this is known only in order."""
        first = self._linked.setdefault((found.device, found.inode), found.path)
        return found if first == found.path else replace(found, kind="h", to=first)

    def _link(self, full: bytes, path: bytes, bases: tuple[_Base, ...]) -> Found | _Folder | None:
        """Decide whether a link is kept as a link, or what it leads to."""
        try:
            link = _as_link(full, path)
        except OSError as error:
            self._lost(path, error)
            return None
        try:
            info = os.stat(full)  # noqa: PTH116 - bytes
        except OSError as error:
            if error.errno not in {errno.ENOENT, errno.ELOOP, errno.ENOTDIR}:
                self._lost(path, error)
            return link
        target = os.path.realpath(full)
        kept = self._kept_as(target, bases)
        if kept is not None:
            return self._inner_link(link, kept, bases[-1])
        if stat.S_ISDIR(info.st_mode):
            return self._linked_folder(link, target, info, bases)
        return self._file(full, path, info, link.to)

    def _linked_folder(
        self, link: Found, target: bytes, info: os.stat_result, bases: tuple[_Base, ...]
    ) -> Found | _Folder:
        """Take a folder elsewhere as if it lay here, unless what is kept lies in it."""
        inside = target.rstrip(b"/") + b"/"
        if any(base.real.startswith(inside) for base in bases):
            self.troubles.append(Trouble(link.path, "is a link to a folder around it: kept as a link"))
            return link
        base = _Base(inside, link.path + b"/")
        return _Folder(link.full, link.path, info.st_mode & _PERMISSIONS, info.st_mtime_ns, (*bases, base), link.to)

    def _kept_as(self, target: bytes, bases: tuple[_Base, ...]) -> bytes | None:
        """Give the path under which a target is kept as well; None when it is not."""
        for base in reversed(bases):
            if (target + b"/").startswith(base.real):
                inner = target[len(base.real) :]
                parts = inner.split(b"/") if inner else []
                ways = (base.path + b"/".join(parts[: count + 1]) for count in range(len(parts)))
                if any(self._excluded(way, part) for way, part in zip(ways, parts, strict=True)):
                    return None
                return base.path + inner
        return None

    def _inner_link(self, link: Found, kept: bytes, base: _Base) -> Found:
        """Keep a link's own text when it leads to the same thing wherever it is restored, else a relative one."""
        folder = os.path.dirname(link.path)  # noqa: PTH120 - bytes
        meant = os.path.normpath(folder + b"/" + link.to) if folder else os.path.normpath(link.to)
        if not link.to.startswith(b"/") and (meant + b"/").startswith(base.path) and not _climbs(meant):
            return link
        to = os.path.relpath(b"/" + kept, b"/" + folder)
        return Found(link.path, link.full, "l", link.mode, mtime_ns=link.mtime_ns, to=to, via=link.to)

    def _excluded(self, path: bytes, name: bytes) -> bool:
        if name in NEVER or name.startswith(b".nfs"):
            return True
        if self._pattern is None:
            return False
        inner = path[len(self.prefix) + 1 :] if self.prefix else path
        return any(self._pattern.match(os.fsdecode(text)) for text in (name, inner, path))

    def _special(self, path: bytes, mode: int) -> None:
        what = "a pipe" if stat.S_ISFIFO(mode) else "a socket" if stat.S_ISSOCK(mode) else "a device"
        self.troubles.append(Trouble(path, f"is {what}"))

    def _lost(self, path: bytes, error: OSError) -> None:
        vanished = error.errno in {errno.ENOENT, errno.ENOTDIR}
        self.troubles.append(Trouble(path, "vanished" if vanished else f"cannot be read: {error.strerror}"))


def _as_link(full: bytes, path: bytes) -> Found:
    """List a link as itself; raises OSError when it is none, or not any more."""
    info = os.lstat(full)
    text = os.readlink(full)  # noqa: PTH115 - bytes
    return Found(path, full, "l", 0o777, len(text), info.st_mtime_ns, to=text)


def _key(item: tuple[bytes, Found | _Folder]) -> bytes:
    return item[0]


def _climbs(path: bytes) -> bool:
    """Tell whether a normalised path leads above where it starts."""
    return path == b".." or path.startswith((b"../", b"/"))
