"""The files that a run read and wrote, and the packages and variables that it ran with, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from repro_tui.domain.ids import short
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import FileFact, Run
from repro_tui.tui.render import numbers
from repro_tui.tui.render.facts import coverage_words
from repro_tui.tui.render.lines import EMPTY, Field, Line, Piece, missing, table, title
from repro_tui.tui.render.text import clean

_MODES = {"r": "read", "w": "written", "rw": "both"}
_ROLES = {"in": "data", "out": "result", "config": "config", "source": "source", "": "-"}


def files(run: Run, cells: int) -> tuple[Line | None, list[Line]]:
    """Give the head and the lines of a table of files, data first."""
    if not run.files:
        return None, [
            EMPTY,
            ((" No file was seen to be read or written.", "value"),),
            ((' --data PATH and --out PATH declare them; repro_tui.save("model.npz") does from a script.', "dim"),),
        ]
    order = {"in": 0, "config": 1, "out": 2, "source": 4}
    listed = sorted(run.files, key=lambda file: (order.get(file.role, 3), file.path))
    fields = (
        Field(" file", keep_end=True),
        Field("", most=7),
        Field("", most=7),
        Field("size", right=True),
        Field("files", right=True),
        Field("digest"),
        Field("fingerprint"),
    )
    return table(fields, [_file_row(file) for file in listed], cells)


def _file_row(file: FileFact) -> tuple[Piece, ...]:
    words, style = coverage_words(file)
    return (
        (" " + clean(file.path), "value"),
        (_MODES.get(file.mode, file.mode), "dim"),
        (_ROLES.get(file.role, file.role), "dim"),
        (numbers.size(file.size), "value"),
        (numbers.count(file.files) if file.files is not None else "", "dim"),
        (short(file.digest) if file.digest else "-", "dim"),
        (words, style),
    )


def environment(run: Run, document: Mapping[str, object] | Unavailable | None, cells: int) -> list[Line]:
    """Give the lines of the environment: Python, variables, packages with their origins, and whatever else is known."""
    if document is None:
        return [EMPTY, ((" The environment was not recorded.", "value"),)]
    if isinstance(document, Unavailable):
        return [EMPTY, ((" The environment cannot be read: ", "bad"), (clean(document.reason), "value"))]
    lines: list[Line] = []
    python = document.get("python")
    facts = python if isinstance(python, Mapping) else {"version": python} if python else {}
    lines.append(title(" Python"))
    lines += [_pair(str(key), value, 18) for key, value in facts.items() if value not in ("", None)]
    if run.python:
        lines.append(_pair("interpreter", run.python, 18))
    if not facts:
        lines.append(missing(" version", "not recorded"))
    lines += _mapping("Variables", document.get("variables"))
    lines += _packages(document.get("packages"), cells)
    known = {"python", "variables", "packages", "content"}
    for key, value in document.items():
        if key not in known and value not in (None, "", [], {}):
            lines += _mapping(key.replace("_", " ").capitalize(), value)
    return lines


def _packages(packages: object, cells: int) -> list[Line]:
    if not isinstance(packages, Sequence) or isinstance(packages, str) or not packages:
        return [EMPTY, title(" Packages"), missing(" list", "no package was found")]
    rows = sorted((_package_row(package) for package in packages), key=lambda row: row[0][0].lower())
    head, lines = table((Field(" package", most=40), Field("version", most=28), Field("from")), rows, cells)
    return [EMPTY, title(" Packages", str(len(rows))), head, *lines]


def _package_row(package: object) -> tuple[Piece, ...]:
    if not isinstance(package, Mapping):
        return ((" " + clean(str(package)), "value"), ("", ""), ("", ""))
    origin, style = _origin(package.get("origin"))
    return (
        (" " + clean(str(package.get("name", ""))), "value"),
        (clean(str(package.get("version", ""))), "value"),
        (origin, style),
    )


def _origin(origin: object) -> tuple[str, str]:
    """Say where a package came from; what no index can give again stands out."""
    if isinstance(origin, Mapping):
        kind = str(origin.get("kind", ""))
        rest = " ".join(clean(str(v)) for k, v in origin.items() if k != "kind" and v not in ("", None))
        return f"{clean(kind)} {rest}".strip(), "dim" if kind in {"index", "conda"} else "warn"
    text = clean(str(origin or ""))
    return text, "dim" if text in {"", "index", "conda"} else "warn"


def _mapping(head: str, value: object) -> list[Line]:
    """Show a mapping or list that has no table of its own."""
    if not value:
        return []
    lines: list[Line] = [EMPTY, title(f" {clean(head)}")]
    if isinstance(value, Mapping):
        wide = max(len(str(key)) for key in value) + 2
        return [*lines, *(_pair(str(key), item, min(wide, 32)) for key, item in value.items())]
    items: Iterable[object] = value if isinstance(value, list | tuple) else [value]
    return [*lines, *(((f" {clean(_told(item))}", "value"),) for item in items)]


def _pair(key: str, value: object, cells: int) -> Line:
    return (f" {clean(key):<{cells}}", "label"), (clean(_told(value)), "value")


def _told(value: object) -> str:
    """Write a decoded JSON value on one line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_told(item)}" for key, item in value.items() if item not in ("", None))
    if isinstance(value, list | tuple):
        return ", ".join(_told(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
