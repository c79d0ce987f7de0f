"""The same bytes are cut at the same places, however they are read."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from repro_tui.store.chunks import LEAST, MOST, blobs, cut, ends, fixed
from tests.store.keeping import random_bytes

SIX_MIB = random_bytes(6 << 20, seed=5)


def pieces_of(data: bytes, sizes: list[int]):
    """Cut bytes into pieces of sizes that repeat, as a reader may get them."""
    at, turn = 0, 0
    while at < len(data):
        size = sizes[turn % len(sizes)]
        yield data[at : at + size]
        at, turn = at + size, turn + 1


@settings(max_examples=12, deadline=None)
@given(
    start=st.integers(0, 1 << 20),
    length=st.integers(0, 5 << 20),
    sizes=st.lists(st.integers(1 << 12, 3 << 20), min_size=1, max_size=4),
    how=st.sampled_from([cut, fixed]),
)
def test_cuts_do_not_depend_on_how_a_stream_is_read(start, length, sizes, how):
    data = SIX_MIB[start : start + length]
    at_once = list(blobs([data], how))
    assert b"".join(at_once) == data
    assert list(blobs(pieces_of(data, sizes), how)) == at_once


@pytest.mark.parametrize("how", [cut, fixed])
def test_certain_cuts_are_those_of_the_whole(how):
    whole = ends(memoryview(SIX_MIB), last=True, how=how)
    for length in (MOST + 1, 2 << 20, (4 << 20) + 12_345):
        certain = ends(memoryview(SIX_MIB)[:length], last=False, how=how)
        assert certain == whole[: len(certain)]
        assert certain[-1] > length - MOST


def test_blobs_have_the_sizes_that_the_format_promises():
    sizes = [len(blob) for blob in blobs([SIX_MIB])]
    assert all(LEAST <= size <= MOST for size in sizes[:-1])
    assert sum(sizes) == len(SIX_MIB)


def test_what_is_below_a_mebibyte_is_one_blob_and_nothing_is_none():
    assert [len(blob) for blob in blobs([SIX_MIB[: MOST - 1]])] == [MOST - 1]
    assert list(blobs([b"", b""])) == []


def test_an_insertion_changes_only_the_blobs_around_it():
    before = set(blobs([SIX_MIB], cut))
    after = set(blobs([SIX_MIB[: 3 << 20], b"inserted", SIX_MIB[3 << 20 :]], cut))
    assert len(after - before) <= 2


def test_cuts_are_the_same_for_ever():
    """A change of the cutter would store everything anew without anybody noticing."""
    data = random.Random(7).randbytes(3 << 20)
    names = "".join(blake3(blob).hexdigest(4) for blob in blobs([data], cut))
    assert names == ("dfe721f4180474c5f9a312c610a88b11a99ca0a51e6dfe5fef3297bdd3464ddb31d363aea7f3a4e922e9373f69fd4758")


def test_without_the_compiled_core_it_cuts_every_mebibyte_and_says_nothing():
    code = (
        "import sys; sys.modules['pyfastcdc.cy'] = None\n"
        "from repro_tui.store import chunks; assert chunks.cut is chunks.fixed\n"
        "print([len(b) for b in chunks.blobs([bytes(5 << 19)])])"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str([1 << 20, 1 << 20, 1 << 19])
    assert done.stderr == ""
