"""The code of one run, file by file: what is known of each one's content, and where the content can be had."""

from __future__ import annotations

import hashlib
import os
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from blake3 import blake3

from repro_tui.domain.run import Run
from repro_tui.recorder.line import to_text
from repro_tui.settings import Project
from repro_tui.snapshots.code_facts import CodeFacts, Within, read_facts
from repro_tui.snapshots.git_objects import GitObjects, nested
from repro_tui.snapshots.where import full_path, to_bytes, to_name
from repro_tui.source.apply import MODE_NESTED, head_of
from repro_tui.source.git import GitError
from repro_tui.source.kinds import is_program
from repro_tui.source.patch import Part

_OID_DIGITS = 40


@dataclass(slots=True)
class Known:
    """What is known of one file."""

    oid: str = ""
    """Git's id of the content; empty when git does not know it."""
    committed: str = ""
    """Git's id of the committed content that `part` changes."""
    part: Part | None = None
    """The recorded change of it."""
    digests: tuple[str, ...] = ()
    """Digests that the content has: of the probe, of what was imported."""
    withheld: bool = False
    """It was kept out of the records: too large, or it looks like a secret."""
    repository: GitObjects | None = None
    mode: int = 0
    """As git has it; 0 where it is not known."""

    def same(self, other: Known) -> bool | None:
        """Tell whether two files have the same content; None when only the contents can tell."""
        mine, theirs = _by_kind(self.digests), _by_kind(other.digests)
        shared = mine.keys() & theirs.keys()
        if shared:
            return all(mine[kind] == theirs[kind] for kind in shared)
        if self.oid and other.oid and len(self.oid) == len(other.oid):
            return self.oid == other.oid
        return None


def _by_kind(digests: tuple[str, ...]) -> dict[str, str]:
    """Give the last digest of each algorithm: what was imported is said after what lay there at the start."""
    return {digest.partition(":")[0]: digest for digest in digests}


@dataclass(slots=True)
class CodeSide:
    """One run's code."""

    run: Run
    facts: CodeFacts
    top: Path
    """Top of the repository, the project's folder where there is none."""
    project: Project
    files: dict[str, Known] = field(default_factory=dict)
    """By path as journals write it: from the project (`../lib/x.py` in a repository around it), else absolute."""
    used: frozenset[str] = frozenset()
    problems: list[str] = field(default_factory=list)

    @property
    def commit(self) -> str:
        """Give the commit; empty without one."""
        return self.facts.commit


def code_side(project: Project, run: Run, documents: Mapping[str, Mapping[str, object]]) -> CodeSide:
    """Put together what the documents `code`, `patch` and `tree` and the imported sources say."""
    facts = read_facts(documents)
    side = CodeSide(run, facts, _top(project, facts), project)
    _committed(side)
    _changed(side)
    _untracked(side)
    _imported(side)
    side.used = _used(side)
    _without_data(side)
    return side


def _top(project: Project, facts: CodeFacts) -> Path:
    """Give the top of the repository as it was recorded: the project may lie some folders below it."""
    if not facts.is_git or not facts.way:
        return project.root
    steps = facts.way.strip("/").count("/") + 1 if facts.way.strip("/") else 0
    return project.root.parents[steps - 1] if 0 < steps <= len(project.root.parents) else project.root


def _named(side: CodeSide, path: bytes) -> str:
    """Name a path of the repository as journals name files."""
    way = os.fsencode(side.facts.way or "") if side.facts.is_git else b""
    return to_name(path[len(way) :] if path.startswith(way) else posixpath.relpath(path, way))


def _name_of_source(side: CodeSide, path: str) -> str:
    """Name what a process imported in the same way, wherever it lies."""
    full = full_path(path, side.project.root)
    top = os.fsencode(side.top).rstrip(b"/") + b"/"
    if full.startswith(top):
        return to_name(posixpath.relpath(full, os.fsencode(side.project.root)))
    return to_text(os.fsdecode(full))


def _committed(side: CodeSide) -> None:
    facts = side.facts
    if not facts.commit:
        return
    objects = GitObjects(side.top)
    within = sorted(facts.within, key=lambda inner: -len(inner.path))
    listed = facts.tree or _listed(side, objects, within)
    repositories = {inner.path + b"/": nested(objects, os.fsdecode(inner.path)) for inner in within}
    for path, mode, oid in listed:
        if mode != MODE_NESTED:
            inner = next((known for prefix, known in repositories.items() if path.startswith(prefix)), objects)
            side.files[_named(side, path)] = Known(oid=oid, committed=oid, repository=inner, mode=mode)


def _listed(side: CodeSide, objects: GitObjects, within: list[Within]) -> list[tuple[bytes, int, str]]:
    """Ask git what the commits hold, where their lists were not recorded."""
    found: list[tuple[bytes, int, str]] = []
    for place, commit, prefix in (
        (objects, side.facts.commit, b""),
        *((nested(objects, os.fsdecode(inner.path)), inner.commit, inner.path + b"/") for inner in within),
    ):
        try:
            found += [(prefix + each.path, each.mode, each.oid) for each in place.tree(commit)] if commit else []
        except (GitError, OSError):
            side.problems.append(f"git has no commit {commit[:8]} any more, and what it held was not recorded")
    return found


def _changed(side: CodeSide) -> None:
    """Lay the recorded patch over what was committed; what was changed and is not in it is not known."""
    for path in side.facts.changed:
        name = _named(side, path)
        before = side.files.pop(name, None)
        if before is not None or not any(part.path == path for part in side.facts.parts):
            side.files[name] = Known(committed=before.oid if before else "", withheld=True)
    for part in side.facts.parts:
        head, name = head_of(part), _named(side, part.path)
        if head.nested:
            continue
        if head.deleted:
            side.files.pop(name, None)
            continue
        before = side.files.get(name)
        new = head.new.decode() if len(head.new) >= _OID_DIGITS and head.new.strip(b"0") else ""
        committed = "" if head.created else head.old.decode() or (before.committed if before else "")
        side.files[name] = Known(
            oid=new or ("" if head.created else committed),
            committed=committed,
            part=part,
            repository=_repository(side, part.path),
            mode=head.new_mode or (before.mode if before is not None else 0),
        )


def _repository(side: CodeSide, path: bytes) -> GitObjects:
    objects = GitObjects(side.top)
    prefixes = [inner.path for inner in side.facts.within if path.startswith(inner.path + b"/")]
    return nested(objects, os.fsdecode(max(prefixes, key=len))) if prefixes else objects


def _untracked(side: CodeSide) -> None:
    for file in side.facts.untracked:
        name = _named(side, file.path)
        known = side.files.get(name)
        part = known.part if known is not None else None
        digests = (str(file.digest),) if file.digest else ()
        side.files[name] = Known(
            part=part,
            digests=digests,
            withheld=file.digest is None and part is None,
            mode=known.mode if known is not None else 0,
        )


def _imported(side: CodeSide) -> None:
    """What a process imported is what ran, whatever lay there when the run began."""
    for path, digest in side.run.sources.items():
        name = _name_of_source(side, path)
        known = side.files.setdefault(name, Known())
        if known.withheld:
            known.withheld = False
        known.digests = (*known.digests, str(digest))


def _used(side: CodeSide) -> frozenset[str]:
    """Give the files that the run imported or read, or that its command names."""
    found = {_name_of_source(side, path) for path in side.run.sources}
    found |= {_name_of_source(side, fact.path) for fact in side.run.files if "r" in fact.mode or fact.role == "config"}
    root = side.run.root or str(side.project.root)
    cwd = side.run.cwd or root
    below = os.path.relpath(cwd, root) if cwd.startswith("/") and root.startswith("/") else "."
    for word in side.run.argv:  # the project may lie elsewhere by now, so folders count from its own
        name = _name_of_source(side, word if word.startswith("/") else posixpath.normpath(posixpath.join(below, word)))
        if name in side.files:
            found.add(name)
    return frozenset(found)


def _without_data(side: CodeSide) -> None:
    """Take out the data and outputs of the run: they are compared as such."""
    places = {_name_of_source(side, f.path) for f in side.run.files if f.role in {"in", "out"}}
    places |= {_name_of_source(side, path) for path in side.run.saved}
    for name in [name for name in side.files if not is_program(name) and _lies_in(name, places)]:
        del side.files[name]


def _lies_in(name: str, places: set[str]) -> bool:
    while name:
        if name in places:
            return True
        name = name.rpartition("/")[0]
    return False


def has_digest(content: bytes, digest: str) -> bool:
    """Tell whether a content has a digest, of either kind."""
    algorithm, _, digits = digest.partition(":")
    if algorithm == "b3":
        return blake3(content).hexdigest() == digits
    return algorithm == "sha256" and hashlib.sha256(content).hexdigest() == digits


def raw_path(side: CodeSide, name: str) -> bytes:
    """Give the place on the disk of a file by its name."""
    return os.path.normpath(os.path.join(os.fsencode(side.project.root), to_bytes(name)))  # noqa: PTH118 - bytes
