"""The environment of the interpreter that a run used, as it is now: its folders are read, no package is imported."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Mapping

from repro_tui.capture.probes.environment import probe_environment
from repro_tui.capture.probes.finding import Finding
from repro_tui.capture.probes.interpreter import InterpreterFacts
from repro_tui.domain.missing import Unavailable
from repro_tui.recorder.line import from_text
from repro_tui.settings import Project

_QUESTION = "import sys; print('.'.join(map(str, sys.version_info[:3])))"
_QUESTION_OUTSIDE = "import platform; print(platform.python_version())"
"""What was asked from outside names a release candidate as such; both ways are compared with their like."""
_TIMEOUT_S = 2.0


def environment_now(
    project: Project, recorded: Mapping[str, object], variables: Mapping[str, str]
) -> Finding | Unavailable:
    """Look at an environment again; `recorded` is the run's document of it."""
    python = recorded.get("python")
    if not isinstance(python, Mapping):
        return Unavailable("the run's environment was not recorded")
    if python.get("unavailable"):
        return probe_environment(Unavailable(str(python["unavailable"])), variables, project)
    facts = InterpreterFacts.from_event(python)
    exe = from_text(facts.exe)
    if not exe.startswith("/"):
        return Unavailable("which interpreter the run used was not recorded")
    asked = bool(python.get("asked"))
    version = _version(exe, _QUESTION_OUTSIDE if asked else _QUESTION)
    if isinstance(version, Unavailable):
        return version
    now = InterpreterFacts(
        exe=exe,
        version=version,
        prefix=from_text(facts.prefix),
        base=from_text(facts.base),
        path=tuple(from_text(entry) for entry in facts.path),
        flags=facts.flags,
        implementation=facts.implementation,
        asked=asked,
    )
    return probe_environment(now, variables, project)


def _version(exe: str, question: str) -> str | Unavailable:
    """Ask an interpreter for its version, without its packages; our own need not be asked."""
    if exe == sys.executable:
        return platform.python_version() if question == _QUESTION_OUTSIDE else ".".join(map(str, sys.version_info[:3]))
    if not os.access(exe, os.X_OK):
        return Unavailable(f"the interpreter {exe} is not there any more")
    try:
        answer = subprocess.run(
            [exe, "-I", "-S", "-c", question],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=True,
            start_new_session=True,
        ).stdout
    except subprocess.TimeoutExpired:
        return Unavailable(f"the interpreter {exe} did not answer within {_TIMEOUT_S:g} s")
    except (OSError, subprocess.CalledProcessError):
        return Unavailable(f"the interpreter {exe} cannot be started")
    return answer.decode("utf-8", "replace").strip()
