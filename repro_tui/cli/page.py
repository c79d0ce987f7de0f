"""One run as a page of text: what a person asks first stands first."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from repro_tui.cli.listing import alarm_style, glyph
from repro_tui.cli.output import Output
from repro_tui.cli.summaries import words
from repro_tui.domain.alarms import told_alone
from repro_tui.domain.ids import short
from repro_tui.domain.level import level_of
from repro_tui.domain.run import COVERAGE_WORDS, NOT_SET, FileFact, Param, Run, State
from repro_tui.ports import Workbench
from repro_tui.tui.render.ages import age, duration, moment
from repro_tui.tui.render.numbers import number, scalar, size
from repro_tui.tui.render.text import clean, pad, shorten, to_ascii, width

FILES = 20
"""Files of each kind that are listed; the rest is counted."""

Pair = tuple[str, str]


def print_run(output: Output, workbench: Workbench, run: Run, now: float) -> None:
    """Print everything that is known about a run."""
    state = workbench.state(run.uid)
    name = output.style(_safe(output, run.name or run.uid[:8]), "bold")
    output.line(f"{glyph(output, state)} {name}  {_ending(run, state, now)}")
    output.line(f"  {_safe(output, shlex.join(run.argv))}")
    if run.unreadable:
        output.line(f"  {_safe(output, run.unreadable)}")
    for alarm in workbench.alarms(run.uid):
        output.line(f"  {output.style(_safe(output, told_alone([alarm])[0]), alarm_style(alarm))}")
    _section(output, "", _facts(workbench, run, now))
    _section(output, "metrics", _metrics(workbench, run))
    _section(output, "parameters", [(name, _parameter(param)) for name, param in sorted(run.params.items())])
    for title, modes in (("read", "r"), ("written", "w")):
        _section(output, title, _files([fact for fact in run.files if modes in fact.mode]))
    _section(output, "seeds", [(seed.library, f"{seed.value}  at {seed.at}") for seed in run.seeds])
    _section(output, "left out", [(f"{o.kind.replace('_', ' ')} {o.what}", o.why) for o in run.omissions])
    _section(output, "not observed", [(p.where, f"{p.what} {p.hint}".strip()) for p in run.problems])


def _parameter(param: Param) -> str:
    return f"{NOT_SET if param.is_unset else scalar(param.value)}  ({param.source})"


def _ending(run: Run, state: State, now: float) -> str:
    """Say in words where a run stands."""
    if state is State.RUNNING:
        return f"running since {duration(now - run.started)}"
    told = str(state)
    ending = run.attempts[-1].endings[-1] if run.attempts and run.attempts[-1].endings else None
    if ending is not None:
        told += f" after {duration(ending.t - run.attempts[-1].started)}"
        if ending.signal:
            told += f", signal {ending.signal}"
        elif ending.why:
            told += f", {ending.why}"
        elif ending.exit:
            told += f", exit {ending.exit}"
    return told


def _facts(workbench: Workbench, run: Run, now: float) -> Iterable[Pair]:
    """Give the facts that fit a line each."""
    level = level_of(run)
    yield "level", level.text + (f"  {level.why}" if level.why else "")
    if changes := workbench.since_previous(run.uid):
        yield "changed", "; ".join(changes)
    yield (
        "started",
        f"{moment(run.started)} UTC, {age(now - run.started)} ago, by {run.user or '?'} on {run.host or '?'}",
    )
    yield "folder", run.cwd
    if run.python:
        yield "python", run.python
    for section, document in sorted(run.documents.items()):
        if section == "tree":
            continue  # a list of files that says nothing more to a person than `code` does
        said = words(section, document.summary)
        yield section, f"{said}  ({short(document.digest)})" if said else short(document.digest)
    for attempt in run.attempts:
        if attempt.error:
            yield "error", attempt.error
    if len(run.attempts) > 1:
        yield "attempts", str(len(run.attempts))
    if run.tags:
        yield "tags", " ".join(sorted(run.tags))
    if run.note:
        yield "note", run.note
    yield "uid", run.uid


def _metrics(workbench: Workbench, run: Run) -> Iterable[Pair]:
    """Give each metric's last value."""
    for name, (step, value) in sorted(workbench.last_metrics(run.uid).items()):
        yield name, f"{number(value)}  at step {number(step)}"


def _files(facts: Sequence[FileFact]) -> Iterable[Pair]:
    """Give files with size, digest and coverage."""
    for fact in facts[:FILES]:
        many = f", {fact.files} files" if fact.files else ""
        digest = f"  {short(fact.digest)}" if fact.digest else ""
        changed = "  changed during the run" if fact.changed_during else ""
        yield fact.path, f"{size(fact.size)}{many}{digest}  {COVERAGE_WORDS[fact.coverage]}{changed}"
    if len(facts) > FILES:
        yield f"and {len(facts) - FILES} more", "--json lists all"


def _section(output: Output, title: str, pairs: Iterable[Pair]) -> None:
    """Print names and values under each other; a section without any is not printed."""
    lines = [(_safe(output, name), value) for name, value in pairs]
    if not lines:
        return
    if title:
        output.line(output.style(title, "dim"))
    column = min(max(width(name) for name, _ in lines), max(8, output.width // 2 - 4))
    for name, value in lines:
        head = pad(shorten(name, column, keep="end", ascii_only=output.ascii), column)
        output.line(f"  {output.style(head, 'dim')}  {_safe(output, value)}".rstrip())


def _safe(output: Output, text: str) -> str:
    return to_ascii(clean(text)) if output.ascii else clean(text)
