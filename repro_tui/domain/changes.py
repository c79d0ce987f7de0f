"""What changed between a run and the one before it: four digests for the letters, phrases for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from repro_tui.domain.comparison import Change, Kind
from repro_tui.domain.diff import diff
from repro_tui.domain.prints import InputPrints, around_of, content_of, used_of
from repro_tui.domain.run import Run
from repro_tui.domain.traits import Part, Section
from repro_tui.domain.traits_of import Side, traits_of

NOTHING = "····"
"""The letters when nothing changed."""
UNKNOWN = "    "
"""The letters when there is no previous run."""

Code = tuple[str | None, str | None]
"""A digest of all programs and one of those that were used, or two digests to compare."""

_MOST = 3
"""Packages, parameters and files that are named one by one; more are counted."""


def letters(before: InputPrints | None, after: InputPrints) -> str:
    """Give the four letters of `after` against `before`: a letter where both are known and differ, else a dot."""
    if before is None:
        return UNKNOWN
    pairs = (
        ("C", *_code((before.code, before.used), (after.code, after.used))),
        ("D", *_alike(before.data, after.data)),
        ("P", before.parameters, after.parameters),
        ("E", *_environment(before, after)),
    )
    return "".join(letter if old and new and old != new else "·" for letter, old, new in pairs)


def _code(before: Code, after: Code) -> Code:
    """Give what is compared of the code: what was imported where both imported the same files, else all of it.

    Other code that both imported nothing of lights no letter, nor do other imports of the same code.
    """
    old, new = _alike(before[1], after[1])
    return (old, new) if old and new else (before[0], after[0])


def _environment(before: InputPrints, after: InputPrints) -> tuple[str | None, str | None]:
    """Give what is compared of the environment: packages that were not imported light no letter."""
    same = before.imported is not None and before.imported == after.imported
    return (None, None) if same else (before.environment, after.environment)


def _alike(old: str | None, new: str | None) -> tuple[str | None, str | None]:
    """Give two digests of data as they are where they rest on the same coverage, else as not known."""
    same = old is not None and new is not None and old.partition(":")[0] == new.partition(":")[0]
    return (old, new) if same else (None, None)


def phrases(before: Side, after: Side) -> tuple[str, ...]:
    """Say what changed, code first: `code: 2 files`, `data: +12 bytes`, `lr 0.1 to 0.05`.

    Where results go is left out, and so is what is not known, or was not used.
    """
    said: dict[Section, list[str]] = {}
    files: list[str] = []
    for change in diff(traits_of(before), traits_of(after)):
        if change.kind is Kind.UNKNOWN or change.part in {Part.PLACE, Part.IDLE}:
            continue
        if change.section is Section.CODE:
            files.append(change.name)
        elif not _is_told(change):
            said.setdefault(change.section, []).append(change.words)
    return (
        *_code_phrases(before, after, files),
        *_few(said.get(Section.DATA, []), "inputs changed"),
        *_few(said.get(Section.PARAMETERS, []), "parameters changed"),
        *_environment_phrases(before, after, said),
        *_few(said.get(Section.DETERMINISM, []), "switches changed"),
        *([] if Section.PARAMETERS in said else said.get(Section.COMMAND, [])),
    )


def _is_told(change: Change) -> bool:
    """Tell whether a seed that was set is told by the parameter that it came from."""
    return change.section is Section.DETERMINISM and change.part is Part.SEED


def _code_phrases(before: Side, after: Side, files: Sequence[str]) -> list[str]:
    if not files and not _is_other_code(before.run, after.run):
        return []
    commits = [
        str(side.run.documents["code"].summary.get("commit") or "")[:8] if "code" in side.run.documents else ""
        for side in (before, after)
    ]
    moved = f", commit {commits[0]} to {commits[1]}" if all(commits) and commits[0] != commits[1] else ""
    if len(files) == 1:
        return [f"code: {files[0]}{moved}"]
    return [f"code: {len(files)} files{moved}" if files else f"code changed{moved}"]


def _is_other_code(before: Run, after: Run) -> bool:
    """Tell by the digests whether the code is another, where no file can be named."""
    old, new = _code(*((content_of(run, "code"), used_of(run) if run.argv else None) for run in (before, after)))
    return bool(old and new and old != new)


def _environment_phrases(before: Side, after: Side, said: Mapping[Section, list[str]]) -> list[str]:
    found = [
        *_few(said.get(Section.ENVIRONMENT, []), "packages changed"),
        *_few(said.get(Section.HARDWARE, []), "facts of the machine changed"),
    ]
    if found:
        return found
    old, new = (_surroundings(side) for side in (before, after))
    return ["environment changed"] if None not in {old, new} and old != new else []


def _surroundings(side: Side) -> str | None:
    """Give the digest of packages and machine, of a run whose documents cannot be read; None where they can."""
    return None if side.environment and side.host else around_of(side.run)


def _few(said: list[str], rest: str) -> list[str]:
    """Name the first few, and count the others."""
    return said if len(said) <= _MOST + 1 else [*said[:_MOST], f"{len(said) - _MOST} more {rest}"]
