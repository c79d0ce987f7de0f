"""What runs were seen reading becomes proposals, and the versions that they used."""

from __future__ import annotations

import os

from repro_tui.datasets.proposing import propose
from repro_tui.datasets.reads import Read, RunReader, RunReads
from repro_tui.domain.dataset import Spec
from repro_tui.domain.ids import Digest, RunId
from repro_tui.journal.layout import Layout
from tests.datasets.conftest import Place

ONE, TWO, THREE = (RunId(digit * 32) for digit in "123")
D = [Digest(f"b3:{digit * 64}") for digit in "abcdef"]


def run(uid: RunId, *paths: str, files: int | None = None) -> RunReads:
    return RunReads(uid, inputs=tuple(Read(path, D[0], 10, files) for path in paths))


def proposed(*runs: RunReads, declared=(), taken=()) -> list[tuple[str, str, int]]:
    return [(each.name, each.path, each.runs) for each in propose(runs, declared, taken)]


class TestProposals:
    def test_a_folder_is_proposed_rather_than_its_files(self):
        paths = [f"data/scans/{number}.csv" for number in range(9)]
        found = propose([run(ONE, *paths), run(TWO, paths[0])], (), ())
        assert [(each.name, each.path, each.runs, each.files, each.size) for each in found] == [
            ("scans", "data/scans", 2, 9, 90)
        ]

    def test_splits_beside_each_other_are_a_dataset_each(self):
        found = proposed(run(ONE, "data/train.csv", "data/test.csv"), run(TWO, "data/train.csv"))
        assert found == [("train", "data/train.csv", 2), ("test", "data/test.csv", 1)]

    def test_folders_of_classes_are_one_dataset_and_those_of_splits_are_not(self):
        classes = [f"data/{split}/{label}/1.png" for split in ("train", "test") for label in ("cat", "dog", "owl")]
        assert proposed(run(ONE, *classes)) == [("test", "data/test", 1), ("train", "data/train", 1)]

    def test_a_folder_that_was_noted_as_a_whole_counts_with_its_files(self):
        found = propose([RunReads(ONE, inputs=(Read("data/big", D[0], 10**9, 20_000),))], (), ())
        assert [(each.path, each.files, each.size) for each in found] == [("data/big", 20_000, 10**9)]

    def test_what_is_declared_is_not_proposed_nor_what_lies_in_it_or_around_it(self):
        reads = run(ONE, "data/train/1.csv", "data/other/1.csv")
        assert proposed(reads, declared=["data/train"]) == [("1", "data/other/1.csv", 1)]
        assert proposed(run(ONE, "data", files=3), declared=["data/train"]) == []

    def test_names_are_free(self):
        reads = run(ONE, "a/train.csv", "b/train.csv", "c/train.csv")
        names = [name for name, _, _ in proposed(reads, taken=["train"])]
        assert names == ["a-train", "b-train", "c-train"]
        odd = [name for name, _, _ in proposed(run(ONE, "a b/\0ff.csv", "ü/é.csv", ".hidden"))]
        assert len(set(odd)) == len(odd)
        assert all(Spec(name, "x").name for name in odd)


class TestRunsThatUsedAVersion:
    def test_a_run_used_the_version_that_it_noted(self, train):
        digest = train.service().now("train", read=True).digest
        train.run(ONE, 10.0, {"path": "data/train", "d": digest, "files": 2, "size": 9})
        train.run(TWO, 20.0, {"path": "data/other", "d": digest, "files": 2, "size": 9})
        train.run(THREE, 30.0, {"path": "data/train", "d": D[0], "files": 2, "size": 9})
        assert train.dataset("train").versions[0].runs == (ONE,)
        assert train.service().run_names() == {THREE: "run-3333", TWO: "run-2222", ONE: "run-1111"}

    def test_a_run_from_before_the_declaration_counts_by_the_content_that_it_read(self, train):
        service = train.service()
        service.now("train", read=True)
        train.write("data/train/2.csv", "other")
        service.now("train", read=True)
        lists = [service._ledger.listing("train", v.digest) for v in reversed(service.versions()[0].versions)]
        for uid, number in ((ONE, 0), (TWO, 1)):
            train.run(uid, 10.0, *({"path": f"data/train/{f.path}", "d": f.digest} for f in lists[number]))
        train.run(THREE, 10.0, {"path": "data/train/1.csv", "d": D[0]})
        assert [version.runs for version in train.dataset("train").versions] == [(TWO,), (ONE,)]

    def test_a_moved_dataset_keeps_its_runs(self, place):
        place.write("old/1.csv")
        digest = place.service().add(Spec("train", "old")).versions[0].digest
        place.run(ONE, 10.0, {"path": "old", "d": digest, "files": 1})
        (place.root / "old").rename(place.root / "new")
        assert place.service().add(Spec("train", "new")).versions[0].runs == (ONE,)


class TestReader:
    def test_only_what_is_new_is_read_again(self, place: Place, monkeypatch):
        place.run(ONE, 10.0, {"path": "a", "d": D[0]})
        layout = Layout(place.root / ".repro")
        layout.create()
        assert [each.uid for each in RunReader(layout).runs()] == [ONE]
        monkeypatch.setattr("repro_tui.datasets.reads.read_run", lambda _folder: None)
        assert [each.uid for each in RunReader(layout).runs()] == [ONE], "from the cache"
        monkeypatch.undo()
        reader = RunReader(layout)
        place.run(TWO, 20.0, {"path": "b", "d": D[1]})
        assert [each.uid for each in reader.runs()] == [TWO, ONE]

    def test_a_run_that_goes_on_is_looked_at_each_time(self, place: Place):
        place.run(ONE, 10.0)
        (journal,) = (place.root / ".repro/runs").glob("*/journal/*.jsonl")
        whole = journal.read_text()
        journal.write_text(whole.rsplit("\n", 2)[0] + "\n")
        reader = RunReader(Layout(place.root / ".repro"))
        assert reader.runs()[0].ended is None
        with journal.open("a") as file:
            file.write('{"k":"print","t":1,"role":"in","when":"before","path":"late","d":null}\n{"torn')
        assert [read.path for read in reader.runs()[0].inputs] == ["late"]

    def test_damage_and_strangers_are_passed_over(self, place: Place):
        odd = {"path": "a", "d": 7, "size": "x", "files": []}
        place.run(ONE, 10.0, odd, {"path": None}, {"path": "\0ff", "d": D[0]})
        (journal,) = (place.root / ".repro/runs").glob("*/journal/*.jsonl")
        with journal.open("ab") as file:
            file.write(b'\xff\xfe\n{"k":"print"}\n[1,2]\n"k":"print"\n' + b"\0" * 100)
            file.write(b'\n{"k":"file","dir":true,"mode":3}\n{"k":"file","dir":true,"mode":"r","path":"big"}\n')
        for name, content in (("empty", b""), ("no-header", b'{"k":"print"}\n')):
            folder = place.root / ".repro/runs" / name / "journal"
            folder.mkdir(parents=True)
            (folder / f"{'a' * 16}.jsonl").write_bytes(content)
        os.mkfifo(place.root / ".repro/runs/empty/journal/pipe.jsonl")
        layout = Layout(place.root / ".repro")
        layout.create()
        (layout.cache / "reads").write_bytes(b"\xff not ours")
        (found,) = RunReader(layout).runs()
        assert {read.path for read in found.inputs} == {"a", "\0ff", "big"}
