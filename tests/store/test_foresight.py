"""Guessing from the last time changes how much work it is, never where a file is cut."""

from __future__ import annotations

import pytest
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from repro_tui.store.chunks import LEAST, blobs, ends, fixed
from repro_tui.store.foresight import Foresight
from repro_tui.store.store import Store
from repro_tui.store.walk import walk
from tests.store.keeping import entries_of, keep, random_bytes

BEFORE = random_bytes(7 << 20, seed=9)
PIECES = [(blake3(blob).digest(), len(blob)) for blob in blobs([BEFORE])]


def foresight(content=None) -> Foresight:
    return Foresight(content or [name for name, _ in PIECES], dict(PIECES).get)


def changed(edits) -> bytes:
    """Exchange, insert and delete bytes here and there."""
    data = BEFORE
    for at, length, new in edits:
        data = data[:at] + new + data[at + length :]
    return data


EDITS = st.lists(
    st.tuples(st.integers(0, 7 << 20), st.integers(0, 200_000), st.sampled_from([b"", b"x", random_bytes(70_000, 4)])),
    max_size=3,
)


@settings(max_examples=25, deadline=None)
@given(edits=EDITS, first=st.integers(2 << 20, 5 << 20))
def test_the_cuts_are_those_of_who_knows_nothing(edits, first):
    data = changed(edits)
    guess = foresight()
    certain, names = guess.ends(memoryview(data)[:first], last=False)
    rest, more = guess.ends(memoryview(data)[certain[-1] :], last=True)
    assert [*certain, *(certain[-1] + end for end in rest)] == ends(memoryview(data), last=True)
    assert [*names, *more] == [blake3(blob).digest() for blob in blobs([data])]


def test_what_did_not_change_is_not_searched_for_cuts(monkeypatch):
    from repro_tui.store import foresight as module

    searched = []
    monkeypatch.setattr(module, "ends", lambda view, last: searched.append(len(view)) or ends(view, last=last))
    foresight().ends(memoryview(BEFORE), last=True)
    assert len(searched) == 1  # the last blob, which ended at the end
    searched.clear()
    foresight().ends(memoryview(changed([(3 << 20, 1, b"new")])), last=True)
    assert 2 <= len(searched) <= 4


@pytest.mark.parametrize(
    "content",
    [[5, 6, 7], [bytes(32)] * 9, [PIECES[0][0], 1 << 20, PIECES[1][0]], [b"x"] * 3,
     [name for name, _ in reversed(PIECES)]],
)  # fmt: skip
def test_a_hint_that_is_wrong_does_no_harm(content):
    assert foresight(content).ends(memoryview(BEFORE), last=True)[0] == ends(memoryview(BEFORE), last=True)


def test_blobs_that_no_cutter_cuts_are_no_hint():
    tiny = [BEFORE[at : at + 100] for at in range(0, 1000, 100)]
    lengths = {blake3(blob).digest(): 100 for blob in tiny}
    guess = Foresight(list(lengths), lengths.get)
    assert guess.ends(memoryview(BEFORE), last=True)[0] == ends(memoryview(BEFORE), last=True)
    assert min(size for _, size in PIECES[:-1]) >= LEAST


def test_cuts_of_another_cutter_are_kept_so_that_nothing_is_stored_twice():
    """A store that was begun without the compiled core shares its blobs with what is kept with it."""
    cuts = ends(memoryview(BEFORE), last=True, how=fixed)
    names = [blake3(BEFORE[end - (1 << 20) : end]).digest() for end in cuts]
    guess = Foresight(names, dict.fromkeys(names, 1 << 20).get)
    found, ids = guess.ends(memoryview(BEFORE), last=True)
    assert (found[:6], ids[:6]) == (cuts[:6], names[:6])  # the seventh ended at the end of the file, which is no cut


def test_a_file_is_kept_as_if_there_had_been_none_before(tmp_path):
    path = tmp_path / "data.csv"
    path.write_bytes(BEFORE)
    store, other = (Store(tmp_path / name, tmp_path / f"{name}-locks", threads=2) for name in ("one", "other"))
    keep(store, path)
    before = store.usage().size
    path.write_bytes(changed([(1 << 20, 3, b"new"), (5 << 20, 0, b"inserted")]) + b"appended" * 50_000)
    assert entries_of(store, keep(store, path)) == entries_of(other, keep(other, path))
    assert store.usage().size - before < 3 << 20


def test_a_file_that_changes_while_it_is_read_is_begun_anew(tmp_path):
    path = tmp_path / "data.csv"
    path.write_bytes(BEFORE)
    store = Store(tmp_path / "one", tmp_path / "locks", threads=1)
    keep(store, path)
    touched = []

    def touch(_done: int, _total: int, _what: str) -> None:
        if not touched:
            touched.append(path.touch())

    with store.adder() as adder:
        entries, troubles = adder.add_files(walk(path)[0], progress=touch)
        assert not troubles
        assert entries[0].content == tuple(name for name, _ in PIECES)
