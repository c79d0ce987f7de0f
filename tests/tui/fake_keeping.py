"""Snapshots and datasets in memory, with the numbers of the drawn screens and knobs for what can go wrong."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from repro_tui.domain.data_change import compare
from repro_tui.domain.dataset import Dataset, Making, Now, Proposal, Source, Spec, Version, Watch
from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.profile import ColumnProfile, DataChange, FileLine, Overlap, Profile, TableProfile
from repro_tui.domain.progress import Progress
from repro_tui.domain.run import Coverage
from repro_tui.domain.snapshot import (
    Damage,
    DataChoice,
    KeptFile,
    LeftOut,
    Link,
    Offer,
    Part,
    PartFiles,
    PartKind,
    Report,
    Snapshot,
    SnapshotRow,
    StoreUsage,
    Taken,
)
from repro_tui.errors import NotFoundError, ReproError, UsageError
from tests.tui.fake_runs import DRAWN, NOW, older

KB, MB, GB = 1_000, 1_000_000, 1_000_000_000


def digest(text: str) -> Digest:
    """Make a digest that begins with a text."""
    return Digest("b3:" + (text * 64)[:64])


def _parts(data: int = 1_900 * MB, *, linked: bool = False, wheels: bool = False) -> tuple[Part, ...]:
    link = (Link("data/train", digest("77e0"), data, 12),) if linked else ()
    kept = Part("data:train", PartKind.DATA, 12, data, None if linked else digest("77e0"), link)
    return (
        Part("code", PartKind.CODE, 3, 4 * KB, digest("c0de")),
        Part("environment", PartKind.ENVIRONMENT, 31, 9 * KB, digest("e9")),
        *((Part("wheels", PartKind.WHEELS, 31, 812 * MB, digest("3e")),) if wheels else ()),
        kept,
        Part("outputs", PartKind.OUTPUTS, 2, 12 * MB, digest("0a7")),
    )


LEFT_OUT = (
    LeftOut("checkpoints/", "limit 2 GB", 38 * GB),
    LeftOut("HF_TOKEN", "looks like a token", kind="redacted"),
    LeftOut("--api-key", "named like a secret", kind="redacted"),
)


WHY = {
    "2/6": "it was never rebuilt from its snapshot",
    "2 linked": "its data is linked, not kept: `repro-tui snapshot plain-wren-37 --data yes`",
    "1/6": "its snapshot is partial: data/train/scans_b.csv is not what the run used",
    "5/6": "its results agree, their bytes do not",
}
"""Level to why it is not higher."""


def snapshot_row(name: str, age: float, own: int, **more: object) -> SnapshotRow:
    """Make a line of the list of snapshots; what is not said is as in most of them."""
    run = RunId((name.encode().hex() * 3)[:32].ljust(32, "0"))
    made = Snapshot(
        digest(f"{abs(int(age)):x}f"),
        NOW - age,
        str(more.get("user", "ada")),
        "gpu07",
        more.get("parts", _parts()),  # type: ignore[arg-type]
        run,
        name,
        partial=more.get("partial", ()),  # type: ignore[arg-type]
        left_out=more.get("left_out", LEFT_OUT),  # type: ignore[arg-type]
    )
    return SnapshotRow(
        made,
        own,
        int(more.get("shared", 1_900 * MB)),  # type: ignore[call-overload]
        str(more.get("level", "2/6")),
        WHY.get(str(more.get("level", "2/6")), ""),
        bool(more.get("pinned")),
        more.get("verified"),  # type: ignore[arg-type]
        str(more.get("why", "")),
    )


PARTIAL = ("data/train/scans_b.csv is not what the run used",)


def drawn_snapshots() -> list[SnapshotRow]:
    """Give the snapshots of the drawn screen, newest first; with the older ones there are 52."""
    names = [sketch.name for sketch in DRAWN[1:]]
    version = Snapshot(
        digest("91ac"), NOW - 3 * 86_400, "bo", "gpu02",
        (Part("data:train", PartKind.DATA, 11, 1_800 * MB, digest("91ac")),),
        dataset="train", version=digest("91ac"),
    )  # fmt: skip
    first = [
        snapshot_row(names[0], 120, 31 * MB, verified=True),
        snapshot_row(names[1], 660, 2 * MB, pinned=True, level="5/6", verified=True),
        snapshot_row(names[2], 3_600, 640 * MB, parts=_parts(wheels=True)),
        snapshot_row(names[3], 7_300, 2 * MB, parts=_parts(linked=True), level="2 linked", shared=16 * MB, left_out=()),
        snapshot_row(
            names[4], 10_900, 210 * MB, level="1/6", partial=PARTIAL, verified=False, user="bo",
            why="packs/3f/3f0a91.pack: 1 blob is not what its name says",
        ),
    ]  # fmt: skip
    again = tuple(replace(s, age=s.age + 200_000) for s in older(11, 35))
    rest = [snapshot_row(s.name, s.age, (i % 7 + 1) * 9 * MB) for i, s in enumerate((*older(35, 35), *again))]
    rows = [*first, *rest, SnapshotRow(version, 0, 1_800 * MB)]
    return sorted(rows, key=lambda row: -row.snapshot.t)


KEPT_FILES = {
    PartKind.CODE: (
        KeptFile("train.py", 2_800), KeptFile("digits/model.py", 900), KeptFile("config.yaml", 300),
    ),
    PartKind.ENVIRONMENT: (
        KeptFile("_snapshot/environment/packages.json", 5 * KB), KeptFile("_snapshot/environment/README", 537),
    ),
    PartKind.DATA: (KeptFile("data/train/scans_a.csv", 1_800 * MB), KeptFile("data/train/scans_b.csv", 62 * MB)),
    PartKind.OUTPUTS: (KeptFile("model.npz", 12 * MB), KeptFile("table.csv", 4_100)),
}  # fmt: skip
"""The largest files of each kind of part."""


class _Knobs:
    """What both fakes have in common: something that goes wrong, and something that takes long."""

    def __init__(self) -> None:
        self.error: ReproError | None = None
        """What the next calls raise."""
        self.gate: threading.Event | None = None
        """Long work waits for it, so that a test can look at it or stop it."""
        self.calls: list[str] = []

    def _called(self, what: str) -> None:
        self.calls.append(what)
        if self.error:
            raise self.error

    def _work(self, progress: Progress | None, total: int, what: str) -> None:
        for done in (0, total // 3):
            if progress:
                progress(done, total, what)
        while self.gate is not None and not self.gate.wait(0.02):
            if progress:
                progress(total // 3, total, what)


class FakeSnapshots(_Knobs):
    """A store's snapshots in memory."""

    def __init__(self, rows: Sequence[SnapshotRow] | None = None) -> None:
        super().__init__()
        self.listed = drawn_snapshots() if rows is None else list(rows)
        self.store = StoreUsage(31 * GB * bool(self.listed), 470, 210_000, len(self.listed), 1_200 * GB)
        self.damages: tuple[Damage, ...] = ()
        """What a verification finds."""

    def offer(self, uid: RunId, *, data: DataChoice = DataChoice.ASK, wheels: bool = False) -> Offer | Unavailable:
        return Unavailable("not drawn here")

    def take(
        self, uid: RunId, *, data: DataChoice = DataChoice.ASK, wheels: bool = False, progress: Progress | None = None
    ) -> Taken:
        self._called("take")
        self._work(progress, 43 * MB, "data/train/scans_b.csv")
        return Taken(self.listed[0].snapshot, 43 * MB, 4.0)

    def keep_data(
        self, name: str, path: str, expected: Digest | None = None, progress: Progress | None = None
    ) -> Taken:
        self._called(f"keep_data {name}")
        return Taken(self.listed[0].snapshot, 31 * MB, 2.0)

    def rows(self) -> Sequence[SnapshotRow]:
        self._called("rows")
        return tuple(self.listed)

    def find(self, name: str) -> Digest:
        for row in self.listed:
            if name in {row.snapshot.name, row.snapshot.digest}:
                return row.snapshot.digest
        raise NotFoundError(f"There is no snapshot {name}.", "`repro-tui snapshots` lists them.")

    def snapshot(self, digest: Digest) -> Snapshot | Unavailable:
        found = (row.snapshot for row in self.listed if row.snapshot.digest == digest)
        return next(found, Unavailable("there is no such document"))

    def files(self, digest: Digest, most: int, progress: Progress | None = None) -> Sequence[PartFiles]:
        self._called(f"files {digest}")
        snapshot = self.snapshot(digest)
        parts = () if isinstance(snapshot, Unavailable) else snapshot.parts
        self._work(progress, sum(part.files for part in parts), "code")
        return [PartFiles(part.name, KEPT_FILES.get(part.kind, ())[:most], part.files) for part in parts if part.kept]

    def version(self, name: str) -> Digest | None:
        return None

    def restore(
        self,
        digest: Digest,
        folder: Path,
        *,
        only: Sequence[PartKind] = (),
        version: Digest | None = None,
        progress: Progress | None = None,
    ) -> Report:
        self._called(f"restore {digest} {folder} {','.join(only)}")
        self._work(progress, 1_912 * MB, "data/train/scans_b.csv")
        return Report(
            1_912 * MB, 48, done=("table.csv is below _snapshot/outputs: it is also data of the run",), seconds=6.2
        )

    def verify(self, digest: Digest, progress: Progress | None = None) -> Report:
        self._called(f"verify {digest}")
        self._work(progress, 1_912 * MB, "packs/3f/3f0a91.pack")
        why = self.damages[0].why if self.damages else ""
        self.listed = [
            replace(row, verified=not self.damages, why=why) if row.snapshot.digest == digest else row
            for row in self.listed
        ]
        return Report(1_912 * MB, 48, self.damages, seconds=3.4)

    def pin(self, digest: Digest, *, on: bool) -> None:
        self._called(f"pin {digest} {on}")
        self.listed = [replace(row, pinned=on) if row.snapshot.digest == digest else row for row in self.listed]

    def usage(self) -> StoreUsage:
        self._called("usage")
        return self.store

    def check(self, *, quick: bool = False, progress: Progress | None = None) -> Report:
        return Report(0, 0)

    def repair(self, progress: Progress | None = None) -> Report:
        return Report(0, 0)


# Datasets.

V1, V2, V3 = digest("5d02"), digest("91ac"), digest("77e0")
ARGV = ("python", "add_scans.py", "--in", "raw", "--out", "data/train")
UIDS = tuple(s.identity for s in (*DRAWN[1:], *older(36, 35)))


def _table(rows: int, threes: int) -> Profile:
    rest = (rows - threes) // 9
    classes = {str(i): rest for i in range(10)} | {"3": threes, "9": rest + (rows - threes) % 9}
    columns = (
        ColumnProfile("pixel_mean", "DOUBLE", 0.0, 40_000, "0.0", "254.1", (21.5, 31.2, 44.0), 33.3, "aa"),
        ColumnProfile("label", "BIGINT", 0.0, 10, "0", "9", (2.0, 4.0, 7.0), 4.5, "bb"),
    )
    return Profile((), (TableProfile("*.csv", "csv", 1, rows, columns, "label", classes),))


_SCANS_A = FileLine("scans_a.csv", 1_800 * MB, digest("aa"))
_SCANS_B = FileLine("scans_b.csv", 100 * MB, digest("bb"))


def drawn_change() -> DataChange:
    """Explain v2 to v3 of the drawn screen: one file more, 1,204 rows more, more threes."""
    return compare(
        [_SCANS_A],
        [_SCANS_A, _SCANS_B],
        _table(50_000, 5_050),
        _table(51_204, 6_247),
        digests=(V2, V3),
        overlaps=(Overlap("test", 0, 51_204),),
    )


def drawn_datasets() -> list[Dataset]:
    """Give the datasets of the drawn screen."""
    made3 = Making(NOW - 300, "ada", ARGV, of=(Source("train", V2, "data/train"),), exit=0)
    made2 = Making(NOW - 3 * 86_400, "bo", note="removed blurred images")
    full = Coverage.FULL
    train = Dataset(
        Spec("train", "data/train", "table", Watch.ASK, "label"),
        (
            Version(3, V3, NOW - 300, "ada", 2, 1_900 * MB, full, digest("11"), digest("12"), 51_204, run=UIDS[0],
                    made=made3, snapshot=digest("78f"), runs=UIDS[:1]),
            Version(2, V2, NOW - 3 * 86_400, "bo", 1, 1_800 * MB, full, digest("13"), digest("14"), 50_000,
                    run=UIDS[36], made=made2, snapshot=digest("91ac"), runs=UIDS[1:37]),
            Version(1, V1, NOW - 9 * 86_400, "ada", 1, 1_850 * MB, full, digest("15"), None, None, run=UIDS[-1],
                    runs=UIDS[37:41]),
        ),
    )  # fmt: skip
    test = Dataset(
        Spec("test", "data/test.csv", "table", Watch.NEVER, "label", declared="journal"),
        (Version(1, digest("1b"), NOW - 9 * 86_400, "ada", 1, 310 * MB, full, digest("16"), digest("17"), 10_000,
                 run=UIDS[-1], runs=UIDS),),
    )  # fmt: skip
    return [test, train]


PROPOSALS = (
    Proposal("video", "/scratch/video", 12, 61 * GB, 4_100),
    Proposal("stopwords", "lists/stopwords.txt", 3, 12 * KB, 1),
)


class FakeDatasets(_Knobs):
    """Datasets in memory."""

    def __init__(self, datasets: Sequence[Dataset] | None = None, proposals: Sequence[Proposal] = PROPOSALS) -> None:
        super().__init__()
        self.declared = {d.spec.name: d for d in (drawn_datasets() if datasets is None else datasets)}
        self.seen = list(proposals)
        self.lies: dict[str, Now] = {
            "train": Now(V3, 2, 1_900 * MB, Coverage.FULL, 3),
            "test": Now(None, 1, 310 * MB, Coverage.PENDING, None, "1 file not read yet"),
        }
        """What lies there now, by name."""
        self.changes: dict[tuple[Digest, Digest], DataChange | Unavailable] = {(V2, V3): drawn_change()}

    def all(self) -> Sequence[Dataset]:
        self._called("all")
        return tuple(self.declared[name] for name in sorted(self.declared))

    def specs(self) -> Sequence[Spec]:
        self._called("specs")
        return tuple(self.declared[name].spec for name in sorted(self.declared))

    def proposals(self) -> Sequence[Proposal]:
        self._called("proposals")
        return tuple(self.seen)

    def add(self, spec: Spec) -> Dataset:
        self._called(f"add {spec.name} {spec.path}")
        if spec.name in self.declared:
            raise UsageError(f"There is already a dataset {spec.name}.", "Choose another name.")
        self.declared[spec.name] = Dataset(spec)
        self.seen = [p for p in self.seen if p.path != spec.path]
        return self.declared[spec.name]

    def watch(self, name: str, watch: Watch) -> None:
        self._called(f"watch {name} {watch}")
        self._change(name, spec=replace(self.declared[name].spec, watch=watch))

    def now(self, name: str, *, read: bool = False, progress: Progress | None = None) -> Now:
        self._called(f"now {name} {read}")
        if read:
            self._work(progress, 310 * MB, "data/test.csv")
            known = {v.digest: v.number for v in self.declared[name].versions}
            lies = self.lies[name]
            found = lies.digest or self.declared[name].versions[0].digest
            self.lies[name] = replace(lies, digest=found, coverage=Coverage.FULL, same_as=known.get(found), why="")
        return self.lies.get(name, Now(None, 0, 0, Coverage.PENDING, None, "is not there"))

    def change(
        self, name: str, before: Digest, after: Digest, progress: Progress | None = None
    ) -> DataChange | Unavailable:
        self._called(f"change {name} {before} {after}")
        return self.changes.get((before, after)) or DataChange(
            before, after, modified=((_SCANS_A, _SCANS_A),), unknown=("the version before has no profile",)
        )

    def phrase(self, name: str, before: Digest, after: Digest) -> str:
        return "+1,204 rows, label 3: 10.1 % → 12.2 %" if after == V3 else "1 file changed"

    def checkpoint(self, name: str, progress: Progress | None = None) -> Taken:
        self._called(f"checkpoint {name}")
        self._work(progress, 1_900 * MB, "data/train/scans_b.csv")
        kept = Snapshot(digest("ab"), NOW, "ada", "gpu07", (), dataset=name, version=self.lies[name].digest)
        versions = self.declared[name].versions
        self._change(name, versions=(replace(versions[0], snapshot=kept.digest), *versions[1:]))
        return Taken(kept, 31 * MB, 2.0)

    def explain(self, name: str, version: Digest, *, argv: Sequence[str] = (), note: str = "") -> None:
        self._called(f"explain {name} {version} {' '.join(argv)}|{note}")
        made = Making(NOW, "ada", tuple(argv), note)
        versions = self.declared[name].versions
        self._change(name, versions=tuple(replace(v, made=made) if v.digest == version else v for v in versions))

    def _change(self, name: str, **fields: object) -> None:
        self.declared[name] = replace(self.declared[name], **fields)  # type: ignore[arg-type]
