"""A run's overview: every kind of fact in a block of lines, what is missing with its reason."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from itertools import chain, islice

from repro_tui.domain.alarms import told_alone
from repro_tui.domain.ids import short
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import COVERAGE_WORDS, NOT_SET, REMOVED, Attempt, Coverage, FileFact, Run, State
from repro_tui.tui.render import ages, keeping, numbers
from repro_tui.tui.render.hardware import machine
from repro_tui.tui.render.lines import EMPTY, Line, Piece, beside, fact, missing, title, wrapped
from repro_tui.tui.render.resources import block
from repro_tui.tui.render.text import clean, fit, pad, shorten, width
from repro_tui.tui.run_facts import RunFacts

_TWO_COLUMNS_FROM = 110
_COVERAGE = max(map(len, COVERAGE_WORDS.values()))
_SOME = 8
"""Items of a long list that an overview names; the tabs have all of them."""

_METRICS = 24
"""Metrics whose last values an overview gives."""
_FEW = 40
"""Parameters that stand among the first facts; more of them come last."""
_PLACE_OF_FEW = 6
"""Blocks before them, then."""

Block = list[Line]


def overview(facts: RunFacts, now: float, cells: int) -> list[Line]:
    """Give the lines of a run's overview: one column, or two where there is room."""
    cells -= 2
    if cells < _TWO_COLUMNS_FROM:
        blocks = [*_left(facts, now, cells), *_right(facts, cells)]
        # Thousands of parameters must not push everything else out of reach.
        blocks.insert(_PLACE_OF_FEW if len(facts.run.params) <= _FEW else len(blocks), _parameters(facts.run, cells))
        return _indented(_stacked(blocks))
    half = (cells - 3) // 2
    left = _stacked([*_left(facts, now, half), _parameters(facts.run, half)])
    right = _stacked(_right(facts, cells - half - 3))
    return _indented(beside(left, right, half))


def _left(facts: RunFacts, now: float, cells: int) -> list[Block]:
    return [
        _identity(facts, now, cells),
        keeping.level(facts, now, cells),
        keeping.snapshots(facts, now, cells),
        _since(facts, cells),
        _problems(facts.run, cells),
        _metrics(facts),
    ]


def _right(facts: RunFacts, cells: int) -> list[Block]:
    return [
        _code(facts, cells),
        _data(facts.run, cells),
        _environment(facts),
        _hardware(facts, cells),
        _resources(facts),
        _determinism(facts.run, cells),
        _omissions(facts.run, cells),
    ]


def _stacked(blocks: Sequence[Block]) -> Block:
    """Put blocks below each other with an empty line between."""
    shown = [block for block in blocks if block]
    return list(chain.from_iterable([*block, EMPTY] for block in shown))[:-1]


def _indented(lines: Sequence[Line]) -> Block:
    return [((" ", ""), *line) if line else line for line in lines]


def command_line(run: Run) -> str:
    """Write the command as one would type it."""
    return shlex.join(run.argv)


def _identity(facts: RunFacts, now: float, cells: int) -> Block:
    run = facts.run
    lines: Block = []
    words = wrapped(command_line(run), cells - 14, "value") or [(("- no command was recorded", "dim"),)]
    lines += [((pad("command" if index == 0 else "", 14), "label"), *line) for index, line in enumerate(words)]
    lines.append(fact("in", run.cwd) if run.cwd else missing("in", "no working directory was recorded"))
    if run.started:
        lines.append(fact("began", ages.moment(run.started), note=f"{ages.age(now - run.started)} ago"))
    lines += _attempts(run, facts.state, now)
    said = [line for text in told_alone(facts.alarms) for line in wrapped(text, cells - 14, "warn")]
    lines += [((pad("look at" if index == 0 else "", 14), "label"), *line) for index, line in enumerate(said)]
    if run.user or run.host:
        lines.append(fact("by", run.user or "-", note=f"on {run.host}" if run.host else ""))
    for relation in run.relations:
        lines.append(fact(relation.role.replace("-", " "), relation.uid[:12]))
    if run.tags:
        lines.append(fact("tags", " ".join(sorted(run.tags)), "accent"))
    if run.pinned:
        lines.append(fact("pinned", "yes", note="never pruned"))
    if run.note:
        notes = wrapped(run.note.replace("\n", " "), cells - 14, "value")
        lines += [((pad("note" if index == 0 else "", 14), "label"), *line) for index, line in enumerate(notes)]
    lines.append(fact("uid", run.uid, "dim"))
    if run.unreadable:
        lines.append(fact("unreadable", run.unreadable, "bad"))
    return lines


def _attempts(run: Run, state: State, now: float) -> Block:
    """Say how each attempt went; a single one that ended well needs no words beyond the head's."""
    lines: Block = []
    for attempt in run.attempts:
        label = f"attempt {attempt.number}" if len(run.attempts) > 1 else "took"
        last = attempt is run.attempts[-1]
        ended = max((ending.t for ending in attempt.endings), default=None)
        until = ended if ended is not None else now if last and state is State.RUNNING else attempt.last_sign
        took = ages.duration(until - attempt.started) if until >= attempt.started else "-"
        said, style = _ended(attempt, live=last and state is State.RUNNING)
        lines.append(((pad(label, 14), "label"), (took, "value"), (f"  {said}", style)))
        if attempt.error:
            lines.append(((pad("", 14), ""), (clean(attempt.error), "bad")))
    return lines


def _ended(attempt: Attempt, *, live: bool) -> tuple[str, str]:
    """Say how an attempt ended, in words."""
    if not attempt.endings:
        if live:
            return "still running", "accent"
        return ("ended; its supervisor was lost", "warn") if attempt.orderly else ("no end was written", "warn")
    worst = max(attempt.endings, key=lambda e: (e.signal is not None, e.exit not in (0, None), bool(e.why)))
    if worst.why:
        return f"never started: {worst.why.replace('-', ' ')}", "bad"
    if worst.signal is not None:
        return f"ended by signal {signal_name(worst.signal)}", "bad"
    return (f"exit status {worst.exit}", "bad") if worst.exit else ("exit status 0", "dim")


def signal_name(number: int) -> str:
    """Name a signal: `9 (KILL)`."""
    import signal

    try:
        return f"{number} ({signal.Signals(number).name.removeprefix('SIG')})"
    except ValueError:
        return str(number)


def _since(facts: RunFacts, cells: int) -> Block:
    if not facts.previous and not facts.since:
        return []
    lines: Block = [title(f"Changed since {clean(facts.previous) or 'the previous run'}")]
    if not facts.since:
        return [*lines, ((("nothing", "dim")),)]
    return [*lines, *chain.from_iterable(wrapped(phrase, cells, "value") for phrase in facts.since)]


def _metrics(facts: RunFacts) -> Block:
    if not facts.metrics:
        reason = "none yet" if facts.state is State.RUNNING else "none were logged"
        return [title("Metrics", f"{reason}; the Metrics tab says what can be read")]
    shown = dict(islice(facts.metrics.items(), _METRICS))
    further = len(facts.metrics) - len(shown)
    steps = [numbers.count(int(step)) if step.is_integer() else numbers.number(step) for step, _ in shown.values()]
    values = [numbers.number(value) for _, value in shown.values()]
    name_cells = min(36, max(width(clean(name)) for name in shown))
    value_cells = max(map(len, values))
    rows = zip(shown, values, steps, strict=True)
    return [
        title("Metrics", "last values"),
        *[
            (
                (fit(name, name_cells, keep="end"), "label"),
                (f"  {value:>{value_cells}}", "value"),
                (f"  at step {step}", "dim"),
            )
            for name, value, step in rows
        ],
        *([((f"and {further:,} more in the Metrics tab", "dim"),)] if further else []),
    ]


def _parameters(run: Run, cells: int) -> Block:
    if not run.params:
        return [title("Parameters", "none were seen")]
    names = sorted(run.params, key=str.lower)
    name_cells = min(28, max(width(clean(name)) for name in names))
    value_cells = min(max(8, cells - name_cells - 14), max(width(clean(_value(run, name))) for name in names))
    lines: Block = [title("Parameters", str(len(names)) if len(names) > _SOME else "")]
    for name in names:
        shown = shorten(_value(run, name), value_cells)
        source = run.params[name].source
        lines.append(
            (
                (fit(name, name_cells), "label"),
                (f"  {pad(shown, value_cells)}", "value"),
                (f"  {clean(source)}", "faint"),
            )
        )
    return lines


def _value(run: Run, name: str) -> str:
    param = run.params[name]
    return NOT_SET if param.is_unset else numbers.scalar(param.value)


def _problems(run: Run, cells: int) -> Block:
    if not run.problems:
        return []
    lines: Block = [title("Problems", "not observed; the run went on")]
    for problem in run.problems:
        lines += wrapped(f"{problem.where}: {problem.what}" if problem.where else problem.what, cells, "warn")
        if problem.hint:
            lines += wrapped(problem.hint, cells, "dim", indent=2)
    return lines


def _code(facts: RunFacts, cells: int) -> Block:
    document = facts.run.documents.get("code")
    if document is None:
        return [title("Code"), missing("commit", "the code was not recorded")]
    known = facts.documents.get("code") or {}
    summary: Mapping[str, object] = {**document.summary, **(known if isinstance(known, Mapping) else {})}
    lines: Block = [title("Code")]
    commit = clean(str(summary.get("commit") or ""))
    if commit:
        lines.append(fact("commit", commit[:12], note=str(summary.get("branch") or "")))
    else:
        lines.append(missing("commit", "no commit; the source files were recorded themselves"))
    patch = facts.run.documents.get("patch")
    if patch is not None:
        lines.append(fact("patch", _patch_words(patch.summary), "warn"))
    elif commit:
        lines.append(fact("patch", "none, everything was committed", "dim"))
    sources = facts.run.sources
    if sources:
        names = shorten(", ".join(sorted(sources)), max(12, cells - 14))
        lines.append(fact("imported", names))
    return lines


def _patch_words(summary: Mapping[str, object]) -> str:
    files = summary.get("files")
    told = f"{files} file{'' if files == 1 else 's'} not committed" if isinstance(files, int) else "not committed"
    added, removed = summary.get("added"), summary.get("removed")
    return f"{told}, +{added} -{removed}" if isinstance(added, int) and isinstance(removed, int) else told


def _data(run: Run, cells: int) -> Block:
    inputs = [file for file in run.files if file.role == "in"]
    outputs = [file for file in run.files if file.role == "out" or (not file.role and "w" in file.mode)]
    lines: Block = [title("Data", "the Files tab has all of it" if len(run.files) > _SOME else "")]
    if not inputs and not outputs:
        return [*lines, missing("read", "no data was seen (--data PATH)")]
    for label, group in (("read", inputs), ("written", outputs)):
        for index, file in enumerate(group[:_SOME]):
            lines.append(((pad(label if index == 0 else "", 9), "label"), *_file_pieces(file, cells - 9)))
        if len(group) > _SOME:
            lines.append(((pad("", 9), ""), (f"and {len(group) - _SOME} more", "dim")))
    return lines


def _file_pieces(file: FileFact, cells: int) -> tuple[Piece, ...]:
    size = numbers.size(file.size)
    words, style = coverage_words(file)
    digest = short(file.digest) if file.digest else "-"
    room = max(10, cells - 9 - 2 - 11 - 2 - _COVERAGE)
    return (
        (fit(file.path, min(room, 36), keep="end"), "value"),
        (f" {size:>8}", "value"),
        (f"  {digest:<11}", "dim"),
        (f"  {words}", style),
    )


def coverage_words(file: FileFact) -> tuple[str, str]:
    """Say how much of a file its fingerprint rests on, and whether it changed under the run's hands."""
    if file.changed_during:
        return "changed during the run", "warn"
    style = {Coverage.FULL: "good", Coverage.METADATA: "warn", Coverage.PENDING: "dim"}[file.coverage]
    return COVERAGE_WORDS[file.coverage], style


def _environment(facts: RunFacts) -> Block:
    document = facts.run.documents.get("environment")
    lines: Block = [title("Environment")]
    if document is None:
        lines.append(missing("packages", "the environment was not recorded"))
    else:
        version = document.summary.get("python")
        if version:
            lines.append(fact("python", str(version), note=facts.run.python))
        packages = document.summary.get("packages")
        if packages is not None:
            lines.append(fact("packages", str(packages)))
    libraries = facts.run.libraries
    if libraries:
        lines.append(fact("libraries", ", ".join(f"{name} {version}" for name, version in sorted(libraries.items()))))
    return lines


def _hardware(facts: RunFacts, cells: int) -> Block:
    return [title("Hardware"), *machine(facts.run.documents.get("host"), facts.documents.get("host"), cells)]


def _resources(facts: RunFacts) -> Block:
    return block(facts.resources, live=facts.state is State.RUNNING)


def _determinism(run: Run, cells: int) -> Block:
    lines: Block = [title("Determinism")]
    if not run.seeds:
        lines.append(missing("seeds", "no seed call was seen"))
    for index, seed in enumerate(run.seeds[:_SOME]):
        lines.append(fact("seeds" if index == 0 else "", f"{seed.library} {seed.value}", note=seed.at))
    if len(run.seeds) > _SOME:
        lines.append(fact("", f"and {len(run.seeds) - _SOME} more", "dim"))
    names = min(max(14, cells - 8), max([14, *(width(clean(name)) + 2 for name in run.flags)]))
    for name, value in sorted(run.flags.items()):
        lines.append(((fit(name, names), "label"), (clean(numbers.scalar(value)), "value")))
    return lines


_OMISSION_WORDS = {"redacted": "redacted", "withheld": "withheld", "left_out": "left out"}


def _omissions(run: Run, cells: int) -> Block:
    if not run.omissions:
        return []
    removed = any(omission.kind == REMOVED for omission in run.omissions)
    lines: Block = [title("Not recorded, or removed" if removed else "Not recorded")]
    for omission in run.omissions:
        size = f" {numbers.size(omission.size)}" if omission.size else ""
        label = _OMISSION_WORDS.get(omission.kind, omission.kind)
        told = wrapped(f"{omission.what}{size}: {omission.why}", cells - 10, "value")
        lines += [((fit(label if index == 0 else "", 10), "warn"), *line) for index, line in enumerate(told)]
    return lines


def unreadable(reason: Unavailable) -> list[Line]:
    """Say that a run is not to be had, and why."""
    return [EMPTY, (("  This run cannot be shown: ", "bad"), (clean(reason.reason), "value"))]
