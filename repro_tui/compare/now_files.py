"""The files that a run read, as they lie there now: by the stat cache, and by reading what is quickly read."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from blake3 import blake3

from repro_tui.capture.parameters import parse_config
from repro_tui.domain.events import Scalar
from repro_tui.domain.ids import Digest
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import Coverage, FileFact, Param, Run
from repro_tui.fingerprint import Budget, Fingerprint, Fingerprinter
from repro_tui.journal.layout import Layout
from repro_tui.recorder.line import from_text
from repro_tui.recorder.variables import OF_CHILD, PREFIX, written
from repro_tui.settings import Project

_READING_S = 0.3
"""How long contents that the stat cache does not know may be read; what is left is said to be not read yet."""
_CONFIG_LIMIT = 1_000_000
_SOURCE_LIMIT = 64 << 20


def files_now(project: Project, like: Run) -> tuple[tuple[FileFact, ...], tuple[str, ...]]:
    """Give the files of a run with the digests that they have now, and the names of inputs that are gone."""
    read = [fact for fact in like.files if fact.role in {"in", "config"}]
    found = dict(zip((fact.path for fact in read), _fingerprints(project, read), strict=True))
    files: list[FileFact] = []
    gone: list[str] = []
    for fact in like.files:
        now = found.get(fact.path)
        if now is None:
            files.append(fact)
        elif now.size is None:
            gone.append(fact.path)
        else:
            files.append(
                replace(
                    fact,
                    digest=now.digest,
                    size=now.size,
                    files=now.files,
                    coverage=now.coverage,
                    changed_during=False,
                    stat=tuple(now.stat or ()),
                )
            )
    return tuple(files), tuple(gone)


def _fingerprints(project: Project, facts: list[FileFact]) -> list[Fingerprint]:
    settings = project.settings
    prints = Fingerprinter(
        Layout.of(project).cache / "stat",
        metadata_above=settings.number("hash.metadata_above"),
        exclude=settings.list("exclude"),
    )
    paths = [str(_place(project, fact.path)) for fact in facts]
    known = prints.check(paths)
    open_ = [n for n, each in enumerate(known) if each.coverage is Coverage.PENDING and each.size is not None]
    open_.sort(key=lambda n: known[n].size or 0)
    if open_:
        budget = Budget(deadline=time.monotonic() + _READING_S)
        for n, each in zip(open_, prints.take([paths[n] for n in open_], budget), strict=True):
            known[n] = each
    return known


def sources_now(project: Project, like: Run) -> Mapping[str, Digest]:
    """Give the digests that the imported files have now, of the recorded kinds; files that are gone are left out."""
    found: dict[str, Digest] = {}
    for path, recorded in like.sources.items():
        algorithm = recorded.partition(":")[0]
        try:
            with open(_place(project, path), "rb") as file:  # noqa: PTH123 - a text with surrogates
                content = file.read(_SOURCE_LIMIT)
        except OSError:
            continue
        digits = hashlib.sha256(content).hexdigest() if algorithm == "sha256" else blake3(content).hexdigest()
        found[path] = Digest(f"{'sha256' if algorithm == 'sha256' else 'b3'}:{digits}")
    return found


def parameters_now(
    project: Project, like: Run, files: tuple[FileFact, ...], variables: Mapping[str, str]
) -> Mapping[str, Param] | Unavailable:
    """Give the parameters, with those of configuration files that changed and those of the surroundings read anew."""
    before = {fact.path: fact.digest for fact in like.files}
    now = {fact.path: fact.digest for fact in files}
    params = {name: _surrounding(name, param, variables) for name, param in like.params.items()}
    for path, told in sorted(like.configs.items()):
        if now.get(path) == before.get(path) and now.get(path) is not None:
            continue
        source = f"file:{path}"
        values = parse_config(Path(_place(project, path)), _CONFIG_LIMIT).values
        if not values:
            return Unavailable(f"{path} cannot be read as configuration now")
        for name in [n for n, param in params.items() if param.source == source or _follows(param, told.get(n))]:
            del params[name]
        params |= {name: Param(value, source) for name, value in values.items() if name not in params}
    return params


def _surrounding(name: str, param: Param, variables: Mapping[str, str]) -> Param:
    """Give an environment variable as it is set now; one that a program between might set stays as it was."""
    plain = from_text(name.removeprefix(PREFIX))
    if not param.surrounds or (param.source == OF_CHILD and plain not in variables):
        return param
    return Param(written(plain, variables.get(plain))[0], param.source)


def _place(project: Project, path: str) -> str:
    return os.path.join(project.root, from_text(path))  # noqa: PTH118 - it may hold bytes that are no UTF-8


def _follows(param: Param, told: Scalar) -> bool:
    """Tell whether a script only said again what its configuration file told: then another file tells it otherwise."""
    return param.source in {"log", "argparse", "click"} and told is not None and param.value == told
