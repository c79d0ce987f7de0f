"""What a change of a program amounts to: nothing but comments or layout, or another default of one parameter."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Sequence

from repro_tui.domain.comparison import Change, FilePatch, Kind
from repro_tui.domain.traits import Section
from repro_tui.domain.values import number_of

LAYOUT = "only comments or layout differ"
_LARGEST = 400_000
"""Characters of a program that is taken apart: of a larger one nothing is claimed."""
_LITERAL = re.compile(r"""[-+]?(?:\d[\w.]*(?:(?<=[eE])[-+]\d+)?|\.\d\w*)|"[^"]*"|'[^']*'|\w+""")
_NO_LETTERS = re.compile(r"#.*|\W")
_WORD = re.compile(r"[A-Za-z_]\w*")


def is_layout(path: str, old: str, new: str) -> bool:
    """Tell whether two texts are the same Python program: what is computed does not hang on comments and layout."""
    if not path.endswith(".py") or max(len(old), len(new)) > _LARGEST:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.dump(ast.parse(old)) == ast.dump(ast.parse(new))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # of another Python, or no program at all
        return False


def may_be_layout(lines: Sequence[str]) -> bool:
    """Tell by the lines of a patch whether it is worth taking both programs apart, which takes longer."""
    return _letters(lines, "-") == _letters(lines, "+")


def _letters(lines: Sequence[str], sign: str) -> str:
    return "".join(_NO_LETTERS.sub("", line[1:]) for line in lines if line.startswith(sign))


def only_lines(patch: FilePatch) -> tuple[str, str] | None:
    """Give the one line that a patch takes out and the one that it puts in; None of any other patch."""
    if (patch.added, patch.removed, patch.hunks) != (1, 1, 1):
        return None
    old = next(line[1:] for line in patch.lines if line.startswith("-"))
    new = next(line[1:] for line in patch.lines if line.startswith("+"))
    return old.strip(), new.strip()


def default_of(lines: tuple[str, str], changes: Iterable[Change]) -> str:
    """Name the parameter of which a line holds the old value and then the new one, and differs in nothing else.

    The line has to name it too, so that another number that was changed alike is not taken for it.
    """
    old, new = (_LITERAL.findall(line) for line in lines)
    skeletons = [_LITERAL.sub("0", line) for line in lines]
    moved = [(a, b) for a, b in zip(old, new, strict=False) if a != b]
    if len(old) != len(new) or skeletons[0] != skeletons[1] or len(moved) != 1:
        return ""
    spoken = {word.lower() for word in _WORD.findall(lines[1].replace("-", "_"))} | set(_WORD.findall(lines[1]))
    for change in changes:
        if change.section is not Section.PARAMETERS or change.kind is not Kind.CHANGED:
            continue
        assert change.before is not None
        assert change.after is not None
        name = change.name.rpartition(".")[2].replace("-", "_")
        named = name.lower() in spoken or f"__{name.lower()}" in spoken
        if named and _is(moved[0][0], change.before.text) and _is(moved[0][1], change.after.text):
            return change.name
    return ""


def _is(literal: str, text: str) -> bool:
    """Tell whether a literal of a program writes a value."""
    bare = literal.strip("\"'")
    number = number_of(bare)
    return bare.lower() == text.strip('"').lower() if number is None else number == number_of(text)
