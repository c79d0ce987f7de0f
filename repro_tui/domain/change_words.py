"""One change in a few words: `lr 0.1 to 0.05 (÷2)`, `torch 2.5.1+cu118 to 2.5.1+cpu: another build`."""

from __future__ import annotations

import re

from repro_tui.domain.comparison import Kind
from repro_tui.domain.programs import is_seen
from repro_tui.domain.traits import Part, Section, Trait
from repro_tui.domain.traits_environment import EDITED
from repro_tui.domain.values import apart, as_text, brief, times

_NUMBERS = re.compile(r"\d+|[a-z]+", re.IGNORECASE)
_STAGES = {"dev": -4, "a": -3, "alpha": -3, "b": -2, "beta": -2, "rc": -1, "c": -1, "post": 1}


def words_of(kind: Kind, before: Trait | None, after: Trait | None) -> str:
    """Say what changed."""
    trait = after or before
    assert trait is not None, "a change has at least one side"
    if before is None or after is None:
        return _one_sided(kind, trait, gone=after is None)
    if kind is Kind.UNKNOWN:
        return f"{trait.name}: not known whether it differs"
    say = {
        Section.PARAMETERS: _parameter,
        Section.ENVIRONMENT: _package,
        Section.DATA: _data,
        Section.CODE: _code,
    }.get(trait.section, _plain)
    return say(before, after)


def _one_sided(kind: Kind, trait: Trait, *, gone: bool) -> str:
    said = f"{trait.name} {brief(trait.text)}" if trait.section is not Section.CODE else trait.name
    if kind is Kind.UNKNOWN:
        return f"{said} ({'before' if gone else 'after'} only, as far as is known)"
    if trait.section is Section.DATA:
        return f"{trait.name} no longer read" if gone else f"{said} (new)"
    if trait.section is Section.CODE:
        verb = "is gone" if gone else "is new"
        return f"{trait.name} {verb}" if trait.part is not Part.IDLE else f"{trait.name} {verb} ({_unused(trait.name)})"
    return f"{said} ({'gone' if gone else 'new'})"


def _plain(before: Trait, after: Trait) -> str:
    old, new = apart(before.text, after.text)
    factor = times(before.number, after.number) if before.part is not Part.SEED else ""
    return f"{after.name} {old} to {new}" + (f" ({factor})" if factor else "")


def _parameter(before: Trait, after: Trait) -> str:
    if before.text == after.text:
        kinds = [trait.token.partition(" ")[0] for trait in (before, after)]
        shown = [as_text(t.text) if k == "text" else t.text for t, k in zip((before, after), kinds, strict=True)]
        return f"{after.name} {shown[0]} ({kinds[0]}) to {shown[1]} ({kinds[1]})"
    return _plain(before, after)


def _package(before: Trait, after: Trait) -> str:
    old, new = before.text.partition(" ")[0], after.text.partition(" ")[0]
    if before.name == "python" or "." in before.name:
        return _plain(before, after)
    if EDITED in before.text or EDITED in after.text:
        same = before.text == after.text
        return (
            f"{after.name} {before.text}, edited otherwise" if same else f"{after.name} {before.text} to {after.text}"
        )
    if old == new:
        if before.text != after.text:
            return f"{after.name} {before.text} to {after.text}: same version, from elsewhere"
        return f"{after.name} {old}: same version, another build"
    if old.partition("+")[0] == new.partition("+")[0]:
        return f"{after.name} {old} to {new}: another build"
    return f"{after.name} {old} to {new}" + (" (back)" if ordered(new) < ordered(old) else "")


def ordered(version: str) -> tuple[tuple[int, int], ...]:
    """Put versions in order as far as their numbers tell; enough for saying which of two is the older one."""
    found: list[tuple[int, int]] = []
    for part in _NUMBERS.findall(version.partition("+")[0]):
        if part.isdigit():
            found.append((0, int(part)))
        elif part.lower() in _STAGES:
            found.append((_STAGES[part.lower()], 0))
    while found and found[-1] == (0, 0):
        found.pop()
    return (*found, (0, 0))


def _data(before: Trait, after: Trait) -> str:
    if before.token == after.token:
        return f"{before.name} now at {after.name}: same content"
    size = [_sizes(trait.text) for trait in (before, after)]
    moved = [trait.text.partition(", ")[0] for trait in (before, after)]
    from_to = f" {moved[0]} to {moved[1]}" if moved[0] != moved[1] and not any(map(_is_digest, moved)) else ""
    name = before.name if before.name == after.name else f"{before.name} to {after.name}"
    if size[0] != size[1] and None not in size:
        return f"{name}{from_to}: {_grown((size[1] or 0) - (size[0] or 0))}"
    return f"{name}{from_to}: other content" + (" of the same size" if size[0] == size[1] is not None else "")


def _grown(size: int) -> str:
    return f"{size:+,} {'byte' if abs(size) == 1 else 'bytes'}"


def _is_digest(text: str) -> bool:
    return text.startswith(("b3:", "sha256:")) or text == "not hashed yet"


def _sizes(text: str) -> int | None:
    found = re.search(r"([\d,]+) bytes", text)
    return int(found[1].replace(",", "")) if found else None


def _unused(path: str) -> str:
    return "not imported" if is_seen(path) else "not used"


def _code(before: Trait, after: Trait) -> str:
    idle = before.part is Part.IDLE and after.part is Part.IDLE
    return f"{after.name} changed" + (f" ({_unused(after.name)} by either run)" if idle else "")
