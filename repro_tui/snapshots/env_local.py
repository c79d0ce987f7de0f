"""Packages that no index has: their source trees, or wheels made of what is installed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import Distribution, distributions
from pathlib import Path

from blake3 import blake3

from repro_tui.settings import Project
from repro_tui.snapshots.code_tree import read_small
from repro_tui.snapshots.env_facts import EnvironmentFacts, Package
from repro_tui.snapshots.env_hashes import Key
from repro_tui.snapshots.env_repack import RepackError, repack
from repro_tui.snapshots.parts import Given
from repro_tui.snapshots.where import ENVIRONMENT, inside
from repro_tui.source.apply import MODE_FILE, MODE_LINK, MODE_PROGRAM
from repro_tui.source.distributions import normal
from repro_tui.store.walk import walk

_LEFT = (".*", "venv", "__pycache__", "*.pyc", "node_modules", "build", "dist", "*.egg-info", "*.so", "target")
"""What of a source tree is made again when it is built, and hidden folders, which are tools' own."""
RECORDER = "repro-tui"
"""What recorded the run is no part of what decides its result."""
_MANY_FILES = 20_000


@dataclass(slots=True)
class Local:
    """What was found."""

    given: list[Given] = field(default_factory=list)
    folders: dict[Key, str] = field(default_factory=dict)
    """Source trees by their paths relative to the lock."""
    wheels: dict[Key, Path] = field(default_factory=dict)
    missing: list[tuple[str, str]] = field(default_factory=list)
    """Name of a package, and why it is not kept."""
    changed: list[str] = field(default_factory=list)
    """Sentences about trees that are not what they were."""


def keep_local(facts: EnvironmentFacts, project: Project, began_ns: int, scratch: Path | None) -> Local:
    """Keep packages that are installed from folders and local files; wheels where there is a place for them."""
    found = Local()
    present = installed(facts.path) if scratch is not None else {}
    for package in facts.packages:
        if package.key[0] == RECORDER:
            continue
        if package.kind == "editable" or (package.kind == "path" and _is_tree(package.place)):
            _tree(package, project, began_ns, found)
        elif package.kind == "path" or (package.kind == "archive" and package.place.startswith("file:")):
            _wheel(package, present, scratch, found)
    return found


def installed(path: Sequence[str]) -> dict[str, Distribution]:
    """Give the distributions that are on a search path now, by normal name; the first of a name wins."""
    found: dict[str, Distribution] = {}
    for distribution in distributions(path=[entry for entry in path if entry]):
        name = distribution.metadata["Name"] if distribution.metadata else None
        if name:
            found.setdefault(normal(name), distribution)
    return found


def installed_size(distribution: Distribution) -> int:
    """Give the bytes of an installation, as its list of files says; files that are made again are not counted."""
    lines = (distribution.read_text("RECORD") or "").splitlines()
    sizes = (line.rpartition(",")[2] for line in lines if ".pyc," not in line)
    return sum(int(size) for size in sizes if size.isascii() and size.isdigit())


def is_recorded(package: Package, distribution: Distribution) -> bool:
    """Tell whether what is installed now is what was recorded, by its list of files with their hashes."""
    record = (distribution.read_text("RECORD") or "").encode("utf-8", "surrogatepass")
    return package.record is not None and f"b3:{blake3(record).hexdigest()}" == package.record


def _is_tree(place: str) -> bool:
    return any(Path(place, name).is_file() for name in ("pyproject.toml", "setup.py", "setup.cfg"))


def _tree(package: Package, project: Project, began_ns: int, found: Local) -> None:
    """Keep a source tree, unless it lies in the project, whose code is kept anyway."""
    root = os.path.realpath(package.place)
    way = inside(os.fsencode(root), project.root)
    if way is not None:
        found.folders[package.key] = os.fsdecode(b"../../" + way).rstrip("/")
        return
    if not os.path.isdir(root):  # noqa: PTH112 - a text that may be no UTF-8
        found.missing.append((package.name, f"its source tree {package.place} is not there"))
        return
    prefix = ENVIRONMENT + b"/archives/" + os.fsencode(f"{normal(package.name)}-{package.version}")
    newer = total = 0
    limit, most = project.settings.number("code.limit"), project.settings.number("code.total")
    for given, is_newer, size in _sources(os.fsencode(root), prefix, began_ns, limit):
        total += size
        if total > most or len(found.given) > _MANY_FILES:
            found.missing.append(
                (package.name, f"its source tree exceeds code.total ({most} bytes); the rest is left out")
            )
            break
        newer += is_newer
        if given is None:
            found.missing.append((package.name, f"a file of its source tree exceeds code.limit ({limit} bytes)"))
        else:
            found.given.append(given)
    found.folders[package.key] = os.fsdecode(prefix.removeprefix(ENVIRONMENT + b"/"))
    if newer:
        count = "1 file was" if newer == 1 else f"{newer} files were"
        found.changed.append(f"{package.name} is installed from {package.place}: {count} changed there since the run")


def _sources(root: bytes, prefix: bytes, began_ns: int, limit: int) -> Iterator[tuple[Given | None, bool, int]]:
    """Give each file of a tree (None when it is too large), whether it is newer than a time, and its size."""
    walked, _ = walk(root, prefix, _LEFT)
    for item in walked:
        if item.kind == "l":
            yield Given(item.path, MODE_LINK, item.to, size=len(item.to), mtime_ns=item.mtime_ns), False, 0
        elif item.kind in {"f", "h"}:
            read = read_small(os.path.realpath(item.full)) if item.size <= limit else None
            if read is None:
                yield None, False, 0
                continue
            mode = MODE_PROGRAM if item.mode & 0o111 else MODE_FILE
            data = read[0]
            given = Given(item.path, mode, data, size=len(data), mtime_ns=item.mtime_ns)
            yield given, item.mtime_ns > began_ns, len(data)


def _wheel(package: Package, present: dict[str, Distribution], scratch: Path | None, found: Local) -> None:
    """Make a wheel of a package that was installed from a folder or a local file."""
    if scratch is None:
        return
    distribution = present.get(normal(package.name))
    if distribution is None or not is_recorded(package, distribution):
        found.missing.append((package.name, "what is installed now is not what the run had"))
        return
    try:
        found.wheels[package.key] = repack(distribution, scratch)
    except (RepackError, OSError, ValueError) as error:
        found.missing.append((package.name, f"no wheel can be made of what is installed: {error}"))


def sha256_of(path: Path) -> str:
    """Give the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
