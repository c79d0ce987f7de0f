"""What a question about a changed dataset says of the version before."""

from __future__ import annotations

from repro_tui.domain.dataset import Making, Version
from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.run import Coverage
from repro_tui.questions.changed import Changed

NAMES = {"aa": "otter", "bb": "shifter"}


def version(number: int, *runs: str, made: Making | None = None) -> Version:
    """Make a version that some runs used."""
    digest = Digest(f"b3:{number:064x}")
    return Version(number, digest, float(number), "ada", 1, 10, Coverage.FULL, made=made, runs=tuple(map(RunId, runs)))


def test_the_run_that_made_the_change_is_not_what_it_is_counted_from():
    after = version(2, made=Making(2.0, "ada", ("python", "shift.py"), run=RunId("bb")))
    assert Changed("train", version(1, "bb", "aa"), after).since(NAMES) == "otter"
    assert Changed("train", version(1, "bb"), after).since(NAMES) == "v1"


def test_without_a_recorded_command_the_newest_run_counts():
    assert Changed("train", version(1, "bb", "aa"), version(2)).since(NAMES) == "shifter"
    assert Changed("train", version(1, "gone"), version(2)).since(NAMES) == "v1"
