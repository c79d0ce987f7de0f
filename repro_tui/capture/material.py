"""Which files are the run's material, and their fingerprints: what it read, what it wrote, what was declared.

Observed reads count as inputs when they are no code, wherever they lie; what was written counts as output. A file that
was read and written is an output: its content before the run decided nothing of ours.
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from repro_tui.capture.datasets import DeclaredSets
from repro_tui.capture.outbox import Outbox
from repro_tui.capture.parameters import CONFIG_SUFFIXES, parse_config
from repro_tui.capture.prepare import Recording
from repro_tui.domain.run import Coverage
from repro_tui.fingerprint import Budget, Fingerprint, Fingerprinter, is_untouched
from repro_tui.recorder.line import from_text, to_text
from repro_tui.source.kinds import is_program

_CONFIG_LIMIT = 1_000_000
"""Bytes of a configuration file that is read for parameters; larger ones are data."""
_NAMES_A_LINE = 100
"""Parameters that are told together: names and values are long at times, and a line has an end."""
_TURN_S = 0.5
_TOLD = {".hydra/config.yaml": "hydra", "hparams.yaml": ""}
"""Ends of files in which tools write down the parameters of a run, to the source that these have; else the file's."""


@dataclass(slots=True)
class _Item:
    """One file or folder."""

    path: str
    """As the journal has it."""
    role: str
    declared: bool = False
    written: bool = False
    """The run opened it, or something in it, for writing."""
    before: Fingerprint | None = None
    told: set[str] = field(default_factory=set)


class Material:
    """Collects paths as they are noticed, and fingerprints them in a thread of its own at idle priority."""

    def __init__(self, recording: Recording, outbox: Outbox) -> None:
        settings = recording.project.settings
        self._recording = recording
        self._outbox = outbox
        self._items: dict[str, _Item] = {}
        self._queue: list[_Item] = []
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._stop = False
        self._budget = Budget(settings.number("hash.while_running"))
        self._prints = Fingerprinter(
            recording.layout.cache / "stat",
            metadata_above=settings.number("hash.metadata_above"),
            exclude=settings.list("exclude"),
            idle=True,
        )
        self._sets = DeclaredSets(recording, outbox, self._prints, self._news.set)
        self._thread = threading.Thread(target=self._run, name="material", daemon=True)

    def start(self) -> None:
        """Begin with what was declared."""
        options, settings = self._recording.options, self._recording.project.settings
        root = str(self._recording.project.root)
        self._sets.load()
        for path in options.data:
            self._declare(to_text(self._recording.inside(path)))
        for path in options.out:
            self._put(_Item(to_text(self._recording.inside(path)), "out", declared=True))
        for role, name in (("in", "data"), ("out", "out")):
            for path in settings.list(name):
                inside = to_text(self._recording.inside(f"{root}/{path}"))
                if role == "out":
                    self._put(_Item(inside, role, declared=True))
                elif (Path(root) / path).exists():
                    self._declare(inside)
        self._thread.start()

    def _declare(self, path: str) -> None:
        """Take a path that somebody said is data of the run; a dataset follows its own rules."""
        if not self._sets.use(path):
            self._put(_Item(path, "in", declared=True))

    def seen(self, path: str, mode: str) -> None:
        """Take note of a file that a process of the run opened; `path` as journals have it."""
        if self._sets.seen(path, mode):
            return
        known = self._items.get(path)
        if known is not None:
            known.written = known.written or "w" in mode
            if known.written and known.role == "in" and not known.declared:
                known.role = "out"
            return
        around = self._around(path)
        for item in around:
            item.written = item.written or "w" in mode
        if around or not self._counts(path, mode):
            return
        config = mode == "r" and self._is_config(path)
        self._put(_Item(path, "out" if "w" in mode else "config" if config else "in"))
        if config or path.endswith(tuple(_TOLD)):
            self._parameters(path)

    def saved(self, path: str) -> None:
        """Take note of an output that the script declared."""
        self._items.pop(path, None)
        self._put(_Item(path, "out", declared=True))

    def finish(self, deadline: float) -> None:
        """Fingerprint what there is now, until a time on the monotonic clock; what is left is noted as pending."""
        self._stop = True
        self._budget.stop()
        self._news.set()
        self._thread.join(max(deadline - time.monotonic(), 0.05))
        if self._thread.is_alive():
            return
        self._sets.finish(deadline)
        final = Budget(deadline=deadline)
        items = list(self._items.values())
        for item in items:
            if item.path.endswith(tuple(_TOLD)):
                self._parameters(item.path)  # it may have been written on since it was opened
        paths = [self._absolute(item.path) for item in items]
        overwritten = [item for item in items if self._is_overwritten(item)]
        for item, known in zip(items, self._prints.check(paths), strict=True):
            if item not in overwritten:
                self._tell(item, "after", known)
            else:  # what lies there now would pass for what the run read
                why = "overwritten by the run before it was read"
                self._tell(item, "before", replace(known, digest=None, coverage=Coverage.PENDING, stat=None, why=why))
        wanted = [i for i in items if i.told and "after-full" not in i.told and i not in overwritten]
        wanted.sort(key=lambda item: item.role != "out")
        for start in range(0, len(wanted), 64):
            part = wanted[start : start + 64]
            for item, found in zip(part, self._prints.take([self._absolute(i.path) for i in part], final), strict=True):
                if found.coverage is not Coverage.PENDING:
                    self._tell(item, "after", found)
            if final.is_over():
                break
        self._prints.close()
        self._sets.tell(deadline)

    def linger(self, seconds: float) -> None:
        """Bring to its end what nobody waits for."""
        self._sets.linger(seconds)

    def _put(self, item: _Item) -> None:
        with self._lock:
            self._items[item.path] = item
            self._queue.append(item)
        self._news.set()

    def _run(self) -> None:
        self._sets.look(self._budget)
        while not self._stop:
            self._news.wait(_TURN_S)
            self._news.clear()
            self._sets.look(self._budget)
            with self._lock:
                part, self._queue = self._queue[:64], self._queue[64:]
            if not part:
                continue
            if self._queue:
                self._news.set()
            # What was declared and already changed by the run is not what it read.
            reading = [i for i in part if i.role != "out" and (not i.declared or self._was_untouched(i))]
            found = self._prints.take([self._absolute(item.path) for item in reading], self._budget)
            for item, fingerprint in zip(reading, found, strict=True):
                item.before = fingerprint
                self._tell(item, "before", fingerprint)

    def _tell(self, item: _Item, when: str, found: Fingerprint) -> None:
        if when == "after" and found.size is None and item.before is None and not item.declared:
            return  # it was a temporary file
        item.told.add(when)
        if found.coverage is not Coverage.PENDING:
            item.told.add(f"{when}-full")
        self._outbox.event("print", path=item.path, role=item.role, when=when, **found.fields())

    def _parameters(self, path: str) -> None:
        found = parse_config(Path(self._absolute(path)), _CONFIG_LIMIT)
        told = next((source for end, source in _TOLD.items() if source and path.endswith(end)), "")
        cut = {"cut": True} if found.why else {}
        names = list(found.values)
        for at in range(0, len(names), _NAMES_A_LINE):
            some = {name: found.values[name] for name in names[at : at + _NAMES_A_LINE]}
            self._outbox.event("params", src=told or f"file:{path}", v=some, **cut)
        self._outbox.redacted("config", found.redacted)

    def _absolute(self, path: str) -> str:
        plain = from_text(path)
        return plain if plain.startswith("/") else f"{self._recording.project.root}/{plain}"

    def _counts(self, path: str, mode: str) -> bool:
        """Tell whether an observed file is material: anything written, and what is read and no code.

        What lies outside of the project is data as well; the recorder has left out what is the system's.
        """
        return "w" in mode or not (is_program(path) or ".git/" in path)

    def _is_config(self, path: str) -> bool:
        """Tell whether a file's values are parameters: of files elsewhere (credentials) those that were named."""
        if path.startswith("/") and not any(path in to_text(word) for word in self._recording.argv):
            return False
        return path.lower().endswith(CONFIG_SUFFIXES) and self._is_small(path)

    def _around(self, path: str) -> list[_Item]:
        """Give the declared folders that hold a path: their fingerprints speak for it."""
        return [item for item in self._items.values() if item.declared and path.startswith(item.path + "/")]

    def _is_overwritten(self, item: _Item) -> bool:
        """Tell whether nobody knows any more what the run read: it was changed before it was fingerprinted."""
        if item.role != "in" or not item.written or (item.before is not None and item.before.digest is not None):
            return False
        return not self._was_untouched(item)

    def _was_untouched(self, item: _Item) -> bool:
        return is_untouched(os.fsencode(self._absolute(item.path)), self._recording.since)

    def _is_small(self, path: str) -> bool:
        try:
            return Path(self._absolute(path)).stat().st_size <= _CONFIG_LIMIT
        except OSError:
            return False
