"""`data status`: did a dataset change? The stat cache answers; what changed is read, noted and put in words."""

from __future__ import annotations

from dataclasses import dataclass

from repro_tui.cli.call import Call
from repro_tui.cli.data.progress import shown
from repro_tui.cli.data.words import aligned, files_word, opened_datasets, safe
from repro_tui.cli.output import Output
from repro_tui.cli.projects import named_project
from repro_tui.datasets.service import DatasetService
from repro_tui.domain.dataset import Dataset, Now, Watch
from repro_tui.domain.run import COVERAGE_WORDS, Coverage
from repro_tui.settings import Project
from repro_tui.tui.render.numbers import size
from repro_tui.tui.render.text import width

_NOTES = 3
"""Pipes, broken links and the like that are named of a dataset."""


@dataclass(frozen=True, slots=True)
class _State:
    """One dataset, as it is now and as it was known before."""

    dataset: Dataset
    now: Now
    before: int | None
    """Number of the newest version that was known."""
    words: str = ""
    """What changed, in a few words."""
    faults: tuple[str, ...] = ()
    """What of the tables that lie there could not be read."""

    @property
    def is_new(self) -> bool:
        """Tell whether a version lies there that was not known."""
        return self.now.digest is not None and self.now.same_as != self.before and not self.is_old

    @property
    def is_old(self) -> bool:
        """Tell whether an earlier version lies there again."""
        return self.now.same_as is not None and self.before is not None and self.now.same_as < self.before

    @property
    def changed(self) -> bool:
        """Tell whether something else lies there than the newest version that was known, or that is not known."""
        return self.now.digest is None or self.now.same_as != self.before or self.before is None


def status(call: Call) -> int:
    """Print what lies at the path of each dataset."""
    project = named_project(call)
    with opened_datasets(call, project) as service:
        for name in call.options.name:
            service.spec(name)
        wanted = [d for d in service.versions() if not call.options.name or d.spec.name in call.options.name]
        states = [_state(call, service, dataset) for dataset in wanted]
        if call.options.json:
            from repro_tui.cli.data.documents import head

            call.output.json(head(project) | {"datasets": [_document(state) for state in states]})
        else:
            _print(call.output, states)
            _hint(call, project, states)
    return 1 if call.options.check and any(state.changed for state in states) else 0


def _state(call: Call, service: DatasetService, dataset: Dataset) -> _State:
    name = dataset.spec.name
    before = dataset.versions[0] if dataset.versions else None
    number = before.number if before else None
    if call.options.check:
        now = service.now(name)
        return _State(dataset, now, number, faults=_faults(service, dataset, now))
    with shown(call.output) as progress:
        now = service.now(name, read=True, progress=progress)
        words = ""
        if before is not None and now.digest is not None and now.digest != before.digest:
            service.change(name, before.digest, now.digest, progress)
            words = service.phrase(name, before.digest, now.digest)
        elif now.digest is not None and (before is None or before.profile is None):
            service.look_into(name, progress)
    return _State(dataset, now, number, words, _faults(service, dataset, now))


def _faults(service: DatasetService, dataset: Dataset, now: Now) -> tuple[str, ...]:
    """Give what of the tables could not be read; of a version that was known this costs nothing."""
    if now.digest is None:
        return ()
    before = dataset.versions[0] if dataset.versions else None
    if before is not None and before.digest == now.digest and before.profile is not None:
        return before.faults
    found = service.known(dataset.spec.name, now.digest)
    return found.faults if found else ()


def _document(state: _State) -> dict[str, object]:
    from repro_tui.cli.data.documents import now_document

    spec = state.dataset.spec
    return now_document(spec.name, spec.path, state.now) | {
        "before": state.before,
        "changed": state.changed,
        "phrase": state.words,
        "faults": state.faults,
    }


def _print(output: Output, states: list[_State]) -> None:
    if not states:
        output.note("No dataset is declared. See what runs read: repro-tui data add")
    lines = aligned([_cells(state) for state in states], right=(2, 3))
    column = max((width(state.dataset.spec.name) for state in states), default=0)
    for state, line in zip(states, lines, strict=True):
        output.line(safe(output, line))
        faults = [f"problem: {fault}" for fault in state.faults]
        for text in (*([state.words] if state.words else []), *state.now.notes[:_NOTES], *faults):
            output.line(f"{' ' * column}  {safe(output, text)}")


def _cells(state: _State) -> tuple[str, ...]:
    """Say where a dataset stands: name, in words, files, size, and what is not as it should be."""
    now = state.now
    name = state.dataset.spec.name
    if now.digest is None and not now.files:
        return (name, now.why or "is not known", "", "", state.dataset.spec.path)
    only = COVERAGE_WORDS[now.coverage] if now.coverage is Coverage.METADATA else ""
    return (name, _standing(state), files_word(now.files), size(now.size), now.why or only)


def _standing(state: _State) -> str:
    now = state.now
    if now.digest is None:
        return "not known"
    if now.same_as is None:
        return "changed"
    if state.before is None:
        return f"v{now.same_as}, first seen"
    if state.is_old:
        return f"v{now.same_as} again (v{state.before} is the newest)"
    if state.is_new:
        return f"changed: v{now.same_as}, was v{state.before}"
    return f"same as v{now.same_as}"


def _hint(call: Call, project: Project, states: list[_State]) -> None:
    """Say once how to be asked when a dataset changes."""
    from repro_tui.journal.hints import first_time
    from repro_tui.journal.layout import Layout

    for state in states:
        spec = state.dataset.spec
        unasked = state.is_new and state.before is not None and spec.watch is Watch.NEVER
        if unasked and call.output.terminal and first_time(Layout.of(project), f"watch {spec.name}"):
            call.output.note(f"To be asked when {spec.name} changes: repro-tui data watch {spec.name} ask")
