"""What the tests of the code probe do with repositories."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from repro_tui.capture.probes import Finding, probe_code
from repro_tui.settings import Project, Settings

GIT = {
    "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@b", "GIT_ALLOW_PROTOCOL": "file",
}  # fmt: skip


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-c", "init.defaultBranch=main", *arguments], cwd=folder, env={**os.environ, **GIT}, check=True,
        capture_output=True, text=True,
    ).stdout  # fmt: skip


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def project(root: Path, **settings: object) -> Project:
    values = {name.replace("__", "."): value for name, value in settings.items()}
    return Project(root, root / ".repro", Settings(values))


def probe(root: Path, **settings: object) -> tuple[Finding, bytes]:
    """Probe and give the code finding with the patch's bytes."""
    code, *rest = probe_code(project(root, **settings))
    json.dumps([code.document, code.summary, *(r.document for r in rest)]).encode()
    patches = [finding.document["patch"] for finding in rest if finding.section == "patch"]
    patch = base64.b64decode(str(patches[0])) if patches else b""
    return code, patch


def content(root: Path) -> object:
    return probe(root)[0].summary["content"]


def rebuilt(repo: Path, patch: bytes, tmp_path: Path, name: str = "rebuilt") -> Path:
    """Apply a patch to a fresh checkout of the commit."""
    target = tmp_path / name
    git(tmp_path, "clone", "-q", str(repo), str(target))
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], cwd=target, input=patch, check=True)
    return target
