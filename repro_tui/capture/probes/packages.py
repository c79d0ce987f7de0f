"""Lists the distributions of an interpreter from outside, by its module search path: the script pays nothing for it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path

from blake3 import blake3

from repro_tui.recorder.line import to_text
from repro_tui.source.distributions import normal, without_secret

_LIBRARY = re.compile(r"(?:^|/)lib[^/]*\.so[.0-9]*$|\.dll$|\.dylib$|\.so\.[0-9.]+$")
_FIELD = re.compile(r"^(Name|Version):[ \t]*(.*?)\r?$", re.MULTILINE)


def list_packages(path: Sequence[str]) -> list[dict[str, object]]:
    """List every distribution on a search path, the first of a name winning, sorted by name.

    Each has `name`, `version`, `origin` (`index`, or a URL with commit, a wheel, an editable folder), `installer`,
    `record`: the digest of its list of files, and what `_contents` says of them.
    """
    found: dict[str, dict[str, object]] = {}
    for distribution in distributions(path=[entry for entry in path if entry]):
        facts = _facts(distribution)
        if facts:
            found.setdefault(normal(str(facts["name"])), facts)
    return [found[name] for name in sorted(found)]


def _facts(distribution: Distribution) -> dict[str, object] | None:
    """Read one distribution; a damaged one has no name and is passed over."""
    try:
        # Only two fields are wanted, and parsing the whole as an e-mail message would be most of the cost.
        text = _read(distribution, "METADATA") or _read(distribution, "PKG-INFO")
        head = text.partition("\n\n")[0]
        fields = dict(reversed(_FIELD.findall(head)))
        if not fields.get("Name"):
            return None
        record = _read(distribution, "RECORD")
        facts: dict[str, object] = {
            "name": to_text(fields["Name"].strip()),
            "version": to_text(fields.get("Version", "").strip()),
            "origin": _origin(distribution),
            "installer": to_text(_read(distribution, "INSTALLER").strip()[:100]),
        }
        if record:
            facts["record"] = f"b3:{blake3(record.encode('utf-8', 'surrogatepass')).hexdigest()}"
            if str(facts["origin"]).partition(" ")[0] not in {"editable", "path"}:
                facts |= _contents(record)
    except (OSError, UnicodeError, ValueError):
        return None
    return facts


def _contents(record: str) -> dict[str, object]:
    """Say what a distribution holds: a digest of its files, its top-level modules, and whether other programs load it.

    The digest `build` is the same wherever and by whatever tool the same wheel was installed: scripts, which name an
    interpreter, notes of installers and compiled bytecode do not count. `native` is true of libraries that programs
    may load without an import, and of packages that act when an interpreter starts.
    """
    files = [line for line in record.splitlines() if ",sha256=" in line and ".dist-info/" not in line]
    inside = [line for line in files if not line.startswith(("..", "/", '"')) and "__pycache__/" not in line]
    paths = [line.rpartition(",sha256=")[0] for line in inside]
    modules = {_module(path) for path in paths if path.endswith((".py", ".so", ".pyd"))}
    outside = [line for line in files if line.startswith(("..", "/")) and "/bin/" not in line]
    native = outside or any(path.endswith(".pth") or _LIBRARY.search(path) for path in paths)
    digest = blake3("\n".join(sorted(inside)).encode("utf-8", "surrogatepass")).hexdigest()
    facts: dict[str, object] = {"build": f"b3:{digest}", "modules": sorted(modules)}
    return {**facts, "native": True} if native else facts


def _module(path: str) -> str:
    first, slash, _ = path.partition("/")
    return first if slash else first.partition(".")[0]


def _read(distribution: Distribution, name: str) -> str:
    return distribution.read_text(name) or ""


def _origin(distribution: Distribution) -> str:
    """Say where a distribution came from (PEP 610): nothing noted means an index, or a source folder on the path."""
    raw = _read(distribution, "direct_url.json")
    if not raw:
        folder = str(distribution.locate_file(""))
        return "index" if "-packages" in folder else f"path {to_text(folder)}"
    try:
        noted = json.loads(raw)
        url = without_secret(str(noted["url"]))
        if isinstance(vcs := noted.get("vcs_info"), dict):
            return f"{vcs.get('vcs', 'vcs')} {url} {vcs.get('commit_id', '')}".strip()
        if isinstance(folder := noted.get("dir_info"), dict):
            kind = "editable" if folder.get("editable") else "path"
            return f"{kind} {url.removeprefix('file://')}"
        archive = noted.get("archive_info") or {}
        hashes = archive.get("hashes") or {}
        digest = f"sha256:{hashes['sha256']}" if "sha256" in hashes else str(archive.get("hash", "")).replace("=", ":")
        return f"archive {url} {digest}".strip()
    except (ValueError, KeyError, TypeError, AttributeError):
        return "unknown: direct_url.json is damaged"


def list_conda(prefix: Path) -> list[dict[str, object]]:
    """List the packages that conda installed below a prefix; empty when it is no conda environment."""
    import msgspec

    class Record(msgspec.Struct):
        name: str
        version: str = ""
        build: str = ""
        channel: str = ""
        md5: str = ""
        sha256: str = ""

    decoder = msgspec.json.Decoder(Record)
    found: list[dict[str, object]] = []
    for file in _sorted(prefix):
        try:
            record = decoder.decode(file.read_bytes())
        except (OSError, msgspec.DecodeError):
            continue
        digest = f"sha256:{record.sha256}" if record.sha256 else f"md5:{record.md5}" if record.md5 else ""
        channel = without_secret(record.channel)
        found.append(
            {
                "name": record.name,
                "version": record.version,
                "build": record.build,
                "channel": channel,
                "digest": digest,
            }
        )
    return found


def _sorted(prefix: Path) -> Iterable[Path]:
    return sorted((prefix / "conda-meta").glob("*.json"))
