"""Cuts bytes into blobs where their content says so: the same bytes are cut at the same places, however they are read.

A cut depends on nothing but the bytes from the last cut on, at most 1 MiB of them. So a cut is certain as soon as that
much is there, or the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

LEAST, AVERAGE, MOST = 64 << 10, 256 << 10, 1 << 20
"""Bytes of a blob of a file that is cut; only its last one may be shorter."""
_GATHER = 4 << 20

Cut = Callable[[memoryview], Iterator[int]]
"""Gives the lengths of the pieces of a buffer, one after the other."""


def fixed(view: memoryview) -> Iterator[int]:
    """Cut every 1 MiB: what is done where the compiled code is missing, because Python alone is 200 times as slow."""
    for start in range(0, len(view), MOST):
        yield min(MOST, len(view) - start)


def _compiled() -> Cut:
    """Give the compiled cutter, or the fixed one where it cannot be loaded; the package warns of that, and need not."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            from pyfastcdc.cy import FastCDC
        except ImportError:
            return fixed
    gear = FastCDC(AVERAGE, min_size=LEAST, max_size=MOST, normalized_chunking=1)
    return lambda view: (chunk.length for chunk in gear.cut_buf(view))


cut: Cut = _compiled()
"""FastCDC (Xia et al., 2020) with normalised chunking level 1."""


def ends(view: memoryview, *, last: bool, how: Cut = cut) -> list[int]:
    """Give where the blobs in a buffer end that begins at a cut; without `last` only those that are certain."""
    found: list[int] = []
    at, certain = 0, len(view) - MOST
    pieces = how(view)
    while at < len(view) and (last or at <= certain):
        at += next(pieces)
        found.append(at)
    return found


def blobs(pieces: Iterable[bytes], how: Cut = cut) -> Iterator[bytes]:
    """Cut a stream that arrives in pieces of any size; below 1 MiB altogether it is one blob, and none when empty."""
    held = bytearray()
    whole = True
    for piece in pieces:
        held += piece
        if len(held) >= _GATHER:
            whole = False
            yield from _take(held, how, last=False)
    if whole and 0 < len(held) < MOST:
        yield bytes(held)
    else:
        yield from _take(held, how, last=True)


def _take(held: bytearray, how: Cut, *, last: bool) -> Iterator[bytes]:
    """Take the certain blobs off the front of a buffer."""
    done = 0
    taken: list[bytes] = []
    with memoryview(held) as view:
        for end in ends(view, last=last, how=how):
            taken.append(bytes(view[done:end]))
            done = end
    del held[:done]
    yield from taken
