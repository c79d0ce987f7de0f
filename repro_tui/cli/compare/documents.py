"""What `--json` of the comparing commands prints, as docs/formats/json.md describes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from repro_tui.cli.documents import FORMAT, Document
from repro_tui.domain.comparison import NOW, CodeChange, Column, Comparison, Row
from repro_tui.domain.explanation import Candidate, Evidence, Explanation, Variation, Varied
from repro_tui.domain.ids import RunId
from repro_tui.ports import Workbench


def head(workbench: Workbench) -> Document:
    """Give what each document begins with."""
    return {"repro_tui": FORMAT, "project": workbench.project, "root": workbench.root}


def comparison_document(comparison: Comparison, rows: Sequence[Row], total: int, *, differ: bool | None) -> Document:
    """Give `diff --json`, without its head."""
    return {
        "runs": [_column(column) for column in comparison.columns],
        "baseline": comparison.baseline,
        "total": total,
        "differing": sum(row.differs for row in rows),
        "inputs_differ": differ,
        "rows": [_row(row) for row in rows],
        "notes": comparison.notes,
    }


def _column(column: Column) -> Document:
    now = column.uid == NOW
    return {
        "uid": None if now else column.uid,
        "name": column.name,
        "state": None if column.state is None else str(column.state),
        "started": None if now else column.started,
        "problem": column.problem,
    }


def _row(row: Row) -> Document:
    return {
        "section": str(row.section),
        "name": row.name,
        "differs": row.differs,
        "part": str(row.part),
        "direction": row.direction,
        "note": row.note,
        "cells": [
            {
                "text": cell.text,
                "known": cell.token is not None,
                "number": cell.number,
                "delta": cell.delta,
                "better": cell.better,
                "best": cell.best,
                "why": cell.why,
            }
            for cell in row.cells
        ],
    }


def code_document(before: RunId, after: RunId, change: CodeChange) -> Document:
    """Give one patch of `diff --patch --json`."""
    return {
        "before": _uid(before),
        "after": _uid(after),
        "commits": change.commits,
        "back": change.back,
        "why": change.why,
        "files": [
            {
                "path": file.path,
                "added": file.added,
                "removed": file.removed,
                "hunks": file.hunks,
                "used": file.used,
                "why": file.why,
                "lines": file.lines,
            }
            for file in change.files
        ],
    }


def _uid(uid: RunId) -> str | None:
    return None if uid == NOW else uid


Names = Mapping[RunId, str]


def explanation_document(found: Explanation, names: Names) -> Document:
    """Give `explain --json`, without its head."""
    allowance, parting = found.allowance, found.parting
    return {
        "before": _named(found.before, names),
        "after": _named(found.after, names),
        "metric": found.metric,
        "direction": found.direction,
        "values": found.values,
        "finding": str(found.finding),
        "same_inputs": found.same_inputs,
        "allowance": None
        if allowance is None
        else {
            "of": _named(allowance.of, names),
            "n": allowance.n,
            "mean": allowance.mean,
            "std": allowance.std,
            "low": allowance.low,
            "high": allowance.high,
            "exact": allowance.exact,
        },
        "paragraph": [
            {"text": statement.text, "evidence": _evidence(statement.evidence, names)} for statement in found.paragraph
        ],
        "candidates": [_candidate(candidate, names) for candidate in found.candidates],
        "parting": None
        if parting is None
        else {
            "metric": parting.metric,
            "step": parting.step,
            "beyond": parting.beyond,
            "compared": parting.compared,
        },
        "advice": found.advice,
    }


def _named(uid: RunId, names: Names) -> Document:
    return {"uid": uid, "name": names.get(uid, uid[:8])}


def _evidence(evidence: Sequence[Evidence], names: Names) -> list[Document]:
    return [{"words": each.words, "runs": [_named(uid, names) for uid in each.runs]} for each in evidence]


def _candidate(candidate: Candidate, names: Names) -> Document:
    return {
        "section": str(candidate.section),
        "name": candidate.name,
        "words": candidate.words,
        "standing": str(candidate.standing),
        "weight": candidate.weight,
        "because": candidate.because,
        "changes": [
            {
                "kind": str(change.kind),
                "section": str(change.section),
                "name": change.name,
                "part": str(change.part),
                "before": None if change.before is None else change.before.text,
                "after": None if change.after is None else change.after.text,
                "words": change.words,
                "why": change.why,
            }
            for change in candidate.changes
        ],
        "evidence": _evidence(candidate.evidence, names),
    }


def variation_document(found: Variation) -> Document:
    """Give `varies --json`, without its head."""
    return {
        "metric": found.metric,
        "direction": found.direction,
        "runs": found.runs,
        "left_out": found.left_out,
        "constant": found.constant,
        "varied": [_varied(each) for each in found.varied],
        "notes": found.notes,
    }


def _varied(varied: Varied) -> Document:
    return {
        "section": str(varied.section),
        "name": varied.name,
        "n": varied.n,
        "values": varied.values,
        "rho": varied.rho,
        "spread": varied.spread,
        "share": varied.share,
        "groups": [{"value": value, "n": n, "mean": mean} for value, n, mean in varied.groups],
        "confounded": varied.confounded,
        "words": varied.words,
    }
