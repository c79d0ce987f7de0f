"""A change is put in words from file lists and tables; who made what from what stays known."""

from __future__ import annotations

import pytest

from repro_tui.datasets.explaining import is_pair
from repro_tui.datasets.transform import Transformation
from repro_tui.domain.dataset import Spec
from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.errors import NotFoundError, UsageError

RUN = RunId("a" * 32)
TOKEN = "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH"


def digests(place, name: str) -> list[Digest]:
    """Give the versions, the oldest first."""
    return [version.digest for version in reversed(place.dataset(name).versions)]


def test_rows_classes_and_rows_shared_with_the_test_set_are_told(train):
    train.write("data/test.csv", "x,label\n1,a\n7,b\n")
    train.write("repro.yaml", "datasets: {train: {path: data/train, label: label}, test: {path: data/test.csv}}")
    service = train.service()
    service.now("train", read=True)
    service.look_into("train")
    train.write("data/train/3.csv", "x,label\n7,b\n8,b\n")
    before, after = digests(train, "train")[0], service.now("train", read=True).digest
    change = service.change("train", before, after)
    assert not isinstance(change, Unavailable)
    assert [line.path for line in change.added] == ["3.csv"]
    assert [(table.before.rows, table.after.rows) for table in change.tables] == [(4, 6)]
    assert change.overlaps[0].other == "test"
    assert change.overlaps[0].rows > 0
    assert service.phrase("train", before, after).startswith("+2 rows")
    assert [version.rows for version in train.dataset("train").versions] == [6, 4]
    (train.root / "data/train/3.csv").unlink()
    again = train.service().change("train", before, after)
    assert again == change, "the bytes are gone, and what they held is known"


def test_a_version_that_nobody_looked_into_is_compared_by_its_files(train):
    service = train.service()
    before = service.now("train", read=True).digest
    train.write("data/train/1.csv", "gone\n")
    after = service.now("train", read=True).digest
    (train.root / "data/train/1.csv").rename(train.root / "data/train/9.csv")
    change = service.change("train", before, after)
    assert not isinstance(change, Unavailable)
    assert [pair[0].path for pair in change.modified] == ["1.csv"]
    assert change.unknown
    assert service.phrase("train", before, after).startswith("1.csv changed")


def test_what_could_not_be_read_is_known_of_the_version_and_said_of_the_change(train):
    train.write("data/train/2.csv", "x,label\n1,a\n1,2,3\n")
    train.write("data/train/cut.parquet", "PAR1")
    service = train.service()
    service.now("train", read=True)
    service.look_into("train")
    broken, cut = "2.csv row 3: 3 columns, not 2; left out", "cut.parquet is no whole Parquet file: its end is missing"
    assert set(train.dataset("train").versions[0].faults) == {broken, cut}
    train.write("data/train/2.csv")
    before, after = digests(train, "train")[0], service.now("train", read=True).digest
    change = service.change("train", before, after)
    assert not isinstance(change, Unavailable)
    assert (set(change.faults_before), change.faults_after) == ({broken, cut}, (cut,))


def test_another_label_column_is_looked_for_and_one_that_is_not_there_is_said(train):
    service = train.service()
    service.now("train", read=True)
    service.look_into("train")
    for label, classes, faults in (
        ("x", {"1": 2, "2": 2}, ()),
        ("digit", {}, ("no table has the column digit, which was declared to hold the class",)),
    ):
        train.write("repro.yaml", f"datasets: {{train: {{path: data/train, label: {label}}}}}\n")
        version = digests(train, "train")[0]
        train.service().change("train", version, version)
        (table,) = train.service()._explainer.profile("train", version).tables
        assert table.classes == classes or not classes
        assert train.dataset("train").versions[0].faults == faults


def test_a_version_whose_list_was_lost_says_so(train):
    import shutil

    service = train.service()
    before = service.now("train", read=True).digest
    train.write("data/train/1.csv", "other")
    after = service.now("train", read=True).digest
    shutil.rmtree(train.root / ".repro" / "facts")
    found = train.service().change("train", before, after)
    assert isinstance(found, Unavailable)
    assert "the version before cannot be compared" in found.reason
    unseen = train.service().change("train", Digest(f"b3:{'0' * 64}"), after)
    assert isinstance(unseen, Unavailable)
    assert "it was never seen" in unseen.reason


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("train", "test", True),
        ("test", "train", True),
        ("mnist-train", "mnist-val", True),
        ("train", "train2", False),
        ("mnist-train", "cifar-test", False),
        ("raw", "test", False),
        ("train", "training", False),
    ],
)
def test_which_datasets_belong_together_is_told_by_their_names(one, two, expected):
    assert is_pair(one, two) is expected


class TestMaking:
    def test_a_note_and_a_command_line_are_kept_beside_each_other(self, train):
        service = train.service()
        first = service.now("train", read=True).digest
        train.write("data/train/1.csv", "new")
        second = service.now("train", read=True).digest
        service.explain("train", second, note="removed blurred images")
        service.explain("train", second, argv=["python", "clean.py", "--token", TOKEN])
        made = train.dataset("train").versions[0].made
        assert made.note == "removed blurred images"
        assert made.argv == ("python", "clean.py", "--token", "[redacted]")
        assert [(source.name, source.digest) for source in made.of] == [("train", first)]
        with pytest.raises(NotFoundError, match="has no version"):
            service.explain("train", Digest(f"b3:{'0' * 64}"), note="never")

    def transformation(self, place, ins=("raw",), outs=("train",)) -> Transformation:
        return Transformation(place.service(), str(place.root), str(place.root), ins, outs)

    def test_what_a_command_made_is_noted_with_what_it_was_made_from(self, train):
        train.write("raw/r.csv")
        work = self.transformation(train, ins=("raw", "train"))
        work.begin()
        train.write("data/train/3.csv", "made")
        (made,) = work.end(RUN, ["python", "add.py", f"--api-key={TOKEN}"], "from raw", 0)
        assert (made.before, made.after, made.claimed) == (1, 2, True)
        making = train.dataset("train").versions[0].made
        assert (making.note, making.exit, making.run) == ("from raw", 0, RUN)
        assert TOKEN not in str(train.events())
        first = digests(train, "train")[0]
        assert [(source.name, source.path) for source in making.of] == [("", "raw"), ("train", "data/train")]
        assert making.of[1].digest == first
        assert making.of[0].digest

    def test_what_a_command_overwrites_is_looked_into_before_so_that_the_change_can_be_told(self, train):
        train.write("data/train/1.csv", "x,label\n1,a\n2,b\n")
        work = self.transformation(train, ins=())
        work.begin()
        train.write("data/train/1.csv", "x,label\n1,a\n2,b\n3,b\n4,b\n")
        (made,) = work.end(RUN, ["python", "add.py"], "", 0)
        assert made.change.startswith("+2 rows")

    def test_a_command_that_changed_nothing_made_nothing(self, train):
        work = self.transformation(train, ins=())
        work.begin()
        (made,) = work.end(RUN, ["true"], "", 0)
        assert (made.before, made.after, made.claimed) == (1, 1, False)
        assert train.events("made") == []

    def test_what_a_failed_command_left_behind_is_said_to_be_that(self, train):
        work = self.transformation(train, ins=())
        work.begin()
        train.write("data/train/3.csv", "half")
        (made,) = work.end(RUN, ["false"], "", 3)
        assert made.claimed
        assert train.dataset("train").versions[0].made.exit == 3

    def test_a_command_that_took_the_data_away_claims_nothing(self, train):
        import shutil

        work = self.transformation(train, ins=())
        work.begin()
        shutil.rmtree(train.root / "data")
        (made,) = work.end(RUN, ["rm"], "", 0)
        assert (made.after, made.claimed, made.why) == (None, False, "is not there")
        assert train.events("made") == []

    def test_a_dataset_that_a_command_makes_is_declared_by_it(self, place):
        work = Transformation(place.service(), str(place.root), str(place.root), [], ["new=data/new"])
        assert place.events() == []
        work.begin()
        place.write("data/new/1.csv")
        (made,) = work.end(RUN, ["make"], "", 0)
        assert (made.before, made.after, made.claimed) == (None, 1, True)
        assert place.dataset("new").spec.path == "data/new"
        assert work.lineage == "data new"

    @pytest.mark.parametrize(
        ("ins", "outs", "error"),
        [
            ((), (), UsageError),
            ((), ("nothing",), NotFoundError),
            (("nothing",), ("train",), NotFoundError),
            ((), ("again=data/train",), UsageError),
            ((), ("train=elsewhere",), UsageError),
            ((), ("a b=elsewhere",), UsageError),
        ],
    )
    def test_what_is_not_there_is_said_before_the_command_is_run(self, train, ins, outs, error):
        with pytest.raises(error):
            self.transformation(train, ins, outs)
        assert train.events() == []


def test_a_dataset_outside_of_the_project_is_named_by_its_whole_path(place, tmp_path):
    (tmp_path / "far.csv").write_text("1")
    service = place.service()
    dataset = service.add(Spec("far", str(tmp_path / "far.csv")))
    assert dataset.spec.path == str(tmp_path / "far.csv")
