"""What `--json` prints: stable documents, described in docs/formats/json.md and held to it by tests.

Fields are only ever added while `FORMAT` stays the same. Times are seconds since the Unix epoch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from repro_tui.domain.alarms import Alarm
from repro_tui.domain.columns import split_key
from repro_tui.domain.events import Scalar
from repro_tui.domain.ids import RunId
from repro_tui.domain.level import level_of
from repro_tui.domain.run import Attempt, FileFact, Run
from repro_tui.domain.view import RunList, RunRow
from repro_tui.ports import Workbench

FORMAT = 1

Document = dict[str, object]


def list_document(workbench: Workbench, found: RunList, rows: Sequence[RunRow]) -> Document:
    """Give `ls --json`."""
    return {
        "repro_tui": FORMAT,
        "project": workbench.project,
        "root": workbench.root,
        "total": found.total,
        "matching": found.matching,
        "group": found.folded.group,
        "runs": [row_document(row) for row in rows],
    }


def row_document(row: RunRow) -> Document:
    """Give one run of a list."""
    return {
        "uid": row.uid,
        "name": row.name,
        "state": str(row.state),
        "started": row.started,
        "ended": row.ended,
        "changed": row.changed,
        "level": row.level,
        "because": row.because,
        "alarms": [_alarm(alarm) for alarm in row.alarms],
        "tags": sorted(row.tags),
        "note": row.note,
        "pinned": row.pinned,
        "params": _cells(row, "param"),
        "metrics": _cells(row, "metric"),
        "members": list(row.members),
        "spread": {split_key(key)[1]: value for key, value in row.spread.items()},
    }


def _cells(row: RunRow, kind: str) -> dict[str, Scalar]:
    """Give the values of one kind of column, by name."""
    cells = ((split_key(key), value) for key, value in row.cells.items())
    return {name: value for (found, name), value in sorted(cells) if found == kind}


def run_document(workbench: Workbench, run: Run) -> Document:
    """Give `show --json`."""
    uid = run.uid
    level, why = workbench.level(uid)
    previous = workbench.previous(uid)
    return {
        "repro_tui": FORMAT,
        "project": workbench.project,
        "root": workbench.root,
        "uid": uid,
        "name": run.name,
        "state": str(workbench.state(uid)),
        "argv": run.argv,
        "cwd": run.cwd,
        "user": run.user,
        "host": run.host,
        "python": run.python,
        "lineage": run.lineage,
        "started": run.started,
        "ended": run.ended,
        "level": level,
        "level_text": level_of(run).text,
        "level_why": why,
        "previous": previous,
        "since_previous": list(workbench.since_previous(uid)),
        "alarms": [_alarm(alarm) for alarm in workbench.alarms(uid)],
        "tags": sorted(run.tags),
        "note": run.note,
        "pinned": run.pinned,
        "unreadable": run.unreadable,
        "params": {name: {"value": p.value, "source": p.source} for name, p in sorted(run.params.items())},
        "metrics": _metrics(workbench, uid),
        "attempts": [_attempt(attempt) for attempt in run.attempts],
        "files": [_file(fact) for fact in run.files],
        "saved": run.saved,
        "seeds": [{"library": seed.library, "value": seed.value, "at": seed.at} for seed in run.seeds],
        "flags": run.flags,
        "libraries": run.libraries,
        "sources": run.sources,
        "documents": {section: _facts(workbench, run, section) for section in sorted(run.documents)},
        "omissions": [{"kind": o.kind, "what": o.what, "why": o.why, "size": o.size} for o in run.omissions],
        "problems": [{"where": p.where, "what": p.what, "hint": p.hint} for p in run.problems],
        "relations": [{"role": relation.role, "uid": relation.uid} for relation in run.relations],
        "output": run.output,
    }


def _alarm(alarm: Alarm) -> Document:
    return {"kind": str(alarm.kind), "text": alarm.text, "other": alarm.other}


def _metrics(workbench: Workbench, uid: RunId) -> Document:
    return {name: {"step": step, "value": value} for name, (step, value) in sorted(workbench.last_metrics(uid).items())}


def _attempt(attempt: Attempt) -> Document:
    """Give one execution of the command."""
    return {
        "number": attempt.number,
        "started": attempt.started,
        "hosts": sorted({writer.host for writer in attempt.writers}),
        "ends": [{"t": e.t, "exit": e.exit, "signal": e.signal, "why": e.why} for e in attempt.endings],
        "error": attempt.error,
    }


def _file(fact: FileFact) -> Document:
    """Give a file or folder that the run read or wrote."""
    return {
        "path": fact.path,
        "mode": fact.mode,
        "role": fact.role,
        "by": fact.by,
        "digest": fact.digest,
        "size": fact.size,
        "files": fact.files,
        "coverage": str(fact.coverage),
        "changed_during": fact.changed_during,
    }


def _facts(workbench: Workbench, run: Run, section: str) -> Document:
    """Give a facts document with its content, or with the reason why it cannot be read."""
    document = run.documents[section]
    content = workbench.document(document.digest)
    found: Document = {"digest": document.digest, "summary": document.summary}
    if isinstance(content, Mapping):
        return found | {"content": content}
    return found | {"content": None, "unavailable": content.reason}
