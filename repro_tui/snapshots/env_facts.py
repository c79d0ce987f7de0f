"""What was recorded of a run's environment, read with care from its facts document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from repro_tui.domain.foreign import ForeignError, digest, text
from repro_tui.domain.ids import Digest
from repro_tui.recorder.line import from_text
from repro_tui.source.distributions import normal

_MANY = 20_000


@dataclass(frozen=True, slots=True)
class Package:
    """One installed distribution."""

    name: str
    version: str
    origin: str
    """`index`, `editable PATH`, `path PATH`, `archive URL HASH`, `git URL COMMIT`."""
    installer: str
    record: Digest | None
    """Of its RECORD: tells whether another installation is the same."""

    @property
    def key(self) -> tuple[str, str]:
        """Identify it: the name in the form that all spellings share, and the version."""
        return normal(self.name), self.version

    @property
    def kind(self) -> str:
        """Give the origin's first word."""
        return self.origin.partition(" ")[0]

    @property
    def place(self) -> str:
        """Give what follows the origin's first word: a path, or a URL with what belongs to it."""
        return from_text(self.origin.partition(" ")[2])


@dataclass(frozen=True, slots=True)
class LockFile:
    """A lock file, or a list of requirements, in the project."""

    path: str
    digest: Digest | None


@dataclass(frozen=True, slots=True)
class EnvironmentFacts:
    """One environment."""

    exe: str
    version: str
    prefix: str
    path: tuple[str, ...]
    """The module search path."""
    packages: tuple[Package, ...]
    conda: int
    """Number of packages that conda installed."""
    locks: tuple[LockFile, ...]
    unavailable: str
    """Why the packages are not known; empty when they are."""


def read_environment(document: Mapping[str, object]) -> EnvironmentFacts:
    """Read the document `environment`; what is not as the format says is left out."""
    python = document.get("python")
    python = python if isinstance(python, Mapping) else {}
    path = python.get("path")
    conda = document.get("conda")
    return EnvironmentFacts(
        exe=from_text(_text(python, "exe")),
        version=_text(python, "version"),
        prefix=from_text(_text(python, "prefix")),
        path=tuple(from_text(entry) for entry in path if isinstance(entry, str)) if isinstance(path, list) else (),
        packages=tuple(_packages(document)),
        conda=len(conda) if isinstance(conda, list) else 0,
        locks=tuple(
            LockFile(_text(entry, "path"), _digest(entry, "digest"))
            for entry in _entries(document, "locks")
            if _text(entry, "path")
        ),
        unavailable=_text(python, "unavailable"),
    )


def _packages(document: Mapping[str, object]) -> Iterator[Package]:
    for entry in _entries(document, "packages"):
        name = _text(entry, "name")
        if name:
            yield Package(
                name,
                _text(entry, "version"),
                _text(entry, "origin") or "index",
                _text(entry, "installer"),
                _digest(entry, "record"),
            )


def _entries(document: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    raw = document.get(name)
    return [entry for entry in raw[:_MANY] if isinstance(entry, Mapping)] if isinstance(raw, list) else []


def _text(entry: Mapping[str, object], name: str) -> str:
    try:
        return text(entry, name, "")
    except ForeignError:
        return ""


def _digest(entry: Mapping[str, object], name: str) -> Digest | None:
    try:
        return digest(entry, name)
    except ForeignError:
        return None
