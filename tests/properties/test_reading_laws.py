"""Laws of reading: how the bytes arrive changes nothing, a torn tail costs only itself, damage costs only its lines."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repro_tui.domain.fold import RunFold
from repro_tui.journal.lines import PointLine
from repro_tui.journal.read import START, Position, Tailer
from repro_tui.recorder.line import encode
from tests.properties.journals import UID, WRITERS, bodies

HEADER = {
    "repro": 1, "run": UID, "writer": WRITERS[0], "role": "process", "attempt": 1, "rank": 0, "host": "h", "boot": "b",
    "pid": 1, "t": 1.0,
}  # fmt: skip

point_lines = st.builds(
    lambda s, m: encode({"s": s, "t": 2.0, "m": m}),
    st.integers(0, 5),
    st.dictionaries(st.text(max_size=4), st.floats(), min_size=1, max_size=3),
)
event_lines = bodies().map(lambda pair: encode({**pair[1], "k": pair[0], "t": 3.0}))
bad_lines = st.sampled_from(
    [
        b"\n", b"{\n", b"[1]\n", b"\0\0\0\n", b'{"s":1,"m":{"a":\n', b"\xff\xfe\n", b'{"s":"x","t":1,"m":{"a":1}}\n',
        b"nonsense\r\n", b'{"s":1,"t":1,"m":{"a":NaN}}\n', b'{"s":1,"t":1,"m":[]}\n', b"[" * 5000 + b"\n", b'{"k":7}\n',
        b'{"s":1,"t":1,"m":{"\\ud800":1}}\n', b'{"s":1e999,"t":1,"m":{"a":1}}\n', b'\0\0{"s":4,"t":1,"m":{"a":null}}\n',
    ]
)  # fmt: skip
journals = st.lists(st.one_of(point_lines, event_lines, bad_lines), max_size=10).map(
    lambda lines: encode(HEADER) + b"".join(lines)
)


@pytest.fixture
def journal(tmp_path):
    return tmp_path / f"{WRITERS[0]}.jsonl"


def all_of(tailer, **limits):
    """Read until nothing more comes."""
    points, events, skipped = [], [], 0
    while True:
        batch = tailer.read(**limits)
        assert not batch.restart
        points += zip(batch.offsets, map(repr, batch.points), strict=True)
        events += batch.events
        skipped += batch.skipped
        if not batch.more:
            return points, list(map(repr, events)), skipped


@given(journals, st.data())
def test_any_split_of_the_bytes_gives_the_same(tmp_path_factory, content, data):
    path = tmp_path_factory.mktemp("j") / f"{WRITERS[0]}.jsonl"
    path.write_bytes(content)
    expected = all_of(Tailer(path))
    path.write_bytes(b"")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=4)))
    position, found = START, ([], [], 0)
    for begin, end in zip([0, *cuts], [*cuts, len(content)], strict=True):
        with path.open("ab") as stream:
            stream.write(content[begin:end])
        tailer = Tailer(path, Position.from_text(position.to_text()))
        part = all_of(tailer, max_bytes=1)
        position = tailer.position
        found = tuple(one + two for one, two in zip(found, part, strict=True))
    assert found == expected


@given(journals, st.data())
def test_a_torn_tail_gives_a_prefix(tmp_path_factory, content, data):
    path = tmp_path_factory.mktemp("j") / f"{WRITERS[0]}.jsonl"
    path.write_bytes(content)
    points, events, _ = all_of(Tailer(path))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    torn_points, torn_events, _ = all_of(Tailer(path))
    assert torn_points == points[: len(torn_points)]
    assert torn_events == events[: len(torn_events)]


@settings(max_examples=300)
@given(journals, st.data())
def test_no_damage_makes_a_reader_fail(tmp_path_factory, content, data):
    """Bytes changed, cut out and repeated: what is read can be folded, and the rest is counted."""
    raw = bytearray(content)
    for _ in range(data.draw(st.integers(1, 6))):
        at, length = data.draw(st.integers(0, len(raw))), data.draw(st.integers(0, 30))
        if data.draw(st.booleans()):
            raw[at : at + length] = data.draw(st.binary(max_size=8))
        else:
            raw[at:at] = raw[at : at + length] * 2
    path = tmp_path_factory.mktemp("j") / f"{WRITERS[0]}.jsonl"
    path.write_bytes(raw)
    batch = Tailer(path).read()
    assert not batch.more
    fold = RunFold(UID)
    for event in batch.events:
        fold.add(event)
    if batch.header:
        fold.add_header(batch.header)
    fold.run()
    for point in batch.points:
        assert isinstance(point, PointLine)
        assert all(isinstance(value, float) for value in point.m.values())
        json.dumps(list(point.m), ensure_ascii=False).encode()


@given(
    st.lists(st.one_of(point_lines, event_lines), min_size=1, max_size=6), st.integers(0, 400), st.binary(max_size=9)
)
def test_a_file_whose_read_part_changed_is_begun_anew(tmp_path_factory, lines, at, other):
    path = tmp_path_factory.mktemp("j") / f"{WRITERS[0]}.jsonl"
    content = encode(HEADER) + b"".join(lines)
    path.write_bytes(content)
    tailer = Tailer(path)
    tailer.read()
    at %= min(len(content), 256)
    changed = content[:at] + other + content[at + len(other) :]
    path.write_bytes(changed)
    batch = tailer.read()
    assert batch.restart == (changed[: len(content)] != content)
