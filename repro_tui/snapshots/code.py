"""The part `code` of a snapshot: a tree that can be restored without the original repository.

With it come the imported sources and the configuration that lie elsewhere.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from blake3 import blake3

from repro_tui.domain.run import Run
from repro_tui.domain.snapshot import LeftOut, PartKind
from repro_tui.settings import Project
from repro_tui.snapshots.code_facts import CodeFacts, read_facts
from repro_tui.snapshots.code_tree import Tree, build, found_at, read_small
from repro_tui.snapshots.git_objects import GitObjects
from repro_tui.snapshots.parts import Given, PartPlan, Plan
from repro_tui.snapshots.where import full_path, inside, restored, to_name
from repro_tui.source.apply import MODE_FILE, MODE_PROGRAM
from repro_tui.source.git import GitError
from repro_tui.source.kinds import is_config, is_program
from repro_tui.source.searched import why_withheld
from repro_tui.store.entry import Found

LEVEL = 3
"""Of compression, for code."""


@dataclass(slots=True)
class _Sources:
    """What the process itself said that it read: imported files, configuration."""

    tree: Tree
    plan: Plan
    project: Project
    extra: dict[bytes, Given]
    """Full path to a file outside of the tree."""

    def checked(self, full: bytes, digest: str, what: str) -> None:
        """See that a file is kept with the content that it had for the run."""
        way = _relative(full, self.tree.top)
        way = None if way is None else self.tree.real(way)
        known = self.tree.content(way) if way is not None else None
        if known is not None and _is(known, digest):
            return
        if known is not None and _is(turned := known.replace(b"\n", b"\r\n"), digest) and way is not None:
            # Git keeps other line ends than the work tree had; what was read counts.
            self.tree.put(way, self.tree.files[way].mode, turned)
            return
        if way is not None and way in self.tree.found:
            return  # it has to have its recorded digest already
        read = read_small(_real(full))
        if read is None or not _is(read[0], digest):
            name = _shown(full, self.project.root)
            self.plan.partial.append(
                f"{name} is not what the run {what}" if known is not None or read else f"{name} is gone since the run"
            )
            return
        why = "" if _allowed(full, self.project) else why_withheld(read[0], to_name(full))
        if why:
            self.plan.left_out.append(LeftOut(_shown(full, self.project.root), why, len(read[0]), "withheld"))
            self.plan.partial.append(f"{_shown(full, self.project.root)} is withheld: {why}")
            return
        self._take(full, way, read[0])

    def _take(self, full: bytes, way: bytes | None, data: bytes) -> None:
        found = found_at(_real(full), b"", b"")
        mode = MODE_PROGRAM if found and found.mode & 0o111 else MODE_FILE
        at = found.mtime_ns if found else self.tree.began_ns
        if way is not None:
            self.tree.make_way(way)
            self.tree.put(way, mode, data)
        else:
            self.extra[full] = Given(restored(full, self.project.root), mode, data, size=len(data), mtime_ns=at)


def plan_code(project: Project, run: Run, documents: Mapping[str, Mapping[str, object]], plan: Plan) -> PartPlan:
    """Say what of the code is going to be kept; what is not goes to the plan's lists."""
    facts = read_facts(documents)
    began = int(run.started * 1e9)
    top = _top(project, facts, plan)
    tree = build(facts, top, began, _elsewhere(run, project, top))
    sources = _Sources(tree, plan, project, {})
    named = (*run.sources, *(fact.path for fact in run.files if fact.role == "config"))
    tree.load(way for path in named if (way := _relative(full_path(path, project.root), top)) is not None)
    for path, digest in sorted(run.sources.items()):
        sources.checked(full_path(path, project.root), digest, "imported")
    for fact in run.files:
        if fact.role == "config" and fact.digest is not None and fact.files is None:
            sources.checked(full_path(fact.path, project.root), fact.digest, "read")
    plan.partial += tree.partial
    # Nothing of it was there for the run either, so nothing is missing.
    plan.left_out += [LeftOut(to_name(path), "is a submodule that was not checked out") for path in facts.absent]
    given, found, beside = _placed(tree, project)
    loose = frozenset(restored(os.fsencode(top) + b"/" + each.path, project.root) for each in facts.untracked)
    if beside:
        why = "lie in the repository, outside of the project, and are no programs"
        plan.left_out.append(LeftOut(f"{beside:,} files", why))
    return PartPlan(
        name="code",
        kind=PartKind.CODE,
        what=_words(facts, run),
        given=(*given, *(sources.extra[key] for key in sorted(sources.extra))),
        found=found,
        searched=True,
        level=LEVEL,
        loose=loose,
    )


def _top(project: Project, facts: CodeFacts, plan: Plan) -> Path:
    """Find the top of the repository: as it was recorded, else as git says now."""
    if not facts.is_git:
        return project.root
    try:
        return GitObjects(project.root).top()
    except GitError as error:
        if facts.commit:
            plan.partial.append(f"git gives no answer for {project.root} any more ({error})")
    steps = facts.way.strip("/").count("/") + 1 if facts.way and facts.way.strip("/") else 0
    return project.root.parents[steps - 1] if 0 < steps <= len(project.root.parents) else project.root


def _elsewhere(run: Run, project: Project, top: Path) -> frozenset[bytes]:
    """Give the data and outputs of the run as paths in the tree: they are kept as such, with their own digests."""
    kept = (f for f in run.files if f.role in {"in", "out"})
    paths = (_relative(full_path(fact.path, project.root), top) for fact in kept)
    saved = (_relative(full_path(path, project.root), top) for path in run.saved)
    return frozenset(path for path in (*paths, *saved) if path)


def _placed(tree: Tree, project: Project) -> tuple[list[Given], tuple[Found, ...], int]:
    """Give each file of the tree its place in the project; of a repository around it only programs are taken."""
    top = os.fsencode(tree.top)
    given, beside = [], 0
    for path, file in sorted(tree.files.items()):
        full = top + b"/" + path
        if inside(full, project.root) is not None:
            given.append(replace(file, path=inside(full, project.root) or b""))
        elif is_program(to_name(path)) or is_config(to_name(path)):
            given.append(replace(file, path=restored(full, project.root)))
        else:
            beside += 1
    found = tuple(
        replace(file, path=restored(top + b"/" + path, project.root)) for path, file in sorted(tree.found.items())
    )
    return given, found, beside


def _relative(full: bytes, top: Path) -> bytes | None:
    folder = os.fsencode(top).rstrip(b"/") + b"/"
    return full[len(folder) :] if full.startswith(folder) else None


def _real(full: bytes) -> bytes:
    """Follow links: what was read is what they lead to."""
    return os.path.realpath(full)


def _shown(full: bytes, root: Path) -> str:
    way = inside(full, root)
    return to_name(full if way is None else way)


def _allowed(full: bytes, project: Project) -> bool:
    """Tell whether the user lets a file through by name, whatever in it looks like a secret."""
    return is_allowed(_shown(full, project.root), project)


def is_allowed(name: str, project: Project) -> bool:
    """Tell whether `secrets.allow` names a file."""
    return any(fnmatchcase(name, rule.removeprefix("./")) for rule in project.settings.list("secrets.allow"))


def _is(content: bytes, digest: str) -> bool:
    """Tell whether a content has a digest, of either kind."""
    algorithm, _, digits = digest.partition(":")
    if algorithm == "b3":
        return blake3(content).hexdigest() == digits
    return algorithm == "sha256" and hashlib.sha256(content).hexdigest() == digits


def _words(facts: CodeFacts, run: Run) -> str:
    """Say in a few words what the code is: `commit 1a2b3c4d5e6f, 1 uncommitted patch, 2 untracked files`."""
    count = len(facts.untracked)
    if not facts.is_git:
        return f"{count} source file{'' if count == 1 else 's'}, no git"
    patch = run.documents.get("patch")
    words = [f"commit {facts.commit[:12]}" if facts.commit else "no commit yet"]
    words += ["1 uncommitted patch"] if patch is not None else []
    words += [f"{count} untracked file{'' if count == 1 else 's'}"] if count else []
    return ", ".join(words)
