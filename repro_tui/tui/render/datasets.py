"""Datasets in words: the lines below or beside the list, and the page of a dataset or a version."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from repro_tui.domain.data_change import summary_lines
from repro_tui.domain.dataset import Dataset, Now, Proposal, Version
from repro_tui.domain.ids import RunId, short
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.profile import DataChange
from repro_tui.domain.run import COVERAGE_WORDS
from repro_tui.tui.data_lines import WATCH_WORDS, command_text, counted, made_text, runs_of
from repro_tui.tui.render import ages, numbers
from repro_tui.tui.render.lines import EMPTY, Line, fact, long_fact, plain, title, wrapped
from repro_tui.tui.render.text import clean, fit, shorten, width

READING = "Reading the datasets ..."

EMPTY_WORDS = """No dataset is declared here yet, so nothing says when one has changed.

  repro-tui data add NAME PATH   declares one; from then on changes are seen
  datasets: in repro.yaml        does the same by hand
"""

_RUNS = 60
"""Runs that a version's page names."""
_KEYED = re.compile(r"\S+ +$")
_KEY = 8
"""Cells of the first column of a change's lines."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is known about how two versions differ."""

    before: Version
    after: Version
    phrase: str = ""
    change: DataChange | Unavailable | None = None
    """None while it is being looked for."""
    unread: bool = False
    """Nobody has looked into the tables of the later one, and that may take a while."""


def told_lines(name: str, told: Told, cells: int, *, ascii_only: bool) -> list[Line]:
    """Say how two versions differ: a sentence, then the block."""
    head = f"{clean(name)} v{told.before.number} to v{told.after.number}"
    said = told.phrase if not ascii_only else told.phrase.replace("→", "to")
    line: Line = ((head, "strong"), (f"   {clean(said)}" if said else "", "value"))
    if told.unread:
        hint = "Its tables were not looked into yet: w does that now."
        return [line, *wrapped(hint, cells, "dim")]
    if told.change is None:
        return [line, (("looking ...", "faint"),)]
    if isinstance(told.change, Unavailable):
        return [line, *wrapped(f"What changed is not known: {told.change.reason}", cells, "warn")]
    return [line, *(_keyed(text) for text in summary_lines(told.change, cells, ascii_only=ascii_only))]


def _keyed(text: str) -> Line:
    head, rest = text[:_KEY], text[_KEY:]
    return ((head, "label"), (rest, "value")) if _KEYED.match(head) else ((text, "value"),)


def dataset_lines(dataset: Dataset, cells: int) -> list[Line]:
    """Say what a dataset is."""
    spec = dataset.spec
    lines: list[Line] = [
        ((clean(spec.name), "strong"), (f"   {clean(spec.path)}", "value")),
        fact("watch", str(spec.watch), note=f"{WATCH_WORDS[spec.watch]} (W)"),
        fact("kind", spec.kind, note=f"declared in {'repro.yaml' if spec.declared == 'repro.yaml' else 'the journal'}"),
    ]
    lines += [fact("label", spec.label)] if spec.label else []
    lines += [fact("key", spec.key)] if spec.key else []
    lines.append(fact("used", f"by {counted(runs_of(dataset), 'run')}"))
    for problem in dataset.problems:
        lines += wrapped(problem, cells, "bad")
    return lines


def version_lines(dataset: Dataset, version: Version, now: float, cells: int) -> list[Line]:
    """Say what a version is, in a few lines."""
    rows = f"{version.rows:,} rows, " if version.rows is not None else ""
    text, _ = made_text(version.made, is_first=version is dataset.versions[-1])
    kept = "kept in the store: r restores it" if version.snapshot else "not kept: only what it was is known"
    figures = f"{rows}{counted(version.files, 'file')}, {numbers.size(version.size)}"
    lines: list[Line] = [
        ((f"{clean(dataset.spec.name)} v{version.number}", "strong"), (f"   {figures}", "value")),
        fact("digest", short(version.digest), note=COVERAGE_WORDS[version.coverage]),
        fact("seen", f"{ages.age(now - version.t)} ago by {version.user}" if version.user else "", note=""),
    ]
    made = wrapped(text, cells - 14, "value") or [EMPTY]
    lines += [((fit("made" if i == 0 else "", 14), "label"), *line) for i, line in enumerate(made)]
    lines.append((("bytes".ljust(14), "label"), (kept, "good" if version.snapshot else "dim")))
    for fault in version.faults:
        said = wrapped(fault, cells - 14, "warn")
        lines += [((fit("" if i else "problem", 14), "label"), *line) for i, line in enumerate(said)]
    return lines


def now_lines(dataset: Dataset, now: Now | None, cells: int) -> list[Line]:
    """Say what lies there now, and what can be done about it."""
    head: Line = ((f"{clean(dataset.spec.path)}", "strong"), ("   as it lies there now", "dim"))
    if now is None:
        return [head, (("looking ...", "faint"),)]
    newest = dataset.versions[0] if dataset.versions else None
    same = next((v for v in dataset.versions if v.number == now.same_as), None)
    if same is not None:
        text = f"It is as v{same.number} was"
        text += (
            "; nothing has changed since." if same is newest else f", not as v{newest.number} was." if newest else "."
        )
        kept = "It is kept in the store." if same.snapshot else "p keeps it in the store."
        return [head, *wrapped(f"{text} {kept}", cells, "value")]
    if now.digest is not None:
        return [head, *wrapped("It has changed: w says what, p keeps it as a version.", cells, "warn")]
    why = clean(now.why) or "it was not read yet"
    hint = (
        "w reads what may have changed and compares." if now.files else "Its path is that of repro.yaml or `data add`."
    )
    return [head, *wrapped(f"Whether it has changed is not known: {why}.", cells, "warn"), *wrapped(hint, cells)]


def proposal_lines(proposal: Proposal, cells: int) -> list[Line]:
    """Say how a path is declared."""
    command = f"repro-tui data add {shlex.quote(clean(proposal.name))} {shlex.quote(clean(proposal.path))}"
    return [
        ((shorten(proposal.path, cells, keep="end"), "strong"),),
        *wrapped("It is not declared, so nobody is told when it changes. enter declares it, or:", cells, "dim"),
        (("  " + shorten(command, cells - 2), "value"),),
    ]


@dataclass(frozen=True, slots=True)
class Opened:
    """What a page says."""

    dataset: Dataset
    version: Version | None = None
    now: Now | None = None
    told: Told | None = None
    runs: tuple[tuple[RunId, str], ...] | None = None
    """Uid and name of the runs that used it; None while they are looked for."""


def pane(
    kind: str, about: Opened | Proposal | None, now: float, cells: int, rows: int = 0, *, ascii_only: bool
) -> list[Line]:
    """Say what is most telling about the line under the cursor, whose kind is that of a `Spot`.

    What does not fit in `rows` lines is counted; 0 are as many as there are.
    """
    cells -= 2
    lines: list[Line] = []
    if isinstance(about, Proposal):
        lines = proposal_lines(about, cells)
    elif about is not None and about.version is not None:
        lines = version_lines(about.dataset, about.version, now, cells)
        if about.told is not None:
            lines = told_lines(about.dataset.spec.name, about.told, cells, ascii_only=ascii_only)
    elif about is not None:
        lines = now_lines(about.dataset, about.now, cells) if kind == "now" else dataset_lines(about.dataset, cells)
    if rows and len(lines) > rows:
        lines = [*lines[: rows - 1], ((f"and {len(lines) - rows + 1:,} more lines (enter)", "dim"),)]
    return plain([((" ", ""), *line) for line in lines], ascii_only=ascii_only)


def page(opened: Opened, now: float, cells: int, *, ascii_only: bool) -> list[Line]:
    """Say everything about a dataset, or about one version of it."""
    cells -= 2
    lines = _version_page(opened, now, cells, ascii_only) if opened.version else _dataset_page(opened, now, cells)
    return [((" ", ""), *line) for line in lines]


def _dataset_page(opened: Opened, now: float, cells: int) -> list[Line]:
    dataset = opened.dataset
    lines = [*dataset_lines(dataset, cells), EMPTY, title("Now"), *now_lines(dataset, opened.now, cells)[1:], EMPTY]
    lines.append(title("Versions", counted(len(dataset.versions), "version")))
    for version in dataset.versions:
        lines += [*version_lines(dataset, version, now, cells), EMPTY]
    return lines


def _version_page(opened: Opened, now: float, cells: int, ascii_only: bool) -> list[Line]:  # noqa: FBT001 - passed on
    dataset, version = opened.dataset, opened.version
    assert version is not None
    lines = version_lines(dataset, version, now, cells)
    lines[1] = long_fact("digest", version.digest, cells)
    lines.insert(2, fact("coverage", COVERAGE_WORDS[version.coverage]))
    lines[3] = fact("seen", f"{ages.moment(version.t)}, {ages.age(now - version.t)} ago by {version.user}")
    lines += _making(version, cells)
    lines += [EMPTY, title("What changed")]
    lines += (
        told_lines(dataset.spec.name, opened.told, cells, ascii_only=ascii_only) if opened.told else _first(version)
    )
    return [*lines, EMPTY, *_used_by(opened, version)]


def _first(version: Version) -> list[Line]:
    said = "it is the first version" if version.number == 1 else "there is no version before it to compare with"
    return [((said, "dim"),)]


def _making(version: Version, cells: int) -> list[Line]:
    """Say from what a version was made, and by which run."""
    made = version.made
    if made is None:
        return []
    lines: list[Line] = []
    for source in made.of:
        what = f"{source.name} {short(source.digest)}" if source.digest else source.name
        lines.append(fact("made from", f"{what}  {source.path}".strip()))
    if made.argv:
        lines.append(fact("noted by", f"{made.user}, {ages.moment(made.t)}" if made.user else ages.moment(made.t)))
        exit_words = "" if made.exit is None else f"it ended with status {made.exit}"
        lines += [fact("recorded as", f"run {made.run}", note=exit_words)] if made.run else []
        if command_text(made.argv) != clean(shlex.join(made.argv)):
            lines.append(fact("command", shorten(shlex.join(made.argv), cells - 14)))
    return lines


def _used_by(opened: Opened, version: Version) -> list[Line]:
    count = len(version.runs)
    lines: list[Line] = [title("Used by", counted(count, "run") if count else "no run")]
    if opened.runs is None:
        return [*lines, (("looking ...", "faint"),)] if count else lines
    names = [(shorten(name, 40), uid) for uid, name in opened.runs]
    wide = max((width(name) for name, _ in names), default=0)
    lines += [((fit(name, wide), "value"), (f"   {clean(uid)}", "faint")) for name, uid in names]
    rest = count - len(names)
    return [*lines, ((f"and {rest:,} more", "dim"),)] if rest > 0 else lines


def most_runs(version: Version) -> Sequence[RunId]:
    """Give the runs whose names a page needs."""
    return version.runs[:_RUNS]
