"""Where the bytes of a store go: by dataset, by run, by kind of part, and what is in the trash or needed by nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from repro_tui.domain.footprint import WHOLE
from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.retention import UsageRow
from repro_tui.domain.snapshot import Part, PartKind
from repro_tui.retention.stock import Inventory

_Parts = dict[Digest, set[str]]
DATASET, RUN, PART, STORE = "dataset", "run", "part", "store"


def usage_rows(found: Inventory) -> list[UsageRow]:
    """Give all rows: datasets, runs, kinds of parts, then what the store holds besides."""
    rows = [*_datasets(found), *_runs(found), *_kinds(found)]
    order = {DATASET: 0, RUN: 1, PART: 2}
    rows.sort(key=lambda row: (order[row.kind], -row.own, -row.shared, row.what))
    return [*rows, *_besides(found)]


def _datasets(found: Inventory) -> Iterable[UsageRow]:
    """Sum up the versions of each dataset, whether kept with runs or by themselves; restored bytes count each once."""
    parts: dict[str, _Parts] = defaultdict(lambda: defaultdict(set))
    sizes: dict[str, dict[object, int]] = defaultdict(dict)
    for digest, part in _kept(found):
        if part.kind is PartKind.DATA:
            name = part.name.partition(":")[2] or found.shelves.live[digest].snapshot.dataset or "data"
            parts[name][digest].add(part.name)
            sizes[name][part.digest or digest] = part.size
    for name, of in parts.items():
        yield _row(found, name, DATASET, of, sum(sizes[name].values()))


def _runs(found: Inventory) -> Iterable[UsageRow]:
    names = {candidate.digest: candidate.name for candidate in found.stock.candidates}
    parts: dict[RunId, _Parts] = defaultdict(dict)
    titles: dict[RunId, str] = {}
    sizes: dict[RunId, int] = defaultdict(int)
    for digest, part in _kept(found):
        run = found.run_of(digest)
        if run:
            parts[run][digest] = {WHOLE}
            titles[run] = names[digest]
            sizes[run] += part.size
    for uid, of in parts.items():
        yield _row(found, titles[uid], RUN, of, sizes[uid])


def _kinds(found: Inventory) -> Iterable[UsageRow]:
    parts: dict[PartKind, _Parts] = defaultdict(lambda: defaultdict(set))
    sizes: dict[PartKind, dict[object, int]] = defaultdict(dict)
    for digest, part in _kept(found):
        parts[part.kind][digest].add(part.name)
        sizes[part.kind][part.digest or (digest, part.name)] = part.size
    for kind, of in parts.items():
        yield _row(found, str(kind), PART, of, sum(sizes[kind].values()))


def _besides(found: Inventory) -> Iterable[UsageRow]:
    """Give what waits in the trash, and what nobody needs."""
    waiting = found.waiting
    footprint = found.holdings.footprint
    if waiting:
        frees = footprint.freed(waiting)
        yield UsageRow("trash", STORE, frees, footprint.held(waiting) - frees, 0, len(waiting))
    work = found.holdings.work({}, max_unneeded=0.0)
    unneeded = work.frees + work.stays
    if unneeded:
        yield UsageRow("unneeded", STORE, unneeded, 0, 0, 0)


def _kept(found: Inventory) -> Iterable[tuple[Digest, Part]]:
    """Give each part that has bytes in the store and is not in the trash."""
    for digest, one in found.shelves.live.items():
        gone = found.shelves.given_up.get(digest, frozenset()) | found.shelves.lost.get(digest, frozenset())
        for part in one.snapshot.parts:
            if not part.linked and part.name not in gone:
                yield digest, part


def _row(found: Inventory, what: str, kind: str, parts: Mapping[Digest, set[str]], size: int) -> UsageRow:
    footprint = found.stock.footprint
    own = footprint.freed(parts)
    return UsageRow(what, kind, own, footprint.held(parts) - own, size, len(parts))
