"""The environment as traits: Python, packages by name, what numeric libraries were built with, the container."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from repro_tui.domain.command_line import telling_options
from repro_tui.domain.run import Run
from repro_tui.domain.traits import Part, Section, Trait

Facts = Mapping[str, object]

_SEPARATORS = re.compile(r"[-_.]+")
_OURS = "repro-tui"
EDITED = "edited in place"
"""How it is said that a package does not hold what was installed."""
_CONDA_ONLY = frozenset({"python"})


def environment_traits(run: Run, environment: Facts, *, complete: bool) -> Iterator[Trait]:
    """Give what surrounded a run; `complete` when all that it imported was noted."""
    python = environment.get("python")
    if isinstance(python, Mapping) and python.get("version"):
        yield _plain("python", str(python["version"]))
        flags = " ".join(telling_options(python.get("flags")))
        if flags:
            yield _plain("python options", flags)
    elif isinstance(python, str) and python:
        yield _plain("python", python)
    conda = {normal(str(entry.get("name"))): entry for entry in _listed(environment.get("conda"))}
    packages = packages_of(environment)
    for name, facts in packages.items():
        yield _package(name, facts, conda.get(name, {}), run if complete else None)
    for name, facts in conda.items():
        if name not in packages and name not in _CONDA_ONLY:
            yield _package(name, facts, facts, None)
    for name, value in run.libraries.items():
        if "." in name and name.partition(".")[0] in run.libraries:
            yield _plain(name, value)
    yield from _platform(environment)


def normal(name: str) -> str:
    """Give a distribution's name in the form that all spellings share (PEP 503)."""
    return _SEPARATORS.sub("-", name).lower()


def packages_of(environment: Facts) -> dict[str, Facts]:
    """Give each package's facts by its normal name, from a list of them or a mapping of names to versions."""
    listed = environment.get("packages")
    if isinstance(listed, Mapping):
        return {
            normal(str(name)): value if isinstance(value, Mapping) else {"name": name, "version": value}
            for name, value in sorted(listed.items())
        }
    return {normal(str(facts["name"])): facts for facts in _listed(listed) if facts.get("name")}


def _listed(value: object) -> Iterator[Facts]:
    for entry in value if isinstance(value, list | tuple) else ():
        if isinstance(entry, Mapping):
            yield entry


def _plain(name: str, text: str) -> Trait:
    return Trait(Section.ENVIRONMENT, name, text, text)


def _package(name: str, facts: Facts, conda: Facts, run: Run | None) -> Trait:
    version, origin = str(facts.get("version") or ""), str(facts.get("origin") or "")
    build = str(facts.get("build") or "") if facts is not conda else ""
    edited = str(facts.get("edited") or "")
    token = " ".join((version, kind_of_origin(origin) or "index", build, str(conda.get("build") or "")))
    said = version + (f" {conda['build']}" if conda.get("build") else "")
    if origin and origin != "index":
        said += f" ({origin})"
    if edited:
        token += f" {edited}"
        said += f", {EDITED} in {_edited_files(facts)}"
    return Trait(
        Section.ENVIRONMENT,
        name,
        token.rstrip(),
        said,
        part=Part.IDLE if name == _OURS or (run is not None and not is_used(facts, run.modules)) else Part.INPUT,
        basis="build" if build else "",
        digest=build,
    )


def _edited_files(facts: Facts) -> str:
    listed = facts.get("edited_files")
    files = [str(file) for file in listed] if isinstance(listed, list | tuple) else []
    count = facts.get("edited_count")
    more = count - 1 if isinstance(count, int) else 0
    return (files[0] if files else "its files") + (f" and {more} more" if more > 0 else "")


def is_used(facts: Facts, imported: Collection[str]) -> bool:
    """Tell whether a package may have been used: only of one whose modules are known can it be said that it was not."""
    modules = facts.get("modules")
    if not isinstance(modules, list | tuple) or facts.get("native") or not imported:
        return True
    return not modules or any(str(module) in imported for module in modules)


def kind_of_origin(origin: str) -> str:
    """Leave a folder's place out of an origin: the same checkout lies elsewhere on another machine."""
    kind = origin.partition(" ")[0]
    return kind if kind in {"editable", "path"} else origin


def _platform(environment: Facts) -> Iterator[Trait]:
    platform, container = environment.get("platform"), environment.get("container")
    if isinstance(platform, Mapping):
        for name in ("machine", "libc"):
            if platform.get(name):
                yield _plain(name, str(platform[name]))
    if isinstance(container, Mapping) and container.get("image"):
        yield _plain("container", str(container["image"]))
