"""Profiles and file lists as documents of facts, and back; a document may come from anywhere."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from repro_tui.domain.ids import Digest
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.profile import ColumnProfile, FileLine, Profile, TableProfile, TypeCount
from repro_tui.recorder.line import from_text, to_text

VERSION = 1
_MOST_TABLES = 10_000
_MOST_COLUMNS = 100_000
_MOST_CLASSES = 100
_MOST_TYPES = 10_000
_LONGEST = 4096


class _WrongError(Exception):
    """A document is not of the form that it should have; the text says where."""


def to_document(profile: Profile) -> dict[str, object]:
    """Write a profile as a document of facts."""
    return {"version": VERSION, **{key: _named(value) for key, value in asdict(profile).items()}}


def from_document(document: Mapping[str, object]) -> Profile | Unavailable:
    """Read a profile; unknown fields are passed over. Never raises for what stands in the document."""
    try:
        if document.get("version") != VERSION:
            return Unavailable("its profile was written by a newer version of repro-tui")
        return Profile(
            types=tuple(
                TypeCount(_text(entry, "suffix"), _count(entry, "files"), _count(entry, "size"))
                for entry in _entries(document, "types", _MOST_TYPES)
            ),
            tables=tuple(_table(entry) for entry in _entries(document, "tables", _MOST_TABLES)),
            problems=_texts(document, "problems"),
            unfinished=document.get("unfinished") is True,
        )
    except _WrongError as error:
        return Unavailable(f"its profile is damaged: {error}")


def _named(value: object) -> object:
    """Give texts as names of the file system, because documents are written in the NUL encoding as a whole."""
    match value:
        case str():
            return from_text(value)
        case dict():
            return {from_text(str(key)): _named(item) for key, item in value.items()}
        case list() | tuple():
            return [_named(item) for item in value]
    return value


def _read(text: str) -> str:
    """Give a text in the NUL encoding, whether it comes from a document or straight from `to_document`."""
    return text if text.isascii() or not any("\ud800" <= character < "\ue000" for character in text) else to_text(text)


def list_document(files: Sequence[FileLine]) -> dict[str, object]:
    """Write a file list as a document of facts."""
    rows = [[from_text(line.path), line.size, line.mode, line.digest, line.mtime_ns] for line in files]
    return {"files": sorted(rows, key=lambda row: str(row[0]))}


def list_from_document(document: Mapping[str, object]) -> tuple[FileLine, ...] | Unavailable:
    """Read a file list; unknown fields are passed over. Never raises for what stands in the document."""
    rows = document.get("files")
    if not isinstance(rows, list):
        return Unavailable("its file list is damaged: it has no files")
    lines = tuple(map(_line, rows))
    if None in lines:
        return Unavailable(f"its file list is damaged in entry {lines.index(None) + 1}")
    return tuple(line for line in lines if line is not None)


def _line(row: object) -> FileLine | None:
    match row:
        case [str(path), int(size), int(mode), str() | None as digest, *rest] if size >= 0 and mode >= 0:
            mtime = rest[0] if rest and isinstance(rest[0], int) else 0
            return FileLine(_read(path), size, None if digest is None else Digest(digest), mode, mtime)
    return None


def _table(entry: Mapping[str, object]) -> TableProfile:
    shape = entry.get("shape") or []
    if not isinstance(shape, list | tuple) or not all(isinstance(size, int) and size >= 0 for size in shape):
        raise _WrongError("a shape holds no sizes")
    return TableProfile(
        name=_text(entry, "name"),
        form=_text(entry, "form"),
        files=_count(entry, "files"),
        rows=_maybe(entry, "rows"),
        columns=tuple(_column(column) for column in _entries(entry, "columns", _MOST_COLUMNS)),
        label=_text(entry, "label"),
        classes=_classes(entry.get("classes") or {}),
        sampled=_maybe(entry, "sampled"),
        shape=tuple(shape),
        problem=_text(entry, "problem"),
        content=_text(entry, "content"),
        unread=entry.get("unread") is True,
    )


def _column(entry: Mapping[str, object]) -> ColumnProfile:
    quartiles = entry.get("quartiles") or []
    if not isinstance(quartiles, list | tuple) or len(quartiles) not in {0, 3}:
        raise _WrongError("quartiles are not three numbers")
    mean = entry.get("mean")
    return ColumnProfile(
        name=_text(entry, "name"),
        type=_text(entry, "type"),
        nulls=min(1.0, max(0.0, _number(entry.get("nulls", 0.0)))),
        distinct=_maybe(entry, "distinct"),
        low=_text(entry, "low"),
        high=_text(entry, "high"),
        quartiles=tuple(map(_number, quartiles)),
        mean=None if mean is None else _number(mean),
        fingerprint=_text(entry, "fingerprint"),
    )


def _classes(value: object) -> dict[str, int]:
    if not isinstance(value, Mapping) or len(value) > _MOST_CLASSES:
        raise _WrongError("classes are no counts by name")
    return {str(name)[:_LONGEST]: _count(value, name) for name in value}


def _entries(entry: Mapping[str, object], key: str, most: int) -> list[Mapping[str, object]]:
    found = entry.get(key) or []
    if not isinstance(found, list | tuple) or len(found) > most or not all(isinstance(one, Mapping) for one in found):
        raise _WrongError(f"{key} is no list of objects")
    return list(found)


def _text(entry: Mapping[str, object], key: str) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str):
        raise _WrongError(f"{key} is no text")
    return _read(value[:_LONGEST])


def _texts(entry: Mapping[str, object], key: str) -> tuple[str, ...]:
    found = entry.get(key) or []
    if not isinstance(found, list | tuple) or not all(isinstance(text, str) for text in found):
        raise _WrongError(f"{key} is no list of texts")
    return tuple(_read(text[:_LONGEST]) for text in found)


def _count(entry: Mapping[str, object], key: str) -> int:
    value = entry.get(key, 0)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _WrongError(f"{key} is no count")
    return value


def _maybe(entry: Mapping[str, object], key: str) -> int | None:
    return None if entry.get(key) is None else _count(entry, key)


def _number(value: object) -> float:
    if isinstance(value, str) and value in {"NaN", "Infinity", "-Infinity"}:
        return float(value)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _WrongError("a statistic is no number")
    try:
        number = float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    return number
