"""The parts `environment` and `wheels` of a snapshot: what was installed, with what it takes to have it again."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from blake3 import blake3

from repro_tui.domain.progress import Progress
from repro_tui.domain.run import Run
from repro_tui.domain.snapshot import LeftOut, PartKind
from repro_tui.journal.facts import canonical
from repro_tui.settings import Project
from repro_tui.snapshots.code_tree import found_at, read_small
from repro_tui.snapshots.env_facts import EnvironmentFacts, read_environment
from repro_tui.snapshots.env_hashes import Artifact, Key, merged, read_lock
from repro_tui.snapshots.env_local import RECORDER, Local, installed, installed_size, is_recorded, keep_local, sha256_of
from repro_tui.snapshots.env_lock import Known, Lock, direct, make_lock
from repro_tui.snapshots.env_repack import RepackError, repack
from repro_tui.snapshots.env_wheels import fetch
from repro_tui.snapshots.parts import Given, PartPlan, Plan
from repro_tui.snapshots.where import ENVIRONMENT, full_path, to_bytes
from repro_tui.source.apply import MODE_FILE
from repro_tui.store.entry import Found

LEVEL = 3
_WHEELS = ENVIRONMENT + b"/wheels/"


@dataclass(frozen=True, slots=True)
class Making:
    """What the environment is kept with."""

    wheels: bool
    scratch: Path | None
    """A folder for files that are made on the way; None for an offer, for which nothing is made."""
    progress: Progress | None


def plan_environment(
    project: Project, run: Run, documents: Mapping[str, Mapping[str, object]], plan: Plan, making: Making
) -> list[PartPlan]:
    """Say what of the environment is going to be kept; what is not goes to the plan's lists."""
    document = documents.get("environment")
    if document is None:
        plan.partial.append("the environment was not recorded, and is not in it")
        return []
    facts = read_environment(document)
    began_ns = int(run.started * 1e9)
    locks = _lock_files(project, facts, plan, began_ns)
    local = keep_local(facts, project, began_ns, making.scratch)
    plan.partial += local.changed
    plan.left_out += [LeftOut(name, why) for name, why in local.missing]
    wheels = dict(local.wheels)
    if making.wheels and making.scratch is not None:
        wheels |= _all_wheels(facts, making.scratch, making.progress, plan)
    others = tuple(p for p in facts.packages if p.key[0] != RECORDER or p.kind != "editable")
    lock = make_lock(replace(facts, packages=others), _known(facts, locks, local, wheels))
    texts = {
        b"environment.json": canonical(document),
        b"packages.json": canonical(_packages(facts)),
        os.fsencode(lock.name): lock.text.encode(),
        b"README": _readme(facts, lock, wheels).encode(),
    }
    given = [Given(ENVIRONMENT + b"/" + n, MODE_FILE, t, size=len(t), mtime_ns=began_ns) for n, t in texts.items()]
    given += [item for item, _ in locks]
    given += local.given
    parts = [
        PartPlan("environment", PartKind.ENVIRONMENT, _words(facts, lock), tuple(given), searched=True, level=LEVEL)
    ]
    if making.wheels and making.scratch is None:
        return [*parts, _promised(facts)]
    return parts + _wheel_parts(wheels, wanted=making.wheels)


def _promised(facts: EnvironmentFacts) -> PartPlan:
    """Say what wheels would be fetched: at most as many bytes as are installed of the packages."""
    present = installed(facts.path)
    sizes = [installed_size(present[package.key[0]]) for package in facts.packages if package.key[0] in present]
    what = f"up to {len(facts.packages)} wheels, over the network"
    return PartPlan("wheels", PartKind.WHEELS, what, guess=sum(sizes))


def _wheel_parts(wheels: Mapping[Key, Path], *, wanted: bool) -> list[PartPlan]:
    found: list[Found] = []
    for path in sorted(wheels.values()):
        item = found_at(os.fsencode(path), _WHEELS + os.fsencode(path.name), b"")
        if item is not None:
            found.append(item)
    if not found and not wanted:
        return []
    what = f"{len(found)} wheel{'' if len(found) == 1 else 's'}"
    return [PartPlan("wheels", PartKind.WHEELS, what, found=tuple(found))]


def _all_wheels(facts: EnvironmentFacts, scratch: Path, progress: Progress | None, plan: Plan) -> dict[Key, Path]:
    """Fetch the wheels of packages from an index; what cannot be fetched is made of what is installed."""
    wanted = [package for package in facts.packages if package.kind not in {"editable", "path"}]
    fetched = fetch(facts.exe, [package for package in wanted if package.kind == "index"], scratch, progress)
    found = dict(fetched.wheels)
    present = installed(facts.path)
    made = scratch / "made"
    made.mkdir(exist_ok=True)
    again = 0
    for package in wanted:
        if package.key in found:
            continue
        distribution = present.get(package.key[0])
        why = fetched.missing.get(package.key, "it came from no index")
        try:
            if distribution is None or not is_recorded(package, distribution):
                raise RepackError("what is installed now is not what the run had")
            found[package.key] = repack(distribution, made)
            again += package.key in fetched.missing
        except (RepackError, OSError, ValueError) as error:
            plan.left_out.append(LeftOut(f"wheel of {package.name}=={package.version}", f"{why}; {error}"))
    if fetched.offline and again:
        count = "the wheel of 1 package" if again == 1 else f"the wheels of {again} packages"
        why = f"{fetched.offline}; what is installed was packed again and is kept instead"
        plan.left_out.append(LeftOut(f"{count}, as the index has {'it' if again == 1 else 'them'}", why))
    return found


def _lock_files(
    project: Project, facts: EnvironmentFacts, plan: Plan, began_ns: int
) -> list[tuple[Given, dict[Key, list[Artifact]]]]:
    """Take the lock files that are still what they were, with what they tell of packages."""
    found = []
    for lock in facts.locks:
        read = read_small(full_path(lock.path, project.root))
        if read is None or lock.digest is None or f"b3:{blake3(read[0]).hexdigest()}" != lock.digest:
            plan.left_out.append(LeftOut(lock.path, "the lock file changed since the run", kind="changed"))
            continue
        place = ENVIRONMENT + b"/locks/" + to_bytes(lock.path)
        given = Given(place, MODE_FILE, read[0], size=len(read[0]), mtime_ns=began_ns)
        found.append((given, read_lock(lock.path, read[0])))
    return found


def _known(
    facts: EnvironmentFacts,
    locks: Sequence[tuple[Given, dict[Key, list[Artifact]]]],
    local: Local,
    wheels: Mapping[Key, Path],
) -> Known:
    stored = {key: (f"wheels/{path.name}", sha256_of(path), path.stat().st_size) for key, path in wheels.items()}
    artifacts = merged([*(told for _, told in locks), direct(facts.packages)])
    return Known(artifacts, stored, local.folders)


def _packages(facts: EnvironmentFacts) -> dict[str, object]:
    return {
        "python": facts.version,
        "packages": [
            {"name": p.name, "version": p.version, "origin": p.origin, "installer": p.installer, "record": p.record}
            for p in facts.packages
        ],
    }


def _words(facts: EnvironmentFacts, lock: Lock) -> str:
    """Say it in a few words: `31 packages, Python 3.11.7, locked`."""
    if facts.unavailable:
        return "its packages are not known"
    count = f"{len(facts.packages)} package{'' if len(facts.packages) == 1 else 's'}"
    return ", ".join([count, f"Python {facts.version}", *(["locked"] if lock.name == "pylock.toml" else [])])


def _readme(facts: EnvironmentFacts, lock: Lock, wheels: Mapping[Key, Path]) -> str:
    lines = [
        f"The environment of the run: Python {facts.version or '(unknown)'}, {len(facts.packages)} packages.",
        "",
        "  environment.json   everything that was recorded: platform, packages, variables, container",
        "  packages.json      each package with its origin, and the digest of its RECORD: a rebuilt environment is the",
        "                     same when these digests are",
    ]
    if lock.name == "pylock.toml":
        lines.append("  pylock.toml        a lock (PEP 751): `uv pip sync pylock.toml` in a new environment")
    else:
        lines.append("  packages.txt       what was installed; it is no lock, and says why")
    if wheels:
        lines.append("  wheels/            wheels: `pip install --no-index --no-deps wheels/*.whl`")
    lines += [
        "  locks/             lock files and lists of requirements that the project held",
        "  archives/          source trees of packages that were installed from folders",
    ]
    return "\n".join(lines) + "\n"
