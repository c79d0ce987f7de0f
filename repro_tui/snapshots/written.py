"""Snapshot documents as values, and back (docs/formats/store.md, "A snapshot document")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from repro_tui.domain.foreign import ForeignError, digest, text, whole
from repro_tui.domain.ids import Digest, RunId, is_run_id
from repro_tui.domain.snapshot import LeftOut, Link, Part, PartKind, Snapshot
from repro_tui.errors import DamagedError

_KINDS = frozenset(PartKind)
_MANY = 100_000
IDENTITY = ("t", "user", "host")
"""Keys in which two documents of the same content may differ."""


def snapshot_of(name: Digest, document: Mapping[str, object]) -> Snapshot:
    """Read a document; raises DamagedError for one that is not as the format says."""
    try:
        run = text(document, "run", "")
        return Snapshot(
            digest=name,
            t=_number(document.get("t")),
            user=text(document, "user", ""),
            host=text(document, "host", ""),
            parts=tuple(_part(part) for part in _list(document, "parts")),
            run=RunId(run) if is_run_id(run) else None,
            name=text(document, "name", ""),
            dataset=text(document, "dataset", ""),
            version=digest(document, "version"),
            partial=tuple(line for line in _raw_list(document, "partial") if isinstance(line, str)),
            left_out=tuple(_left_out(entry) for entry in _list(document, "left_out")),
        )
    except ForeignError as error:
        raise DamagedError(
            f"The snapshot {name} is damaged: its {error} is not what the format says.", "Run `repro-tui check`."
        ) from error


def _raw_list(document: Mapping[str, object], key: str) -> list[object]:
    raw = document.get(key, [])
    if not isinstance(raw, list):
        raise ForeignError(key)
    return raw[:_MANY]


def _list(document: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    found = []
    for item in _raw_list(document, key):
        if not isinstance(item, Mapping):
            raise ForeignError(key)
        found.append(item)
    return found


def _number(raw: object) -> float:
    if not isinstance(raw, int | float) or isinstance(raw, bool):
        raise ForeignError("t")
    return float(raw)


def _part(raw: Mapping[str, object]) -> Part:
    kind = text(raw, "kind")
    if kind not in _KINDS:
        raise ForeignError("kind")
    return Part(
        name=text(raw, "name"),
        kind=PartKind(kind),
        files=whole(raw, "files") or 0,
        size=whole(raw, "size") or 0,
        digest=digest(raw, "digest"),
        linked=tuple(_link(link) for link in _list(raw, "linked")),
    )


def _link(raw: Mapping[str, object]) -> Link:
    coverage = text(raw, "cov", "full")
    return Link(text(raw, "path"), digest(raw, "d"), whole(raw, "size") or 0, whole(raw, "files"), coverage)


def _left_out(raw: Mapping[str, object]) -> LeftOut:
    return LeftOut(text(raw, "what"), text(raw, "why", ""), whole(raw, "size") or 0, text(raw, "kind", "left_out"))


def link_fields(links: Iterable[Link]) -> list[dict[str, object]]:
    """Write links as a document has them."""
    return [
        {"path": link.path, "d": link.digest, "size": link.size, "files": link.files, "cov": link.coverage}
        for link in links
    ]


def left_out_fields(left_out: Iterable[LeftOut]) -> list[dict[str, object]]:
    """Write what is not in a snapshot as a document has it."""
    return [{"what": one.what, "why": one.why, "size": one.size, "kind": one.kind} for one in left_out]


def event_parts(parts: Sequence[Part]) -> list[dict[str, object]]:
    """Write parts as a `snapshot` event has them."""
    return [
        {"name": part.name, "kind": str(part.kind), "files": part.files, "size": part.size, "linked": bool(part.linked)}
        | ({"cov": least(part.linked)} if part.linked else {})
        for part in parts
    ]


def least(links: Sequence[Link]) -> str:
    """Give the coverage of the link that is known least."""
    order = ("pending", "metadata", "full")
    return min((link.coverage for link in links), key=lambda word: order.index(word) if word in order else 0)


def same_content(one: Mapping[str, object], two: Mapping[str, object]) -> bool:
    """Tell whether two documents keep the same, whoever took them and when."""
    return {k: v for k, v in one.items() if k not in IDENTITY} == {k: v for k, v in two.items() if k not in IDENTITY}
