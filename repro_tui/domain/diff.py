"""The difference of two runs as a list of changes: a pure function over their traits.

Laws (tests/properties/test_diff_laws.py): a run does not differ from itself; turned around, the difference is that of
the runs in the other order; laid over the first run it gives the second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from repro_tui.domain.change_words import words_of
from repro_tui.domain.comparison import Change, Kind
from repro_tui.domain.traits import Key, Section, Trait, Traits

_ORDER = {section: number for number, section in enumerate(Section)}


def same(before: Trait, after: Trait) -> bool | None:
    """Tell whether two traits are equal; None when they were come by in ways that cannot be compared."""
    if before.basis == after.basis:
        return before.token == after.token
    if before.section is Section.ENVIRONMENT:  # one of both tells builds apart, the other does not: versions must do
        return _without_build(before) == _without_build(after)
    ids = [{each for each in (trait.token, trait.digest) if ":" in each} for trait in (before, after)]
    if before.section is Section.CODE and ids[0] & ids[1]:
        return True
    kinds = [{each.partition(":")[0] for each in side} for side in ids]
    return False if before.section is Section.CODE and kinds[0] & kinds[1] else None


def _without_build(trait: Trait) -> str:
    return trait.token.replace(f" {trait.digest}", "") if trait.digest else trait.token


def diff(a: Traits, b: Traits) -> tuple[Change, ...]:
    """Give everything by which two runs differ, by section and then by name."""
    changes = _moved(list(_changes(a, b)))
    return tuple(sorted(changes, key=lambda change: (_ORDER[change.section], change.name)))


def _changes(a: Traits, b: Traits) -> Iterator[Change]:
    """Compare key by key."""
    parts = _in_parts(b, a), _in_parts(a, b)
    for key in a.by_key.keys() | b.by_key.keys():
        before, after = a.by_key.get(key), b.by_key.get(key)
        if before is not None and after is not None:
            if before.token == after.token and before.basis == after.basis:
                continue
            equal = same(before, after)
            if equal is None or _open(before) or _open(after):
                yield _change(Kind.UNKNOWN, before, after, _why(before, after))
            elif not equal:
                yield _change(Kind.CHANGED, before, after)
            continue
        absent = b if after is None else a
        reason = absent.unknown.get(key[0], "") or (_IN_PARTS if key in parts[after is None] else "")
        kind = Kind.REMOVED if after is None else Kind.ADDED
        yield _change(Kind.UNKNOWN if reason else kind, before, after, reason)


_IN_PARTS = "known as a whole on one side, and file by file on the other"


def _in_parts(mine: Traits, other: Traits) -> frozenset[Key]:
    """Give the inputs of one side that are a folder of which the other knows files, or a file in such a folder."""
    ours, theirs = ({name for section, name in side.by_key if section is Section.DATA} for side in (mine, other))
    inside = {folder for name in theirs - ours for folder in _above(name)}
    return frozenset(
        (Section.DATA, name) for name in ours - theirs if name in inside or any(f in theirs for f in _above(name))
    )


def _above(name: str) -> Iterator[str]:
    while name := name.rpartition("/")[0]:
        yield name


def _open(trait: Trait) -> bool:
    """Tell whether the content behind a trait is not known."""
    return not trait.token or trait.basis in {"pending", "not kept"}


def _why(before: Trait, after: Trait) -> str:
    if before.section is Section.DATA:
        return "not hashed yet" if _open(before) or _open(after) else "one of both is known by metadata only"
    return "its content was not kept of one of both" if before.section is Section.CODE else "known in another way"


def _change(kind: Kind, before: Trait | None, after: Trait | None, why: str = "") -> Change:
    return Change(kind, before, after, words_of(kind, before, after), why)


def _moved(changes: Sequence[Change]) -> list[Change]:
    """Take together an input that is gone and one that is new with the same content: it only lies elsewhere."""
    gone = {
        c.before.token: c for c in changes if c.kind is Kind.REMOVED and c.before is not None and _is_content(c.before)
    }
    kept: list[Change] = []
    used: set[Key] = set()
    for change in changes:
        new = change.after
        old = gone.get(new.token) if change.kind is Kind.ADDED and new is not None and _is_content(new) else None
        if new is None or old is None or old.before is None or old.before.basis != new.basis:
            kept.append(change)
        elif (old.section, old.name) not in used:
            used.add((old.section, old.name))
            kept.append(_change(Kind.CHANGED, old.before, new))
        else:
            kept.append(change)
    return [c for c in kept if c.kind is not Kind.REMOVED or (c.section, c.name) not in used]


def _is_content(trait: Trait) -> bool:
    return trait.section is Section.DATA and bool(trait.token)


def invert(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Turn a difference around."""
    turned = {Kind.ADDED: Kind.REMOVED, Kind.REMOVED: Kind.ADDED}
    found = [_change(turned.get(c.kind, c.kind), c.after, c.before, c.why) for c in changes]
    return tuple(sorted(found, key=lambda change: (_ORDER[change.section], change.name)))


def apply(changes: Iterable[Change], a: Traits) -> dict[Key, Trait]:
    """Lay a difference over the first run's traits: gives those of the second."""
    found: dict[Key, Trait] = dict(a.by_key)
    changes = list(changes)
    for change in changes:
        if change.before is not None:
            found.pop((change.before.section, change.before.name), None)
    for change in changes:
        if change.after is not None:
            found[change.after.section, change.after.name] = change.after
    return found


def tokens(by_key: Mapping[Key, Trait]) -> dict[Key, tuple[str, str]]:
    """Reduce traits to what is compared."""
    return {key: (trait.token, trait.basis) for key, trait in by_key.items()}
