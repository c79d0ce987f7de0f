"""The working sheet of deciding: one line a snapshot, filled in rule by rule, and what was made from what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from repro_tui.domain.footprint import WHOLE
from repro_tui.domain.ids import Digest
from repro_tui.domain.plain import clean
from repro_tui.domain.retention import Candidate, Decision, GiveUp, Reason, Verdict
from repro_tui.domain.retention_rules import reason

_ALL = frozenset((WHOLE,))
_NONE: frozenset[str] = frozenset()


@dataclass(slots=True, eq=False)
class Line:
    """What is known of one snapshot so far."""

    candidate: Candidate
    keeps: list[Reason] = field(default_factory=list)
    """Why it stays, the strongest first; empty when no rule keeps it."""
    against: list[Reason] = field(default_factory=list)
    """Why it goes, or why it stays although no rule keeps it."""
    fixed: bool = False
    """Nobody may remove it."""
    said: Verdict | None = None
    """What a person said, where that counts."""
    verdict: Verdict = Verdict.KEEP
    parts: frozenset[str] = _NONE

    def decision(self) -> Decision:
        """Say what has become of it."""
        reasons = self.against or self.keeps
        return Decision(
            self.candidate.digest, self.verdict, tuple(reasons), self.parts, self.said is not None, self.fixed
        )

    def let_go(self, give_up: Sequence[GiveUp]) -> None:
        """Give up what the policy gives up of a snapshot that nothing keeps."""
        parts = given_up(self.candidate, give_up)
        if not give_up or (parts and len(parts) == len(self.candidate.parts)):
            self.verdict, self.parts = Verdict.REMOVE, _ALL
        elif parts:
            self.verdict, self.parts = Verdict.LESSEN, parts
        else:
            self.verdict, self.parts = Verdict.KEEP, _NONE
            self.against = [*self.against, reason("give_up", "nothing in it is given up")]

    def remove(self) -> None:
        """Give up all of it."""
        self.verdict, self.parts = Verdict.REMOVE, _ALL


def given_up(candidate: Candidate, give_up: Iterable[GiveUp]) -> frozenset[str]:
    """Name the parts of a snapshot that are of a kind, and of a size, that is given up."""
    return frozenset(
        [
            part.name
            for kind in give_up
            for part in candidate.parts
            if kind.part in (part.name, part.kind) and part.size > kind.above
        ]
    )


class Ancestry:
    """What snapshots were made from, and which of the kept ones need which others for it.

    Of each run the newest snapshot counts, and of each dataset version one holder: the one that was kept by itself,
    else the newest. Which one that is never depends on what else is kept; so keeping more never removes a parent.
    """

    def __init__(self, lines: Mapping[Digest, Line], newest_first: Iterable[Candidate]) -> None:
        self._lines = lines
        self._known: dict[str, Digest] = {}
        holders: dict[str, Digest] = {}
        for candidate in newest_first:
            for version in candidate.versions:
                (self._known if candidate.run is None else holders).setdefault(version, candidate.digest)
            if candidate.run is not None:
                self._known.setdefault(candidate.run, candidate.digest)
        self._known = {**holders, **self._known}
        self._children: dict[Digest, dict[Digest, Candidate]] = {}

    def follow(self) -> None:
        """Keep what the kept ones were made from, and what that was made from."""
        waiting = [line for line in self._lines.values() if line.keeps and line.said is not Verdict.LESSEN]
        for line in waiting:
            for parent in self._parents(line.candidate):
                self._children.setdefault(parent.candidate.digest, {})[line.candidate.digest] = line.candidate
                if not parent.keeps and parent.said is None:
                    parent.keeps.append(_MADE)
                    waiting.append(parent)

    def orphans(self, line: Line) -> list[Line]:
        """Note that a snapshot goes; gives the ones that were kept only for what was made from them."""
        found = []
        for parent in self._parents(line.candidate):
            children = self._children.get(parent.candidate.digest, {})
            known = children.pop(line.candidate.digest, None)
            if known and not children and parent.keeps == [_MADE]:
                parent.keeps.clear()
                found.append(parent)
        return found

    def say(self) -> None:
        """Put into the reasons what was made from what."""
        for digest, children in self._children.items():
            line = self._lines[digest]
            line.keeps = [said for said in line.keeps if said is not _MADE]
            if children:
                line.keeps.append(_made(children.values()))

    def _parents(self, candidate: Candidate) -> list[Line]:
        if not candidate.parents:
            return []
        found = {
            self._known[parent]: None
            for parent in sorted(candidate.parents)
            if parent in self._known and parent not in candidate.versions and parent != candidate.run
        }
        found.pop(candidate.digest, None)
        return [self._lines[digest] for digest in found]


_MADE = Reason("parents", "something kept was made from it")


def _made(children: Collection[Candidate]) -> Reason:
    newest = max(children, key=lambda child: (child.t, child.digest))
    if len(children) == 1:
        return Reason("parents", f"{clean(newest.name)} was made from it")
    return Reason("parents", f"{clean(newest.name)} and {len(children) - 1} more were made from it")
