"""Which files of a project are code, and how the files that git does not keep are read, judged and bounded."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from blake3 import blake3

from repro_tui.domain.run import Omission
from repro_tui.recorder.line import to_text
from repro_tui.settings import HOME_NAME, Project
from repro_tui.source import secrets
from repro_tui.source.apply import blob_id
from repro_tui.source.kinds import is_config, is_program
from repro_tui.source.patch import new_file
from repro_tui.source.searched import as_text, told
from repro_tui.source.words import words

_CONFIG_LIMIT = 64_000
_MANY_NAMED = 50
_FOLDERS_LEFT = words(
    """
    .git .hg .svn .venv venv env .env __pycache__ node_modules site-packages .tox .nox .mypy_cache .ruff_cache
    .pytest_cache .ipynb_checkpoints .eggs build dist wandb mlruns lightning_logs outputs multirun .dvc .cache
    .idea .vscode
    """
) | {HOME_NAME}
"""Folders that a project without git does not count as its code."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is code in one project, and how much of it is kept."""

    root: Path
    limit: int
    """Bytes of one file."""
    total: int
    """Bytes of all together."""
    allow: tuple[str, ...]
    """Files that may be kept although something in them looks like a secret."""
    left: tuple[str, ...]
    """Paths relative to the root (and globs) that are neither: our own folder, data, results, exclusions."""

    @classmethod
    def of(cls, project: Project) -> Rules:
        """Read them from a project's settings."""
        settings = project.settings
        left = [*settings.list("exclude"), *settings.list("data"), *settings.list("out")]
        if project.home.is_relative_to(project.root):
            left.append(str(project.home.relative_to(project.root)))
        cleaned = tuple(name.removeprefix("./").rstrip("/") for name in left)
        allow = settings.list("secrets.allow")
        return cls(project.root, settings.number("code.limit"), settings.number("code.total"), allow, cleaned)

    def is_left(self, path: str) -> bool:
        """Tell whether a path (relative to the root) is no code, whatever it holds."""
        parts = path.split("/")
        if HOME_NAME in parts:
            return True
        prefixes = ["/".join(parts[: count + 1]) for count in range(len(parts))]
        return any(fnmatchcase(name, rule) for rule in self.left if rule for name in (*prefixes, parts[-1]))

    def is_allowed(self, path: str) -> bool:
        """Tell whether the user lets a file through by name."""
        return any(fnmatchcase(path, rule.removeprefix("./")) for rule in self.allow)


@dataclass
class Kept:
    """Files that git does not keep, as they were read."""

    entries: list[dict[str, object]] = field(default_factory=list)
    """`path`, `size`, `digest`, or `withheld`."""
    parts: list[bytes] = field(default_factory=list)
    """The content of programs and small configuration, as parts of a patch."""
    blobs: dict[str, str] = field(default_factory=dict)
    """Path of each program to its git blob id (SHA-1)."""
    omissions: list[Omission] = field(default_factory=list)
    size: int = 0


def keep(folder: Path, paths: Iterable[str], rules: Rules, prefix: str = "") -> Kept:
    """Read files (relative to `folder`) in the order program, configuration, other, within the limits.

    `prefix` goes before each path in what is written: the way from the repository to a nested one.
    """
    kept, over, over_size = Kept(), 0, 0
    for path in sorted(paths, key=lambda p: (not is_program(p), not is_config(p), os.fsencode(p))):
        name = prefix + path
        try:
            info = (folder / path).lstat()
        except (OSError, ValueError):
            continue
        if not (stat.S_ISREG(info.st_mode) or stat.S_ISLNK(info.st_mode)):
            continue
        if info.st_size > rules.limit:
            kept.omissions.append(
                Omission("left_out", to_text(name), f"larger than code.limit ({rules.limit} bytes)", info.st_size)
            )
        elif kept.size + info.st_size > rules.total or len(kept.entries) >= 20_000:  # noqa: PLR2004 - a list for people
            over, over_size = over + 1, over_size + info.st_size
            if over <= _MANY_NAMED:
                why = f"all files that are not committed together exceed code.total ({rules.total} bytes)"
                kept.omissions.append(Omission("left_out", to_text(name), why, info.st_size))
        else:
            kept.size += info.st_size
            _keep_one(folder, path, name, info, rules, kept)
    if over > _MANY_NAMED:
        why = f"above code.total ({rules.total} bytes)"
        kept.omissions.append(Omission("left_out", f"{over - _MANY_NAMED} further files", why, over_size))
    return kept


def _keep_one(folder: Path, path: str, name: str, info: os.stat_result, rules: Rules, kept: Kept) -> None:
    """Read one file and decide what of it is kept."""
    try:
        content = read_bounded(folder / path, rules.limit)
    except OSError as error:
        kept.omissions.append(Omission("left_out", to_text(name), f"cannot be read: {error.strerror}", info.st_size))
        return
    entry: dict[str, object] = {"path": to_text(name), "size": len(content)}
    kept.entries.append(entry)
    text = as_text(content)
    found = secrets.find(text, path) if text is not None and not rules.is_allowed(name) else []
    if found:
        entry["withheld"] = True
        kept.omissions.append(Omission("withheld", to_text(name), told(found), len(content)))
        if is_program(path):
            kept.blobs[name] = blob_id(content)
        return
    entry["digest"] = f"b3:{blake3(content).hexdigest()}"
    if is_program(path):
        kept.blobs[name] = blob_id(content)
    if text is not None and (is_program(path) or (is_config(path) and len(content) <= _CONFIG_LIMIT)):
        kept.parts.append(new_file(os.fsencode(name), content, info.st_mode))


def read_bounded(path: Path, limit: int) -> bytes:
    """Read a regular file up to `limit` bytes (the text of a link for a link); raises OSError for anything else."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return os.fsencode(path.readlink())  # raises for what is no link either
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(22, "is no regular file")
        return file.read(limit + 1)[:limit]


def walk(rules: Rules, deadline: float, most: int = 20_000) -> Iterator[str]:
    """Find the programs and configuration of a folder without git, as paths relative to the root, in a fixed order."""
    waiting = [""]
    while waiting and most > 0 and time.monotonic() < deadline:
        folder = waiting.pop()
        try:
            with os.scandir(rules.root / folder) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            continue
        if folder and any(entry.name in {"pyvenv.cfg", "conda-meta", ".git"} for entry in found):
            continue
        for entry in reversed(found):
            path = f"{folder}/{entry.name}" if folder else entry.name
            if rules.is_left(path):
                continue
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _FOLDERS_LEFT and not entry.name.endswith(".egg-info"):
                    waiting.append(path)
            elif is_program(path) or is_config(path):
                most -= 1
                yield path
