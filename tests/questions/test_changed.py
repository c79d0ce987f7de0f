"""What a question about a changed dataset says of the version before."""

from __future__ import annotations

from repro_tui.domain.dataset import Dataset, Making, Spec, Version, Watch
from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.run import Coverage
from repro_tui.questions.changed import Changed, changed

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


def test_a_change_is_counted_from_what_a_run_used_last_not_from_the_number_before():
    versions = (version(3, "cc"), version(2, "aa"), version(1, "bb"))
    spec = Spec("train", "data/train.csv", watch=Watch.ASK)
    (back,) = changed([Dataset(spec, versions, last=versions[2].digest)])
    assert (back.before.number, back.after.number) == (1, 3)
    (unused,) = changed([Dataset(spec, versions)])
    assert unused.before.number == 2
