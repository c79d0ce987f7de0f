"""Says what a snapshot would keep, how much of it is new, how long it takes, and how far it lifts the run."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from blake3 import blake3

from repro_tui.domain.ids import Digest
from repro_tui.domain.level import level_of
from repro_tui.domain.run import Kept, KeptPart, Run
from repro_tui.domain.snapshot import Offer, PartOffer
from repro_tui.errors import ReproError
from repro_tui.journal.layout import Layout
from repro_tui.snapshots.build import contents
from repro_tui.snapshots.parts import Given, PartPlan, Plan
from repro_tui.snapshots.planner import completed
from repro_tui.snapshots.written import least
from repro_tui.store.entry import Found
from repro_tui.store.store import Store

_SMALL = 1 << 20
"""Bytes below which a file is one blob, so that its digest tells whether it is there."""
_READ = 8 << 20
"""Bytes of committed files that are read at most, to tell whether they are new."""
_SPEED, _FILES, _START = 150e6, 4000.0, 0.15
"""Bytes and files a second, and seconds for anything at all, until they were measured here."""
_NEVER = "b3:" + "0" * 64
_MEMORY = "snapshot-speed.json"


def offer_of(run: Run, plan: Plan, store: Store, layout: Layout) -> Offer:
    """Make the offer."""
    news = _News(store)
    parts = tuple(news.part(part) for part in plan.parts)
    files = sum(len(part.given) + len(part.found) for part in plan.parts)
    level = level_of(replace(completed(run, plan), snapshots=(_imagined(plan),)))
    return Offer(
        run=run.uid,
        name=run.name,
        parts=parts,
        seconds=expected_seconds(layout, sum(part.new for part in parts), files),
        free=_free(layout.home),
        left_out=tuple(dict.fromkeys(plan.left_out)),
        changed=tuple(dict.fromkeys(plan.partial)),
        level=level.text,
        why=level.why,
    )


def _imagined(plan: Plan) -> Kept:
    """Give the snapshot as journals would tell of it."""
    parts = tuple(
        KeptPart(
            part.name,
            str(part.kind),
            part.files,
            part.size,
            linked=bool(part.linked),
            coverage=least(part.linked) if part.linked else "full",
        )
        for part in plan.parts
    )
    return Kept(Digest(_NEVER), float("inf"), parts, tuple(plan.partial))


class _News:
    """Counts what the store has not got yet."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._budget = _READ
        try:
            store.refresh()
            self._usable = True
        except ReproError:
            self._usable = False  # taking the snapshot says what is wrong with the store

    def part(self, part: PartPlan) -> PartOffer:
        """Describe a part."""
        new = 0 if part.linked else self._given(part.given) + self._found(part.found) + part.guess
        return PartOffer(part.name, part.kind, part.what, part.files, part.size, new, linked=bool(part.linked))

    def _has(self, blob: bytes) -> bool:
        return self._usable and self._store.has(blob)

    def _given(self, every: Iterable[Given]) -> int:
        listed = list(every)
        wanted = []
        for given in listed:
            if given.data is None and given.size < _SMALL and given.size <= self._budget:
                self._budget -= given.size
                wanted.append(given)
        # Of many files git is asked once: each question costs a process.
        read = {given.path: data for given, data in contents(wanted)} if self._usable else {}
        new = 0
        for given in listed:
            data = read.get(given.path, given.data)
            if not given.is_link and (data is None or len(data) >= _SMALL or not self._has(blake3(data).digest())):
                new += given.size
        return new

    def _found(self, every: Iterable[Found]) -> int:
        files = [found for found in every if found.kind == "f" and found.size]
        large = {f.known or f.expected for f in files if f.size >= _SMALL} - {b""}
        present = set(self._store.known(large)) if large and self._usable else set()
        new = 0
        for found in files:
            digest = found.known or found.expected
            if not digest or not (digest in present if found.size >= _SMALL else self._has(digest)):
                new += found.size
        return new


def expected_seconds(layout: Layout, new: int, files: int) -> float:
    """Estimate how long keeping takes, by how fast it was here before."""
    speed = _SPEED
    try:
        raw = json.loads((layout.cache / _MEMORY).read_bytes())
        speed = min(max(float(raw["bytes_per_s"]), 1e6), 1e10)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return _START + new / speed + files / _FILES


def remember_speed(layout: Layout, count: int, seconds: float) -> None:
    """Note how fast bytes were kept; little ones say nothing about it. Losing the note costs an estimate."""
    if count < 16 * _SMALL or seconds <= 0:
        return
    before = expected_seconds(layout, count, 0) - _START
    speed = count / (seconds * 0.5 + before * 0.5)
    path = layout.cache / _MEMORY
    temporary = path.with_name(f".{_MEMORY}.{os.getpid()}")
    try:
        temporary.write_text(json.dumps({"bytes_per_s": round(speed)}), "utf-8")
        temporary.replace(path)
    except OSError:
        return


def _free(folder: Path) -> int:
    """Give the bytes that are free where the store lies, or will lie."""
    place = next((path for path in (folder, *folder.parents) if path.is_dir()), Path("/"))
    try:
        found = os.statvfs(place)
    except OSError:
        return 0
    return found.f_bavail * found.f_frsize
