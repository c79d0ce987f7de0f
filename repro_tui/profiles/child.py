"""Looks into data in a process of its own, at the lowest priority: whatever happens there, the caller lives on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from repro_tui.domain.data_change import types_of
from repro_tui.domain.dataset import Spec
from repro_tui.domain.profile import FileLine, Overlap, Profile
from repro_tui.profiles.budget import Budget
from repro_tui.profiles.document import from_document, list_document
from repro_tui.recorder.line import to_text

_GRACE = 15.0
"""Seconds that a child gets beyond its own limit to say what it found."""
_MOST_ANSWER = 64 * 1024 * 1024


_LOST = "its tables were not looked into"


class _LostError(Exception):
    """The child gave no answer; the text says why."""


def in_child(root: Path, files: Sequence[FileLine], spec: Spec, timeout_s: float = 120.0) -> Profile:
    """Do what `profile` does in another process; when that fails, types are counted and a problem says why."""
    request = {"do": "profile", "a": _side(root, files), "spec": asdict(spec), "seconds": timeout_s}
    try:
        answer = _ask(request, timeout_s)
        found = from_document(answer)
        if isinstance(found, Profile):
            return found
        why = found.reason
    except _LostError as error:
        why = str(error)
    return Profile(types_of(files), problems=(f"{_LOST}: {why}",))


def was_lost(profile: Profile) -> bool:
    """Tell whether nothing was learnt of the tables, for a reason that lies in the process and not in the data."""
    return any(problem.startswith(_LOST) for problem in profile.problems)


def overlap_in_child(  # noqa: PLR0913 - two datasets, each with its place and its files
    root_a: Path,
    files_a: Sequence[FileLine],
    root_b: Path,
    files_b: Sequence[FileLine],
    *,
    other: str = "",
    key: str = "",
    timeout_s: float = 120.0,
) -> Overlap | None:
    """Do what `overlap` does in another process; None when that fails."""
    request = {
        "do": "overlap",
        "a": _side(root_a, files_a),
        "b": _side(root_b, files_b),
        "other": other,
        "key": key,
        "seconds": timeout_s,
    }
    try:
        match _ask(request, timeout_s):
            case {"rows": int(rows), "of": int(of), "sampled": bool(sampled)}:
                return Overlap(other, rows, of, sampled)
    except _LostError:
        pass
    return None


def _side(root: Path, files: Sequence[FileLine]) -> dict[str, object]:
    return {"root": to_text(os.fspath(root.absolute())), **list_document(files)}


def _ask(request: Mapping[str, object], timeout_s: float) -> Mapping[str, object]:
    """Start the child, hand it the request, and read its answer."""
    command = [sys.executable, "-P", "-m", "repro_tui.profiles"]
    try:
        done = subprocess.run(
            command, input=json.dumps(request).encode(), capture_output=True, timeout=timeout_s + _GRACE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _LostError(f"it took longer than {timeout_s:.0f} s") from error
    except OSError as error:
        raise _LostError(f"no process could be started: {error.strerror}") from error
    if done.returncode:
        end = f"signal {-done.returncode}" if done.returncode < 0 else f"status {done.returncode}"
        raise _LostError(f"the process that looked ended with {end}")
    try:
        answer = json.loads(done.stdout[:_MOST_ANSWER])
    except (ValueError, RecursionError) as error:
        raise _LostError("the process that looked gave no answer") from error
    if not isinstance(answer, dict):
        raise _LostError("the process that looked gave no answer")
    return answer


def limits(seconds: float) -> Budget:
    """Give the limits of a child: one thread, because nobody waits for it."""
    return Budget(seconds=max(1.0, seconds), threads=1)
