"""A document is named by its bytes; what is damaged, newer or no document is refused by name."""

from __future__ import annotations

import json

import pytest
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from repro_tui.domain.ids import Digest
from repro_tui.errors import DamagedError, NotFoundError
from repro_tui.store import documents, needed
from repro_tui.store.documents import canonical
from repro_tui.store.places import Places
from tests.store.keeping import entries_of, keep, store_at

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=8,
)


@pytest.fixture
def places(tmp_path):
    return Places(tmp_path / "store")


def place(places: Places, raw: bytes) -> Digest:
    """Put bytes where a document of their name lies."""
    digest = Digest("b3:" + blake3(raw).hexdigest())
    places.make(places.snapshots)
    places.document(digest).write_bytes(raw)
    return digest


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(), JSON, max_size=4), st.randoms())
def test_equal_documents_have_equal_bytes(document, dice):
    keys = list(document)
    dice.shuffle(keys)
    assert canonical({key: document[key] for key in keys}) == canonical(document)
    assert json.loads(canonical(document)) == document


def test_names_that_are_no_utf8_are_written_in_the_encoding_of_names():
    assert canonical({"path": "a\udcff"}) == b'{"path":"a\\u0000ff"}'


def test_a_document_comes_back(places):
    digest = documents.write(places, {"t": 1.5, "parts": []})
    assert documents.read(places, digest) == {"repro_snapshot": 1, "t": 1.5, "parts": []}
    assert documents.names(places) == [digest]


def test_every_flipped_bit_is_found(places):
    digest = documents.write(places, {"t": 1})
    raw = places.document(digest).read_bytes()
    for at in range(len(raw)):
        places.document(digest).write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        with pytest.raises(DamagedError, match=f"{places.document(digest)} is damaged"):
            documents.read(places, digest)


@pytest.mark.parametrize("name", ["b3:12", "b3:" + "0" * 64, "sha256:" + "0" * 64, "b3:../../../../etc/passwd", ""])
def test_what_is_not_there_is_not_found(places, name):
    with pytest.raises(NotFoundError):
        documents.read(places, Digest(name))


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b'{"repro_snapshot":2}', r"from a newer version of repro-tui \(format 2, this one reads 1\)"),
        (b'{"repro_snapshot":0}', "does not say its version"),
        (b'{"repro_snapshot":true}', "does not say its version"),
        (b"[1]", "does not say its version"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"\xff", "not JSON"),
    ],
)
def test_what_is_no_document_of_this_version_is_refused_with_the_reason(places, raw, why):
    with pytest.raises(DamagedError, match=why):
        documents.read(places, place(places, raw))


@pytest.mark.parametrize(
    "document",
    [{"manifest": 3}, {"manifest": ["zz"]}, {"parts": 3}, {"parts": [3]}, {"parts": [{"name": 3}]},
     {"parts": [{"name": "data", "listing": "no list"}]}],
)  # fmt: skip
def test_a_document_of_another_form_is_damaged(document):
    with pytest.raises(DamagedError, match="document is damaged"):
        list(documents.roots(document))


def test_a_document_needs_its_manifest_listings_and_contents(tmp_path):
    store = store_at(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a").write_bytes(b"content")
    digest = keep(store, tmp_path / "data")
    document = store.document(digest)
    roots = {name: blobs for name, blobs, _ in documents.roots(document)}
    contents = {part for entry in entries_of(store, digest) for part in entry.content}
    everything = needed.of_folder(store.places, store.places.snapshots, store.read)
    assert everything == {*roots["manifest"], *roots["data"], *contents}
    assert len(everything) == store.usage().blobs
