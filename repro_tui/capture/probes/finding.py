"""What a probe hands back: a document of facts, a summary for lists, and what was left out or could not be seen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from blake3 import blake3

from repro_tui.domain.ids import Digest
from repro_tui.domain.run import Omission, Problem


@dataclass(frozen=True, slots=True)
class Finding:
    """One section of a run's facts, ready to be written as a facts document."""

    section: str
    """`code`, `patch`, `environment`, `host` or `job`."""
    document: Mapping[str, object]
    """Everything that was found, as JSON values (names that are not UTF-8 in the journal's encoding)."""
    summary: Mapping[str, object] = field(default_factory=dict)
    """The few values that lists show. `content` is a digest of what matters when two runs are compared; what counts
    is said where each probe makes it. Times, host names and commit messages never count."""
    omissions: tuple[Omission, ...] = ()
    problems: tuple[Problem, ...] = ()


def digest_of(value: object) -> Digest:
    """Give the digest of a JSON value in its canonical form (keys sorted, no spaces)."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return Digest(f"b3:{blake3(text.encode()).hexdigest()}")
