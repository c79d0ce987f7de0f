"""How the code of two runs differs: which files, their patches, and the commits between."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from repro_tui.compare.code_side import CodeSide
from repro_tui.compare.contents import contents
from repro_tui.compare.patches import Content, patch_of
from repro_tui.domain.comparison import CodeChange, FilePatch
from repro_tui.domain.plain import clean
from repro_tui.source.git import Git, GitError
from repro_tui.store.store import Store

_MOST_COMMITS = 200
_GIT_S = 10.0
_MOST_FILES = 2000
"""Files whose patches are made: two lines of history that share nothing differ in all."""
_ENOUGH = 200_000
"""Lines of patches after which further files are only named."""
_AT_A_TIME = 50
"""Files whose contents are read together: each question to git costs a process."""


def code_change(before: CodeSide, after: CodeSide, store: Store) -> CodeChange:
    """Compare the code of two runs."""
    used = before.used | after.used
    names = sorted(differing(before, after), key=lambda name: (name not in used, name))
    shown, rest = names[:_MOST_FILES], names[_MOST_FILES:]
    files: list[FilePatch] = []
    lines = 0
    for name, old, new in both_contents(before, after, shown, store):
        if isinstance(old, bytes) and old == new:
            continue  # it only came to be known in another way: committed since, say
        if lines > _ENOUGH:
            files.append(FilePatch(name, (), why="the patch is too long to be shown in full", used=name in used))
            continue
        files.append(patch_of(name, old, new, used=name in used))
        lines += len(files[-1].lines)
    files += [FilePatch(name, (), why="one of too many files that differ", used=name in used) for name in rest]
    commits, back, why = commits_between(before.top, before.commit, after.commit)
    return CodeChange(tuple(files), commits, back, "; ".join([*([why] if why else []), *_problems(before, after)]))


def both_contents(
    before: CodeSide, after: CodeSide, names: Sequence[str], store: Store
) -> Iterator[tuple[str, Content, Content]]:
    """Give files with both contents, some at a time: all of them together may be larger than the memory."""
    for at in range(0, len(names), _AT_A_TIME):
        some = names[at : at + _AT_A_TIME]
        old, new = contents(before, some, store), contents(after, some, store)
        yield from ((name, old[name], new[name]) for name in some)


def _problems(before: CodeSide, after: CodeSide) -> list[str]:
    return list(dict.fromkeys([*before.problems, *after.problems]))


def differing(before: CodeSide, after: CodeSide) -> set[str]:
    """Give the names of files that differ, or that may."""
    found = set()
    for name in before.files.keys() | after.files.keys():
        one, two = before.files.get(name), after.files.get(name)
        if one is None or two is None:
            if not _was_unseen(one is None, name, before, after):
                found.add(name)
        elif not one.same(two):
            found.add(name)
    return found


def _was_unseen(missing_before: bool, name: str, before: CodeSide, after: CodeSide) -> bool:  # noqa: FBT001 - which side has it not
    """Tell whether a file is missing from one side only because nobody looks there unless a process imports it."""
    side = before if missing_before else after
    known = (after if missing_before else before).files[name]
    outside = name.startswith(("/", "../"))
    return (outside and not known.oid) or (bool(side.problems) and not side.files)


def commits_between(top: Path, before: str, after: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Give the commits that only the later side has, those that only the earlier one has, and why they are unknown."""
    if not before or not after or before == after:
        return (), (), ""
    git = Git(top, time.monotonic() + _GIT_S)
    try:
        for commit in (before, after):
            if not git.line("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}"):
                return (), (), f"git has no commit {commit[:8]} any more"
        return _log(git, before, after), _log(git, after, before), ""
    except (GitError, OSError) as error:
        return (), (), f"git gives no answer: {error}"


def _log(git: Git, without: str, of: str) -> tuple[str, ...]:
    """List commits, newest first, one line each."""
    options = (
        "--no-show-signature",
        "--no-decorate",
        "--no-notes",
        "--format=%H %s",
        f"--max-count={_MOST_COMMITS + 1}",
    )
    raw = git.ask("log", *options, of, f"^{without}", "--").decode("utf-8", "replace")
    rows = [line.partition(" ") for line in raw.splitlines()]
    shown = tuple(f"{commit[:8]} {clean(subject)}" for commit, _, subject in rows[:_MOST_COMMITS])
    return shown if len(rows) <= _MOST_COMMITS else (*shown, "… and earlier ones")
