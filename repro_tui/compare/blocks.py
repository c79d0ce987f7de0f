"""Which lines two texts share, in time that is bounded for any two texts.

Lines that occur once in both are anchors; the longest run of anchors in the same order cuts the texts into pieces, and
the pieces are treated alike (the "patience diff" of Bram Cohen). A piece without anchors is compared line by line when
it is small, and given up as replaced when it is large: still a true difference, if not the shortest.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

Block = tuple[int, int, int]
"""Place in the first text, place in the second, number of equal lines."""

_SMALL = 40_000
"""Lines of one side times lines of the other up to which every pair may be looked at."""


def matching(before: Sequence[str], after: Sequence[str]) -> list[Block]:
    """Give the blocks of equal lines in order, none next to another, none empty."""
    found: list[Block] = []
    pieces = [(0, len(before), 0, len(after))]
    while pieces:
        low, high, low2, high2 = pieces.pop()
        head = _common(before, after, low, low2, min(high - low, high2 - low2))
        if head:
            found.append((low, low2, head))
        low, low2 = low + head, low2 + head
        tail = _common_end(before, after, high, high2, min(high - low, high2 - low2))
        if tail:
            found.append((high - tail, high2 - tail, tail))
        high, high2 = high - tail, high2 - tail
        if low == high or low2 == high2:
            continue
        anchors = _anchors(before[low:high], after[low2:high2])
        if anchors:
            pieces += _between(anchors, (low, high, low2, high2))
        elif (high - low) * (high2 - low2) <= _SMALL:
            matcher = SequenceMatcher(None, before[low:high], after[low2:high2], autojunk=False)
            found += [(low + i, low2 + j, n) for i, j, n in matcher.get_matching_blocks() if n]
    return list(_joined(sorted(found)))


def _common(before: Sequence[str], after: Sequence[str], at: int, at2: int, most: int) -> int:
    count = 0
    while count < most and before[at + count] == after[at2 + count]:
        count += 1
    return count


def _common_end(before: Sequence[str], after: Sequence[str], end: int, end2: int, most: int) -> int:
    count = 0
    while count < most and before[end - 1 - count] == after[end2 - 1 - count]:
        count += 1
    return count


def _anchors(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """Give the longest run of lines that occur once on each side and stand in the same order on both."""
    counts, counts2 = Counter(before), Counter(after)
    places = {line: at for at, line in enumerate(after) if counts2[line] == 1}
    pairs = [(at, places[line]) for at, line in enumerate(before) if counts[line] == 1 and line in places]
    # The longest increasing run of the second places, by piles of which only the tops are kept.
    tops: list[int] = []
    owners: list[int] = []
    links: list[int] = []
    for index, (_, place) in enumerate(pairs):
        pile = bisect_left(tops, place)
        links.append(owners[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(place)
            owners.append(index)
        else:
            tops[pile], owners[pile] = place, index
    run: list[tuple[int, int]] = []
    index = owners[-1] if owners else -1
    while index >= 0:
        run.append(pairs[index])
        index = links[index]
    return run[::-1]


def _between(anchors: Sequence[tuple[int, int]], whole: tuple[int, int, int, int]) -> list[tuple[int, int, int, int]]:
    """Cut a piece before each anchor, so that every piece but the first begins with an equal line."""
    low, high, low2, high2 = whole
    edges = [(low, low2), *((low + at, low2 + at2) for at, at2 in anchors), (high, high2)]
    return [(a, b, a2, b2) for (a, a2), (b, b2) in pairwise(edges) if (a, a2) != (b, b2)]


def _joined(blocks: Sequence[Block]) -> Iterator[Block]:
    last: Block | None = None
    for at, at2, count in blocks:
        if last is not None and (last[0] + last[2], last[1] + last[2]) == (at, at2):
            last = (last[0], last[1], last[2] + count)
            continue
        if last is not None:
            yield last
        last = (at, at2, count)
    if last is not None:
        yield last
