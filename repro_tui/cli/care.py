"""What `check` and `repair` print: each thing that is not as it should be, and who loses something by it."""

from __future__ import annotations

from collections.abc import Sequence

from repro_tui.cli.documents import FORMAT, Document
from repro_tui.cli.output import Output, clean
from repro_tui.domain.snapshot import Damage, Report
from repro_tui.errors import DamagedError
from repro_tui.settings import Project
from repro_tui.tui.render.numbers import size
from repro_tui.tui.render.text import to_ascii

_NAMED = 5


def report_document(project: Project, report: Report) -> Document:
    """Give `check --json` and `repair --json`."""
    return {
        "repro_tui": FORMAT,
        "project": project.name,
        "root": str(project.root),
        "ok": report.ok,
        "read": report.read,
        "files": report.files,
        "seconds": report.seconds,
        "damages": [{"what": d.what, "why": d.why, "snapshots": d.snapshots} for d in report.damages],
        "notes": report.done,
    }


def print_damages(output: Output, damages: Sequence[Damage]) -> None:
    """Print each damaged file with what is wrong, and the snapshots that lose something."""
    mark = output.style("x" if output.ascii else "✗", "red")
    for damage in damages:
        output.line(f"{mark} {_safe(output, damage.what)}")
        output.line(f"    {_safe(output, damage.why)}")
        if damage.snapshots:
            names = ", ".join(damage.snapshots[:_NAMED])
            more = f" and {len(damage.snapshots) - _NAMED} more" if len(damage.snapshots) > _NAMED else ""
            output.line(output.style(_safe(output, f"    loses by it: {names}{more}"), "yellow"))


def print_notes(output: Output, notes: Sequence[str]) -> None:
    """Print what is worth knowing and no damage."""
    for note in notes:
        output.line(f"{'-' if output.ascii else '·'} {_safe(output, note)}")


def what_was_read(report: Report) -> str:
    """Say how much was looked at."""
    files = "1 file" if report.files == 1 else f"{report.files:,} files"
    return f"{size(report.read)} in {files} of the store read in {max(report.seconds, 0.1):.1f} s"


def status(report: Report) -> int:
    """Give the exit status of a report."""
    return 0 if report.ok else DamagedError.exit_code


def _safe(output: Output, text: str) -> str:
    return to_ascii(clean(text)) if output.ascii else clean(text)
