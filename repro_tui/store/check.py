"""Looks for damage in a store, changing nothing: by default every byte is read and compared."""

from __future__ import annotations

import time
from typing import Protocol

from repro_tui.domain.progress import Progress
from repro_tui.domain.snapshot import Damage, Report
from repro_tui.store.odds import look_at_odds, refuse_newer
from repro_tui.store.places import Places
from repro_tui.store.survey import Dropped, is_current, survey

_MOST_LOOKS = 3
"""How often it is looked again at a store from which somebody deletes just now."""


class Placed(Protocol):
    """What a check needs of a store."""

    @property
    def places(self) -> Places:
        """Give the paths."""
        ...


def check(
    store: Placed, *, quick: bool = False, progress: Progress | None = None, dropped: Dropped | None = None
) -> Report:
    """Compare everything in a store with what it should be.

    Args:
        store: the store.
        quick: read only what says how the rest hangs together: sizes, sidecars, documents and listings.
        progress: told how far things are, and first of all how long it will take; it may stop the check.
        dropped: the parts of snapshots whose bytes were given up, so that nobody misses them.

    Returns:
        a damage for each file that is not what it should be, and for each part of a snapshot that has lost something;
        in `done`, as sentences, what is no damage and still worth knowing.

    Raises:
        DamagedError: the store is from a newer version.
        StorageError: a folder of the store cannot be read at all.
        CancelledError: `progress` stopped it.
    """
    begin = time.monotonic()
    refuse_newer(store.places)
    found = survey(store.places, quick=quick, progress=progress)
    damages = found.damages(found.losses(dropped or {}))
    for _ in range(_MOST_LOOKS):
        if not damages or is_current(found):
            break  # what is missing is not missing because somebody has deleted it meanwhile
        found = survey(store.places, quick=quick, progress=progress, known=found.packs)
        damages = found.damages(found.losses(dropped or {}))
    odds = look_at_odds(store.places)
    damages += [Damage(what, why) for what, why in odds.damages]
    notes = (*found.notes, *odds.notes)
    return Report(found.read + odds.read, found.files + odds.files, tuple(damages), notes, time.monotonic() - begin)
