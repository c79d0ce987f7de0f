"""What can no longer be done after a prune, as sentences: what is cited first, then the most that is lost."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from repro_tui.domain.footprint import WHOLE
from repro_tui.domain.ids import Digest
from repro_tui.domain.plain import clean
from repro_tui.domain.retention import Candidate, Decision, Stock, Verdict

_NAMED = 3
"""So many names stand in one sentence; of more the number is told."""
_NEEDED = frozenset(("code", "environment", "data"))
"""Kinds of parts without which a run cannot be replayed."""
_LACKS = {
    "outputs": "would have no results to compare a replay with",
    "wheels": "would need packages from the network",
}
"""Kind of a part that is of use in a replay, to what is said where it goes."""
_KEPT = 2
"""The level of a run whose snapshot holds all that it needs."""


def impossible(stock: Stock, decisions: Sequence[Decision]) -> tuple[str, ...]:
    """Say what carrying out decisions makes impossible once the trash is emptied; nothing for what already is so."""
    losing = {decision.digest: decision for decision in decisions if decision.verdict is not Verdict.KEEP}
    gone = [candidate for candidate in stock.candidates if candidate.digest in losing]
    stays = [candidate for candidate in stock.candidates if candidate.digest not in losing]
    runs = _without_another(gone, stays)
    lost = {candidate.digest: _kinds(candidate, losing[candidate.digest]) for candidate in runs}
    dead = [candidate for candidate in runs if lost[candidate.digest] & _NEEDED]
    cited, others = _parted(dead)
    found = [_cited(each) for each in cited[:_NAMED]]
    if rest := cited[_NAMED:]:
        found.append(f"{len(rest)} more that {'is' if len(rest) == 1 else 'are'} cited could no longer be had again")
    none = "" if cited else "; none is cited"
    for word in ("replayed", "restored"):
        found += _several([each for each in others if _word(each) == word], f"could no longer be {word}", none)
    found += _versions(gone, stays, losing)
    found += _orphans(stays, gone, losing)
    spared = [candidate for candidate in runs if not lost[candidate.digest] & _NEEDED]
    for kind, what in _LACKS.items():
        found += _several([each for each in spared if kind in lost[each.digest]], what)
    return tuple(found)


def _without_another(gone: Iterable[Candidate], stays: Iterable[Candidate]) -> list[Candidate]:
    """Give one snapshot, the newest that goes, of each run of which none stays whole."""
    safe = {candidate.run for candidate in stays}
    found: dict[str, Candidate] = {}
    for candidate in gone:
        if candidate.run is not None and candidate.run not in safe:
            found.setdefault(candidate.run, candidate)
    return list(found.values())


def _kinds(candidate: Candidate, decision: Decision) -> frozenset[str]:
    """Name the kinds of parts that a snapshot loses."""
    if WHOLE in decision.parts:
        return _NEEDED | {part.kind for part in candidate.parts}
    return frozenset(part.kind for part in candidate.parts if part.name in decision.parts)


def _parted(candidates: Iterable[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
    cited: list[Candidate] = []
    others: list[Candidate] = []
    for candidate in candidates:
        (cited if candidate.cited else others).append(candidate)
    return cited, others


def _cited(candidate: Candidate) -> str:
    where = clean(", ".join(candidate.cited))
    return f"{_name(candidate)} is cited ({where}) and could no longer be {_word(candidate)}"


def _word(candidate: Candidate) -> str:
    return "replayed" if candidate.level >= _KEPT else "restored"


def _several(candidates: Sequence[Candidate], what: str, end: str = "") -> list[str]:
    names = [_name(candidate) for candidate in candidates]
    return [f"{_list(names, 'runs')} {what}{end if len(names) > 1 else ''}"] if names else []


def _versions(gone: Iterable[Candidate], stays: Iterable[Candidate], losing: Mapping[Digest, Decision]) -> list[str]:
    """Say which dataset versions that were kept by themselves nothing holds any more."""
    held = {version for candidate in stays for version in candidate.versions}
    names = [
        _name(candidate)
        for candidate in gone
        if candidate.run is None
        and "data" in _kinds(candidate, losing[candidate.digest])
        and not (candidate.versions and candidate.versions <= held)
    ]
    return [f"{_list(names, 'dataset versions')} could no longer be restored"] if names else []


def _orphans(stays: Iterable[Candidate], gone: Collection[Candidate], losing: Mapping[Digest, Decision]) -> list[str]:
    """Say of what stays that what it was made from goes."""
    kept = list(stays)
    there = {str(candidate.run) for candidate in kept} | {v for candidate in kept for v in candidate.versions}
    lost: set[str] = set()
    for candidate in gone:
        if "data" in (kinds := _kinds(candidate, losing[candidate.digest])):
            lost |= candidate.versions
        if kinds & _NEEDED and candidate.run is not None:
            lost.add(candidate.run)
    lost -= there
    names = [_name(candidate) for candidate in kept if candidate.parents & lost]
    return (
        [f"what {_list(names, 'snapshots')} {'were' if len(names) > 1 else 'was'} made from would be gone"]
        if names
        else []
    )


def _name(candidate: Candidate) -> str:
    return clean(candidate.name) or candidate.digest.removeprefix("b3:")[:8]


def _list(names: Sequence[str], noun: str) -> str:
    """Name one, or tell how many there are with the first names."""
    if len(names) == 1:
        return names[0]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{len(names)} {noun} ({', '.join(names[:_NAMED])}{more})"
