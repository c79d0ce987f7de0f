"""From a folded run to its rows in the catalog: what lists, filters and letters need of it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields

import msgspec

from repro_tui.catalog.write import RunRecord
from repro_tui.domain.alarms import moved_inputs
from repro_tui.domain.changes import UNKNOWN
from repro_tui.domain.events import Scalar
from repro_tui.domain.level import level_of
from repro_tui.domain.prints import InputPrints, input_prints
from repro_tui.domain.run import NOT_SET, Ending, FileFact, Param, Run, State
from repro_tui.domain.values import show

MAX_WORDS = 4000
"""Characters of name, tags, note and command that bare words of a filter are looked for in."""

_EPOCHS = ("epochs", "num_epochs", "n_epochs", "max_epochs", "num_train_epochs", "nepochs")
_STEPS = ("steps", "max_steps", "num_steps", "n_steps", "total_steps", "iterations", "iters", "max_iter", "max_iters",
          "num_iterations", "train_steps")  # fmt: skip
_LIMIT = 2**63 - 1
_PRINTS = tuple(field.name for field in fields(InputPrints))
_NUMERAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def record_of(key: int, run: Run, state: State, *, before: RunRecord | None, last_sign: float) -> RunRecord:
    """Describe a run for the catalog.

    Args:
        key: the run's key.
        run: the fold of its events.
        state: where it stands.
        before: what was written last; its letters stay until lineages are compared again.
        last_sign: latest time in any of its lines, seconds since the epoch.
    """
    failing = _failing(run)
    prints = input_prints(run)
    level = level_of(run)
    reach, unit = reach_of(run.params)
    compared = (run.lineage, run.started, _parent(run), prints)
    row = {
        "key": key,
        "uid": run.uid,
        "name": run.name,
        "state": state.value,
        "started": run.started,
        "ended": run.ended,
        "exit": _bounded32(failing.exit) if failing else None,
        "signal": _bounded32(failing.signal) if failing else None,
        "why": failing.why if failing else "",
        "user": run.user,
        "host": run.host,
        "lineage": run.lineage,
        "commit": commit_of(run),
        "note": run.note,
        "pinned": run.pinned,
        "tags": sorted(run.tags),
        "words": _words(run),
        "parent": _parent(run),
        "level": level.number,
        "level_text": level.text,
        "level_why": level.why,
        "reach": reach,
        "reach_unit": unit,
        "problems": len(run.problems),
        **_prints(prints),
        "moved": moved_inputs(run),
        "previous": None,
        "changed": UNKNOWN,
        "last_sign": last_sign,
        "document": encode(run),
    }
    return RunRecord(tuple(row.values()), _details(key, run), moved=before is None or _compared(before) != compared)


def _compared(record: RunRecord) -> tuple[object, ...]:
    from repro_tui.catalog.schema import columns_of

    row = dict(zip(columns_of("runs"), record.row, strict=True))
    prints = InputPrints(**{name: _text(row[name]) for name in _PRINTS})
    return (row["lineage"], row["started"], row["parent"], prints)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _prints(prints: InputPrints) -> dict[str, str | None]:
    return {name: getattr(prints, name) for name in _PRINTS}


def _failing(run: Run) -> Ending | None:
    """Give the end that explains the latest attempt: the worst one, where several supervisors saw one each."""
    endings = run.attempts[-1].endings if run.attempts else ()
    return max(endings, key=lambda e: (e.signal is not None, e.exit or 0, e.t), default=None)


def encode(run: Run) -> str:
    """Write a run as JSON."""
    return msgspec.json.encode(run).decode()


_decoder = msgspec.json.Decoder(Run)


def decode(document: str) -> Run:
    """Read what `encode` wrote."""
    return _decoder.decode(document)


def commit_of(run: Run) -> str | None:
    """Give the git commit, with a + when there were uncommitted changes; None without git."""
    summary = run.documents["code"].summary if "code" in run.documents else {}
    commit = summary.get("commit")
    if not isinstance(commit, str) or not commit:
        return None
    return f"{commit}+" if summary.get("dirty") else commit


def reach_of(params: Mapping[str, Param]) -> tuple[float | None, str]:
    """Give the number of epochs or steps that the parameters announce, and which of the two; (None, "") when none."""
    for unit, names in (("epoch", _EPOCHS), ("step", _STEPS)):
        for name, param in params.items():
            number = number_of(param.value)
            if name.rpartition(".")[2].lower() in names and number is not None and 0 < number < math.inf:
                return number, unit
    return None, ""


def number_of(value: Scalar) -> float | None:
    """Give a parameter's value as a number where it is one; true and false are 1 and 0."""
    if isinstance(value, bool | int | float):
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    if not isinstance(value, str) or not _NUMERAL.fullmatch(value):
        return None
    return float(value)


def _parent(run: Run) -> str | None:
    return next((relation.uid for relation in run.relations if relation.role == "parent"), None)


def _words(run: Run) -> str:
    words = [run.name, *sorted(run.tags), run.note, " ".join(run.argv)]
    return "\n".join(words)[:MAX_WORDS].casefold()


def _details(key: int, run: Run) -> dict[str, list[tuple[object, ...]]]:
    attempts: list[tuple[object, ...]] = [
        (key, a.number, a.started, end.t if end else None, _bounded32(end.exit) if end else None,
         _bounded32(end.signal) if end else None,
         end.why if end else "", a.orderly, a.error, a.writers[0].host if a.writers else "")
        for a in run.attempts
        for end in [max(a.endings, key=lambda e: e.t, default=None)]
    ]  # fmt: skip
    params: list[tuple[object, ...]] = [
        (key, name, NOT_SET if p.is_unset else show(p.value), number_of(p.value), p.source)
        for name, p in run.params.items()
    ]
    return {
        "attempts": attempts,
        "params": params,
        "inputs": _files(key, (f for f in run.files if f.mode != "w" and f.role != "out")),
        "outputs": _files(key, (f for f in run.files if f.mode == "w" or f.role == "out")),
        "events": _events(key, run),
    }


def _files(key: int, facts: Iterable[FileFact]) -> list[tuple[object, ...]]:
    return [
        (key, f.path, f.mode, f.role, f.digest, _bounded(f.size), _bounded(f.files), f.coverage.value) for f in facts
    ]


def _events(key: int, run: Run) -> list[tuple[object, ...]]:
    seeds = [(key, "seed", None, f"{s.library} {s.value} at {s.at}") for s in run.seeds]
    problems = [(key, "problem", None, f"{p.where}: {p.what}") for p in run.problems]
    saved = [(key, "save", None, path) for path in run.saved]
    return [*seeds, *problems, *saved, *((key, o.kind, None, f"{o.what}: {o.why}") for o in run.omissions)]


def _bounded(number: int | None) -> int | None:
    return None if number is None else max(-_LIMIT, min(number, _LIMIT))


def _bounded32(number: int | None) -> int | None:
    return None if number is None else max(-(2**31), min(number, 2**31 - 1))
