"""What lies at a dataset's path is known, noted once, and recognised again; what cannot be known says why."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess

import pytest

from repro_tui.domain.dataset import Spec, Watch
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import Coverage
from repro_tui.errors import CancelledError, NotFoundError, StorageError, UsageError


def test_a_version_is_noted_when_it_is_read_and_not_before(train):
    assert train.service().now("train").digest is None
    assert train.events() == []
    now = train.service().now("train", read=True)
    assert (now.files, now.same_as, now.coverage, now.why) == (2, 1, Coverage.FULL, "")
    event = train.events("version")[0]
    assert (event["name"], event["path"], event["d"], event["files"]) == ("train", "data/train", now.digest, 2)
    assert [version.number for version in train.dataset("train").versions] == [1]


def test_a_change_is_a_new_version_and_the_way_back_is_none(train):
    first = train.service().now("train", read=True)
    train.write("data/train/3.csv")
    assert train.service().now("train").same_as is None
    assert train.service().now("train", read=True).same_as == 2
    (train.root / "data/train/3.csv").unlink()
    again = train.service().now("train", read=True)
    assert (again.same_as, again.digest) == (1, first.digest)
    assert len(train.events("version")) == 2
    assert [version.number for version in train.dataset("train").versions] == [2, 1]


def test_a_file_is_a_dataset_too_and_its_version_is_its_own_digest(place):
    from blake3 import blake3

    file = place.write("data/test.csv")
    place.write("repro.yaml", "datasets: {test: {path: data/test.csv, watch: ask, label: label}}")
    now = place.service().now("test", read=True)
    assert now.digest == f"b3:{blake3(file.read_bytes()).hexdigest()}"
    assert (now.files, now.size) == (1, file.stat().st_size)
    dataset = place.dataset("test")
    assert (dataset.spec.watch, dataset.spec.label, dataset.spec.declared) == (Watch.ASK, "label", "repro.yaml")


def test_names_with_blanks_line_feeds_and_bytes_that_are_no_text_are_compared(train):
    names = ["a b.csv", "c\nd.csv", "\x1b[31m.csv", os.fsdecode(b"\xff.csv")]
    before = train.service().now("train", read=True)
    for name in names:
        (train.root / "data/train" / name).write_text("1")
    service = train.service()
    after = service.now("train", read=True)
    change = service._explainer.change(service.specs(), service.spec("train"), before.digest, after.digest)
    assert not isinstance(change, Unavailable)
    assert {line.path for line in change.added} == {"a b.csv", "c\nd.csv", "\x1b[31m.csv", "\0ff.csv"}


def test_what_is_no_file_is_named_and_does_not_hold_anything_up(train):
    root = train.root / "data/train"
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(root / "socket"))
    (root / "loop").symlink_to("loop")
    (root / "nowhere").symlink_to("nothing")
    (root / "up").symlink_to("..")
    now = train.service().now("train", read=True)
    assert now.same_as == 1
    assert now.files == 5, "links that lead nowhere count as themselves"
    assert {note.split()[0] for note in now.notes} == {"pipe", "socket", "loop", "nowhere", "up"}


def test_a_link_out_of_the_project_counts_as_what_it_leads_to(train, tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "big.csv").write_text("1")
    (train.root / "data/train/far").symlink_to(tmp_path / "far")
    before = train.service().now("train", read=True)
    assert before.files == 3
    (tmp_path / "far" / "big.csv").write_text("22")
    assert train.service().now("train", read=True).same_as == 2


def test_twenty_gigabytes_of_nothing_are_known_by_metadata_at_once(train):
    with (train.root / "data/train/holes.bin").open("wb") as file:
        file.truncate(20_000_000_001)
    now = train.service().now("train", read=True)
    assert (now.coverage, now.same_as) == (Coverage.METADATA, 1)
    assert now.why == "larger than hash.metadata_above"
    os.utime(train.root / "data/train/1.csv", ns=(1, 1))
    assert train.service().now("train", read=True).same_as == 2


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (shutil.rmtree, "is not there"),
        (lambda path: (shutil.rmtree(path), os.mkfifo(path)), "is no file or folder"),
        (lambda path: (shutil.rmtree(path), path.symlink_to(path)), "cannot be read"),
    ],
    ids=["gone", "a pipe", "a link to itself"],
)
def test_a_path_with_no_data_says_why(train, make, why):
    make(train.root / "data/train")
    now = train.service().now("train", read=True)
    assert now.digest is None
    assert why in now.why
    assert train.events() == []
    with pytest.raises(StorageError, match="train cannot be kept"):
        train.service().checkpoint("train")


def test_a_file_that_grows_while_it_is_read_is_no_version(train, monkeypatch):
    growing = train.write("data/train/growing.csv", "1")
    stat = os.fstat

    def grown(descriptor):
        with growing.open("a") as file:
            file.write("1")
        return stat(descriptor)

    monkeypatch.setattr("repro_tui.fingerprint.hashing.os.fstat", grown)
    now = train.service().now("train", read=True)
    assert (now.digest, now.same_as) == (None, None)
    assert "changes while it is read" in now.why
    assert train.events() == []


def test_a_dataset_inside_another_is_looked_at_for_itself(train):
    train.write("repro.yaml", "datasets: {all: {path: data}, train: {path: data/train}}")
    train.write("data/test.csv")
    assert train.service().now("all", read=True).files == 3
    assert train.service().now("train", read=True).files == 2
    train.write("data/test.csv", "other")
    assert train.service().now("train", read=True).same_as == 1
    assert train.service().now("all", read=True).same_as == 2


def test_the_projects_own_records_are_no_data(place):
    place.write("a.csv")
    place.write("repro.yaml", "datasets: {whole: {path: .}}")
    first = place.service().now("whole", read=True)
    assert first.files == 2
    assert place.service().now("whole", read=True).digest == first.digest


def test_a_project_that_cannot_be_written_to_still_tells_what_lies_there(train):
    train.write(".repro/project", "in the way")
    now = train.service().now("train", read=True)
    assert now.digest
    assert now.files == 2
    assert now.same_as is None
    assert "it cannot be noted" in now.why
    with pytest.raises(StorageError):
        train.service().watch("train", Watch.ASK)


def test_reading_can_be_stopped_and_leaves_nothing(train):
    def stop(_done: int, _total: int, _what: str) -> None:
        raise CancelledError("You stopped it.")

    with pytest.raises(CancelledError):
        train.service().now("train", read=True, progress=stop)
    assert train.events() == []
    assert train.service().now("train", read=True).same_as == 1


def test_an_answer_wins_over_the_file_and_the_file_over_the_journal(train):
    service = train.service()
    service.watch("train", Watch.ALWAYS)
    assert service.spec("train").watch is Watch.ALWAYS
    train.write("repro.yaml", "datasets: {train: {path: data/train, watch: ask, key: id}}")
    spec = train.service().spec("train")
    assert (spec.watch, spec.key) == (Watch.ALWAYS, "id")
    with pytest.raises(NotFoundError, match="no dataset 'test'"):
        service.watch("test", Watch.ASK)


def test_a_version_is_kept_once_and_comes_back_byte_for_byte(train, tmp_path):
    service = train.service()
    taken = service.checkpoint("train")
    assert train.dataset("train").versions[0].snapshot == taken.snapshot.digest
    assert service.checkpoint("train").snapshot.digest == taken.snapshot.digest
    assert len(train.events("kept")) == 1
    kept = (train.root / "data/train/1.csv").read_bytes()
    train.write("data/train/1.csv", "lost")
    snapshots = service._snapshots()
    snapshots.restore(snapshots.find("train@v1"), tmp_path / "back")
    assert (tmp_path / "back/data/train/1.csv").read_bytes() == kept


def test_two_hosts_that_write_at_once_are_merged_to_the_same(train, tmp_path, need):
    need("rsync")
    train.service().now("train", read=True)
    other = type(train)(tmp_path / "other")
    subprocess.run(["rsync", "-a", f"{train.root}/", str(other.root)], check=True)
    for place, text in ((train, "here"), (other, "there")):
        place.write("data/train/3.csv", text)
        assert place.service().now("train", read=True).same_as == 2
        place.service().explain("train", place.service().now("train", read=True).digest, note=text)
    other.service().watch("train", Watch.ASK)
    for one, two in ((train, other), (other, train)):
        subprocess.run(["rsync", "-a", f"{one.root}/.repro/", f"{two.root}/.repro"], check=True)
    assert train.service().versions() == other.service().versions()
    found = train.dataset("train")
    assert [version.number for version in found.versions] == [3, 2, 1]
    assert {version.made.note for version in found.versions if version.made} == {"here", "there"}
    assert found.spec.watch is Watch.ASK


def test_versions_are_found_while_another_process_writes(train):
    reader = train.service()
    assert reader.versions()[0].versions == ()
    writer = train.service()
    for number in range(5):
        train.write("data/train/1.csv", str(number) * (number + 1))
        writer.now("train", read=True)
        assert len(reader.versions()[0].versions) == number + 1


class TestDeclaring:
    def test_what_is_declared_is_seen_at_once(self, train):
        train.write("raw.csv")
        dataset = train.service().add(Spec("raw", str(train.root / "raw.csv"), label="label", watch=Watch.ASK))
        assert (dataset.spec.path, dataset.spec.declared, dataset.spec.label) == ("raw.csv", "journal", "label")
        version = dataset.versions[0]
        assert (version.number, version.rows) == (1, 2), "and looked into"
        assert [spec.name for spec in train.service().specs()] == ["raw", "train"]

    @pytest.mark.parametrize(
        ("name", "path", "message"),
        [
            ("train", "raw.csv", "There is a dataset train already"),
            ("again", "data/train", "data/train is the dataset train already"),
            ("a b", "raw.csv", "is no name for a dataset"),
            ("", "raw.csv", "is no name for a dataset"),
            ("train@v1", "raw.csv", "is no name for a dataset"),
            ("new", "nothing", "nothing is not there"),
            ("new", "pipe", "is no file or folder"),
            ("new", "/dev/zero", "is no file or folder"),
            ("new", ".repro", "cannot be a dataset"),
            ("new", ".", "cannot be a dataset"),
            ("new", "a/../loop", "cannot be looked at"),
        ],
    )
    def test_what_cannot_be_declared_is_refused_by_name(self, train, name, path, message):
        train.write("raw.csv")
        os.mkfifo(train.root / "pipe")
        (train.root / "loop").symlink_to("loop")
        with pytest.raises(UsageError, match=message):
            train.service().add(Spec(name, path))
        assert train.events() == []

    def test_one_that_was_moved_keeps_its_history(self, place):
        place.write("old/1.csv")
        place.service().add(Spec("train", "old"))
        with pytest.raises(UsageError, match="There is a dataset train already"):
            place.service().add(Spec("train", "old"))
        (place.root / "old").rename(place.root / "new")
        assert "is not there" in place.service().now("train", read=True).why
        dataset = place.service().add(Spec("train", "new"))
        assert dataset.spec.path == "new"
        assert [version.number for version in dataset.versions] == [1]

    def test_one_that_is_taken_back_is_gone_and_comes_back_with_its_history(self, place):
        place.write("data.csv")
        service = place.service()
        service.add(Spec("data", "data.csv"))
        service.remove("data")
        assert place.service().all() == ()
        place.write("data.csv", "other")
        assert len(place.service().add(Spec("data", "data.csv")).versions) == 2
        place.write("repro.yaml", "datasets: {data: {path: data.csv}}")
        with pytest.raises(UsageError, match=r"declared in repro\.yaml"):
            place.service().remove("data")

    def test_two_names_for_a_path_that_meet_by_a_merge_are_named(self, place):
        place.write("data.csv")
        place.service()._ledger.declare(Spec("a", "data.csv"))
        place.service()._ledger.declare(Spec("b", "data.csv"))
        assert [dataset.problems for dataset in place.service().all()] == [(), ("lies at the same path as a",)]
