"""The code that ran: commit, what was not committed, what was left out, and the patch itself."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence

from repro_tui.domain.ids import short
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import Run
from repro_tui.tui.render import numbers
from repro_tui.tui.render.lines import EMPTY, Line, fact, missing, title
from repro_tui.tui.render.patch import PatchLines, Row, parse
from repro_tui.tui.render.text import clean

Facts = Mapping[str, object]


def code(run: Run, documents: Mapping[str, Facts | Unavailable]) -> PatchLines:
    """Give the lines of the code tab."""
    known = documents.get("code")
    if known is None:
        return PatchLines([EMPTY, ((" The code was not recorded.", "value"),), *_problems(run)], [])
    if isinstance(known, Unavailable):
        return PatchLines([EMPTY, ((" The code cannot be read: ", "bad"), (clean(known.reason), "value"))], [])
    lines = [*_commit(known), *_listed("Changed, not committed", known.get("changed"), "status")]
    lines += _listed("Not tracked", known.get("untracked"), "size")
    lines += _listed("Source files", known.get("sources"), "size")
    lines += _listed("Submodules", _submodules(known.get("submodules")), "state")
    lines += _imported(run)
    lines += _left_out(known.get("left_out"))
    lines += _problems(run)
    patch, rows = _patch(documents.get("patch"))
    return PatchLines([*lines, *patch], rows)


def _commit(known: Facts) -> list[Line]:
    commit = str(known.get("commit") or "")
    if not commit:
        return [missing(" commit", "no git repository here; the source files were recorded themselves")]
    changes = sum(len(found) for key in ("changed", "untracked") if isinstance(found := known.get(key), Sequence))
    state = f"{changes:,} file{'' if changes == 1 else 's'} not in it" if changes else ""
    lines = [fact(" commit", commit, note=state)]
    # A repository without a tag is described by its commit again.
    told = {"branch": known.get("branch"), "describe": known.get("describe"), "remote": known.get("remote")}
    if commit.startswith(str(told["describe"]).removesuffix("-dirty")):
        del told["describe"]
    lines += [fact(f" {key}", str(value)) for key, value in told.items() if value]
    if known.get("root"):
        lines.append(fact(" in", str(known["root"]), "dim"))
    return lines


def _submodules(entries: object) -> list[Facts]:
    """Say of each submodule which commit of it ran, and whether that is the one that the project names."""
    found: list[Facts] = []
    for entry in entries if isinstance(entries, Sequence) else ():
        if not isinstance(entry, Mapping):
            continue
        commit, recorded = str(entry.get("commit") or ""), str(entry.get("recorded") or "")
        told = ["not checked out: its code is not known"] if entry.get("missing") else [commit[:12]]
        if commit and recorded and commit != recorded:
            told.append(f"the project names {recorded[:12]}")
        if entry.get("dirty"):
            told.append("changed")
        found.append({"path": entry.get("path", ""), "state": ", ".join(told)})
    return found


def _left_out(entries: object) -> list[Line]:
    """List what was not kept with its reason; a secret is another reason than a limit."""
    if not isinstance(entries, Sequence):
        return []
    withheld = [entry for entry in entries if isinstance(entry, Mapping) and entry.get("kind") == "withheld"]
    others = [entry for entry in entries if entry not in withheld]
    return [*_listed("Withheld, because of a secret", withheld, "why"), *_listed("Left out", others, "why")]


def _listed(head: str, entries: object, detail: str) -> list[Line]:
    """List paths with one detail each."""
    if not isinstance(entries, Sequence) or isinstance(entries, str) or not entries:
        return []
    lines: list[Line] = [EMPTY, title(f" {head}", str(len(entries)))]
    for entry in entries:
        if not isinstance(entry, Mapping):
            lines.append(((f" {clean(str(entry))}", "value"),))
            continue
        value = entry.get(detail)
        told = numbers.size(value) if detail == "size" and isinstance(value, int) else str(value or "")
        if detail == "why" and isinstance(entry.get("size"), int) and entry["size"]:
            told = f"{numbers.size(entry['size'])}, {told}"
        if detail == "status":
            told = {"A": "added", "M": "changed", "D": "deleted", "T": "another type", "U": "unmerged"}.get(told, told)
        lines.append(((f" {clean(str(entry.get('path', '')))}", "value"), (f"  {clean(told)}", "dim")))
    return lines


def _imported(run: Run) -> list[Line]:
    if not run.sources:
        return []
    lines: list[Line] = [EMPTY, title(" Imported from outside site-packages", str(len(run.sources)))]
    return [
        *lines,
        *(
            ((f" {clean(path)}", "value"), (f"  {short(digest)}", "dim"))
            for path, digest in sorted(run.sources.items())
        ),
    ]


def _problems(run: Run) -> list[Line]:
    found = [problem for problem in run.problems if problem.where == "code"]
    lines: list[Line] = [EMPTY, title(" Problems")] if found else []
    for problem in found:
        lines.append(((f" {clean(problem.what)}", "warn"),))
        if problem.hint:
            lines.append(((f"   {clean(problem.hint)}", "dim"),))
    return lines


def _patch(document: Facts | Unavailable | None) -> tuple[list[Line], list[Row]]:
    """Decode the patch document."""
    if document is None:
        return [], []
    if isinstance(document, Unavailable):
        return [EMPTY, ((" The patch cannot be read: ", "bad"), (clean(document.reason), "value"))], []
    try:
        text = base64.b64decode(str(document.get("patch", "")), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return [EMPTY, ((" The patch cannot be read: it is damaged.", "bad"),)], []
    return [EMPTY, title(" Patch", "what was not committed"), EMPTY], parse(text)
