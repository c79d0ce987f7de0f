"""One run without the index: found by its name or digits, and folded from all its journals.

What asks for a single run (a command, the question at a run's end) has no use for an index of all of them, and must
not import DuckDB. Whose run a folder is never changes, so that it is looked up once for each folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from repro_tui.domain.events import Event
from repro_tui.domain.fold import RunFold
from repro_tui.domain.foreign import MAX_NAME
from repro_tui.domain.ids import RunId, is_run_id
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import Problem, Run
from repro_tui.errors import NotFoundError, UsageError
from repro_tui.journal.layout import Layout, journals_in
from repro_tui.journal.lines import decode_object
from repro_tui.journal.read import Tailer
from repro_tui.journal.sealed import head_of

_HEAD = 1 << 14
"""Bytes at a journal's beginning in which its header and its `start` stand."""
_BITE = 16 << 20
_LONGEST_S = 60.0
_LABEL = re.compile(r"\d{8}-\d{6}-(.*)", re.DOTALL)
_PLACE = re.compile(r"@([0-9]{1,8})")
_SHOWN = 5
_KINDS_OF_NAMES = frozenset({"start", "name"})


@dataclass(frozen=True, slots=True)
class Head:
    """What the beginning of a folder's journals says of its run."""

    uid: RunId
    name: str
    started: float
    said: tuple[int, str] = (-1, "")
    """Counter and writer of what gave the name: the greater wins."""

    def joined(self, other: Head) -> Head:
        """Join it with what another folder of the same run says."""
        wins = max((self, other), key=_said)
        return replace(wins, started=min(self.started or other.started, other.started or self.started))


class RunFinder:
    """Finds runs of one project by reading the beginnings of journals; remembers whose run each folder is."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._uids: dict[Path, RunId] = {}

    def folders(self, uid: RunId) -> list[Path]:
        """Give the folders of a run; several after a merge of two copies of a project."""
        return [folder for folder in self._layout.run_folders() if self._uid(folder) == uid]

    def all_folders(self) -> dict[RunId, list[Path]]:
        """Give the folders of all runs, for who asks about many: `folders` looks through them each time."""
        found: dict[RunId, list[Path]] = {}
        for folder in self._layout.run_folders():
            if uid := self._uid(folder):
                found.setdefault(uid, []).append(folder)
        return found

    def load(self, uid: RunId) -> Run | Unavailable:
        """Fold everything that the journals tell of a run."""
        folders = self.folders(uid)
        if not folders:
            return Unavailable(f"there is no run {uid[:8]} in this project (any more)")
        return load_run(self._layout, uid, folders)

    def find(self, name: str) -> RunId:
        """Find a run by uid, name, prefix of either, or `@1` (the newest).

        Raises NotFoundError; UsageError when several runs answer to it.
        """
        heads = self._heads()
        if name.startswith("@"):
            return _by_place(heads, name)
        exact = [head for head in heads if head.uid == name.lower()]
        named = [head for head in heads if head.name == name]
        typed = name.lower()
        digits = [head for head in heads if typed and head.uid.startswith(typed)]
        begun = [head for head in heads if typed and head.name.lower().startswith(typed)]
        found = exact or named or digits or begun
        if not found:
            raise NotFoundError(f"There is no run {name!r}.", "`repro-tui ls` lists the runs; @1 is the newest.")
        if len(found) > 1:
            choices = ", ".join(head.uid[:8] for head in found[:_SHOWN])
            raise UsageError(f"{name!r} names {len(found)} runs: {choices}.", "Give more digits of the one you mean.")
        return found[0].uid

    def annotated(self) -> list[RunId]:
        """Give the runs that have a journal of a person: only these can have been kept, tagged or answered about."""
        found = (self._uid(folder) for folder in self._layout.run_folders() if _has_person(folder))
        return sorted({uid for uid in found if uid})

    def _uid(self, folder: Path) -> RunId:
        known = self._uids.get(folder)
        if known is None:
            known = next((RunId(uid) for path in journals_in(folder / "journal") if (uid := _uid_in(path))), RunId(""))
            if known:
                self._uids[folder] = known
        return known

    def _heads(self) -> list[Head]:
        """Give all runs, newest first, each once."""
        found: dict[RunId, Head] = {}
        for folder in self._layout.run_folders():
            head = _head(folder)
            if head is None:
                continue
            self._uids[folder] = head.uid
            known = found.get(head.uid)
            found[head.uid] = head if known is None else known.joined(head)
        return sorted(found.values(), key=lambda head: (-head.started, head.uid))


def load_run(layout: Layout, uid: RunId, folders: Iterable[Path], of_project: Iterable[Event] | None = None) -> Run:
    """Fold all journals of a run's folders, and what the project's journals say of it.

    `of_project` are the events of the project's journals that speak of it, where somebody has read these already.
    """
    fold = RunFold(uid)
    skipped = 0
    places = list(folders)
    for folder in places:
        for path in journals_in(folder / "journal"):
            skipped += _take(fold, path, folder)
    for event in project_events(layout) if of_project is None else of_project:
        if event.body.get("run") == uid:
            fold.add(event)
    run = fold.run()
    if skipped:
        problem = Problem("journal", f"{skipped} lines could not be read and were skipped", "The rest is shown.")
        run = replace(run, problems=(*run.problems, problem))
    return replace(run, name=_label(places[0])) if not run.name and places else run


def project_events(layout: Layout) -> Iterator[Event]:
    """Give the events of the project's own journals."""
    for path in layout.project_journals():
        tailer, more = Tailer(path), True
        while more:
            batch = tailer.read(max_bytes=_BITE, seconds=_LONGEST_S)
            yield from batch.events
            more = batch.more


def _take(fold: RunFold, path: Path, folder: Path) -> int:
    """Put one journal into a fold; rows of values count only as signs of life."""
    tailer, more, skipped, first = Tailer(path), True, 0, True
    while more:
        batch = tailer.read(max_bytes=_BITE, seconds=_LONGEST_S)
        if batch.header is not None and first:
            fold.add_header(batch.header)
            first = False
        if batch.newer:
            name = f"{folder.name}/journal/{path.name}"
            fold.unreadable(f"{name} was written by a newer version (format {batch.newer}): update repro-tui")
        for event in batch.events:
            fold.add(event)
        if batch.points:
            fold.sign(batch.attempt, max(point.t for point in batch.points))
        skipped += batch.skipped
        more = batch.more
    return skipped


def _first_lines(path: Path) -> Iterator[dict[str, object]]:
    """Give the objects at the beginning of a journal."""
    try:
        lines = head_of(path, _HEAD).split(b"\n")[:-1]
    except OSError:
        return
    for line in lines:
        if not line.startswith(b'{"s":') and (fields := decode_object(line)):
            yield fields


def _has_person(folder: Path) -> bool:
    """Tell whether a person's journal lies in a run's folder."""
    return any(next(_first_lines(path), {}).get("role") == "person" for path in journals_in(folder / "journal"))


def _uid_in(path: Path) -> str:
    uid = next(_first_lines(path), {}).get("run")
    return uid if isinstance(uid, str) and is_run_id(uid) else ""


def _head(folder: Path) -> Head | None:
    """Read what a folder's run is called; None when no journal in it tells whose it is."""
    uid, name, started, best = "", "", 0.0, (-1, "")
    for path in journals_in(folder / "journal"):
        for fields in _first_lines(path):
            run, kind = fields.get("run"), fields.get("k")
            if "repro" in fields and isinstance(run, str) and is_run_id(run):
                uid = uid or run
            if kind in _KINDS_OF_NAMES:
                counter = fields.get("c")
                order = (counter if isinstance(counter, int) else 0, path.stem)
                # A `name` wins over every `start`, whatever their counters.
                order = (order[0] + (2**54 if kind == "name" else 0), order[1])
                if isinstance(fields.get("name"), str) and order > best:
                    name, best = str(fields["name"])[:MAX_NAME], order
            at = fields.get("t")
            if kind == "start" and isinstance(at, int | float) and not isinstance(at, bool):
                started = min(started or float(at), float(at))
    return Head(RunId(uid), name or _label(folder), started, best) if uid else None


def _said(head: Head) -> tuple[int, str]:
    return head.said


def _label(folder: Path) -> str:
    """Name a run by its folder when its journals do not: the label without the time."""
    match = _LABEL.fullmatch(folder.name)
    return match[1] if match else folder.name


def _by_place(heads: list[Head], name: str) -> RunId:
    match = _PLACE.fullmatch(name)
    if not match or int(match[1]) < 1:
        raise UsageError(f"{name!r} names no run.", "@1 is the newest run, @2 the one before it.")
    if int(match[1]) > len(heads):
        raise NotFoundError(f"There is no run {name}: the project has fewer.", "`repro-tui ls` lists the runs.")
    return heads[int(match[1]) - 1].uid
