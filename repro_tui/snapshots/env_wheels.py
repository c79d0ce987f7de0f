"""Fetches the wheels of packages by pip, over the network where its caches do not have them. Nothing is built."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from repro_tui.domain.progress import Progress
from repro_tui.snapshots.env_facts import Package
from repro_tui.source.distributions import normal

_LONGEST_S = 1800.0
_LOOK_S = 0.1
_OPTIONS = (
    "--no-deps",
    "--only-binary=:all:",
    "--no-input",
    "--disable-pip-version-check",
    "--quiet",
    "--retries=2",
)
_BROKEN = re.compile(r"after connection broken by (.*)")
_REASON = re.compile(r"\[Errno -?\d+\] ([\w ,.-]+)|(\w+(?:Error|Timeout))\b")
"""What pip says before it tries again, and the reason in it."""


@dataclass(slots=True)
class Fetched:
    """What came of it."""

    wheels: dict[tuple[str, str], Path] = field(default_factory=dict)
    missing: dict[tuple[str, str], str] = field(default_factory=dict)
    """Packages without a wheel, with pip's reason."""
    offline: str = ""
    """Why the network gave no answer; empty when it did, or was not asked."""


def fetch(exe: str, packages: Sequence[Package], folder: Path, progress: Progress | None) -> Fetched:
    """Fetch wheels for an interpreter into a folder. Raises what `progress` raises."""
    found = Fetched()
    command = _command(exe)
    if command is None:
        found.missing = {package.key: "there is no pip to fetch it with" for package in packages}
        return found
    _some(command, list(packages), folder, found, _Telling(progress, len(packages)))
    names = {_key(path.name): path for path in sorted(folder.glob("*.whl"))}
    for package in packages:
        path = names.get(package.key)
        if path is not None:
            found.wheels[package.key] = path
            found.missing.pop(package.key, None)
        else:
            found.missing.setdefault(package.key, found.offline or "no wheel of it was found")
    return found


@dataclass(slots=True)
class _Telling:
    progress: Progress | None
    count: int
    done: int = 0

    def tell(self) -> None:
        """Say how far it is; raises what `progress` raises."""
        if self.progress is not None:
            self.progress(0, 0, f"fetching wheels over the network, {self.done} of {self.count}")


def _command(exe: str) -> list[str] | None:
    """Find a pip for an interpreter: its own, else ours, which can look on behalf of another one."""
    if not exe or not Path(exe).exists():
        return None
    for command in ([exe, "-m", "pip"], [sys.executable, "-m", "pip", "--python", exe]):
        asked = subprocess.run(
            [*command, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
            env=_clean(),
        )
        if asked.returncode == 0:
            return command
    return None


def _clean() -> dict[str, str]:
    """Leave out what would record these calls as runs, or load the project's modules into pip."""
    return {k: v for k, v in os.environ.items() if not k.startswith("REPRO_") and k != "PYTHONPATH"}


def _some(command: list[str], packages: list[Package], folder: Path, found: Fetched, telling: _Telling) -> None:
    """Fetch packages in one call; where it fails, in two halves, until the one is found that cannot be had."""
    if not packages or found.offline:
        return
    telling.tell()
    why, found.offline = _download(
        command, [f"{package.name}=={package.version}" for package in packages], folder, telling
    )
    if found.offline:
        return  # it would be the same for each of the others, and take as long each time
    if not why:
        telling.done += len(packages)
    elif len(packages) == 1:
        telling.done += 1
        found.missing[packages[0].key] = why
    else:
        middle = len(packages) // 2
        _some(command, packages[:middle], folder, found, telling)
        _some(command, packages[middle:], folder, found, telling)


def _download(command: list[str], wanted: list[str], folder: Path, telling: _Telling) -> tuple[str, str]:
    """Call pip; gives why it failed, and why the network gave no answer: both empty when all is well."""
    deadline = time.monotonic() + _LONGEST_S
    with subprocess.Popen(
        [*command, "download", *_OPTIONS, "--dest", str(folder), "--", *wanted],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=_clean(),
        cwd=folder,
    ) as process:
        try:
            while True:
                try:
                    _, told = process.communicate(timeout=_LOOK_S)
                    break
                except subprocess.TimeoutExpired:
                    telling.tell()
                    if time.monotonic() > deadline:
                        process.kill()
                        return "pip did not answer in time", "pip did not answer in time"
        except BaseException:
            process.kill()
            raise
    if process.returncode == 0:
        return "", ""
    text = told.decode("utf-8", "replace")
    lines = [line for line in text.splitlines() if line.startswith("ERROR:")]
    why = lines[-1].removeprefix("ERROR:").strip()[:200] if lines else f"pip ended with {process.returncode}"
    return why, _offline(text) if "from versions: none" in text else ""


def _offline(text: str) -> str:
    """Say why the network gave no answer, by pip's warnings; empty when it gave one."""
    broken = _BROKEN.findall(text)
    if not broken:
        return ""
    reasons = _REASON.findall(broken[-1])
    named = [errno for errno, _ in reasons if errno] + [name for _, name in reasons if name]
    return "the index could not be reached" + (f" ({named[0].strip()})" if named else "")


def _key(name: str) -> tuple[str, str]:
    """Read name and version off a wheel's file name."""
    parts = name.split("-")
    return (normal(parts[0]), parts[1]) if len(parts) > 2 else (name, "")  # noqa: PLR2004 - name, version, tags
