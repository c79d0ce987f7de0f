"""The tree of code as it was when the run began: committed files, the recorded patch, files that git did not keep.

Bytes come from git's objects and from the recorded documents; from the work tree only where they are proved to be the
same by a digest that was recorded.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from blake3 import blake3

from repro_tui.snapshots.code_facts import CodeFacts, Untracked
from repro_tui.snapshots.git_objects import GitObjects, nested
from repro_tui.snapshots.parts import Given
from repro_tui.snapshots.where import to_name
from repro_tui.source.apply import MODE_FILE, MODE_LINK, MODE_NESTED, MODE_PROGRAM, PatchError, apply, blob_id, head_of
from repro_tui.source.git import GitError
from repro_tui.source.kinds import is_config, is_program
from repro_tui.store.entry import Found
from repro_tui.store.paths import why_refused

_LFS = b"version https://git-lfs.github.com/spec/"
_POINTER = range(100, 1024)
"""Sizes that a pointer of Git LFS can have."""
_MOST_LINKS = 40
"""Links that are followed on the way to one file, as the kernel does."""
_MOST_LOADED = 4 << 20
"""Bytes of a committed file above which it is read by itself, when it is needed."""
LARGEST_READ = 64 << 20
"""Bytes of a file of the work tree that is read into memory, to be compared with the id of a blob."""


@dataclass(slots=True)
class Tree:
    """Files by their path relative to the top of the repository (of the project, where there is none)."""

    top: Path
    began_ns: int
    """When the run began: the time of files whose own is not known."""
    files: dict[bytes, Given] = field(default_factory=dict)
    found: dict[bytes, Found] = field(default_factory=dict)
    """Files that are taken from the work tree, with the digest that they must have."""
    partial: list[str] = field(default_factory=list)

    def content(self, path: bytes) -> bytes | None:
        """Give a file's content, None when it is not in the tree (or comes from the work tree)."""
        given = self.files.get(path)
        if given is None or given.data is not None or given.objects is None:
            return None if given is None else given.data
        return given.objects.read_one(given.oid)

    def load(self, paths: Iterable[bytes]) -> None:
        """Read the content of several files at once, since each question to git costs a process."""
        wanted: dict[str, tuple[GitObjects, dict[str, tuple[int, list[bytes]]]]] = {}
        for path in dict.fromkeys(paths):
            given = self.files.get(path)
            if given is not None and given.data is None and given.objects is not None and given.size <= _MOST_LOADED:
                _, oids = wanted.setdefault(str(given.objects.folder), (given.objects, {}))
                oids.setdefault(given.oid, (given.size, []))[1].append(path)
        for objects, oids in wanted.values():
            for oid, data in objects.read([(oid, size) for oid, (size, _) in oids.items()]):
                for path in oids[oid][1]:
                    self.files[path] = replace(self.files[path], data=data)

    def put(self, path: bytes, mode: int, data: bytes) -> None:
        """Put a content in."""
        self.files[path] = Given(path, mode, data, size=len(data), mtime_ns=self.began_ns)
        self.found.pop(path, None)

    def real(self, path: bytes) -> bytes:
        """Follow the links of the tree on the way to a file, as far as they lead to places in it."""
        for _ in range(_MOST_LINKS):
            link = next((above for above in _above(path) if above in self.files and self.files[above].is_link), None)
            if link is None:
                return path
            meant = os.path.normpath(os.path.join(os.path.dirname(link), self.content(link) or b""))  # noqa: PTH118, PTH120 - bytes
            if meant.startswith((b"/", b"../")) or meant == b"..":
                return path
            path = os.path.normpath(meant + path[len(link) :])
        return path

    def make_way(self, path: bytes) -> None:
        """Take out the links on the way to a file that is put in: they lead out of the tree, to where it comes from."""
        for above in _above(path):
            if above in self.files and self.files[above].is_link:
                self.drop(above)

    def drop(self, path: bytes) -> None:
        """Take a file out."""
        self.files.pop(path, None)
        self.found.pop(path, None)


def _above(path: bytes) -> list[bytes]:
    """Give the folders on the way to a path, the outermost first."""
    parts = path.split(b"/")
    return [b"/".join(parts[:count]) for count in range(1, len(parts))]


def build(facts: CodeFacts, top: Path, began_ns: int, elsewhere: frozenset[bytes]) -> Tree:
    """Build the tree.

    Args:
        facts: what was recorded.
        top: the repository's top folder, or the project's where there is no git.
        began_ns: when the run began.
        elsewhere: untracked files that are data or outputs of the run, and kept as such.
    """
    tree = Tree(top, began_ns)
    if facts.commit:
        _commit(tree, facts, GitObjects(top), facts.commit, b"")
    for within in facts.within:
        if within.commit:
            _commit(tree, facts, nested(GitObjects(top), os.fsdecode(within.path)), within.commit, within.path + b"/")
    tree.load(part.path for part in facts.parts)
    _large_files(tree)
    patched = _patch(tree, facts)
    for path in facts.changed - patched:
        tree.drop(path)  # what was committed is not what ran, and what ran was not recorded
    for untracked in facts.untracked:
        if untracked.path not in elsewhere or is_program(to_name(untracked.path)):
            _untracked(tree, untracked)
    return tree


def _commit(tree: Tree, facts: CodeFacts, objects: GitObjects, commit: str, prefix: bytes) -> None:
    """Take the files of a commit; what git does not have any more is looked for in the work tree, by its id."""
    try:
        committed = [(c.path, c.mode, c.oid) for c in objects.tree(commit)]
        sizes = objects.sizes({oid for _, mode, oid in committed if mode != MODE_NESTED})
        at = objects.time_ns(commit)
    except GitError as error:
        committed = _recorded(facts, prefix)
        sizes, at = {}, 0
        if not committed:
            which = f"commit {commit[:12]}" + (f" of {to_name(prefix[:-1])}" if prefix else "")
            tree.partial.append(f"{which} is not to be had any more ({error}): its files are not in it")
    lost = []
    for path, mode, oid in committed:
        name = prefix + path
        if mode == MODE_NESTED or why_refused(name):
            continue
        if oid in sizes:
            tree.files[name] = Given(name, mode, None, objects, oid, sizes[oid], at)
        elif (data := _from_disk(tree.top, name, mode, oid)) is not None:
            tree.put(name, mode, data)
        elif name not in facts.changed:
            lost.append(name)
    if lost:
        said = f"{_several(lost)} of commit {commit[:12]}: neither the repository nor the folder has the content now"
        tree.partial.append(said)


def _recorded(facts: CodeFacts, prefix: bytes) -> list[tuple[bytes, int, str]]:
    """Give the recorded list of committed files of the repository at a prefix."""
    inner = tuple(within.path + b"/" for within in facts.within if len(within.path) >= len(prefix))
    return [
        (path[len(prefix) :], mode, oid)
        for path, mode, oid in facts.tree
        if path.startswith(prefix) and not path.startswith(tuple(p for p in inner if p != prefix))
    ]


def _from_disk(top: Path, path: bytes, mode: int, oid: str) -> bytes | None:
    """Read a file of the work tree when it is the blob of an id, be it with other line ends."""
    data = read_small(os.fsencode(top) + b"/" + path)
    if data is None or (mode == MODE_LINK) != data[1]:
        return None
    content = data[0]
    for candidate in (content, content.replace(b"\r\n", b"\n")):
        if blob_id(candidate, len(oid)) == oid:
            return candidate
    return None


def read_small(full: bytes) -> tuple[bytes, bool] | None:
    """Read a regular file, or the text of a link (then True); None for anything else, or what is too large."""
    try:
        info = os.lstat(full)
        if stat.S_ISLNK(info.st_mode):
            return os.readlink(full), True  # noqa: PTH115 - bytes
        if not stat.S_ISREG(info.st_mode) or info.st_size > LARGEST_READ:
            return None
        descriptor = os.open(full, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
            return file.read(LARGEST_READ), False
    except OSError:
        return None


def _large_files(tree: Tree) -> None:
    """Put the content of files that are kept by Git LFS in the place of their pointers: a pointer names it."""
    attributes = [path for path in tree.files if path.rpartition(b"/")[2] == b".gitattributes"]
    if not any(b"filter=lfs" in (tree.content(path) or b"") for path in attributes):
        return
    lost = []
    tree.load(path for path, given in tree.files.items() if given.size in _POINTER)
    for path, given in list(tree.files.items()):
        if given.size not in _POINTER or given.objects is None:
            continue
        pointer = tree.content(path) or b""
        if not pointer.startswith(_LFS):
            continue
        facts = dict(line.split(b" ", 1) for line in pointer.splitlines() if b" " in line)
        expected = _same_sha256(os.fsencode(tree.top) + b"/" + path, facts.get(b"oid", b"").decode("ascii", "replace"))
        if expected is None:
            if not _lay_there(os.fsencode(tree.top) + b"/" + path, pointer, tree.began_ns):
                lost.append(path)
        else:
            tree.found[path] = replace(expected, path=path, mode=given.permissions)
            del tree.files[path]
    if lost:
        tree.partial.append(f"{_several(lost)}: kept by Git LFS, and the content is not here; the pointer is in it")


def _lay_there(full: bytes, content: bytes, began_ns: int) -> bool:
    """Tell whether a file has a content since before the run: a pointer that was never replaced is what ran."""
    try:
        untouched = os.lstat(full).st_ctime_ns < began_ns
    except OSError:
        return False
    return untouched and read_small(full) == (content, False)


def _same_sha256(full: bytes, oid: str) -> Found | None:
    """Give a file of the work tree when its content has a SHA-256, with the BLAKE3 by which it is kept."""
    try:
        descriptor = os.open(full, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            known, ours = hashlib.sha256(), blake3()
            while block := file.read(1 << 20):
                known.update(block)
                ours.update(block)
    except OSError:
        return None
    if f"sha256:{known.hexdigest()}" != oid:
        return None
    return found_at(full, b"", ours.digest())


def found_at(full: bytes, path: bytes, expected: bytes) -> Found | None:
    """Describe a file on the disk that is to be kept under a path; None when there is no file."""
    try:
        info = os.lstat(full)
    except OSError:
        return None
    if not stat.S_ISREG(info.st_mode):
        return None
    return Found(
        path=path,
        full=full,
        kind="f",
        mode=0o755 if info.st_mode & 0o111 else 0o644,
        size=info.st_size,
        mtime_ns=info.st_mtime_ns,
        inode=info.st_ino,
        device=info.st_dev,
        ctime_ns=info.st_ctime_ns,
        expected=expected,
    )


def _patch(tree: Tree, facts: CodeFacts) -> frozenset[bytes]:
    """Apply the recorded patch; gives the paths that it speaks of."""
    spoken = set()
    for part in facts.parts:
        head = head_of(part)
        if head.nested or why_refused(part.path):
            continue
        spoken.add(part.path)
        before = tree.files.get(part.path)
        content = b"" if head.created else tree.content(part.path)
        if head.deleted:
            tree.drop(part.path)
        elif content is None:
            tree.partial.append(
                f"{to_name(part.path)}: the committed content that was changed is not to be had any more"
            )
        else:
            try:
                after = apply(part, content)
            except PatchError as error:
                tree.drop(part.path)
                tree.partial.append(f"{to_name(part.path)}: the recorded change does not fit ({error})")
                continue
            tree.put(part.path, head.new_mode or (before.mode if before else MODE_FILE), after)
    return frozenset(spoken)


def _untracked(tree: Tree, untracked: Untracked) -> None:
    """Take a file that git did not keep: from the recorded patch, else from the work tree if it is still the same."""
    if untracked.digest is None or why_refused(untracked.path):
        tree.drop(untracked.path)
        return
    expected = bytes.fromhex(untracked.digest.partition(":")[2])
    given = tree.files.get(untracked.path)
    if given is not None and given.data is not None:
        if blake3(given.data).digest() == expected:
            return
        tree.drop(untracked.path)
    full = os.fsencode(tree.top) + b"/" + untracked.path
    try:
        link = os.readlink(full)  # noqa: PTH115 - bytes
    except OSError:
        link = None
    if link is not None:
        if blake3(link).digest() == expected:
            tree.put(untracked.path, MODE_LINK, link)
            return
    elif (found := found_at(full, untracked.path, expected)) and found.size == untracked.size:
        tree.found[untracked.path] = found
        return
    name = to_name(untracked.path)
    if is_program(name) or is_config(name):
        tree.partial.append(f"{name} changed since the run, and only its digest was recorded")


def _several(paths: Iterable[bytes], most: int = 3) -> str:
    """List a few names, and say how many more there are."""
    names = sorted(map(to_name, paths))
    more = f" and {len(names) - most} more files" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def permissions(mode: int) -> int:
    """Give the permission bits that git knows of."""
    return 0o755 if mode == MODE_PROGRAM else 0o644
