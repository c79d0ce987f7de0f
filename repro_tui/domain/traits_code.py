"""What a run's code consists of, file by file: what was imported or read, and what only lay beside it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping

from repro_tui.domain.paths import Places
from repro_tui.domain.programs import is_program, is_seen, needs_process
from repro_tui.domain.run import Run
from repro_tui.domain.traits import Part, Section, Trait

Facts = Mapping[str, object]

_HEAD = re.compile(r"^diff --git a/(.*) b/\1$")
_INDEX = re.compile(r"^index [0-9a-f]+\.\.([0-9a-f]{40,64})")
_NOT_KEPT = "not kept"


def code_traits(run: Run, code: Facts, tree: Facts, patch: Facts, *, complete: bool) -> Iterator[Trait]:
    """Give each program that a run imported or that lay in its project; `complete` when all imports were noted."""
    blobs = _lying(code, tree, patch)
    places = Places.of(run)
    used = set(run.sources) | {fact.path for fact in run.files if "r" in fact.mode}
    used |= {path for word in run.argv if (path := places.relative(word))}
    watched = complete and bool(run.sources)
    alone = is_alone(run)
    sources = {path: str(digest) for path, digest in run.sources.items()}
    for path in sorted(blobs.keys() | sources.keys()):
        blob = blobs.get(path, "")
        token = sources.get(path) or blob
        idle = watched and path not in used and (is_seen(path) or (alone and needs_process(path)))
        yield Trait(
            Section.CODE,
            path,
            token,
            short(token) if token != _NOT_KEPT else _NOT_KEPT,
            part=Part.IDLE if idle else Part.INPUT,
            basis=token.partition(":")[0],
            digest=blob if blob not in {token, _NOT_KEPT} else "",
        )


def is_alone(run: Run) -> bool:
    """Tell whether the command was one Python process that started no other, and was given no script to start."""
    if not run.attempts or any(map(needs_process, run.argv)):
        return False
    return all(attempt.alone for attempt in run.attempts)


def short(digest: str) -> str:
    """Shorten a digest to what tells it apart at a glance: `b3:91ac04`."""
    kind, colon, digits = digest.rpartition(":")
    return f"{kind}{colon}{digits[:6]}"


def has_files(code: Facts, tree: Facts) -> bool:
    """Tell whether the documents list the files, so that one that is not among them was not there."""
    return bool(tree.get("files")) or code.get("kind") == "files" or (bool(code) and not code.get("commit"))


def _lying(code: Facts, tree: Facts, patch: Facts) -> dict[str, str]:
    """Give the programs that lay in the project when the run began, with an id of each one's content."""
    way = str(code.get("way") or "")
    found: dict[str, str] = {}
    for entry in _entries(tree.get("files")):
        if isinstance(entry, list | tuple) and len(entry) == 3 and is_program(str(entry[0])):  # noqa: PLR2004 - path, mode, id
            found[_named(way, str(entry[0]))] = f"git:{entry[2]}"
    patched = _patched(patch)
    for entry in _entries(code.get("changed")):
        path = str(entry.get("path") or "") if isinstance(entry, Mapping) else ""
        if not is_program(path):
            continue
        name = _named(way, path)
        if isinstance(entry, Mapping) and entry.get("status") == "D":
            found.pop(name, None)
        else:
            found[name] = f"git:{patched[path]}" if path in patched else _NOT_KEPT
    for entry in (*_entries(code.get("untracked")), *_entries(code.get("sources"))):
        path = str(entry.get("path") or "") if isinstance(entry, Mapping) else ""
        if is_program(path) and isinstance(entry, Mapping):
            found[_named(way, path)] = str(entry.get("digest") or _NOT_KEPT)
    return found


def _entries(listed: object) -> Iterable[object]:
    return listed if isinstance(listed, list | tuple) else ()


def _named(way: str, path: str) -> str:
    """Name a path of the repository from the project's folder, which may lie some folders below its top."""
    if not way:
        return path
    if path.startswith(way):
        return path[len(way) :]
    steps, parts = way.strip("/").split("/"), path.split("/")
    common = 0
    while common < min(len(steps), len(parts)) and steps[common] == parts[common]:
        common += 1
    return "/".join([".."] * (len(steps) - common) + parts[common:])


def _patched(patch: Facts) -> dict[str, str]:
    """Read git's id of each changed file's new content from the heads of a patch."""
    raw = patch.get("patch")
    if not isinstance(raw, str):
        return {}
    try:
        text = base64.b64decode(raw, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return {}
    found: dict[str, str] = {}
    path = ""
    for line in text.split("\n"):
        if head := _HEAD.match(line):
            path = head[1]
        elif path and (index := _INDEX.match(line)):
            if index[1].strip("0"):
                found[path] = index[1]
            path = ""
    return found
