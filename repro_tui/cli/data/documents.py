"""What `data … --json` prints; described in docs/formats/json.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from repro_tui.cli.documents import FORMAT, Document
from repro_tui.domain.dataset import Dataset, Now, Proposal, Version
from repro_tui.domain.profile import DataChange
from repro_tui.settings import Project


def head(project: Project) -> Document:
    """Give the fields that every document begins with."""
    return {"repro_tui": FORMAT, "project": project.name, "root": str(project.root)}


def dataset_document(dataset: Dataset, runs: Mapping[str, str]) -> Document:
    """Give a dataset with its versions, newest first."""
    spec = dataset.spec
    return {
        "name": spec.name,
        "path": spec.path,
        "kind": spec.kind,
        "watch": str(spec.watch),
        "label": spec.label,
        "key": spec.key,
        "declared": spec.declared,
        "problems": dataset.problems,
        "versions": [version_document(version, runs) for version in dataset.versions],
    }


def version_document(version: Version, runs: Mapping[str, str]) -> Document:
    """Give a version."""
    made = version.made
    return {
        "number": version.number,
        "digest": version.digest,
        "t": version.t,
        "user": version.user,
        "files": version.files,
        "size": version.size,
        "rows": version.rows,
        "faults": version.faults,
        "coverage": str(version.coverage),
        "snapshot": version.snapshot,
        "made": None
        if made is None
        else {
            "t": made.t,
            "user": made.user,
            "argv": made.argv,
            "note": made.note,
            "exit": made.exit,
            "run": made.run,
            "of": [{"name": s.name, "digest": s.digest, "path": s.path} for s in made.of],
        },
        "runs": [{"uid": uid, "name": runs.get(uid, "")} for uid in version.runs],
    }


def now_document(name: str, path: str, now: Now) -> Document:
    """Give what lies at a dataset's path now."""
    return {
        "name": name,
        "path": path,
        "digest": now.digest,
        "files": now.files,
        "size": now.size,
        "coverage": str(now.coverage),
        "same_as": now.same_as,
        "why": now.why,
        "notes": now.notes,
    }


def proposal_document(proposal: Proposal) -> Document:
    """Give a path that could be declared."""
    return asdict(proposal)


def change_document(name: str, change: DataChange, words: str) -> Document:
    """Give what changed between two versions."""
    return {"name": name, "phrase": words, **asdict(change)}
