"""The code probe: which code ran, down to the uncommitted line.

The digest `content` speaks of programs alone: the sorted list of (path, git blob id) of every program of the work tree,
tracked or not but not ignored, with checked-out submodules. It is the same before and after a commit, in a fresh
clone, and whatever the commits say. Prose, data and results do not count; configuration is compared as parameters.
The digest `unseen` speaks of those alone of which it is not seen when they are used: modules are noted when they are
imported, while a kernel that a compiler reads is not. `unwatched` speaks of those of them that count even where the
command started no other process, as a driver or a library may read them.
"""

from __future__ import annotations

import base64
import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from blake3 import blake3

from repro_tui.capture.probes import repository as repositories
from repro_tui.capture.probes.finding import Finding, digest_of
from repro_tui.capture.probes.repository import Change, Repository
from repro_tui.capture.probes.sources import Kept, Rules, keep, read_bounded, walk
from repro_tui.domain.programs import is_seen, needs_process
from repro_tui.domain.run import Omission, Problem
from repro_tui.recorder.line import to_text
from repro_tui.settings import Project
from repro_tui.source import secrets
from repro_tui.source.git import Git, GitError
from repro_tui.source.kinds import is_program
from repro_tui.source.patch import Part, split
from repro_tui.source.searched import as_text, told

_MAX_NESTED = 50
_MAX_DEPTH = 3
_MAX_COMMITTED = 20_000
"""Committed files whose names and blob ids are recorded: a list of more would outweigh everything else."""


@dataclass
class _Code:
    """What was found so far, over the repository and the ones inside of it."""

    rules: Rules
    scratch: Path
    """An empty folder of our own, gone at the end."""
    facts: dict[str, object] = field(default_factory=dict)
    changed: list[dict[str, object]] = field(default_factory=list)
    untracked: list[dict[str, object]] = field(default_factory=list)
    submodules: list[dict[str, object]] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)
    blobs: dict[str, str] = field(default_factory=dict)
    omissions: list[Omission] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    dirty: bool = False
    committed: list[list[str]] = field(default_factory=list)
    """Path, mode and blob id of each committed file."""
    files: int = 0
    """Files of the code that are known: committed ones, and those that are not."""


def probe_code(project: Project, timeout_s: float = 20.0) -> tuple[Finding, ...]:
    """Look at a project's code: `code`, `patch` when something is not committed, `tree` where there is a commit.

    Never raises for what it finds in the project: what cannot be read is a problem with what to do, and the source
    files are taken as they are.
    """
    deadline = time.monotonic() + timeout_s
    with tempfile.TemporaryDirectory(prefix="repro-tui-", ignore_cleanup_errors=True) as scratch:
        code = _Code(Rules.of(project), Path(scratch))
        found = _repository(code, Git(project.root, deadline))
        if found is None:
            _plain(code, deadline)
        else:
            _from_git(code, found)
    return _findings(code)


def _repository(code: _Code, git: Git) -> Repository | None:
    """Find the project's repository; None means that its files are taken as they are, with the reason as a problem."""
    try:
        try:
            found = repositories.locate(git)
        except GitError as error:
            if error.kind != "owner":
                raise
            git = replace(git, system=True)  # an administrator may have marked the folder as safe
            found = repositories.locate(git)
        if isinstance(found, Repository):
            return None if found.top.resolve() != git.cwd.resolve() and repositories.is_ignored(git) else found
        reason, hint = found, "Run from a work tree: `git worktree add PATH` makes one."
    except GitError as error:
        reason, hint = _explained(error, git.cwd)
    if reason:
        taken = "; the source files were taken as they are, without commit and patch."
        code.problems.append(Problem("code", reason[:1].upper() + reason[1:] + taken, hint))
    return None


def _explained(error: GitError, folder: Path) -> tuple[str, str]:
    """Give reason and advice for a git that gave no answer; a machine without git has nothing to correct."""
    shown = to_text(str(folder))
    advice = {
        "owner": f"Trust it with: git config --global --add safe.directory {shown}",
        "timeout": "Try `git status` there; a slow disk or a huge repository may need `git gc`.",
        "missing": "Install git, so that commits and changes can be recorded." if _has_git_folder(folder) else "",
    }
    if error.kind == "missing" and not _has_git_folder(folder):
        return "", ""
    return str(error), advice.get(error.kind, f"Try `git -C {shown} status` to see what is wrong.")


def _has_git_folder(folder: Path) -> bool:
    return any((parent / ".git").exists() for parent in (folder, *folder.parents))


def _plain(code: _Code, deadline: float) -> None:
    """Take the source files of a project without git."""
    code.facts["kind"] = "files"
    _take(code, keep(code.rules.root, walk(code.rules, deadline), code.rules))
    if time.monotonic() >= deadline:
        what = "Looking for source files took too long, and was ended."
        code.problems.append(Problem("code", what, "Name folders that hold no code under `exclude` in repro.yaml."))


def _take(code: _Code, kept: Kept) -> None:
    """Add files that git does not keep."""
    code.untracked += kept.entries
    code.parts += kept.parts
    code.blobs |= kept.blobs
    code.omissions += kept.omissions
    code.files += len(kept.entries)
    code.dirty = code.dirty or bool(kept.blobs) or any(is_program(o.what) for o in kept.omissions)


def _from_git(code: _Code, repository: Repository) -> None:
    """Take a repository and the ones inside of it; what git does not answer any more is a problem, not an end."""
    code.facts["kind"] = "git"
    try:
        code.facts |= repositories.names(repository)
        _one(code, repository, code.rules.root, "", 0)
    except GitError as error:
        what = f"Git stopped answering: {error}; the recorded state of the code is not complete."
        code.problems.append(Problem("code", what, _explained(error, repository.top)[1]))
    except OSError as error:
        what = f"The code could not be read in full: {error.strerror or error}."
        code.problems.append(Problem("code", what, "Check the permissions of the project's folder."))
    if not repository.commit:
        what = "The repository has no commit yet; everything in it is recorded as a patch."
        code.problems.append(Problem("code", what, "Make a first commit: git add . && git commit"))
    if not code.facts.get("describe"):
        code.facts.pop("describe", None)


def _one(code: _Code, repository: Repository, below: Path, prefix: str, depth: int) -> None:
    """Take one repository's changes, and its untracked files below a folder."""
    repositories.shield(repository, code.scratch)
    repositories.read_tree(repository)
    changed, same = repositories.changes(repository, code.rules.limit)
    _changed(code, repository, changed, same, prefix)
    others = replace(repository.git, cwd=below)
    way = below.resolve().relative_to(repository.top.resolve()).as_posix().removeprefix(".")
    way = f"{way}/" if way else ""
    if not depth:
        code.facts["way"] = way
    code.committed += [[to_text(prefix + path), mode, blob] for path, (mode, blob) in repository.tree.items()]
    plain: list[str] = []
    nested: list[str] = []
    for path in repositories.untracked(others):
        if code.rules.is_left(path.rstrip("/")):
            continue
        (nested if path.endswith("/") else plain).append(path)
    kept = keep(below, plain, code.rules, prefix + way)
    exact = repositories.blob_ids(repository, [way + path for path in plain if prefix + way + path in kept.blobs])
    kept.blobs |= {prefix + path: blob for path, blob in exact.items()}
    _take(code, kept)
    blobs = repositories.current_blobs(repository, changed)
    code.blobs |= {prefix + path: blob for path, blob in blobs.items()}
    code.files += sum(mode != "160000" for mode, _ in repository.tree.values())
    if repositories.is_merging(repository.git):
        what = "A merge is not finished: some files hold conflict marks."
        code.problems.append(
            Problem("code", what, "Finish it with `git commit`, or leave it with `git merge --abort`.")
        )
    recorded = {path: blob for path, (mode, blob) in repository.tree.items() if mode == "160000"}
    inner = recorded | {
        change.path: "" for change in changed if change.new_mode == "160000" and change.path not in recorded
    }
    for path in [*inner, *(way + path.rstrip("/") for path in nested)]:
        _nested(code, repository, path, prefix, depth, inner.get(path))


def _nested(code: _Code, outer: Repository, path: str, prefix: str, depth: int, recorded: str | None) -> None:
    """Take a submodule, or a clone that nobody registered as one (`recorded` is None)."""
    name, folder = to_text(prefix + path), outer.top / path
    what = "submodule" if recorded is not None else "nested repository"
    if len(code.submodules) >= _MAX_NESTED or depth >= _MAX_DEPTH:
        code.omissions.append(Omission("left_out", name, f"a {what} too deep or too many to be looked at"))
        return
    if not (folder / ".git").exists():
        code.submodules.append({"path": name, "recorded": recorded or "", "missing": True})
        said = f"The submodule {name} is not checked out, so its code is not known."
        code.problems.append(Problem("code", said, f"Fetch it with: git submodule update --init -- {name}"))
        return
    try:
        found = repositories.locate(Git(folder, outer.git.deadline, outer.git.system))
        if not isinstance(found, Repository) or found.top.resolve() != folder.resolve():
            raise GitError(found if isinstance(found, str) and found else "it is no repository of its own")
        before = len(code.changed), len(code.untracked)
        entry: dict[str, object] = {"path": name, "commit": found.commit, "recorded": recorded or ""}
        code.submodules.append(entry)
        _one(code, found, folder, f"{prefix}{path}/", depth + 1)
        entry["dirty"] = before != (len(code.changed), len(code.untracked))
    except GitError as error:
        code.problems.append(
            Problem("code", f"The {what} {name} could not be read: {error}.", f"Try: git -C {name} status")
        )


def _changed(code: _Code, repository: Repository, changed: list[Change], same: list[str], prefix: str) -> None:
    """Take the patch of a repository, without the parts that hold a secret or exceed a limit."""
    for change in changed:
        code.changed.append({"path": to_text(prefix + change.path), "status": change.status})
        code.dirty = True
        if change.why:
            code.omissions.append(Omission("left_out", to_text(prefix + change.path), change.why, change.size))
    left = [change.path for change in changed if change.why]
    if len(left) == len(changed):
        return
    room = code.rules.total - sum(len(part) for part in code.parts)
    try:
        whole = repositories.patch(repository, [*left, *same], prefix, max(room, 1))
    except GitError as error:
        if error.kind != "limit":
            raise
        why = f"the uncommitted changes exceed code.total ({code.rules.total} bytes)"
        code.omissions.append(Omission("left_out", to_text(f"{prefix}(patch)"), why, sum(c.size for c in changed)))
        return
    by_path = {prefix + change.path: change for change in changed}
    for part in split(whole):
        path = os.fsdecode(part.path)
        found = [] if code.rules.is_allowed(path) else _secrets(repository, part, path, by_path.get(path))
        if found:
            code.omissions.append(Omission("withheld", to_text(path), told(found), len(part.content)))
        else:
            code.parts.append(part.content)


def _secrets(repository: Repository, part: Part, path: str, change: Change | None) -> list[secrets.Found]:
    """Search a part of a patch on both sides; one that is encoded is searched in the files themselves."""
    if not part.binary:
        return secrets.find(part.lines(), path)
    if change is None:
        return []
    sides = [repositories.blob(repository, change.old)] if change.old.strip("0") else []
    try:
        sides.append(read_bounded(repository.top / change.path, 1 << 26))
    except OSError:
        sides.append(b"")
    texts = [as_text(side) or side.decode("latin-1") for side in sides]
    return [found for text in texts for found in secrets.find(text, path)]


def _digest_of(blobs: Mapping[str, str]) -> str:
    return digest_of(sorted([to_text(path), blob] for path, blob in blobs.items()))


def _findings(code: _Code) -> tuple[Finding, ...]:
    """Make the documents."""
    content = _digest_of(code.blobs)
    unseen = {path: blob for path, blob in code.blobs.items() if not is_seen(path)}
    unwatched = {path: blob for path, blob in unseen.items() if not needs_process(path)}
    left = sum(omission.kind != "redacted" for omission in code.omissions)
    document = {
        **{key: to_text(value) if isinstance(value, str) else value for key, value in code.facts.items()},
        "root": to_text(str(code.rules.root)),
        "dirty": code.dirty,
        "content": content,
        "files": code.files,
        "changed": code.changed,
        "untracked" if code.facts["kind"] == "git" else "sources": code.untracked,
        "submodules": code.submodules,
        "left_out": [{"path": o.what, "why": o.why, "size": o.size, "kind": o.kind} for o in code.omissions],
    }
    summary: dict[str, object] = {
        "kind": code.facts["kind"],
        "commit": str(code.facts.get("commit", ""))[:12],
        "branch": to_text(str(code.facts.get("branch", ""))),
        "dirty": code.dirty if code.facts["kind"] == "git" else False,
        "files": code.files,
        "changed": len(code.changed),
        "untracked": len(code.untracked),
        "left_out": left,
        "content": content,
        "unseen": _digest_of(unseen),
        "unwatched": _digest_of(unwatched),
    }
    findings = [Finding("code", document, summary, tuple(code.omissions), tuple(code.problems))]
    if code.parts:
        findings.append(_patch(b"".join(code.parts)))
    if 0 < len(code.committed) <= _MAX_COMMITTED:
        findings.append(Finding("tree", {"files": code.committed}, {"files": len(code.committed)}))
    return tuple(findings)


def _patch(content: bytes) -> Finding:
    """Make the document of the patch: with it and the commit, `git apply` gives the code that ran."""
    parts = list(split(content))
    summary = {
        "content": f"b3:{blake3(content).hexdigest()}",
        "bytes": len(content),
        "files": len(parts),
        "added": sum(part.count(b"+") for part in parts),
        "removed": sum(part.count(b"-") for part in parts),
    }
    return Finding("patch", {"patch": base64.b64encode(content).decode("ascii")}, summary)
