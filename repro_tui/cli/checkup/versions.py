"""Versions of what repro-tui rests on, read from their metadata without importing them."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from collections.abc import Iterable

from packaging.requirements import Requirement

from repro_tui import __version__
from repro_tui.cli.checkup.finding import Finding

OLDEST_PYTHON = (3, 11)


def check_versions() -> Iterable[Finding]:
    """Give our own version, Python's, and each dependency's with whether it is in the range that was tested."""
    yield Finding("versions", "repro-tui", __version__)
    yield _python()
    for text in _requirements():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield _dependency(requirement)


def _python() -> Finding:
    found = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info[:2] < OLDEST_PYTHON:
        return Finding("versions", "python", found, "problem", "Install repro-tui with Python 3.11 or newer.")
    return Finding("versions", "python", found)


def _requirements() -> list[str]:
    try:
        return importlib.metadata.requires("repro-tui") or []
    except importlib.metadata.PackageNotFoundError:
        return []


def _dependency(requirement: Requirement) -> Finding:
    """Compare an installed version with the range that is asked for."""
    install = f'Install it beside repro-tui: python -m pip install "{requirement.name}{requirement.specifier}"'
    try:
        version = importlib.metadata.version(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        return Finding("versions", requirement.name, "not installed", "problem", install)
    if not requirement.specifier.contains(version, prereleases=True):
        return Finding(
            "versions", requirement.name, f"{version}, but {requirement.specifier} is needed", "problem", install
        )
    return Finding("versions", requirement.name, version)
