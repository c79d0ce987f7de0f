"""Look at the project and this machine, and say what to do about each problem.

Ends with 1 when there is a problem, with 0 when there are only notes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from itertools import groupby

from repro_tui.cli.call import Call
from repro_tui.cli.checkup.finding import Finding
from repro_tui.cli.checkup.machine import check_machine
from repro_tui.cli.checkup.project import check_project
from repro_tui.cli.checkup.terminal import check_terminal
from repro_tui.cli.checkup.versions import check_versions
from repro_tui.cli.documents import FORMAT
from repro_tui.cli.output import Output
from repro_tui.cli.projects import named_project
from repro_tui.errors import NotFoundError
from repro_tui.tui.render.text import clean, to_ascii

MARKS = {"ok": ("✓", "+", "green"), "note": ("·", "-", "yellow"), "problem": ("✗", "x", "red")}
NAME_CELLS = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `doctor`."""
    parser.add_argument("--json", action="store_true", help="as JSON (docs/formats/json.md)")


def execute(call: Call) -> int:
    """Print what was found."""
    findings = [
        *_project(call),
        *check_terminal(call.output, call.environment),
        *check_machine(),
        *check_versions(),
    ]
    if call.options.json:
        call.output.json({"repro_tui": FORMAT, "findings": [_document(finding) for finding in findings]})
    else:
        _print(call.output, findings)
    return 1 if any(finding.status == "problem" for finding in findings) else 0


def _project(call: Call) -> Iterable[Finding]:
    """Look at the project, if there is one."""
    try:
        project = named_project(call)
    except NotFoundError as error:
        if call.options.project is not None:
            raise
        return [Finding("project", "folder", error.message, "note", error.hint)]
    return check_project(project)


def _document(finding: Finding) -> dict[str, str]:
    return {
        "area": finding.area,
        "name": finding.name,
        "status": finding.status,
        "found": finding.found,
        "advice": finding.advice if finding.status != "ok" else "",
    }


def _print(output: Output, findings: Sequence[Finding]) -> None:
    """Print the findings by area, each piece of advice below what it is about."""
    for area, group in groupby(findings, key=lambda finding: finding.area):
        output.line(output.style(area, "bold"))
        for finding in group:
            sign, plain, color = MARKS[finding.status]
            mark = output.style(plain if output.ascii else sign, color)
            output.line(f"  {mark} {_safe(output, finding.name):<{NAME_CELLS}} {_safe(output, finding.found)}")
            if finding.status != "ok":
                output.line(f"      {_safe(output, finding.advice)}")


def _safe(output: Output, text: str) -> str:
    return to_ascii(clean(text)) if output.ascii else clean(text)
