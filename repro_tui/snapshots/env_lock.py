"""A lock of an environment where every file is known by its hash; else a plain record that says that it is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from repro_tui.snapshots.env_facts import EnvironmentFacts, Package
from repro_tui.snapshots.env_hashes import Artifact, Key
from repro_tui.snapshots.toml_text import dumps
from repro_tui.source.distributions import normal

if TYPE_CHECKING:  # it takes long to import
    from packaging.pylock import Package as Entry

CREATED_BY = "repro-tui"
_GIT_PARTS = 2


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of where packages come from."""

    artifacts: Mapping[Key, Sequence[Artifact]]
    """By lock files, and by direct URLs."""
    stored: Mapping[Key, tuple[str, str, int]] = field(default_factory=dict)
    """Wheels that are in the snapshot: path relative to the lock, SHA-256, size."""
    folders: Mapping[Key, str] = field(default_factory=dict)
    """Source trees that are in the snapshot, by path relative to the lock."""


@dataclass(frozen=True, slots=True)
class Lock:
    """A file for the environment's folder."""

    name: str
    """`pylock.toml` or `packages.txt`."""
    text: str
    unknown: tuple[str, ...]
    """Packages of which no hash is known; empty for a lock."""


def make_lock(facts: EnvironmentFacts, known: Known) -> Lock:
    """Write the lock, or the record."""
    unknown = tuple(f"{package.name}=={package.version}" for package in facts.packages if not _is_known(package, known))
    if facts.unavailable or facts.conda or unknown or not facts.packages:
        return Lock("packages.txt", _record(facts, known, unknown), unknown)
    try:
        return Lock("pylock.toml", _pylock(facts, known), ())
    except ValueError as error:  # a version that is none (a foreign package may say anything)
        return Lock("packages.txt", _record(facts, known, (), str(error)), ())


def _pylock(facts: EnvironmentFacts, known: Known) -> str:
    """Write a lock by PEP 751; raises ValueError for what it cannot express."""
    from packaging.pylock import Pylock
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    major_minor = ".".join(facts.version.split(".")[:2])
    lock = Pylock(
        lock_version=Version("1.0"),
        requires_python=SpecifierSet(f"=={major_minor}.*") if major_minor.replace(".", "").isdigit() else None,
        created_by=CREATED_BY,
        packages=[_entry(package, known) for package in facts.packages],
    )
    lock.validate()
    return dumps(lock.to_dict())


def _is_known(package: Package, known: Known) -> bool:
    """Tell whether a package can be named so that only the same one will do."""
    if package.key in known.stored or package.key in known.folders:
        return True
    if package.kind == "git":
        return len(package.place.split(" ")) == _GIT_PARTS
    return any(artifact.url for artifact in known.artifacts.get(package.key, ()))


def _entry(package: Package, known: Known) -> Entry:
    from packaging.pylock import Package as Entry
    from packaging.pylock import PackageArchive, PackageDirectory, PackageVcs
    from packaging.utils import canonicalize_name
    from packaging.version import Version

    name, version = canonicalize_name(package.name), Version(package.version)
    if package.key in known.folders:
        return Entry(
            name=name, directory=PackageDirectory(path=known.folders[package.key], editable=package.kind == "editable")
        )
    if package.kind == "git" and package.key not in known.stored:
        url, commit = package.place.split(" ")
        return Entry(name=name, version=version, vcs=PackageVcs(type="git", url=url, commit_id=commit))
    if package.kind == "archive" and package.key not in known.stored:
        only = next(artifact for artifact in known.artifacts[package.key] if artifact.url)
        return Entry(name=name, version=version, archive=PackageArchive(url=only.url, hashes={"sha256": only.sha256}))
    return Entry(name=name, version=version, **_files(package, known))  # type: ignore[arg-type]  # its own fields


def _files(package: Package, known: Known) -> dict[str, object]:
    """Give the files that a package of an index can be installed from: the stored wheel, else those of lock files."""
    from packaging.pylock import PackageSdist, PackageWheel

    if package.key in known.stored:
        path, sha256, size = known.stored[package.key]
        return {"wheels": [PackageWheel(path=path, size=size, hashes={"sha256": sha256})]}
    files = [artifact for artifact in known.artifacts[package.key] if artifact.url]
    wheels = [
        PackageWheel(name=one.name, url=one.url, size=one.size, hashes={"sha256": one.sha256})
        for one in files
        if one.is_wheel
    ]
    if wheels:
        return {"wheels": wheels}
    one = files[0]
    return {"sdist": PackageSdist(name=one.name, url=one.url, size=one.size, hashes={"sha256": one.sha256})}


def _record(facts: EnvironmentFacts, known: Known, unknown: Sequence[str], trouble: str = "") -> str:
    """Write what was installed, one package a line, with the hashes that are known."""
    lines = ["# This is no lock: it says what was installed, and cannot promise that the same comes back.", "#"]
    lines += [f"# {line}" for line in ([f"A lock cannot say it: {trouble}"] if trouble else _reasons(facts, unknown))]
    lines += ["#", f"# Python {facts.version or '(unknown)'}", ""]
    for package in facts.packages:
        hashes = sorted({artifact.sha256 for artifact in known.artifacts.get(package.key, ())})
        lines.append(_line(package, hashes))
    return "\n".join(lines) + "\n"


def _reasons(facts: EnvironmentFacts, unknown: Sequence[str]) -> list[str]:
    if facts.unavailable:
        return [f"The packages are not known: {facts.unavailable}."]
    reasons = []
    if facts.conda:
        reasons.append(f"Conda installed {facts.conda} packages: they are in environment.json, with channel and build.")
    if unknown:
        count = len(unknown)
        reasons.append(
            f"Of {count} package{'' if count == 1 else 's'} nobody noted from which file it was installed: no lock file"
            " of the project names it with a URL and a hash."
        )
        reasons.append("Take the snapshot with --with-wheels, or keep a uv.lock or pylock.toml in the project.")
    return reasons or ["No package was installed."]


def _line(package: Package, hashes: Sequence[str]) -> str:
    pinned = f"{package.name}=={package.version}"
    if package.kind != "index":
        return f"{pinned}  # {package.origin}"
    return " ".join([pinned, *(f"--hash=sha256:{digits}" for digits in hashes)])


def direct(packages: Sequence[Package]) -> dict[Key, list[Artifact]]:
    """Give what was installed straight from a URL whose hash was noted (PEP 610)."""
    found: dict[Key, list[Artifact]] = {}
    for package in packages:
        url, _, hashed = package.place.partition(" ")
        if package.kind == "archive" and hashed.startswith("sha256:") and not url.startswith("file:"):
            name = url.partition("#")[0].rpartition("/")[2]
            found[normal(package.name), package.version] = [Artifact(name, hashed.removeprefix("sha256:"), url)]
    return found
