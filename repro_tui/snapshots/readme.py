"""What `_snapshot/README` in a restored folder says: what lies where, and how to go on."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping, Sequence

from repro_tui.domain.snapshot import PartKind, Snapshot

_MANY = 20


def readme(snapshot: Snapshot, manifest: Mapping[str, object], notes: Sequence[str]) -> str:
    """Write the text; names in it are shown without control characters."""
    taken = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(snapshot.t))
    subject = f"dataset {snapshot.dataset}" if snapshot.dataset else f"run {snapshot.name}"
    lines = [
        f"This folder was restored by repro-tui from a snapshot of {subject},",
        f"taken {taken} by {snapshot.user or '?'} on {snapshot.host or '?'} ({snapshot.digest}).",
        "Every file was compared with its digest while it was written.",
        "",
        *_parts(snapshot),
        *_command(manifest),
        *_listed("Not restored here:", notes),
        *_listed("Had changed since the run when the snapshot was taken:", snapshot.partial),
        *_listed("Not in the snapshot:", [f"{one.what}: {one.why}" for one in snapshot.left_out]),
    ]
    return "\n".join(_clean(line) for line in lines).rstrip() + "\n"


def _parts(snapshot: Snapshot) -> list[str]:
    kinds = {part.kind for part in snapshot.parts if part.kept}
    told = []
    if {PartKind.CODE, PartKind.DATA, PartKind.OUTPUTS} & kinds:
        told.append("  (here)                 files of the project, each at its place")
    told.append("  _snapshot/manifest.json  everything that is known of the run")
    if PartKind.ENVIRONMENT in kinds:
        told.append("  _snapshot/environment/   what was installed; begin with the README there")
    told.append("  _snapshot/outside/       files that lay outside of the project, by their absolute paths")
    if PartKind.OUTPUTS in kinds:
        told.append("  _snapshot/log/           what the run printed")
        told.append("  _snapshot/outputs/       results that had overwritten a file of the code or the data")
    return [*told, ""]


def _command(manifest: Mapping[str, object]) -> list[str]:
    run = manifest.get("run")
    argv = run.get("argv") if isinstance(run, Mapping) else None
    words = [word for word in argv if isinstance(word, str)] if isinstance(argv, list) else []
    return ["The command was:", f"  {shlex.join(words)}", ""] if words else []


def _listed(title: str, items: Sequence[str]) -> list[str]:
    if not items:
        return []
    more = [f"  and {len(items) - _MANY} more: see manifest.json"] if len(items) > _MANY else []
    return [title, *(f"  {item}" for item in items[:_MANY]), *more, ""]


def _clean(line: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in line)
