"""Decoding whole lines of a journal: the fast path for rows of values, the patient one for everything else.

A block is first decoded as if every line were whole and typed, with one `map` of a typed decoder over the split lines,
and only when that fails line by line. `tests/benchmarks/reading.py` prints what reading costs as a ratio to decoding
the same bytes without types; 6 million points a second were reached on a quiet core with Python 3.11.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import msgspec

from repro_tui.domain.events import Event, Header
from repro_tui.domain.ids import RunId, WriterId, is_run_id, is_writer_id

VERSION = 1
"""The version of the format that this reader knows."""
MAX_COUNTER = 2**53
_BOM = b"\xef\xbb\xbf"
_FOREIGN = (msgspec.MsgspecError, ValueError, RecursionError)
"""What decoders raise on bytes that are no line of ours."""
_MAX_TIME = 1e11
"""Times beyond the year 5138 are not believed."""


class PointLine(msgspec.Struct, gc=False):
    """One row of metric values as it stands in the file: `{"s":120,"t":1732345678.1,"m":{"loss":0.5}}`."""

    s: float = math.nan
    """Step."""
    t: float = 0.0
    """Seconds since the epoch."""
    m: dict[str, float] | None = None
    """Metric name to value; never None in a batch."""
    f: str = ""
    """The file that it was read from, empty when the script logged it."""
    k: str = ""
    """Kind: empty in a row of values."""


_decode = msgspec.json.Decoder(PointLine).decode
_decode_any = msgspec.json.Decoder().decode


@dataclass(slots=True)
class Lines:
    """What a block of whole lines holds. It is filled by `decode_lines` and then only read."""

    points: list[PointLine] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    """Byte offset of each point's line in its file, parallel to `points`."""
    others: list[tuple[int, dict[str, object]]] = field(default_factory=list)
    """Offset and fields of each other line: events (with `k`) and headers (with `repro`)."""
    skipped: int = 0
    """Lines that are no JSON object of the format."""


def decode_lines(block: bytes, start: int) -> Lines:
    """Decode a block that ends with a line end and begins at byte `start` of its file. Never raises."""
    lines = block.split(b"\n")
    lines.pop()
    found = Lines()
    decoded: Sequence[PointLine | None]
    try:
        decoded = list(map(_decode, lines))
    except _FOREIGN:
        decoded = [_try(line) for line in lines]
    add, place = found.points.append, found.offsets.append
    offset = start
    for raw, line in zip(lines, decoded, strict=True):
        if line is not None and line.m is not None and not line.k and line.s == line.s and 0 <= line.t < _MAX_TIME:
            add(line)
            place(offset)
        elif raw and not raw.isspace():
            _decode_patiently(raw, offset, found)
        offset += len(raw) + 1
    return found


def _try(line: bytes) -> PointLine | None:
    """Decode one line as a row of values, or give None."""
    try:
        return _decode(line)
    except _FOREIGN:
        return None


def decode_object(raw: bytes) -> dict[str, object] | None:
    """Decode one line as a JSON object, or give None.

    Zeros around it, which some file systems leave after a power loss, and a byte order mark are passed over. The bare
    words NaN and Infinity, which are no JSON but which many programs write, are understood.
    """
    raw = raw.strip(b"\0\r\t ").removeprefix(_BOM)
    try:
        value = _decode_any(raw)
    except _FOREIGN:
        if b"NaN" not in raw and b"Infinity" not in raw:
            return None
        try:
            value = json.loads(raw)
            json.dumps(value, ensure_ascii=False).encode()  # refuses lone surrogates, which no text column can hold
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None


def _decode_patiently(raw: bytes, offset: int, found: Lines) -> None:
    """Decode a line that is no plain row of values, and put it where it belongs."""
    fields = decode_object(raw)
    if fields is None:
        found.skipped += 1
    elif (isinstance(fields.get("k"), str) and fields["k"]) or "repro" in fields:
        found.others.append((offset, fields))
    elif isinstance(fields.get("m"), dict) and (point := _point(fields)):
        found.points.append(point)
        found.offsets.append(offset)
    else:
        found.skipped += 1


def _point(fields: Mapping[str, object]) -> PointLine | None:
    """Read a row of values that may hold texts for NaN, or foreign types; None when nothing of it is left."""
    step = as_number(fields.get("s"))
    if step is None or not math.isfinite(step):
        return None
    values = {}
    for name, raw in cast("Mapping[str, object]", fields["m"]).items():
        value = math.nan if raw is None else as_number(raw)
        if value is not None:
            values[name] = value
    source = fields.get("f")
    return (
        PointLine(step, as_time(fields.get("t")), values, source if isinstance(source, str) else "") if values else None
    )


_WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def as_number(raw: object) -> float | None:
    """Read a number as the format writes it (NaN and the infinities are texts); None for anything else."""
    if isinstance(raw, str):
        return _WORDS.get(raw)
    if not isinstance(raw, int | float):
        return None
    try:
        return float(raw)
    except OverflowError:
        return math.inf if raw > 0 else -math.inf


def as_time(raw: object) -> float:
    """Read a time in seconds since the epoch; 0 for what is none."""
    t = as_number(raw)
    return t if t is not None and 0 <= t < _MAX_TIME else 0.0


def as_count(raw: object, default: int, limit: int = 2**31 - 1) -> int:
    """Read a whole number between 0 and a limit; the default for anything else."""
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw <= limit else default


def version_of(fields: Mapping[str, object]) -> int:
    """Give the format version that a header claims, 0 when it claims none."""
    return as_count(fields.get("repro"), 0)


def parse_header(fields: Mapping[str, object]) -> Header | None:
    """Read a header of this version; None when it is none, or when what identifies the writer is missing."""
    run, writer, role = fields.get("run", ""), fields.get("writer"), fields.get("role")
    if version_of(fields) != VERSION or not isinstance(writer, str) or not is_writer_id(writer):
        return None
    if not isinstance(run, str) or not (run == "" or is_run_id(run)) or role not in {"supervisor", "process", "person"}:
        return None
    return Header(
        run=RunId(run),
        writer=WriterId(writer),
        role=role,
        attempt=as_count(fields.get("attempt"), 0 if role == "person" else 1),
        rank=as_count(fields.get("rank"), 0),
        host=_short(fields.get("host")),
        boot=_short(fields.get("boot")),
        pid=as_count(fields.get("pid"), 0),
        t=as_time(fields.get("t")),
    )


def make_event(fields: dict[str, object], offset: int, writer: WriterId, attempt: int) -> Event:
    """Make the event of a line that has a kind; the line's fields become its body."""
    kind, t, counter = fields.pop("k"), fields.pop("t", 0), fields.pop("c", 0)
    return Event(
        kind=_short(kind),
        t=as_time(t),
        writer=writer,
        attempt=attempt,
        position=offset,
        counter=as_count(counter, 0, MAX_COUNTER),
        body=fields,
    )


def _short(raw: object) -> str:
    """Keep a name within what names are."""
    return raw[:255] if isinstance(raw, str) else ""
