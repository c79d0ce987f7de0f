"""Packs go as a whole where nothing in them is needed, and few are written again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from repro_tui.store.pack import MOST_BLOBS, MOST_BYTES, PACK_MAGIC
from repro_tui.store.packwork import Load, batched, sort_packs

TOP = len(PACK_MAGIC)


def load(name: str, size: int, needed: int, count: int = 1) -> Load:
    return Load(name, TOP + size, 10, needed, count if needed else 0)


loads = st.lists(
    st.integers(100, 1000).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size))), max_size=12
).map(lambda pairs: [load(f"{number:02d}", size, needed) for number, (size, needed) in enumerate(pairs)])


@given(loads, st.floats(0, 1))
def test_each_pack_has_one_fate_and_no_more_stays_than_may(every, fraction):
    found = sort_packs(every, max_unneeded=fraction)
    again = [each for batch in found.batches for each in batch.loads]
    names = [each.name for each in (*found.deleted, *again, *found.left)]
    assert len(names) == len(set(names))
    assert {each.name for each in every if not each.count} == {each.name for each in found.deleted}
    assert sum(each.unneeded for each in found.left) <= fraction * sum(each.needed for each in every)
    assert all(each.unneeded for each in (*again, *found.left))
    work = found.work()
    assert (work.deleted, work.rewritten, work.left) == (len(found.deleted), len(again), len(found.left))
    assert work.frees >= 0
    assert work.stays == sum(each.unneeded for each in found.left)


@given(loads, st.floats(0, 1))
def test_the_order_of_the_packs_makes_no_difference(every, fraction):
    assert sort_packs(every, max_unneeded=fraction) == sort_packs(every[::-1], max_unneeded=fraction)


def test_the_most_wasteful_are_written_again_first():
    found = sort_packs([load("a", 1000, 950), load("b", 1000, 100), load("c", 1000, 990)], max_unneeded=0.05, cheap=0)
    assert [each.name for batch in found.batches for each in batch.loads] == ["b"]
    assert [each.name for each in found.left] == ["a", "c"]


def test_what_costs_little_is_written_again_even_so_if_it_gives_something_back():
    every = [load("a", 1000, 995), load("b", 1000, 970), load("c", 1000, 980)]
    found = sort_packs(every, max_unneeded=0.05, cheap=1500)
    assert [each.name for batch in found.batches for each in batch.loads] == ["b"]
    found = sort_packs(every, max_unneeded=0.05, cheap=15_000)
    assert [each.name for batch in found.batches for each in batch.loads] == ["b", "c"]


def test_what_may_not_be_touched_stays_and_counts():
    found = sort_packs(
        [load("a", 1000, 0), load("b", 1000, 500), load("c", 1000, 960)],
        max_unneeded=0.05,
        cheap=0,
        touchable={"c"}.__contains__,
    )
    assert found.deleted == ()
    assert [each.name for each in found.left] == ["a", "b"]
    assert [each.name for batch in found.batches for each in batch.loads] == ["c"]


@given(st.lists(st.tuples(st.integers(1, MOST_BYTES - TOP), st.integers(1, MOST_BLOBS)), max_size=10))
def test_a_batch_fits_into_one_pack(pairs):
    every = [Load(f"{n:02d}", MOST_BYTES, MOST_BLOBS, needed, count) for n, (needed, count) in enumerate(pairs)]
    batches = batched(every)
    assert sorted(each.name for batch in batches for each in batch.loads) == [each.name for each in every]
    for batch in batches:
        assert TOP + sum(each.needed for each in batch.loads) <= MOST_BYTES
        assert sum(each.count for each in batch.loads) <= MOST_BLOBS
        assert batch.scratch < MOST_BYTES + 50 * MOST_BLOBS
