"""Which files on which index a package came from, with their hashes: told by the lock files of the project."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from repro_tui.source.distributions import normal, without_secret

_REQUIREMENT = re.compile(r"^([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*===?\s*([^\s;\\#]+)(.*)$", re.DOTALL)
_HASH = re.compile(r"--hash[=\s](sha256|sha384|sha512):([0-9a-fA-F]+)")
_SHA256_DIGITS = 64

Key = tuple[str, str]
"""Normal name and version."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that a package can be installed from."""

    name: str
    """File name; empty where only a hash is known."""
    sha256: str
    url: str = ""
    size: int | None = None

    @property
    def is_wheel(self) -> bool:
        """Tell whether it is installed without being built."""
        return self.name.endswith(".whl")


def read_lock(name: str, content: bytes) -> dict[Key, list[Artifact]]:
    """Read a lock file by its name; one that is not understood tells nothing."""
    try:
        found = _read(name.rpartition("/")[2], content)
        return {key: list(dict.fromkeys(artifacts)) for key, artifacts in found.items() if artifacts}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}  # a foreign file: it may hold anything


def _read(name: str, content: bytes) -> dict[Key, list[Artifact]]:
    if name.endswith(".txt"):
        return _requirements(content.decode("utf-8"))
    if name == "Pipfile.lock":
        return _pipfile(json.loads(content))
    if name in {"uv.lock", "poetry.lock", "pdm.lock"} or name.startswith("pylock"):
        return _packages(tomllib.loads(content.decode("utf-8")))
    return {}


def _packages(document: Mapping[str, Any]) -> dict[Key, list[Artifact]]:
    """Read the lists of uv, Poetry, PDM and pylock: a package has files, wheels, an sdist."""
    found: dict[Key, list[Artifact]] = {}
    for package in (*document.get("package", ()), *document.get("packages", ())):
        name, version = package.get("name"), package.get("version")
        if not isinstance(name, str) or not isinstance(version, str):
            continue
        every = [*package.get("wheels", ()), *package.get("files", ())]
        every += [package["sdist"]] if isinstance(package.get("sdist"), Mapping) else []
        found.setdefault((normal(name), version), []).extend(_artifacts(every))
    legacy = document.get("metadata", {}).get("files", {})
    if isinstance(legacy, Mapping):  # Poetry before 1.3 kept the files apart, without the version
        for key in list(found):
            found[key].extend(_artifacts(legacy.get(key[0], ())))
    return found


def _artifacts(every: Iterable[Mapping[str, Any]]) -> Iterator[Artifact]:
    for each in every:
        sha256 = _sha256(each)
        url = without_secret(str(each.get("url", "")))
        name = str(each.get("file") or each.get("name") or url.partition("#")[0].rpartition("/")[2])
        size = each.get("size")
        if sha256 and name:
            yield Artifact(name, sha256, url, size if isinstance(size, int) else None)


def _sha256(each: Mapping[str, Any]) -> str:
    hashes = each.get("hashes")
    raw = hashes.get("sha256") if isinstance(hashes, Mapping) else each.get("hash")
    digits = str(raw or "").removeprefix("sha256:").lower()
    return digits if len(digits) == _SHA256_DIGITS and set(digits) <= set("0123456789abcdef") else ""


def _requirements(text: str) -> dict[Key, list[Artifact]]:
    """Read requirements with `--hash`."""
    found: dict[Key, list[Artifact]] = {}
    for line in text.replace("\\\n", " ").replace("\\\r\n", " ").splitlines():
        match = _REQUIREMENT.match(line.strip())
        if match:
            hashes = [digits.lower() for kind, digits in _HASH.findall(match[3]) if kind == "sha256"]
            found.setdefault((normal(match[1]), match[2]), []).extend(Artifact("", digits) for digits in hashes)
    return found


def _pipfile(document: Mapping[str, Any]) -> dict[Key, list[Artifact]]:
    found: dict[Key, list[Artifact]] = {}
    for section in ("default", "develop"):
        for name, package in document.get(section, {}).items():
            version = str(package.get("version", "")).removeprefix("==")
            digits = [str(h).removeprefix("sha256:") for h in package.get("hashes", ()) if str(h).startswith("sha256:")]
            found.setdefault((normal(name), version), []).extend(Artifact("", one) for one in digits)
    return found


def merged(every: Iterable[Mapping[Key, list[Artifact]]]) -> dict[Key, list[Artifact]]:
    """Put what several lock files tell together."""
    found: dict[Key, list[Artifact]] = {}
    for one in every:
        for key, artifacts in one.items():
            known = found.setdefault(key, [])
            known += [artifact for artifact in artifacts if artifact not in known]
    return found
