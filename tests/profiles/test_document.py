"""Profiles and file lists survive being written; what comes from elsewhere cannot do harm."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from repro_tui.domain.ids import Digest
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.profile import ColumnProfile, FileLine, Profile, TableProfile, TypeCount
from repro_tui.journal.facts import canonical
from repro_tui.profiles.document import from_document, list_document, list_from_document, to_document

PROFILE = Profile(
    (TypeCount(".csv", 2, 10),),
    (
        TableProfile(
            "*.csv",
            "csv",
            2,
            None,
            (ColumnProfile("a", "DOUBLE", 0.5, 3, "1", "2", (1.0, 2.0, float("inf")), 1.5, "00"),),
            "a",
            {"1": 2},
            7,
            (3, 4),
            "row 3 is broken",
            "ab",
        ),
    ),
    ("gone.csv is not there any more",),
)


def through_json(document):
    return json.loads(canonical(document))


def test_a_profile_survives_being_written():
    assert from_document(through_json(to_document(PROFILE))) == PROFILE


def test_unknown_fields_are_passed_over():
    document = through_json(to_document(PROFILE))
    document["later"] = document["tables"][0]["columns"][0]["later"] = [1]
    assert from_document(document) == PROFILE


def test_a_newer_version_is_told():
    assert from_document({"version": 2}) == Unavailable("its profile was written by a newer version of repro-tui")


def test_a_file_list_survives_being_written():
    files = (FileLine("a\x00e9", 1, None, 0o600, 5), FileLine("b", 2, Digest("b3:1")))
    assert list_from_document(through_json(list_document(files))) == files


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**70) | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def damaged(draw):
    """Put anything in the place of something in a document."""
    document = through_json(to_document(PROFILE))
    place = document
    for _ in range(draw(st.integers(0, 6))):
        inner = list(place if isinstance(place, dict) else range(len(place)))
        deeper = [key for key in inner if isinstance(place[key], dict | list) and place[key]]
        if not deeper:
            break
        key = draw(st.sampled_from(deeper))
        if draw(st.booleans()):
            place[key] = draw(anything)
            return document
        place = place[key]
    key = draw(st.sampled_from(list(place) if isinstance(place, dict) else list(range(len(place)))))
    place[key] = draw(anything)
    return document


@settings(max_examples=200)
@given(damaged())
def test_a_damaged_document_never_raises(document):
    assert isinstance(from_document(document), Profile | Unavailable)


@settings(max_examples=100)
@given(st.dictionaries(st.sampled_from(["files", "x"]), anything, max_size=2))
def test_a_damaged_list_never_raises(document):
    assert isinstance(list_from_document(document), tuple | Unavailable)
