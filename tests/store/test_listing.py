"""A listing gives back what was written, for any name; a line that no writer writes is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repro_tui.errors import DamagedError
from repro_tui.store.entry import Entry
from repro_tui.store.listing import decode, encode, lines, needed

NAMES = st.binary(min_size=1, max_size=30).map(lambda raw: raw.replace(b"\0", b"\x01"))
DIGESTS = st.binary(min_size=32, max_size=32)
NUMBERS = st.integers(0, 1 << 62)


@st.composite
def entries(draw) -> Entry:
    kind = draw(st.sampled_from("fdlh"))
    mode, time = draw(st.integers(0, 0o7777)), draw(st.integers(-(1 << 62), 1 << 62))
    path, via = draw(NAMES), draw(st.one_of(st.just(b""), NAMES))
    if kind == "f":
        content = draw(st.lists(st.one_of(DIGESTS, st.integers(1, 1 << 50)), min_size=2, max_size=4).map(tuple))
        size, digest = draw(st.integers(1, 1 << 62)), draw(DIGESTS)
        content = draw(st.sampled_from([content, (digest,)]))
        return Entry(path, kind, mode, size, time, digest, content, via=via)
    return Entry(path, kind, mode, 0, time, to=draw(NAMES) if kind in "lh" else b"", via=via)


@settings(max_examples=150, deadline=None)
@given(st.lists(entries(), max_size=5, unique_by=lambda entry: entry.path), st.integers(1, 50))
def test_a_listing_comes_back_as_it_was_however_it_is_cut(listed, size):
    raw = b"".join(lines(listed))
    pieces = [raw[at : at + size] for at in range(0, len(raw), size)]
    assert list(decode(pieces)) == sorted(listed, key=lambda entry: entry.path)


@settings(max_examples=100, deadline=None)
@given(entries())
def test_a_line_is_canonical_json(entry):
    line = encode(entry)
    fields = json.loads(line)
    assert line == json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def test_lines_are_those_of_the_format():
    digest = bytes(range(32))
    empty = Entry(b"a", "f", 0o644, 0, 5, digest)
    assert encode(empty) == b'{"d":"b3:%s","m":420,"p":"a","s":0,"t":"f","u":5}\n' % digest.hex().encode()
    sparse = Entry(b"s", "f", 0o600, 9, 5, digest, (4, digest))
    assert json.loads(encode(sparse))["c"] == [4, digest.hex()]
    odd = Entry(b"new\nline\xff", "l", 0o777, 0, 5, to=b"\x1b[31m")
    assert json.loads(encode(odd)) == {"m": 511, "p": "new\nline\x00ff", "t": "l", "to": "\x1b[31m", "u": 5}
    assert list(decode([encode(empty), encode(odd), encode(sparse)])) == [empty, odd, sparse]


@pytest.mark.parametrize(
    "line",
    [
        b"", b"{}", b"[]", b"nonsense", b'{"p":"a"}', b'{"m":1,"p":"a","t":"x","u":1}',
        b'{"m":-1,"p":"a","t":"d","u":1}',
        b'{"m":1,"p":"","t":"d","u":1}', b'{"m":1,"p":1,"t":"d","u":1}', b'{"m":1,"p":"a","t":"l","u":1}',
        b'{"d":"b3:00","m":1,"p":"a","s":1,"t":"f","u":1}',
        b'{"c":["zz"],"d":"b3:%s","m":1,"p":"a","s":1,"t":"f","u":1}',
        b'{"m":true,"p":"a","t":"d","u":1}', b'{"m":1,"p":"a","t":"d","u":1.5}',
    ],
)  # fmt: skip
def test_a_line_that_no_writer_writes_is_refused(line):
    with pytest.raises(DamagedError, match="A listing in the store"):
        list(decode([line.replace(b"%s", b"00" * 32) + b"\n"]))


def test_a_listing_that_was_cut_off_is_refused():
    with pytest.raises(DamagedError):
        list(decode([encode(Entry(b"a", "d", 0o700))[:-4]]))


@settings(max_examples=150, deadline=None)
@given(st.lists(entries(), max_size=5, unique_by=lambda entry: entry.path), st.integers(1, 50))
def test_what_a_listing_needs_is_what_its_entries_need(listed, size):
    raw = b"".join(lines(listed))
    pieces = [raw[at : at + size] for at in range(0, len(raw), size)]
    wanted = {piece for entry in decode(pieces) for piece in entry.content if isinstance(piece, bytes)}
    assert {bytes.fromhex(each) for each in needed(pieces)} == wanted


@pytest.mark.parametrize(
    "line",
    [
        b"{}", b"[]", b"nonsense", b'{"p":"a"}', b'{"m":1,"p":"a","t":"x","u":1}',
        b'{"d":"b3:00","m":1,"p":"a","s":1,"t":"f","u":1}', b'{"m":1,"p":"a","s":1,"t":"f","u":1}',
        b'{"c":["zz"],"d":"b3:%s","m":1,"p":"a","s":1,"t":"f","u":1}',
    ],
)  # fmt: skip
def test_what_such_a_line_needs_is_not_guessed(line):
    good = encode(Entry(b"a", "d", 0o700))
    with pytest.raises(DamagedError, match="A listing in the store"):
        needed([good + line.replace(b"%s", b"00" * 32) + b"\n"])
    with pytest.raises(DamagedError):
        needed([good[:-4]])
