"""What would differ if a run were started again: its command, with code, environment, data and host as they are now.

It stands as a run of its own beside the recorded ones, so that it is compared by the same rules. What only the run
itself can show (seeds, flags, which modules it imports) is taken to be as it was.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from repro_tui.capture.prepare import own_environment
from repro_tui.capture.probes.code import probe_code
from repro_tui.capture.probes.environment import after_imports
from repro_tui.capture.probes.finding import Finding, digest_of
from repro_tui.capture.probes.host import probe_host
from repro_tui.compare.now_environment import environment_now
from repro_tui.compare.now_files import files_now, parameters_now, sources_now
from repro_tui.domain.comparison import NOW
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import Document, Run
from repro_tui.domain.traits import Section
from repro_tui.domain.traits_of import Side
from repro_tui.settings import Project

Facts = Mapping[str, object]

_GIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Moment:
    """The project as it lies there, as a run that has not begun."""

    run: Run
    documents: Mapping[str, Facts]
    """Facts documents by section: `code`, `patch`, `tree`, `environment`, `host`."""
    unknown: Mapping[Section, str]
    """Sections of which not everything can be told now, with the reason."""
    notes: tuple[str, ...] = ()
    """What a person should know besides: an input that is gone, another `python` on the path."""

    def side(self, names: Mapping[str, str]) -> Side:
        """Give it as a side of a comparison; `names` leads from the path of each declared dataset to its name."""
        code, environment, host, tree, patch = (
            self.documents.get(section, {}) for section in ("code", "environment", "host", "tree", "patch")
        )
        return Side(self.run, code, environment, host, tree, patch, names, self.unknown)


def look(project: Project, like: Run, recorded: Facts, variables: Mapping[str, str]) -> Moment:
    """Look at everything at once.

    Args:
        project: the project.
        like: the run whose command would be started again.
        recorded: the environment document of that run.
        variables: the environment that the command would be started in.
    """
    own = own_environment(variables)
    with ThreadPoolExecutor(4, thread_name_prefix="now") as pool:
        coding = pool.submit(probe_code, project, _GIT_S)
        hosting = pool.submit(probe_host, own)
        surrounding = pool.submit(environment_now, project, recorded, own)
        filing = pool.submit(files_now, project, like)
    findings: dict[str, Finding] = {finding.section: finding for finding in (*coding.result(), hosting.result())}
    unknown: dict[Section, str] = {}
    notes: list[str] = []
    environment = surrounding.result()
    if isinstance(environment, Unavailable):
        unknown[Section.ENVIRONMENT] = environment.reason
    else:
        findings["environment"] = _as_looked_at(environment, like)
    files, gone = filing.result()
    notes += [f"{name} is not there now" for name in gone]
    parameters = parameters_now(project, like, files, own)
    if isinstance(parameters, Unavailable):
        unknown[Section.PARAMETERS] = parameters.reason
    sources = sources_now(project, like)
    run = replace(
        like,
        uid=NOW,
        name=str(NOW),
        started=time.time(),
        root=str(project.root),
        # What was imported says what will be only as long as none of it changed.
        attempts=like.attempts if sources == like.sources else (),
        relations=(),
        output=(),
        snapshots=(),
        answers={},
        tags=frozenset(),
        note="",
        files=files,
        params=like.params if isinstance(parameters, Unavailable) else parameters,
        sources=sources,
        documents={section: _document(finding) for section, finding in findings.items()},
        omissions=tuple(omission for finding in findings.values() for omission in finding.omissions),
        problems=tuple(problem for finding in findings.values() for problem in finding.problems),
    )
    notes += _another_python(like, recorded, own)
    return Moment(run, {name: finding.document for name, finding in findings.items()}, unknown, tuple(notes))


def _as_looked_at(environment: Finding, like: Run) -> Finding:
    """Look for edits in those packages that the run was looked at for."""
    document = like.documents.get("environment")
    return after_imports(environment, like.modules) if document and document.summary.get("used") else environment


def _document(finding: Finding) -> Document:
    """Name a finding as its document would be named."""
    return Document(finding.section, digest_of(finding.document), finding.summary)


def _another_python(like: Run, recorded: Facts, variables: Mapping[str, str]) -> list[str]:
    """Say when the command's first word leads to another interpreter than the run had."""
    python = recorded.get("python")
    exe = str(python.get("exe") or "") if isinstance(python, Mapping) else ""
    word = like.argv[0] if like.argv else ""
    if not exe or not word.startswith("python") or "/" in word:
        return []
    found = shutil.which(word, path=variables.get("PATH"))
    if found is None:
        return [f"{word} is not on the PATH here; the environment of {exe} is compared"]
    if _same(os.path.realpath, found, exe) and _same(os.path.dirname, found, exe):
        return []
    return [] if _same(str, found, exe) else [f"{word} is {found} here; the environment of {exe} is compared"]


def _same(way: Callable[[str], str], one: str, two: str) -> bool:
    return way(one) == way(two)
