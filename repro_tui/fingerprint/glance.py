"""One look at a folder's names and stats, condensed to a digest: the quickest proof that nothing changed.

A glance is compared with one that was remembered together with a fingerprint. Equal glances mean an equal fingerprint,
so that neither objects for the files nor their digests are needed. What needs a careful look (a link that is not a
link to a file, a folder that cannot be read) has no glance.
"""

from __future__ import annotations

import contextlib
import json
import marshal
import os
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from blake3 import blake3

from repro_tui.domain.ids import Digest
from repro_tui.domain.run import Coverage
from repro_tui.fingerprint.values import Fingerprint
from repro_tui.fingerprint.walk import NEVER, Listing

_FORMAT = 1
_MARSHAL = 2
"""Later versions of the encoding write equal values as different bytes."""
_KIND, _REGULAR = 0o170000, 0o100000
_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NEVER = frozenset(map(os.fsdecode, NEVER))

_Row = tuple[str, int, int, int, int, int]
"""Name, size, mtime, ctime, inode, permission bits."""


class _NeedsCareError(Exception):
    """The folder holds something that a glance does not judge."""


def glance_at(root: str, exclude: Sequence[str] = ()) -> bytes | None:
    """Look at a folder; None when it needs a careful look."""
    found: list[tuple[str, list[_Row]]] = []
    try:
        _scan(root, "", exclude, found)
    except (OSError, _NeedsCareError, RecursionError):
        return None
    return _condensed(found)


def glance_of(listing: Listing) -> bytes | None:
    """Give what a glance at the folder would have been when it was listed."""
    if listing.unread:
        return None
    folders: dict[str, list[_Row]] = {}
    for listed in listing.files:
        if listed.link:
            return None
        folder, _, name = os.fsdecode(listed.path).rpartition("/")
        row = (name, listed.size, listed.mtime, listed.ctime, listed.inode, listed.mode)
        folders.setdefault(folder, []).append(row)
    return _condensed(list(folders.items()))


def _condensed(found: list[tuple[str, list[_Row]]]) -> bytes:
    for _, rows in found:
        rows.sort()
    found.sort()
    return blake3(marshal.dumps(found, _MARSHAL)).digest()


def _scan(folder: str, prefix: str, exclude: Sequence[str], found: list[tuple[str, list[_Row]]]) -> None:
    rows: list[_Row] = []
    below: list[str] = []
    descriptor = os.open(folder, _FLAGS)
    try:
        with os.scandir(descriptor) as entries:  # by its descriptor: the kernel need not find the folder for each stat
            for entry in entries:
                name = entry.name
                if name[0] == "." and (name in _NEVER or name.startswith(".nfs")):
                    continue
                if exclude and _excluded(prefix + name, name, exclude):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    below.append(name)
                    continue
                info = entry.stat()
                mode = info.st_mode
                if mode & _KIND == _REGULAR:
                    rows.append((name, info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino, mode & 0o7777))
                elif entry.is_symlink():
                    raise _NeedsCareError
    finally:
        os.close(descriptor)
    if rows:
        found.append((prefix[:-1], rows))
    for name in below:
        _scan(f"{folder}/{name}", f"{prefix}{name}/", exclude, found)


def _excluded(path: str, name: str, exclude: Sequence[str]) -> bool:
    return any(fnmatchcase(text, pattern.rstrip("/")) for pattern in exclude for text in (path, name))


class Glances:
    """Fingerprints that are known by a glance; in memory, and in the folder of the stat cache for other processes."""

    def __init__(self, folder: Path | None, options: str) -> None:
        self._folder = folder
        self._options = options
        """What else a fingerprint depends on: what is left out, and from which size on nothing is read."""
        self._known: dict[str, tuple[bytes, Fingerprint]] = {}

    def recall(self, path: str, full: str, exclude: Sequence[str]) -> Fingerprint | None:
        """Give the fingerprint that a folder still has, as far as a glance can tell."""
        known = self._known.get(full) or self._read(full)
        if known is None or glance_at(full, exclude) != known[0]:
            return None
        self._known[full] = known
        found = known[1]
        if found.path == path:
            return found
        return Fingerprint(path, found.digest, found.size, found.files, found.coverage, None, found.why, found.notes)

    def remember(self, full: str, listing: Listing, found: Fingerprint) -> None:
        """Note a fingerprint that rests on trusted digests alone."""
        glance = glance_of(listing)
        if glance is None:
            return
        self._known[full] = (glance, found)
        if self._folder is not None:
            with contextlib.suppress(OSError):  # without it the next process looks carefully
                self._write(full, glance, found)

    def _place(self, full: str) -> Path:
        assert self._folder is not None
        key = self._options + "\0" + full
        return self._folder / f"glance-{blake3(key.encode('utf-8', 'surrogateescape')).hexdigest(16)}"

    def _write(self, full: str, glance: bytes, found: Fingerprint) -> None:
        import tempfile  # as in the cache: only who writes pays for it

        assert self._folder is not None
        body = json.dumps(
            [_FORMAT, glance.hex(), found.path, found.digest, found.size, found.files, found.coverage, found.why,
             found.notes]
        ).encode()  # fmt: skip
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self._folder, prefix=".glance-")
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
                file.write(blake3(body).digest(16) + body)
            Path(name).replace(self._place(full))
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise

    def _read(self, full: str) -> tuple[bytes, Fingerprint] | None:
        """Read what another process remembered; None when there is none, or it is damaged or of another version."""
        if self._folder is None:
            return None
        try:
            raw = self._place(full).read_bytes()
            if blake3(raw[16:]).digest(16) != raw[:16]:
                return None
            version, glance, path, digest, size, files, coverage, why, notes = json.loads(raw[16:])
        except (OSError, ValueError, TypeError):
            return None
        if version != _FORMAT:
            return None
        found = Fingerprint(path, Digest(digest), size, files, Coverage(coverage), None, why, tuple(notes))
        return bytes.fromhex(glance), found
