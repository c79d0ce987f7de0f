"""What changed between a run and the one before it: four digests for the letters, phrases for a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from repro_tui.domain.prints import InputPrints, content_of, input_prints
from repro_tui.domain.run import FileFact, Run
from repro_tui.domain.traits_of import Side
from repro_tui.domain.values import show

NOTHING = "····"
"""The letters when nothing changed."""
UNKNOWN = "    "
"""The letters when there is no previous run."""

_MOST = 3
"""Packages, parameters and files that are named one by one; more are counted."""


def letters(before: InputPrints | None, after: InputPrints) -> str:
    """Give the four letters of `after` against `before`: a letter where both are known and differ, else a dot."""
    if before is None:
        return UNKNOWN
    pairs = (
        ("C", *_code(before, after)),
        ("D", *_alike(before.data, after.data)),
        ("P", before.parameters, after.parameters),
        ("E", before.environment, after.environment),
    )
    return "".join(letter if old and new and old != new else "·" for letter, old, new in pairs)


def _code(before: InputPrints, after: InputPrints) -> tuple[str | None, str | None]:
    """Give what is compared of the code: what was imported where both imported the same files, else all of it.

    Other code that both imported nothing of lights no letter, nor do other imports of the same code.
    """
    old, new = _alike(before.used, after.used)
    return (old, new) if old and new else (before.code, after.code)


def _alike(old: str | None, new: str | None) -> tuple[str | None, str | None]:
    """Give two digests of data as they are where they rest on the same coverage, else as not known."""
    same = old is not None and new is not None and old.partition(":")[0] == new.partition(":")[0]
    return (old, new) if same else (None, None)


def phrases(before: Side, after: Side) -> tuple[str, ...]:
    """Say what changed, code first: `code: 2 files`, `train.csv changed`, `lr 0.1 to 0.05`, `numpy 2.4.5 to 2.4.6`."""
    return (
        *_code_phrases(before, after),
        *_data_phrases(before.run.files, after.run.files),
        *_changes(_shown(before.run), _shown(after.run), "parameters"),
        *_environment_phrases(before, after),
    )


def _inputs(files: Iterable[FileFact]) -> dict[str, FileFact]:
    return {fact.path: fact for fact in files if fact.role == "in"}


def _code_phrases(before: Side, after: Side) -> list[str]:
    old, new = content_of(before.run, "code"), content_of(after.run, "code")
    if old is None or new is None or old == new:
        return []
    old_files, new_files = files_of_code(before), files_of_code(after)
    changed = sorted(p for p in old_files.keys() | new_files.keys() if old_files.get(p) != new_files.get(p))
    commits = [str(side.run.documents["code"].summary.get("commit") or "")[:8] for side in (before, after)]
    moved = f", commit {commits[0]} to {commits[1]}" if all(commits) and commits[0] != commits[1] else ""
    if not changed:
        return [f"code changed{moved}"]
    if len(changed) == 1:
        return [f"code: {changed[0]}{moved}"]
    return [f"code: {len(changed)} files{moved}"]


def files_of_code(side: Side) -> dict[str, object]:
    """Give each source file that is known with its digest: imported ones, and those that the code document lists."""
    known: dict[str, object] = {}
    for key in ("files", "sources", "untracked"):
        listed = side.code.get(key)
        if isinstance(listed, Mapping):
            known |= {str(path): repr(value) for path, value in listed.items()}
        elif isinstance(listed, list | tuple):
            for item in listed:
                if isinstance(item, Mapping) and isinstance(item.get("path"), str):
                    known[str(item["path"])] = str(item.get("digest") or item.get("d") or item.get("size"))
    return known | dict(side.run.sources)


def _data_phrases(before: Iterable[FileFact], after: Iterable[FileFact]) -> list[str]:
    old, new = _inputs(before), _inputs(after)
    said: list[str] = []
    for path in sorted(old.keys() | new.keys()):
        if path not in old:
            said.append(f"{path} is new")
        elif path not in new:
            said.append(f"{path} no longer read")
        elif _differs(old[path], new[path]):
            said.append(f"{path} changed{_growth(old[path], new[path])}")
    return _few(said, "inputs changed")


def _differs(old: FileFact, new: FileFact) -> bool:
    """Tell whether two fingerprints, made in the same way, are not the same."""
    return bool(old.digest and new.digest and old.digest != new.digest and old.coverage is new.coverage)


def _growth(old: FileFact, new: FileFact) -> str:
    if old.files and new.files and old.files != new.files:
        return f" ({new.files - old.files:+,} files)"
    if old.size is not None and new.size is not None and old.size != new.size:
        return f" ({new.size - old.size:+,} bytes)"
    return ""


def _shown(run: Run) -> dict[str, str]:
    return {name: show(param.value) for name, param in run.params.items()}


def _changes(old: Mapping[str, str], new: Mapping[str, str], plural: str) -> list[str]:
    said = []
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            said.append(f"{name} {new[name]} (new)")
        elif name not in new:
            said.append(f"{name} {old[name]} (gone)")
        elif old[name] != new[name]:
            said.append(f"{name} {old[name]} to {new[name]}")
    return _few(said, f"{plural} changed")


def _few(said: list[str], rest: str) -> list[str]:
    """Name the first few, and count the others."""
    return said if len(said) <= _MOST + 1 else [*said[:_MOST], f"{len(said) - _MOST} more {rest}"]


def _environment_phrases(before: Side, after: Side) -> list[str]:
    old, new = input_prints(before.run).environment, input_prints(after.run).environment
    if old is None or new is None or old == new:
        return []
    said = _changes(packages_of(before.environment), packages_of(after.environment), "packages")
    for name in ("python", "platform", "cpu", "gpu", "driver", "cuda"):
        pair = [_word(side.environment.get(name) or side.host.get(name)) for side in (before, after)]
        if pair[0] != pair[1] and all(pair):
            said.append(f"{name} {pair[0]} to {pair[1]}")
    return said or ["environment changed"]


def packages_of(document: Mapping[str, object]) -> dict[str, str]:
    """Give each package with its version, from a mapping or a list of `{"name", "version"}`."""
    listed = document.get("packages")
    if isinstance(listed, Mapping):
        return {
            str(name): str(value.get("version") if isinstance(value, Mapping) else value)
            for name, value in listed.items()
        }
    if isinstance(listed, list | tuple):
        return {
            str(item["name"]): str(item.get("version"))
            for item in listed
            if isinstance(item, Mapping) and isinstance(item.get("name"), str)
        }
    return {}


def _word(value: object) -> str:
    """Give a fact of a document as a word, empty when it is a structure of its own."""
    if isinstance(value, Mapping):
        return _word(value.get("version") or value.get("model") or value.get("name"))
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, map(_word, value)))
    return "" if value is None else str(value)
