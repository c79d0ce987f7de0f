"""Installed packages whose files were edited in place: their version and their list of files say nothing of it.

An installer writes the list of files last, with size and digest of each. So only what is newer than the list, or has
another size, is read: of an environment that nobody edited a few thousand files are looked at and none is opened.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path

from repro_tui.capture.probes.finding import digest_of
from repro_tui.domain.traits_environment import is_used
from repro_tui.recorder.line import to_text
from repro_tui.source.distributions import normal

_ENDINGS = (".py", ".so", ".pyd", ".json", ".yaml", ".yml", ".toml", ".txt", ".cu", ".ptx")
_LARGEST = 8 << 20
_MOST_READ = 128 << 20
"""Bytes that are read for all packages together; what is left is not called edited."""
_NAMED = 5


def with_edits(
    packages: Sequence[Mapping[str, object]], path: Sequence[str], modules: Collection[str]
) -> list[dict[str, object]]:
    """Give the facts of packages with `edited`, a digest of what the changed files hold now, and names of some.

    Only those packages are looked at that the imported modules may be from.
    """
    wanted = {normal(str(facts["name"])) for facts in packages if facts.get("build") and is_used(facts, modules)}
    found: dict[str, list[list[str]]] = {}
    budget = [_MOST_READ]
    for distribution in distributions(path=[entry for entry in path if entry]):
        name = _name(distribution)
        if name in wanted and name not in found:
            found[name] = sorted(_edited(distribution, budget))
    return [_marked(facts, found.get(normal(str(facts["name"])), [])) for facts in packages]


def _name(distribution: Distribution) -> str:
    """Give the normal name from the folder's, without reading the metadata."""
    folder = _folder(distribution)
    return normal(folder.name.removesuffix(".dist-info").rpartition("-")[0]) if folder is not None else ""


def _folder(distribution: Distribution) -> Path | None:
    place = getattr(distribution, "_path", None)
    return place if isinstance(place, Path) and place.name.endswith(".dist-info") else None


def _edited(distribution: Distribution, budget: list[int]) -> Iterator[list[str]]:
    """Give path and digest of each listed file that does not hold what the list says."""
    folder = _folder(distribution)
    if folder is None:
        return
    try:
        listed = (folder / "RECORD").stat().st_mtime_ns
        rows = list(csv.reader((folder / "RECORD").read_text("utf-8", "surrogateescape").splitlines()))
    except (OSError, ValueError, csv.Error):
        return
    for row in rows:
        if len(row) < 3 or not row[1].startswith("sha256=") or not row[0].endswith(_ENDINGS) or row[0][0] in "./":  # noqa: PLR2004 - path, digest, size
            continue
        if ".dist-info/" in row[0]:
            continue
        file = folder.parent / row[0]
        try:
            now = file.stat()
        except OSError:
            continue  # what is not there was taken out of an image to make it small, and not imported
        if str(now.st_size) == row[2] and now.st_mtime_ns <= listed:
            continue
        digest = _digest(file, now, budget)
        if digest and digest != row[1].removeprefix("sha256=").rstrip("="):
            yield [row[0], digest]


def _digest(file: Path, now: os.stat_result, budget: list[int]) -> str:
    """Give the digest as the list writes it; empty where a file is too large to be read for this, or cannot be."""
    if now.st_size > min(_LARGEST, budget[0]):
        return ""
    budget[0] -= now.st_size
    try:
        return base64.urlsafe_b64encode(hashlib.sha256(file.read_bytes()).digest()).decode().rstrip("=")
    except OSError:
        return ""


def _marked(facts: Mapping[str, object], edited: list[list[str]]) -> dict[str, object]:
    if not edited:
        return dict(facts)
    files = [to_text(path) for path, _ in edited[:_NAMED]]
    digest = digest_of([[to_text(path), content] for path, content in edited])
    return {**facts, "edited": digest, "edited_files": files, "edited_count": len(edited)}
