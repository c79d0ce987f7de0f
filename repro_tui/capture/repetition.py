"""Says while a command runs that its exact inputs ran before.

It works in the observer, in a thread of its own that only reads, so that it delays neither the command nor its record.
It asks journals and no index: DuckDB is never imported here. Only runs of the same command line are looked at; that
the inputs of a run with other folders for results are the same is told by the list of runs.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from repro_tui.capture.outbox import Outbox
from repro_tui.capture.outcome import last_metrics
from repro_tui.capture.prepare import Recording
from repro_tui.domain.prints import input_prints
from repro_tui.domain.repetition import could_repeat, repeats_so_far
from repro_tui.domain.run import Run
from repro_tui.errors import ReproError
from repro_tui.journal.earlier import called_alike
from repro_tui.journal.layout import journals_in
from repro_tui.journal.one_run import load_run
from repro_tui.journal.sealed import find
from repro_tui.recorder.line import from_text, to_text
from repro_tui.source.secrets import redact_argv

_LOOK_S = 0.5
"""Seconds in which earlier runs are looked for."""
_READ_S = 1.0
"""Seconds in which those with the same command line are read as a whole, the newest first."""
_MOST = 50
"""Of them, as many as are kept at most: each is held against what the run uses at every look."""
_LARGEST = 64 << 20
"""Bytes of journals of one run that are read for this."""
_FIRST_S = 0.5
_LONGEST_S = 30.0
"""Seconds between two looks at what the run has used: the first ones follow each other quickly."""
_SOURCES_LIMIT = 16 << 20
"""Bytes of one imported file that are read for this; no program is as long."""


class Repetition:
    """Looks for an earlier run with the same inputs, and tells of it once."""

    def __init__(self, recording: Recording, outbox: Outbox) -> None:
        self._recording = recording
        self._outbox = outbox
        self._ended = threading.Event()
        self._known: list[tuple[Run, Path]] = []
        self._told = False
        self._thread = threading.Thread(target=self._run, name="repetition", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def finish(self, deadline: float) -> None:
        """Look once more when everything is noted, until a time on the monotonic clock."""
        self._ended.set()
        self._thread.join(max(deadline - time.monotonic(), 0.0))

    def _run(self) -> None:
        try:
            self._watch()
        except (ReproError, OSError):
            return  # what cannot be read makes no claim

    def _watch(self) -> None:
        self._known = self._earlier()
        pause = _FIRST_S
        while self._known and not self._told:
            last = self._ended.wait(pause)
            self._look()
            if last:
                return
            pause = min(2 * pause, _LONGEST_S)

    def _earlier(self) -> list[tuple[Run, Path]]:
        """Read the newest runs of the same command line."""
        recording = self._recording
        argv = [to_text(word) for word in redact_argv(recording.argv)[0]]
        found = called_alike(recording.layout, argv, recording.folder, _LOOK_S)
        runs: list[tuple[Run, Path]] = []
        until = time.monotonic() + _READ_S
        # Listed before they are read, so that reading takes nothing of the time for finding.
        for uid, folder in list(islice(found, _MOST)):
            if time.monotonic() > until:
                break
            if uid != recording.uid and _size(folder) <= _LARGEST:
                earlier = load_run(recording.layout, uid, [folder])
                if input_prints(earlier).exact is not None:
                    runs.append((earlier, folder))
        return runs

    def _look(self) -> None:
        """Compare with what the run was seen using by now."""
        recording = self._recording
        if _size(recording.folder) > _LARGEST:
            return
        own = load_run(recording.layout, recording.uid, [recording.folder])
        for earlier, folder in self._known:
            if repeats_so_far(own, earlier) and could_repeat(own, earlier) and self._same_sources(earlier.sources):
                self._told = True
                self._outbox.say(f"these exact inputs ran before: {_shown(earlier, folder)}")
                return

    def _same_sources(self, sources: Mapping[str, str]) -> bool:
        """Tell whether the files that the earlier run imported hold what they held then."""
        return all(self._digest(path) == digest for path, digest in sources.items())

    def _digest(self, path: str) -> str:
        plain = Path(self._recording.project.root, from_text(path))
        if plain.stat().st_size > _SOURCES_LIMIT:
            return ""
        return f"sha256:{hashlib.sha256(plain.read_bytes()).hexdigest()}"


def _size(folder: Path) -> int:
    return sum(found.st_size for path in journals_in(folder / "journal") if (found := find(path)))


def _shown(run: Run, folder: Path) -> str:
    """Name a run with what came of it: `calm-heron-40 (acc 0.9712)`, `plain-wren-37 (failed)`."""
    ends = run.attempts[-1].endings if run.attempts else ()
    failed = any(end.exit or end.signal for end in ends)
    values = [f"{name} {value:.4g}" for name, value in islice(last_metrics(folder).items(), 1)]
    said = "failed" if failed else ", ".join(values)
    return f"{run.name} ({said})" if said else run.name
