"""Listings: what a part of a snapshot holds, one canonical JSON object a line (docs/formats/store.md, "Listings")."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from json.encoder import encode_basestring
from typing import Any, cast

import msgspec

from repro_tui.errors import DamagedError
from repro_tui.recorder.line import from_text, to_text
from repro_tui.store.entry import Entry, Kind

_DIGEST = "b3:"
_SEVERAL = b'{"c":'
_ID_DIGITS = 64
_KINDS = frozenset("fdlh")
_MOST_LINE = 1 << 28
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def encode(entry: Entry) -> bytes:
    """Write one line, its keys in the order of their names."""
    fields: list[str] = []
    if entry.kind == "f":
        if entry.content and entry.content != (entry.digest,):
            names = ",".join(str(part) if isinstance(part, int) else f'"{part.hex()}"' for part in entry.content)
            fields.append(f'"c":[{names}]')
        fields.append(f'"d":"{_DIGEST}{entry.digest.hex()}"')
    fields += [f'"m":{entry.mode}', f'"p":{_quoted(entry.path)}']
    if entry.kind == "f":
        fields.append(f'"s":{entry.size}')
    fields.append(f'"t":"{entry.kind}"')
    if entry.kind in {"l", "h"}:
        fields.append(f'"to":{_quoted(entry.to)}')
    fields.append(f'"u":{entry.mtime_ns}')
    if entry.via:
        fields.append(f'"via":{_quoted(entry.via)}')
    return ("{" + ",".join(fields) + "}\n").encode()


def lines(entries: Iterable[Entry]) -> Iterator[bytes]:
    """Write entries sorted by path; raises ValueError for two of one path, which no reader would take."""
    last = None
    for entry in sorted(entries, key=_path):
        if entry.path == last:
            raise ValueError(f"a listing cannot hold {last!r} twice")
        last = entry.path
        yield encode(entry)


def _path(entry: Entry) -> bytes:
    return entry.path


def _quoted(name: bytes) -> str:
    try:
        text = name.decode("ascii")
    except UnicodeDecodeError:
        text = to_text(name.decode("utf-8", "surrogateescape"))
    return encode_basestring(text)


def decode(blobs: Iterable[bytes]) -> Iterator[Entry]:
    """Read a listing from the bytes of its blobs; raises DamagedError for a line that no writer writes.

    Lines must be in the order of their paths, none twice: so a document that names a blob of lines a million times
    cannot fill the memory of who reads it.
    """
    rest = last = b""
    for blob in blobs:
        *whole, rest = (rest + blob).split(b"\n")
        if len(rest) > _MOST_LINE:
            raise _damaged(rest)
        for line in whole:
            entry = _entry(line)
            if entry.path <= last:
                raise _damaged(line)
            last = entry.path
            yield entry
    if rest:
        raise _damaged(rest)


class _Line(msgspec.Struct):
    """What of a line says which blobs it needs."""

    t: str
    s: int = 0
    d: str = ""
    c: list[str | int] | None = None


_lines = msgspec.json.Decoder(_Line).decode_lines


def needed(blobs: Iterable[bytes]) -> set[str]:
    """Give the ids of everything that a listing needs, in hex; much faster than reading its entries.

    Raises DamagedError for a line that says it in no known form.
    """
    ids: set[str] = set()
    rest = b""
    for blob in blobs:
        whole, end, rest = (rest + blob).rpartition(b"\n")
        if len(rest) > _MOST_LINE:
            raise _damaged(rest)
        if end:
            _collect(whole, ids)
    if rest:
        raise _damaged(rest)
    return ids


def _collect(lines_: bytes, ids: set[str]) -> None:
    """Add what some lines need."""
    try:
        found = _lines(lines_)
    except ValueError as error:  # msgspec's errors are ValueErrors
        raise _damaged(lines_) from error
    if not _KINDS.issuperset({line.t for line in found}):
        raise _damaged(lines_)
    here = {line.d[len(_DIGEST) :] for line in found if line.s and line.c is None}
    for line in found:
        if line.c is not None:
            here.update(piece for piece in line.c if isinstance(piece, str))
    if not {len(each) for each in here} <= {_ID_DIGITS}:
        raise _damaged(lines_)
    ids |= here


def large(blobs: Iterable[bytes]) -> Iterator[Entry]:
    """Read only the entries of files that are several blobs, whose lines begin with them; skips what is damaged."""
    rest = b""
    for blob in blobs:
        *whole, rest = (rest + blob).split(b"\n")
        for line in whole:
            if line.startswith(_SEVERAL):
                with contextlib.suppress(DamagedError):
                    yield _entry(line)


def _entry(line: bytes) -> Entry:
    try:
        fields = _decode(line)
        return _checked(fields)
    except (ValueError, TypeError, KeyError) as error:  # msgspec's errors are ValueErrors
        raise _damaged(line) from error


def _checked(fields: Mapping[str, Any]) -> Entry:
    """Make an entry of a line's fields; raises ValueError, TypeError or KeyError for what is none."""
    kind = fields["t"]
    if kind not in _KINDS:
        raise ValueError(kind)
    size, digest = 0, b""
    content: tuple[bytes | int, ...] = ()
    if kind == "f":
        size, digest = _count(fields["s"]), _id(fields["d"].removeprefix(_DIGEST))
        content = _content(fields, size, digest)
    via = fields.get("via")
    return Entry(
        path=_name(fields["p"]),
        kind=cast("Kind", kind),
        mode=_count(fields["m"]) & 0o7777,
        size=size,
        mtime_ns=_integer(fields["u"]),
        digest=digest,
        content=content,
        to=_name(fields["to"]) if kind in {"l", "h"} else b"",
        via=_name(via) if via else b"",
    )


def _content(fields: Mapping[str, Any], size: int, digest: bytes) -> tuple[bytes | int, ...]:
    if "c" in fields:
        return tuple(_count(part) if isinstance(part, int) else _id(part) for part in fields["c"])
    return (digest,) if size else ()


def _id(text: str) -> bytes:
    if len(text) != _ID_DIGITS:
        raise ValueError(text)
    return bytes.fromhex(text)


def _integer(value: object) -> int:
    if type(value) is not int:
        raise ValueError(value)
    return value


def _count(value: object) -> int:
    number = _integer(value)
    if number < 0:
        raise ValueError(value)
    return number


def _name(text: object) -> bytes:
    if not isinstance(text, str) or not text:
        raise ValueError(text)
    return os.fsencode(from_text(text))


def _damaged(line: bytes) -> DamagedError:
    shown = line[:300].decode("ascii", "replace").encode("ascii", "backslashreplace").decode()
    return DamagedError(
        f"A listing in the store has a line that does not belong there: {shown!r}.",
        "Run `repro-tui check` to see what else is damaged.",
    )
