"""Asks git, such that neither the user's configuration nor a hostile repository runs code or bends an answer.

Git runs programs at many places that a repository can configure: fsmonitor, hooks, external diffs, textconv, clean
filters, ssh and askpass commands, submodules. Each is switched off on the command line, which wins over every file;
filters have names, so those that are configured are asked for and switched off one by one. The environment's `GIT_*`
variables are dropped, because they would point git at another repository. Nothing here may reach the network.
"""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_KEPT = frozenset({"GIT_CONFIG_GLOBAL", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM"})
"""Variables that say where the user's own configuration lies, and where not to look for a repository."""

_NEUTRAL = (
    "core.fsmonitor=false",
    "core.untrackedCache=keep",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.quotePath=true",
    "core.sshCommand=false",
    "core.askPass=",
    "core.gitProxy=",
    "core.alternateRefsCommand=",
    "core.editor=false",
    "credential.helper=",
    "color.ui=false",
    "diff.external=",
    "diff.orderFile=/dev/null",
    "diff.ignoreSubmodules=none",
    "diff.suppressBlankEmpty=false",
    "diff.autoRefreshIndex=true",
    "gc.auto=0",
    "maintenance.auto=false",
    "log.showSignature=false",
    "protocol.allow=never",
    "submodule.recurse=false",
    "status.submoduleSummary=false",
)

DIFF_OPTIONS = (
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-renames",
    "--no-relative",
    "--ignore-submodules=dirty",
    "--submodule=short",
)
"""How every diff is asked for: nothing is run for it, and no setting changes what it says."""

PATCH_OPTIONS = (
    "--patch",
    "--binary",
    "--full-index",
    "--unified=3",
    "--inter-hunk-context=0",
    "--diff-algorithm=myers",
    "--no-indent-heuristic",
    "--no-function-context",
    "--ws-error-highlight=none",
    "--output-indicator-new=+",
    "--output-indicator-old=-",
    "--output-indicator-context= ",
)
"""Additions for a patch: safe for binary files, and the same whatever the user prefers to see."""


class GitError(Exception):
    """Git is missing, refused, failed or did not answer in time; the text is for a person."""

    def __init__(self, what: str, *, kind: str = "failed") -> None:
        super().__init__(what)
        self.kind = kind
        """`missing`, `timeout`, `limit`, `owner` or `failed`."""


@dataclass
class Git:
    """One repository (or folder that may be in one), asked within a deadline."""

    cwd: Path
    deadline: float
    """On the monotonic clock; all questions together end there."""
    system: bool = False
    """Read the machine's configuration too; needed where an administrator marked folders as safe."""
    index: Path | None = None
    """A copy of the index to work on: `git diff` writes what it learnt about touched files back, even when it is told
    to take no optional locks, and nobody's repository is written to here."""
    _filters: tuple[str, ...] | None = field(default=None, repr=False)

    def ask(self, *arguments: str, given: bytes = b"", limit: int = 64_000_000, filters: bool = False) -> bytes:
        """Run one git command and give its output; `filters` switches content filters off first.

        Raises GitError. Output above `limit` bytes ends the command.
        """
        settings = (*_NEUTRAL, *(self._no_filters() if filters else ()))
        options = [part for setting in settings for part in ("-c", setting)]
        return _run(["git", "--no-pager", *options, *arguments], self, given, limit)

    def ask_into(self, descriptor: int, *arguments: str) -> None:
        """Run one git command and let it write its output to a descriptor, however much it is; raises GitError."""
        options = [part for setting in _NEUTRAL for part in ("-c", setting)]
        _run(["git", "--no-pager", *options, *arguments], self, b"", 1_000_000, descriptor)

    def line(self, *arguments: str) -> str:
        """Give the first line of an answer, empty when git says no."""
        try:
            return os.fsdecode(self.ask(*arguments, limit=1_000_000)).partition("\n")[0]
        except GitError as error:
            if error.kind == "failed":
                return ""
            raise

    def _no_filters(self) -> tuple[str, ...]:
        """Switch off every configured clean filter: they are programs."""
        if self._filters is None:
            raw = _run(["git", "config", "--list", "--name-only", "--includes", "-z"], self, b"", 4_000_000)
            keys = {os.fsdecode(key) for key in raw.split(b"\0")}
            drivers = {key.partition(".")[2].rpartition(".")[0] for key in keys if key.lower().startswith("filter.")}
            self._filters = tuple(
                f"filter.{driver}.{setting}"
                for driver in sorted(drivers)
                for setting in ("clean=", "smudge=", "process=", "required=false")
            )
            if any("=" in driver for driver in drivers):
                raise GitError("a content filter has a name that cannot be switched off")
        return self._filters


def _environment(source: Mapping[str, str], git: Git) -> dict[str, str]:
    """Give git an environment without anything that steers it."""
    kept = {name: value for name, value in source.items() if not name.startswith("GIT_") or name in _KEPT}
    kept |= {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_PAGER": "cat",
        "LC_ALL": "C",
        "LANGUAGE": "C",
    }
    if not git.system:
        kept["GIT_CONFIG_NOSYSTEM"] = "1"
    if git.index:
        kept["GIT_INDEX_FILE"] = str(git.index)
    return kept


def _run(command: Sequence[str], git: Git, given: bytes, limit: int, into: int | None = None) -> bytes:
    """Run a command to its end, bounded in time and in bytes; `into` takes its output instead."""
    if not shutil.which("git"):
        raise GitError("git is not installed", kind="missing")
    if git.deadline <= time.monotonic():
        raise GitError("git did not answer in time", kind="timeout")
    try:
        process = subprocess.Popen(
            command,
            cwd=git.cwd,
            env=_environment(os.environ, git),
            stdin=subprocess.PIPE if given else subprocess.DEVNULL,
            stdout=subprocess.PIPE if into is None else into,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise GitError(f"git could not be started: {error.strerror}", kind="missing") from error
    with process:
        try:
            out, err = _talk(process, given, limit, git.deadline)
        except BaseException:
            _end(process)
            raise
    if process.returncode:
        raise _refused(err.decode("utf-8", "replace"))
    return out


def _end(process: subprocess.Popen[bytes]) -> None:
    """End git and everything that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()


def _talk(process: subprocess.Popen[bytes], given: bytes, limit: int, deadline: float) -> tuple[bytes, bytes]:
    """Feed and read a process until both its outputs end."""
    outputs: dict[object, bytearray] = {
        stream: bytearray() for stream in (process.stdout, process.stderr) if stream is not None
    }
    rest = memoryview(given)
    with selectors.DefaultSelector() as selector:
        for stream in outputs:
            selector.register(stream, selectors.EVENT_READ)  # type: ignore[arg-type]
        if process.stdin:
            os.set_blocking(process.stdin.fileno(), False)
            selector.register(process.stdin, selectors.EVENT_WRITE)
        while selector.get_map():
            for stream in _ready(selector, deadline):
                if process.stdin and stream is process.stdin:
                    rest = _feed(process, rest)
                    if not rest:
                        selector.unregister(process.stdin)
                        process.stdin.close()
                    continue
                data = os.read(stream.fileno(), 1 << 16)  # type: ignore[attr-defined]
                outputs[stream] += data
                if not data:
                    selector.unregister(stream)  # type: ignore[arg-type]
                if len(outputs[stream]) > limit:
                    raise GitError(f"the answer is larger than {limit} bytes", kind="limit")
    try:
        process.wait(max(0.05, deadline - time.monotonic()))
    except subprocess.TimeoutExpired as error:
        raise GitError("git did not end in time", kind="timeout") from error
    return bytes(outputs.get(process.stdout, b"")), bytes(outputs[process.stderr])


def _ready(selector: selectors.BaseSelector, deadline: float) -> Iterator[object]:
    """Wait for streams that can be read or written."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise GitError("git did not answer in time", kind="timeout")
    for key, _ in selector.select(left):
        yield key.fileobj


def _feed(process: subprocess.Popen[bytes], rest: memoryview) -> memoryview:
    """Write some of what git is given; a git that no longer reads has said why on its error output."""
    assert process.stdin
    try:
        return rest[os.write(process.stdin.fileno(), rest[: 1 << 16]) :]
    except BlockingIOError:
        return rest
    except BrokenPipeError:
        return rest[:0]


def _refused(text: str) -> GitError:
    """Turn git's own words into an error of a kind."""
    last = next((line for line in text.splitlines() if line.startswith(("fatal:", "error:"))), text.strip()[:200])
    if "dubious ownership" in text or "unsafe repository" in text:
        return GitError("the repository belongs to another user", kind="owner")
    return GitError(last.partition(": ")[2][:300] or last or "git failed")
