"""What was recorded of a run's code, read from its facts documents with care: a stranger may have written them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from repro_tui.domain.foreign import ForeignError, digest, text, whole
from repro_tui.domain.ids import Digest
from repro_tui.snapshots.where import to_bytes
from repro_tui.source.patch import Part, split


@dataclass(frozen=True, slots=True)
class Untracked:
    """A file that git did not keep, or any source file of a project without git."""

    path: bytes
    """Relative to the repository, or to the project where there is none."""
    size: int
    digest: Digest | None
    """None when it was withheld."""


@dataclass(frozen=True, slots=True)
class Within:
    """A repository within the repository."""

    path: bytes
    commit: str


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """The state of the code when the run began."""

    is_git: bool
    commit: str
    way: str | None
    """Path of the project within its repository, empty at its top; None where it was not recorded."""
    changed: frozenset[bytes]
    """Files that differed from the commit."""
    untracked: tuple[Untracked, ...]
    within: tuple[Within, ...]
    absent: tuple[bytes, ...]
    """Submodules that were not checked out."""
    parts: tuple[Part, ...]
    """The recorded patch, by file."""
    tree: tuple[tuple[bytes, int, str], ...]
    """(path, mode, blob id) of each committed file; empty where it was not recorded."""


def read_facts(documents: Mapping[str, Mapping[str, object]]) -> CodeFacts:
    """Read the documents `code`, `patch` and `tree`; what is not as the format says is left out."""
    code = documents.get("code", {})
    within, absent = _within(code)
    way = code.get("way")
    return CodeFacts(
        is_git=code.get("kind") == "git",
        commit=_text(code, "commit"),
        way=way if isinstance(way, str) else None,
        changed=frozenset(to_bytes(_text(entry, "path")) for entry in _entries(code, "changed")),
        untracked=tuple(_untracked(code)),
        within=within,
        absent=absent,
        parts=tuple(split(_patch(documents.get("patch", {})))),
        tree=tuple(_tree(documents.get("tree", {}))),
    )


def _entries(document: Mapping[str, object], name: str) -> Iterator[Mapping[str, object]]:
    raw = document.get(name)
    for entry in raw if isinstance(raw, list) else ():
        if isinstance(entry, Mapping) and _text(entry, "path"):
            yield entry


def _text(entry: Mapping[str, object], name: str) -> str:
    try:
        return text(entry, name, "")
    except ForeignError:
        return ""


def _untracked(code: Mapping[str, object]) -> Iterator[Untracked]:
    for name in ("untracked", "sources"):
        for entry in _entries(code, name):
            try:
                known, size = digest(entry, "digest"), whole(entry, "size") or 0
            except ForeignError:
                continue
            yield Untracked(to_bytes(_text(entry, "path")), size, None if entry.get("withheld") else known)


def _within(code: Mapping[str, object]) -> tuple[tuple[Within, ...], tuple[bytes, ...]]:
    found, absent = [], []
    for entry in _entries(code, "submodules"):
        path = to_bytes(_text(entry, "path"))
        if entry.get("missing"):
            absent.append(path)
        else:
            found.append(Within(path, _text(entry, "commit")))
    return tuple(found), tuple(absent)


def _patch(document: Mapping[str, object]) -> bytes:
    raw = document.get("patch")
    try:
        return base64.b64decode(raw, validate=True) if isinstance(raw, str) else b""
    except (binascii.Error, ValueError):
        return b""


def _tree(document: Mapping[str, object]) -> Iterator[tuple[bytes, int, str]]:
    raw = document.get("files")
    for entry in raw if isinstance(raw, list) else ():
        match entry:
            case [str() as path, str() as mode, str() as oid] if path and oid and mode.isascii() and mode.isdigit():
                yield to_bytes(path), int(mode, 8) if set(mode) <= set("01234567") else 0, oid
