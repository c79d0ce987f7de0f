"""Asking for the facts that need no waiting for the command: code, host, job, environment, parameters."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from pathlib import Path

from repro_tui.capture.outbox import Outbox
from repro_tui.capture.parameters import parse_argv
from repro_tui.capture.prepare import Recording, own_environment
from repro_tui.capture.probes import (
    Finding,
    InterpreterFacts,
    after_imports,
    find_interpreter,
    probe_code,
    probe_environment,
    probe_host,
    probe_job,
)
from repro_tui.recorder.line import to_text

_PYTHON_S = 3.0
"""Seconds that the command's interpreter is given to say what it is, before it is asked from outside."""


class Inquiry:
    """A thread that asks one probe after the other, the ones whose subject may change soonest first."""

    def __init__(self, recording: Recording, outbox: Outbox) -> None:
        self._recording = recording
        self._outbox = outbox
        self._python: InterpreterFacts | None = None
        self._known = threading.Event()
        self._asked = False
        self._surroundings: Finding | None = None
        self._thread = threading.Thread(target=self._run, name="inquiry", daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def python(self, facts: InterpreterFacts) -> None:
        """Say which interpreter the command runs in."""
        self._python = facts
        self._known.set()

    def ended(self) -> None:
        """Say that the command has ended: no interpreter will speak any more."""
        self._known.set()

    def blind(self) -> bool:
        """Tell, after `join`, whether the command was a Python that said nothing of itself."""
        return self._asked and self._python is None

    def used(self, modules: Collection[str]) -> None:
        """Say, after `join`, which installed modules the command imported: only their packages were used.

        Whether somebody edited them is seen now as well, and not while the command begins.
        """
        if self._surroundings is not None and modules:
            found = self._surroundings
            self._guarded("environment", lambda: self._outbox.finding(after_imports(found, modules)))

    def join(self, timeout_s: float) -> bool:
        """Wait for the last answer; False when it is not there in time."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        for section, ask in (
            ("argv", self._parameters),
            ("code", self._code),
            ("job", self._job),
            ("host", self._host),
            ("environment", self._environment),
        ):
            self._guarded(section, ask)

    def _guarded(self, section: str, ask: Callable[[], None]) -> None:
        try:
            ask()
        except Exception as error:  # noqa: BLE001 - foreign file systems and drivers; one section's trouble stays its own
            self._outbox.problem(section, f"{type(error).__name__}: {error}", "The other facts are not affected.")

    def _parameters(self) -> None:
        found = parse_argv(self._recording.argv)
        for source, values in (("argv", found.options), ("hydra", found.overrides)):
            if values:
                self._outbox.event("params", src=source, v={to_text(k): v for k, v in values.items()})
        self._outbox.redacted("argv", found.redacted)

    def _code(self) -> None:
        for finding in probe_code(self._recording.project):
            self._outbox.finding(finding)

    def _job(self) -> None:
        found = probe_job(self._recording.environment)
        if found is not None:
            self._outbox.finding(found)

    def _host(self) -> None:
        self._outbox.finding(probe_host(self._recording.environment))

    def _environment(self) -> None:
        recording = self._recording
        self._known.wait(_PYTHON_S)
        python = self._python or find_interpreter(recording.argv, recording.environment, Path(recording.cwd))
        self._asked = isinstance(python, InterpreterFacts) and python.asked
        variables = own_environment(recording.environment)
        self._surroundings = probe_environment(python, variables, recording.project)
        self._outbox.finding(self._surroundings)
