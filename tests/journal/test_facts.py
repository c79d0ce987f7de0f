"""Documents are named by their content, whole or not there, and checked when read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro_tui.domain.missing import Unavailable
from repro_tui.errors import DamagedError, StorageError
from repro_tui.journal.facts import _compress, _decompress, canonical, digest_of, read_document, write_document
from repro_tui.journal.layout import Layout
from repro_tui.recorder.line import to_text


@pytest.fixture
def layout(tmp_path):
    found = Layout(tmp_path / ".repro")
    found.create()
    return found


texts = st.text(max_size=5).filter(lambda text: "\0" not in text)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(texts, values, max_size=4))
def test_a_document_written_is_read_again_and_has_one_name(tmp_path_factory, document):
    layout = Layout(tmp_path_factory.mktemp("f") / ".repro")
    digest = write_document(layout, document)
    assert write_document(layout, dict(reversed(document.items()))) == digest
    found = read_document(layout, digest)
    assert canonical(found) == canonical(document)
    assert digest_of(canonical(document)) == digest


def test_numbers_that_json_lacks_and_names_that_are_no_utf8_have_an_encoding(layout):
    digest = write_document(layout, {"n": float("nan"), "i": [-float("inf")], "path": "a\udcff"})
    assert read_document(layout, digest) == {"n": "NaN", "i": ["-Infinity"], "path": "a\0ff"}


def test_it_is_a_zstd_frame_under_its_name_and_nothing_else_is_left(layout):
    digest = write_document(layout, {"a": 1})
    path = layout.document(digest)
    assert _decompress(path.read_bytes()) == b'{"a":1}'
    assert path.parent.name == digest[3:5]
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "name", ["", "b3:", "b3:../../etc/passwd", "b3:" + "g" * 64, "sha256:" + "0" * 64, "b3:" + "0" * 64]
)
def test_what_is_not_there_or_no_name_is_unavailable(layout, name):
    assert isinstance(read_document(layout, name), Unavailable)


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw[:-3],
        lambda raw: raw + b"x",
        lambda raw: b"",
        lambda raw: bytes([raw[0] ^ 1]) + raw[1:],
        lambda raw: _compress(b'{"a":2}'),
        lambda raw: _compress(b"not json"),
    ],
)
def test_damage_is_found_and_writing_again_repairs_it(layout, damage):
    digest = write_document(layout, {"a": 1})
    path = layout.document(digest)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DamagedError):
        read_document(layout, digest)
    assert write_document(layout, {"a": 1}) == digest
    assert read_document(layout, digest) == {"a": 1}


def test_a_place_that_cannot_be_written_is_named(layout):
    layout.facts.rmdir()
    layout.facts.write_text("")
    with pytest.raises(StorageError) as caught:
        write_document(layout, {"a": 1})
    assert caught.value.hint


def test_a_name_that_is_encoded_already_is_not_encoded_again(layout):
    name = to_text("caf\udce9.py")
    assert read_document(layout, write_document(layout, {"path": name, name: 1})) == {"path": name, name: 1}
