"""What a run ran in, what decides a result first: Python, chance, machine, system, job, variables, packages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from repro_tui.domain.ids import Digest, short
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import Run
from repro_tui.tui.render import numbers
from repro_tui.tui.render.hardware import machine
from repro_tui.tui.render.lines import EMPTY, Field, Line, fact, missing, table, title, wrapped
from repro_tui.tui.render.text import clean, fit, pad, width

Facts = Mapping[str, object]
Documents = Mapping[str, Facts | Unavailable]

_KNOWN = frozenset({"python", "variables", "packages", "conda", "locks", "platform", "container", "content"})
"""Parts of the environment's document that have a place of their own here."""


def environment(run: Run, documents: Documents, cells: int) -> list[Line]:
    """Give the lines of the environment tab; each part of it is there or says why it is not."""
    document = documents.get("environment")
    known: Facts = document if isinstance(document, Mapping) else {}
    blocks = [
        _absence(run, document),
        _python(run, known),
        _libraries(run),
        _determinism(run, cells),
        [title("Hardware"), *machine(run.documents.get("host"), documents.get("host"), cells - 1, full=True)],
        _system(run, known),
        _job(documents.get("job")),
        _variables(run, known, cells),
        _locks(known.get("locks")),
        _packages(known, cells),
        _conda(known.get("conda"), cells),
        *[_further(key, value) for key, value in known.items() if key not in _KNOWN],
        _search_path(known),
        _problems(run, cells),
    ]
    lines: list[Line] = []
    for block in blocks:
        if block:
            lines += [*([EMPTY] if lines else []), *(((" ", ""), *line) for line in block)]
    return lines


def _absence(run: Run, document: Facts | Unavailable | None) -> list[Line]:
    if isinstance(document, Unavailable):
        return [(("The environment cannot be read: ", "bad"), (clean(document.reason), "value"))]
    if document is None and "environment" not in run.documents:
        return [(("The environment was not recorded.", "value"),)]
    return []


def _python_facts(known: Facts) -> Facts:
    python = known.get("python")
    return python if isinstance(python, Mapping) else {"version": python} if python else {}


def _python(run: Run, known: Facts) -> list[Line]:
    facts = _python_facts(known)
    lines: list[Line] = [title("Python")]
    if facts.get("version"):
        lines.append(fact("version", str(facts["version"]), note=str(facts.get("implementation") or "")))
    else:
        lines.append(missing("version", str(facts.get("unavailable") or "not recorded")))
    exe = str(facts.get("exe") or run.python or "")
    if exe:
        lines.append(fact("interpreter", exe))
    if run.python and exe != run.python:
        lines.append(fact("found as", run.python))
    prefix, base = str(facts.get("prefix") or ""), str(facts.get("base") or "")
    if prefix:
        lines.append(fact("installed in", prefix, note="" if prefix == base else f"made from {base}" if base else ""))
    if facts.get("flags"):
        lines.append(fact("options", _told(facts["flags"])))
    if facts.get("asked"):
        lines.append(fact("note", str(facts["asked"]), "dim"))
    return lines


def _libraries(run: Run) -> list[Line]:
    if not run.libraries:
        return []
    return [title("Libraries", "as they were imported"), *_pairs(sorted(run.libraries.items()))]


def _determinism(run: Run, cells: int) -> list[Line]:
    lines: list[Line] = [title("Determinism")]
    if not run.seeds:
        lines.append(missing("seeds", "no seed call was seen"))
    for index, seed in enumerate(run.seeds):
        lines.append(fact("seeds" if index == 0 else "", f"{seed.library} {seed.value}", note=seed.at))
    names = min(max(14, cells - 8), max([14, *(width(clean(name)) + 2 for name in run.flags)]))
    for name, value in sorted(run.flags.items()):
        lines.append(((fit(name, names), "label"), (clean(numbers.scalar(value)), "value")))
    return lines


def _system(run: Run, known: Facts) -> list[Line]:
    platform = known.get("platform")
    facts: Facts = platform if isinstance(platform, Mapping) else {}
    container = known.get("container")
    box: Facts = container if isinstance(container, Mapping) else {}
    lines = []
    if run.host:
        lines.append(fact("host", run.host))
    if facts.get("os") or facts.get("system"):
        lines.append(fact("system", str(facts.get("os") or facts["system"]), note=str(facts.get("machine") or "")))
    lines += [fact(key, str(facts[key])) for key in ("kernel", "libc") if facts.get(key)]
    if box.get("kind") or box.get("image"):
        image = str(box.get("image") or "")
        lines.append(
            fact("container", str(box.get("kind") or "yes"), note=image or "its image is not known from inside")
        )
        if box.get("digest"):
            lines.append(fact("image", str(box["digest"]), "dim"))
    elif box:
        lines.append(fact("container", "none", "dim"))
    return [title("System"), *lines] if lines else []


def _job(document: Facts | Unavailable | None) -> list[Line]:
    if not isinstance(document, Mapping):
        return []
    told = [(key.replace("_", " "), value) for key, value in document.items() if key not in {"content", "scheduler"}]
    return [title("Job", clean(str(document.get("scheduler") or ""))), *_pairs(told)]


def _variables(run: Run, known: Facts, cells: int) -> list[Line]:
    """List the variables that may be recorded, and name those that were withheld."""
    chosen = known.get("variables")
    lines = _pairs(sorted(chosen.items())) if isinstance(chosen, Mapping) and chosen else []
    hidden = sorted(omission.what for omission in run.omissions if omission.kind == "redacted")
    for index, line in enumerate(wrapped(", ".join(hidden), cells - 15, "warn") if hidden else ()):
        lines.append(((pad("redacted" if index == 0 else "", 14), "label"), *line))
    return [title("Variables", "those that may be recorded (env.allow)"), *lines] if lines else []


def _locks(locks: object) -> list[Line]:
    if not isinstance(locks, Sequence) or isinstance(locks, str):
        return []
    if not locks:
        return [title("Lock files", "none in the project's folder")]
    found = [lock for lock in locks if isinstance(lock, Mapping)]
    names = min(40, max((width(clean(str(lock.get("path")))) for lock in found), default=0))
    lines: list[Line] = [title("Lock files and requirements", str(len(found)))]
    for lock in found:
        of_bytes = lock.get("size")
        told = numbers.size(of_bytes) if isinstance(of_bytes, int) else ""
        digest = short(Digest(str(lock.get("digest") or "")))
        path = fit(str(lock.get("path")), names, keep="end")
        lines.append(((path, "value"), (f"  {told:>8}", "value"), (f"  {clean(digest)}", "dim")))
    return lines


def _packages(known: Facts, cells: int) -> list[Line]:
    packages = known.get("packages")
    if not isinstance(packages, Sequence) or isinstance(packages, str) or not packages:
        return [title("Packages"), missing("list", "no package was found")] if known else []
    rows = sorted((_package_row(package) for package in packages), key=lambda row: row[0][0].lower())
    head, lines = table((Field("package", most=40), Field("version", most=28), Field("from")), rows, cells - 1)
    return [title("Packages", str(len(rows))), head, *lines]


def _package_row(package: object) -> Line:
    if not isinstance(package, Mapping):
        return (clean(str(package)), "value"), ("", ""), ("", "")
    origin, style = _origin(package.get("origin"))
    return (
        (clean(str(package.get("name", ""))), "value"),
        (clean(str(package.get("version", ""))), "value"),
        (origin, style),
    )


def _origin(origin: object) -> tuple[str, str]:
    """Say where a package came from; what no index can give again stands out."""
    text = clean(str(origin or ""))
    return text, "dim" if text in {"", "index"} else "warn"


def _conda(packages: object, cells: int) -> list[Line]:
    if not isinstance(packages, Sequence) or isinstance(packages, str) or not packages:
        return []
    keys = ("name", "version", "build", "channel")
    rows = [
        tuple((clean(str(package.get(key) or "")), "value" if key in {"name", "version"} else "dim") for key in keys)
        for package in packages
        if isinstance(package, Mapping)
    ]
    head, lines = table(
        (Field("package", most=40), Field("version"), Field("build"), Field("channel")), rows, cells - 1
    )
    return [title("Conda packages", str(len(rows))), head, *lines]


def _further(key: str, value: object) -> list[Line]:
    """Show a part that has no place of its own, as a newer probe may write one."""
    if value in (None, "", [], {}):
        return []
    head = title(clean(key.replace("_", " ").capitalize()))
    if isinstance(value, Mapping):
        return [head, *_pairs(list(value.items()))]
    items = value if isinstance(value, list | tuple) else [value]
    return [head, *(((clean(_told(item)), "value"),) for item in items)]


def _search_path(known: Facts) -> list[Line]:
    path = _python_facts(known).get("path")
    if not isinstance(path, Sequence) or isinstance(path, str) or not path:
        return []
    return [title("Module search path", str(len(path))), *(((clean(str(entry)), "dim"),) for entry in path)]


def _problems(run: Run, cells: int) -> list[Line]:
    found = [problem for problem in run.problems if problem.where in {"environment", "host", "job"}]
    lines: list[Line] = [title("Problems", "not observed; the run went on")] if found else []
    for problem in found:
        lines += wrapped(problem.what, cells - 1, "warn")
        lines += wrapped(problem.hint, cells - 1, "dim", indent=2) if problem.hint else []
    return lines


def _pairs(items: Sequence[tuple[object, object]]) -> list[Line]:
    """Show names and values in two columns."""
    names = min(32, max([12, *(width(clean(str(key))) for key, _ in items)]))
    return [((fit(str(key), names), "label"), (f"  {clean(_told(value))}", "value")) for key, value in items]


def _told(value: object) -> str:
    """Write a decoded JSON value on one line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_told(item)}" for key, item in value.items() if item not in ("", None))
    if isinstance(value, list | tuple):
        return ", ".join(_told(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
