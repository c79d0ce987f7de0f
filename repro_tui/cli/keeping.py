"""What the commands about snapshots print, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from repro_tui.cli.documents import FORMAT, Document
from repro_tui.cli.output import Output, clean
from repro_tui.domain.ids import short
from repro_tui.domain.snapshot import LeftOut, Part, Snapshot, SnapshotRow, StoreUsage
from repro_tui.settings import Project
from repro_tui.tui.render.ages import age
from repro_tui.tui.render.numbers import size
from repro_tui.tui.render.text import pad, shorten, to_ascii, width

_MANY = 10
"""Names that are printed of each kind; `--json` has all."""
_GAP = "  "


def snapshot_document(snapshot: Snapshot) -> Document:
    """Give a snapshot."""
    return {
        "digest": snapshot.digest,
        "t": snapshot.t,
        "user": snapshot.user,
        "host": snapshot.host,
        "run": snapshot.run,
        "name": snapshot.name,
        "dataset": snapshot.dataset,
        "version": snapshot.version,
        "size": snapshot.size,
        "parts": [_part(part) for part in snapshot.parts],
        "partial": list(snapshot.partial),
        "left_out": [
            {"what": one.what, "why": one.why, "size": one.size, "kind": one.kind} for one in snapshot.left_out
        ],
    }


def _part(part: Part) -> Document:
    return {
        "name": part.name,
        "kind": str(part.kind),
        "files": part.files,
        "size": part.size,
        "digest": part.digest,
        "kept": part.kept,
        "dropped": part.dropped,
        "linked": [
            {
                "path": link.path,
                "digest": link.digest,
                "size": link.size,
                "files": link.files,
                "coverage": link.coverage,
            }
            for link in part.linked
        ],
    }


def rows_document(project: Project, rows: Sequence[SnapshotRow], usage: StoreUsage) -> Document:
    """Give `snapshots --json`."""
    return {
        "repro_tui": FORMAT,
        "project": project.name,
        "root": str(project.root),
        "store": {
            "size": usage.size,
            "packs": usage.packs,
            "blobs": usage.blobs,
            "free": usage.free,
            "trash": usage.trash,
        },
        "snapshots": [
            {
                **snapshot_document(row.snapshot),
                "own": row.own,
                "shared": row.shared,
                "level": row.level,
                "pinned": row.pinned,
                "verified": row.verified,
                "why": row.why,
            }
            for row in rows
        ],
    }


def print_rows(output: Output, rows: Sequence[SnapshotRow], usage: StoreUsage, now: float) -> None:
    """Print a line for each snapshot, and what the store takes."""
    head = ("snapshot", "age", "size", "own", "level", "digest", "")
    table = [_cells(row, now) for row in rows]
    widths = [max(width(line[place]) for line in [head, *table]) for place in range(len(head) - 1)]
    widths[0] = min(widths[0], max(12, output.width // 3))
    output.line(output.style(_line(output, head, widths), "dim"))
    for cells, row in zip(table, rows, strict=True):
        line = _line(output, cells, widths)
        output.line(output.style(line, "red") if row.verified is False else line)
    trash = f", {size(usage.trash)} of it only for what is in the trash" if usage.trash else ""
    count = f"{len(rows)} snapshot{'' if len(rows) == 1 else 's'}"
    output.note(f"{count}, store {size(usage.size)}{trash}, {size(usage.free)} free.")


def _cells(row: SnapshotRow, now: float) -> tuple[str, ...]:
    snapshot = row.snapshot
    words = [
        "pinned" if row.pinned else "",
        "partial" if snapshot.partial else "",
        f"damaged: {row.why}" if row.verified is False else "verified" if row.verified else "",
    ]
    return (
        snapshot.name or (f"data {snapshot.dataset}" if snapshot.dataset else "?"),
        age(now - snapshot.t) if snapshot.t else "-",
        size(snapshot.size),
        size(row.own),
        row.level or "-",
        short(snapshot.digest),
        ", ".join(filter(None, words)),
    )


def _line(output: Output, cells: Sequence[str], widths: Sequence[int]) -> str:
    """Put cells under each other, numbers to the right."""
    shown = [
        pad(_safe(output, shorten(cell, cells_, ascii_only=output.ascii)), cells_, "right" if 0 < place < 4 else "left")  # noqa: PLR2004 - age, size and own
        for place, (cell, cells_) in enumerate(zip(cells, widths, strict=False))
    ]
    before = _GAP.join(shown) + _GAP
    room = max(output.width - width(before), 20) if output.terminal else width(cells[-1])
    return (before + shorten(_safe(output, cells[-1]), room, ascii_only=output.ascii)).rstrip()


def print_snapshot(output: Output, snapshot: Snapshot) -> None:
    """Print what a snapshot holds, and what it does not."""
    for part in snapshot.parts:
        lay = f"linked: {', '.join(link.path for link in part.linked[:3])}" if part.linked else part.dropped
        count = f"{part.files:,} file{'' if part.files == 1 else 's'}"
        output.line(
            f"  {pad(_safe(output, part.name), 12)}  {count:>12}  {size(part.size):>9}  {_safe(output, lay)}".rstrip()
        )
    print_missing(output, snapshot.partial, snapshot.left_out)


def print_missing(output: Output, partial: Sequence[str], left_out: Sequence[LeftOut]) -> None:
    """Print what has changed since the run, and what was redacted, withheld and left out."""
    _listed(output, "changed", partial)
    for kind in ("withheld", "left_out"):
        told = (
            f"{one.what} ({size(one.size)}): {one.why}" if one.size else f"{one.what}: {one.why}"
            for one in left_out
            if one.kind == kind
        )
        _listed(output, kind.replace("_", " "), list(told))
    _listed(output, "redacted", list(dict.fromkeys(one.what for one in left_out if one.kind == "redacted")))


def _listed(output: Output, title: str, items: Sequence[str]) -> None:
    for place, item in enumerate(items[:_MANY]):
        output.line(f"  {pad(title if place == 0 else '', 12)}  {_safe(output, item)}")
    if len(items) > _MANY:
        output.line(f"  {pad('', 12)}  and {len(items) - _MANY} more: --json lists all")


def _safe(output: Output, text: str) -> str:
    return to_ascii(clean(text)) if output.ascii else clean(text)
