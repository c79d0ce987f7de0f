"""The `--json` of `prune`, `trash` and `du` (docs/formats/json.md)."""

from __future__ import annotations

from collections.abc import Sequence

from repro_tui.cli.documents import FORMAT, Document
from repro_tui.domain.retention import (
    Candidate,
    Decision,
    Emptied,
    EmptyPlan,
    Move,
    PackWork,
    Policy,
    Pruned,
    PrunePlan,
    Stock,
    Trashed,
    UsageRow,
)
from repro_tui.domain.retention_doubts import doubts
from repro_tui.domain.retention_text import line
from repro_tui.domain.tidying import FolderMove, FolderPlan, Tidied
from repro_tui.settings import Project


def _head(project: Project) -> Document:
    return {"repro_tui": FORMAT, "project": project.name, "root": str(project.root)}


def prune_document(  # noqa: PLR0913 - what was decided, and what was done
    project: Project,
    *,
    policy: Policy,
    stock: Stock,
    decisions: Sequence[Decision],
    plan: PrunePlan,
    due: EmptyPlan,
    done: Pruned | None = None,
    emptied: Emptied | None = None,
) -> Document:
    """Give `prune --json`."""
    return _head(project) | {
        "policy": line(policy),
        "doubts": list(doubts(policy, stock, decisions)),
        "snapshots": [_decided(c, d) for c, d in zip(stock.candidates, decisions, strict=True)],
        "plan": {
            "moves": [_move(move) for move in plan.moves],
            "kept": plan.kept,
            "frees": plan.frees,
            "until": plan.until,
            "free": plan.free,
            "impossible": list(plan.impossible),
            "packs": packs_document(plan.packs),
        },
        "due": [trashed_document(one) for one in due.trashed],
        "done": None
        if done is None
        else {"moved": [_move(move) for move in done.moved], "batch": done.batch, "stopped": done.stopped},
        "emptied": None if emptied is None else emptied_document(emptied),
    }


def trash_document(project: Project, trashed: Sequence[Trashed], stock: Stock) -> Document:
    """Give `trash list --json`."""
    return _head(project) | {"grace": stock.grace, "trash": [trashed_document(one) for one in trashed]}


def undone_document(project: Project, back: Sequence[Trashed]) -> Document:
    """Give `trash undo --json`."""
    return _head(project) | {"back": [trashed_document(one) for one in back]}


def emptying_document(project: Project, plan: EmptyPlan, emptied: Emptied | None) -> Document:
    """Give `trash empty --json`."""
    return _head(project) | {
        "plan": {
            "gone": [trashed_document(one) for one in plan.trashed],
            "waiting": [trashed_document(one) for one in plan.waiting],
            "early": plan.early,
            "packs": packs_document(plan.packs),
        },
        "emptied": None if emptied is None else emptied_document(emptied),
    }


def folders_document(project: Project, plan: FolderPlan, done: Tidied | None) -> Document:
    """Give `prune --runs --json`."""
    return _head(project) | {
        "policy": {
            "compress_after": plan.policy.compress_after,
            "remove_failed_after": plan.policy.remove_failed_after,
        },
        "plan": {"moves": [_folder_move(move) for move in plan.moves], "frees": plan.frees, "left": list(plan.left)},
        "done": None
        if done is None
        else {
            "moves": [_folder_move(move) for move in done.moves],
            "freed": done.freed,
            "stopped": done.stopped,
            "left": list(done.left),
            "seconds": done.seconds,
        },
    }


def _folder_move(move: FolderMove) -> Document:
    return {
        "run": move.run,
        "name": move.name,
        "folder": move.folder,
        "action": move.action,
        "rule": move.reason.rule,
        "why": move.reason.words,
        "files": list(move.files),
        "size": move.size,
        "frees": move.frees,
    }


def usage_document(project: Project, rows: Sequence[UsageRow], stock: Stock) -> Document:
    """Give `du --json`."""
    return _head(project) | {
        "size": stock.size,
        "free": stock.free,
        "rows": [
            {
                "what": row.what,
                "kind": row.kind,
                "own": row.own,
                "shared": row.shared,
                "size": row.size,
                "snapshots": row.snapshots,
            }
            for row in rows
        ],
    }


def trashed_document(one: Trashed) -> Document:
    """Give something in the trash."""
    return {
        "digest": one.digest,
        "name": one.name,
        "parts": sorted(one.parts),
        "t": one.t,
        "until": one.until,
        "user": one.user,
        "rule": one.rule,
        "batch": one.batch,
        "frees": one.frees,
        "why": one.why,
    }


def emptied_document(emptied: Emptied) -> Document:
    """Give what emptying did."""
    return {
        "gone": [trashed_document(one) for one in emptied.gone],
        "freed": emptied.freed,
        "stopped": emptied.stopped,
        "left": list(emptied.left),
        "packs": packs_document(emptied.packs),
        "seconds": emptied.seconds,
    }


def packs_document(packs: PackWork) -> Document:
    """Give what becomes of the packs."""
    return {
        "deleted": packs.deleted,
        "rewritten": packs.rewritten,
        "left": packs.left,
        "frees": packs.frees,
        "stays": packs.stays,
        "scratch": packs.scratch,
    }


def _decided(candidate: Candidate, decision: Decision) -> Document:
    return {
        "digest": candidate.digest,
        "name": candidate.name,
        "run": candidate.run,
        "lineage": candidate.lineage,
        "t": candidate.t,
        "own": candidate.own,
        "level": candidate.level_text,
        "pinned": candidate.pinned,
        "verdict": str(decision.verdict),
        "parts": sorted(decision.parts),
        "reasons": [{"rule": reason.rule, "words": reason.words} for reason in decision.reasons],
        "overridden": decision.overridden,
        "fixed": decision.fixed,
    }


def _move(move: Move) -> Document:
    return {
        "digest": move.digest,
        "name": move.name,
        "parts": sorted(move.parts),
        "rule": move.reason.rule,
        "why": move.reason.words,
    }
