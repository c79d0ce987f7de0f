"""Reads one git repository's state: commit, changes against it, and what it does not keep."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
from dataclasses import dataclass, field, replace
from pathlib import Path

from repro_tui.source.apply import blob_id
from repro_tui.source.git import DIFF_OPTIONS, PATCH_OPTIONS, Git, GitError
from repro_tui.source.kinds import is_program

_LFS = b"version https://git-lfs.github.com/spec/"
_LINK, _NESTED = "120000", "160000"
_UNMERGED = re.compile(rb"^\* Unmerged path .*\n", re.MULTILINE)
_USER = re.compile(r"(?<=://)[^/\s@]*@")


@dataclass(frozen=True, slots=True)
class Change:
    """One file that differs from the commit."""

    path: str
    """Relative to the repository."""
    status: str
    """`A` added, `M` modified, `D` deleted, `T` another type."""
    old_mode: str
    new_mode: str
    old: str
    """Blob id in the commit; zeros when there was none."""
    size: int = 0
    """The larger of the two sides, bytes."""
    why: str = ""
    """Why its part of the patch is left out; empty when it is in."""


@dataclass
class Repository:
    """One repository and what was asked of it."""

    git: Git
    top: Path
    commit: str = ""
    base: str = ""
    """What changes are measured against: the commit, or the empty tree before the first one."""
    tree: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Path in the commit to (mode, blob id)."""


def locate(git: Git) -> Repository | str:
    """Find the work tree that the folder lies in, or say why there is none; an empty reason means there is no git.

    Raises GitError when git is missing, refuses or does not answer.
    """
    try:
        inside, bare, _ = os.fsdecode(
            git.ask("rev-parse", "--is-inside-work-tree", "--is-bare-repository", "--absolute-git-dir")
        ).split("\n", 2)
    except GitError as error:
        if error.kind != "failed" or "not a git repository" not in str(error):
            raise
        marked = any((folder / ".git").exists() for folder in (git.cwd, *git.cwd.parents))
        return "there is a .git that git does not recognise as a repository" if marked else ""
    if inside != "true":
        return "the repository is bare: it has no work tree" if bare == "true" else "this lies inside of a .git folder"
    top = Path(os.fsdecode(git.ask("rev-parse", "--show-toplevel")).removesuffix("\n"))
    if not git.cwd.resolve().is_relative_to(top.resolve()):
        return f"core.worktree points to {top}, which does not hold this project"
    repository = Repository(Git(top, git.deadline, git.system), top)
    repository.commit = repository.git.line("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    repository.base = (
        repository.commit or os.fsdecode(repository.git.ask("hash-object", "-t", "tree", "--stdin")).strip()
    )
    return repository


def shield(repository: Repository, scratch: Path) -> None:
    """Let git work on a copy of the index below `scratch`, so that the repository is only read."""
    index = Path(repository.top, repository.git.line("rev-parse", "--git-path", "index"))
    copy = scratch / f"index-{len(list(scratch.iterdir()))}"
    try:
        shutil.copy2(index, copy)  # with its time, by which git knows what to distrust
    except FileNotFoundError:
        return  # nothing was ever added
    repository.git.index = copy
    _look_at_all(repository)


def _look_at_all(repository: Repository) -> None:
    """Take back, in the copy of the index, that git was told not to look at files (assume-unchanged, skip-worktree).

    What lies there ran, whatever git was told; files that a sparse checkout left out stay as they are.
    """
    listed = repository.git.ask("ls-files", "-v", "-z").split(b"\0")
    flagged = [record for record in listed if record[:1] == b"S" or record[:1].islower()]
    top = os.fsencode(repository.top) + b"/"
    paths = [record[2:] for record in flagged if os.path.lexists(top + record[2:])]
    if paths:
        given = b"".join(path + b"\0" for path in paths)
        for flag in ("--no-assume-unchanged", "--no-skip-worktree"):
            repository.git.ask("update-index", flag, "-z", "--stdin", given=given)


def read_tree(repository: Repository) -> None:
    """Read the list of what the commit holds."""
    if not repository.commit:
        return
    for record in repository.git.ask("ls-tree", "-r", "-z", "--full-tree", repository.commit).split(b"\0"):
        facts, _, path = record.partition(b"\t")
        if path:
            mode, _, blob = facts.decode().split(" ")
            repository.tree[os.fsdecode(path)] = (mode, blob)


def names(repository: Repository) -> dict[str, object]:
    """Give what the state is called: commit, branch, remotes, description."""
    git = repository.git
    facts: dict[str, object] = {
        "commit": repository.commit,
        "branch": git.line("symbolic-ref", "-q", "--short", "HEAD"),
    }
    try:
        raw = os.fsdecode(git.ask("config", "--get-regexp", "-z", r"^remote\..*\.url$"))
    except GitError:
        raw = ""
    pairs = (entry.partition("\n") for entry in raw.split("\0") if entry)
    remotes = {key[len("remote.") : -len(".url")]: without_user(url) for key, _, url in pairs}
    facts["remotes"] = remotes
    facts["remote"] = remotes.get("origin") or next(iter(remotes.values()), "")
    try:
        facts["describe"] = git.line("describe", "--always", "--tags", "--abbrev=12") if repository.commit else ""
    except GitError:
        facts["describe"] = ""
    return facts


def without_user(url: str) -> str:
    """Cut user and password out of a URL: a token may stand in either."""
    return _USER.sub(lambda match: match[0] if match[0] == "git@" else "[redacted]@", url)


def changes(repository: Repository, limit: int) -> tuple[list[Change], list[str]]:
    """List what differs from the commit, with the reason where a file's part of the patch must stay out.

    With it go the files that git takes for changed and that are not: those of Git LFS, where it was told nothing of it.
    """
    raw = repository.git.ask("diff", "--raw", "-z", "--no-abbrev", *DIFF_OPTIONS, repository.base, "--", filters=True)
    fields = raw.split(b"\0")
    listed = []
    for facts, path in zip(fields[::2], fields[1::2], strict=False):
        old_mode, new_mode, old, _, status = facts.decode().lstrip(":").split(" ")
        listed.append(Change(os.fsdecode(path), status[:1], old_mode, new_mode, old))
    unique = {change.path: change for change in listed}
    sizes = _sizes(repository, [c.old for c in unique.values() if c.old_mode not in {"000000", _NESTED}])
    judged = {path: _judged(repository, each, sizes.get(each.old, 0), limit) for path, each in unique.items()}
    return [each for each in judged.values() if each], [path for path, each in judged.items() if each is None]


def _sizes(repository: Repository, blobs: list[str]) -> dict[str, int]:
    """Ask for the sizes of blobs; one that is not here (a partial clone) is left out."""
    if not blobs:
        return {}
    answer = repository.git.ask("cat-file", "--batch-check", given="".join(f"{b}\n" for b in blobs).encode())
    rows = (line.split(" ") for line in answer.decode().splitlines())
    return {row[0]: int(row[2]) for row in rows if len(row) == 3 and row[2].isdigit()}  # noqa: PLR2004 - id, type, size


def _judged(repository: Repository, change: Change, old_size: int, limit: int) -> Change | None:
    """Measure a change, and find out whether it is one: a file in Git LFS differs only when its content does."""
    size, why = old_size, ""
    if change.new_mode not in {"000000", _NESTED}:
        try:
            size = max(size, (repository.top / change.path).lstat().st_size)
        except OSError:
            why = "vanished while it was looked at"
    if 0 < old_size < 1024 and change.new_mode.startswith("100"):  # noqa: PLR2004 - a pointer is at most this long
        pointer = blob(repository, change.old)
        if pointer.startswith(_LFS):
            if _is_pointed_to(repository.top / change.path, pointer):
                return None
            why = "its content is kept by Git LFS and differs from the commit"
    if not why and change.new_mode != _NESTED and size > limit:
        why = f"larger than code.limit ({limit} bytes)"
    return replace(change, size=size, why=why)


def _is_pointed_to(path: Path, pointer: bytes) -> bool:
    """Tell whether a file is exactly the content that a Git LFS pointer names."""
    facts = dict(line.split(" ", 1) for line in pointer.decode("utf-8", "replace").splitlines() if " " in line)
    try:
        if str(path.lstat().st_size) != facts.get("size"):
            return False
        with path.open("rb") as file:
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}" == facts.get("oid")
    except OSError:
        return False


def blob(repository: Repository, name: str) -> bytes:
    """Read a blob as it was committed; empty when it is not here."""
    try:
        return repository.git.ask("cat-file", "blob", name)
    except GitError:
        return b""


def patch(repository: Repository, left: list[str], prefix: str, limit: int) -> bytes:
    """Give the patch against the commit, without the files that stay out; raises GitError above `limit` bytes."""
    exclude = [f":(top,literal,exclude){path}" for path in left]
    ends = (f"--src-prefix=a/{prefix}", f"--dst-prefix=b/{prefix}")
    arguments = ("diff", *DIFF_OPTIONS, *PATCH_OPTIONS, *ends, repository.base, "--")
    paths = [":(top)", *exclude] if exclude else []
    raw = repository.git.ask(*arguments, *paths, limit=limit, filters=True)
    return _UNMERGED.sub(b"", raw)


def is_merging(git: Git) -> bool:
    """Tell whether a merge was begun and left with conflicts."""
    return bool(git.ask("ls-files", "--unmerged", "-z"))


def untracked(git: Git) -> list[str]:
    """List files below git's folder that are neither committed nor ignored; a nested repository ends with a slash."""
    answer = git.ask("ls-files", "--others", "--exclude-standard", "-z")
    return [os.fsdecode(path) for path in answer.split(b"\0") if path]


def is_ignored(git: Git) -> bool:
    """Tell whether the repository ignores the folder itself, as a home folder under git does with projects in it."""
    try:
        git.ask("check-ignore", "-q", ".")
    except GitError:
        return False
    return True


def current_blobs(repository: Repository, changed: list[Change]) -> dict[str, str]:
    """Give each program of the work tree its blob id, the same before and after it is committed."""
    blobs = {path: blob for path, (mode, blob) in repository.tree.items() if mode != _NESTED and is_program(path)}
    fresh = []
    for change in changed:
        blobs.pop(change.path, None)
        if change.new_mode not in {"000000", _NESTED} and is_program(change.path):
            fresh.append(change.path)
    return blobs | blob_ids(repository, fresh)


def blob_ids(repository: Repository, paths: list[str]) -> dict[str, str]:
    """Hash files as a commit would, with git's own line-end rules but without any filter program."""
    from repro_tui.capture.probes.sources import read_bounded

    plain = [p for p in paths if "\n" not in p and stat.S_ISREG(_mode(repository.top / p))]
    try:
        given = b"".join(os.fsencode(path) + b"\n" for path in plain)
        answer = repository.git.ask("hash-object", "--stdin-paths", given=given, filters=True) if plain else b""
        known = dict(zip(plain, answer.decode().split(), strict=True))
    except (GitError, ValueError):
        known = {}  # a file vanished under git's hands: hash the others without it
    for path in paths:
        if path not in known:
            try:
                known[path] = blob_id(read_bounded(repository.top / path, 1 << 30))
            except OSError:
                continue
    return known


def _mode(path: Path) -> int:
    try:
        return path.lstat().st_mode
    except OSError:
        return 0
