"""The environment probe: Python, its packages, the platform, and the variables that may be recorded.

The digest `content` speaks of what decides a result: implementation and version of Python, machine architecture, C
library, name, version, origin and build of every package but our own, conda builds, the container's image, and
variables that steer arithmetic or chance. Kernel, locale, paths, scheduler and when something was installed do not
count.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Collection, Mapping
from pathlib import Path

from blake3 import blake3

from repro_tui.capture.probes import variables
from repro_tui.capture.probes.container import container
from repro_tui.capture.probes.edited import with_edits
from repro_tui.capture.probes.finding import Finding, digest_of
from repro_tui.capture.probes.interpreter import InterpreterFacts
from repro_tui.capture.probes.packages import list_conda, list_packages
from repro_tui.domain.command_line import telling_options
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.prints import imported_print
from repro_tui.domain.run import Omission, Problem
from repro_tui.domain.traits_environment import is_used
from repro_tui.recorder.line import from_text, to_text
from repro_tui.settings import Project
from repro_tui.source.distributions import normal
from repro_tui.source.words import words

_LOCKS = words(
    """
    uv.lock poetry.lock pdm.lock pixi.lock pixi.toml Pipfile.lock conda-lock.yml pylock*.toml requirements*.txt
    requirements/*.txt environment*.yml environment*.yaml constraints*.txt pyproject.toml setup.py setup.cfg Dockerfile
    *.def flake.lock renv.lock Manifest.toml
    """
)
"""Files that say which packages are wanted, or were resolved."""

_LOCK_LIMIT = 32_000_000


def probe_environment(
    python: InterpreterFacts | Unavailable, environment: Mapping[str, str], project: Project | None = None
) -> Finding:
    """Look at the environment that a command runs in.

    `python` is what the recorder said, what `find_interpreter` was told, or why there is none; `environment` holds the
    command's variables; with `project`, lock files are looked for and `env.allow` is heard.
    """
    problems: list[Problem] = []
    further = project.settings.list("env.allow") if project else ()
    chosen, redacted = variables.choose(environment, further)
    document: dict[str, object] = {"platform": _platform(), "variables": chosen, "container": container(environment)}
    packages: list[dict[str, object]] = []
    conda: list[dict[str, object]] = []
    if isinstance(python, Unavailable):
        what = f"The packages are not known: {python.reason}."
        problems.append(Problem("environment", what, "Start Python directly: repro-tui run -- python script.py"))
        document["python"] = {"unavailable": python.reason}
    else:
        document["python"] = _python(python)
        packages, conda = _packages(python, problems)
    document |= {"packages": packages, "conda": conda, "locks": _locks(project.root) if project else []}
    document["content"] = _content(document, packages, conda, chosen)
    omissions = tuple(
        Omission("redacted", name, "the variable's name or value looks like a secret") for name in redacted
    )
    summary = {
        "python": "" if isinstance(python, Unavailable) else to_text(python.version),
        "packages": len(packages),
        "conda": len(conda),
        "container": str(document["container"]["image"] or document["container"]["kind"]),  # type: ignore[index]
        "content": document["content"],
    }
    return Finding("environment", document, summary, omissions, tuple(problems))


def after_imports(finding: Finding, modules: Collection[str]) -> Finding:
    """Say of an environment what only the imports of a run tell: which packages were edited in place, and `used`.

    `used` is like `content` without the packages that none of these modules is from. Before its colon stands which
    modules those were, so that nobody takes it for what another set of them would give.
    """
    document = dict(finding.document)
    packages, conda, chosen, python = (document[name] for name in ("packages", "conda", "variables", "python"))
    assert isinstance(packages, list)
    assert isinstance(conda, list)
    assert isinstance(chosen, dict)
    assert isinstance(python, dict)
    packages = with_edits(packages, [from_text(entry) for entry in python.get("path", ())], modules)
    document["packages"] = packages
    content = _content(document, packages, conda, chosen)
    document["content"] = content
    idle = {normal(str(facts["name"])) for facts in packages if not is_used(facts, modules)}
    used = [facts for facts in packages if normal(str(facts["name"])) not in idle]
    rest = [facts for facts in conda if normal(str(facts["name"])) not in idle]
    told = f"{imported_print(modules)}:{_content(document, used, rest, chosen)}"
    return Finding(finding.section, document, {**finding.summary, "content": content, "used": told})


def _python(python: InterpreterFacts) -> dict[str, object]:
    facts: dict[str, object] = {
        "exe": to_text(python.exe),
        "version": to_text(python.version),
        "prefix": to_text(python.prefix),
        "base": to_text(python.base),
        "path": [to_text(entry) for entry in python.path],
        "flags": [to_text(flag) for flag in python.flags],
    }
    if python.asked:
        facts["asked"] = (
            "it was asked from outside, in isolated mode: what the script adds to its search path is missing"
        )
    return facts


def _packages(
    python: InterpreterFacts, problems: list[Problem]
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """List what is installed; an environment that cannot be read is a problem, not an end."""
    try:
        packages = list_packages(python.path)
        conda = list_conda(Path(python.prefix)) if python.prefix else []
    except OSError as error:
        what = f"The packages of {to_text(python.exe)} could not be listed: {error.strerror or error}."
        problems.append(Problem("environment", what, "Check that this user may read the environment's folders."))
        return [], []
    if not packages and not conda:
        what = f"No package was found on the search path of {to_text(python.exe)}."
        problems.append(Problem("environment", what, "Nothing to do if the script needs only the standard library."))
    return packages, conda


def _platform() -> dict[str, object]:
    """Describe the operating system without starting a program."""
    system = os.uname()
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        release = {}
    libc = ""
    if "CS_GNU_LIBC_VERSION" in os.confstr_names:
        libc = os.confstr("CS_GNU_LIBC_VERSION") or ""
    return {
        "system": system.sysname,
        "kernel": system.release,
        "machine": system.machine,
        "libc": libc,
        "os": release.get("PRETTY_NAME", ""),
        "os_id": f"{release.get('ID', '')} {release.get('VERSION_ID', '')}".strip(),
    }


def _locks(root: Path) -> list[dict[str, object]]:
    """Name the lock files and lists of requirements that a project holds, each with its digest."""
    found = []
    for file in sorted({file for pattern in _LOCKS for file in root.glob(pattern)}):
        try:
            if not file.is_file() or file.stat().st_size > _LOCK_LIMIT:
                continue
            content = file.read_bytes()
        except OSError:
            continue
        name = to_text(file.relative_to(root).as_posix())
        found.append({"path": name, "size": len(content), "digest": f"b3:{blake3(content).hexdigest()}"})
    return found


def _content(
    document: Mapping[str, object],
    packages: list[dict[str, object]],
    conda: list[dict[str, object]],
    chosen: Mapping[str, str],
) -> str:
    """Digest what decides a result; see the module's first lines for what counts."""
    python = document["python"]
    system = document["platform"]
    image = document["container"]
    assert isinstance(python, dict)
    assert isinstance(system, dict)
    assert isinstance(image, dict)
    return digest_of(
        {
            "python": " ".join([str(python.get("version", "")), *telling_options(python.get("flags"))]),
            "machine": system["machine"],
            "libc": system["libc"],
            "packages": [
                [
                    normal(str(p["name"])),
                    p["version"],
                    _kind_of_origin(str(p["origin"])),
                    p.get("build", ""),
                    *_edits(p),
                ]
                for p in packages
                if normal(str(p["name"])) != "repro-tui"
            ],
            "conda": [[p["name"], p["version"], p["build"]] for p in conda],
            "image": image["image"],
            "variables": variables.deciding(chosen),
        }
    )


def _edits(package: Mapping[str, object]) -> list[object]:
    return [package["edited"]] if package.get("edited") else []


def _kind_of_origin(origin: str) -> str:
    """Leave a folder's place out of an origin: the same checkout lies elsewhere on another machine."""
    kind = origin.partition(" ")[0]
    return kind if kind in {"editable", "path"} else origin
