"""Questions in memory with the numbers of the drawn screens, and knobs for everything that can go wrong with them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.profile import ColumnProfile, DataChange, FileLine, Overlap, TableChange, TableProfile
from repro_tui.domain.question import Answer, Answered, Question, Standing
from repro_tui.domain.snapshot import (
    DataChoice,
    LeftOut,
    Offer,
    Part,
    PartKind,
    PartOffer,
    Snapshot,
    Taken,
)
from repro_tui.errors import CancelledError, ReproError
from tests.tui.fake_runs import DRAWN, NOW

MB, GB = 1_000_000, 1_000_000_000


def uid_of(name: str) -> RunId:
    """Give the uid that the fake project gives a run of this name."""
    drawn = next(sketch for sketch in DRAWN if sketch.name == name)
    return drawn.identity


OTTER, MOTH, CRANE = uid_of("amber-otter-40"), uid_of("late-moth-36"), uid_of("wide-crane-38")
VERSION = Digest("b3:" + "77e0" * 16)
BEFORE = Digest("b3:" + "91ac" * 16)
TRAIN = f"dataset:train:{VERSION}"

QUESTIONS = (
    Question(OTTER, "snapshot", "amber-otter-40", "python train.py --lr 0.05", NOW - 120, (OTTER,)),
    Question(CRANE, "snapshot", "sweep of 12", "python train.py --lr ... (since 10:15)", NOW - 1000, (CRANE,) * 12),
    Question(MOTH, "snapshot", "late-moth-36", "died at step 810", NOW - 10_700, (MOTH,)),
)
"""The three of SCREENS.md."""

CHANGED = Question(
    TRAIN, "dataset", "train", "changed since calm-heron-39: +1,204 rows, label 3 10.1 % to 12.2 %", NOW - 300,
    dataset="train", version=VERSION,
)  # fmt: skip

LEFT_OUT = (
    LeftOut("checkpoints/", "limit 2 GB", 38 * GB),
    LeftOut("HF_TOKEN", "looks like a token", kind="redacted"),
    LeftOut("--api-key", "named like a secret", kind="redacted"),
)

OFFERS: dict[str, Offer | DataChange | Unavailable] = {
    OTTER: Offer(
        OTTER,
        "amber-otter-40",
        (
            PartOffer("code", PartKind.CODE, "3 files, 1 uncommitted patch", 3, 4_000, 4_000),
            PartOffer("environment", PartKind.ENVIRONMENT, "31 packages, Python 3.11.7, CUDA 12.4", 4, 9_000, 9_000),
            PartOffer("data", PartKind.DATA, "train 51,204 rows, test 10,000", 13, 1_900 * MB, 31 * MB),
            PartOffer("outputs", PartKind.OUTPUTS, "model.npz, table.csv", 2, 12 * MB, 12 * MB),
        ),
        4.0,
        1_200 * GB,
        LEFT_OUT,
        (),
        "2/6",
        "it was never rebuilt from its snapshot",
    ),
    CRANE: Offer(
        None,
        "sweep of 12",
        (
            PartOffer("code", PartKind.CODE, "3 files, the same in 12 runs", 3, 4_000, 4_000),
            PartOffer("environment", PartKind.ENVIRONMENT, "31 packages, Python 3.11.7", 4, 9_000, 0),
            PartOffer("data:train", PartKind.DATA, "51,204 rows", 12, 61 * GB, 0, linked=True),
            PartOffer("outputs", PartKind.OUTPUTS, "12 of model.npz, 12 of table.csv", 24, 190 * MB, 190 * MB),
        ),
        20.0,
        1_200 * GB,
        (),
        (),
        "2 linked",
        "data train is known by its digest and not kept: `repro-tui snapshot --data yes`",
    ),
    MOTH: Offer(
        MOTH,
        "late-moth-36",
        (
            PartOffer("code", PartKind.CODE, "2 of 3 files", 2, 3_000, 3_000),
            PartOffer("environment", PartKind.ENVIRONMENT, "31 packages, Python 3.11.7", 4, 9_000, 9_000),
            PartOffer("data", PartKind.DATA, "test 10,000 rows", 1, 310 * MB, 2 * MB),
        ),
        1.0,
        1_200 * GB,
        (LeftOut("keys.py", "a secret was found in it", 90, "withheld"),),
        ("model.py has changed since", "data/train has changed since"),
        "1/6",
        "model.py and data/train are not what they were: run it again",
    ),
    TRAIN: DataChange(
        BEFORE,
        VERSION,
        added=(FileLine("scans_b.csv", 31 * MB, Digest("b3:" + "5b" * 32)),),
        tables=(
            TableChange(
                "*.csv",
                TableProfile("*.csv", "csv", 12, 50_000, (ColumnProfile("label", "BIGINT", 0.0, 10),), "label",
                             {str(n): 5_000 + (50 if n == 3 else 0) for n in range(10)}),
                TableProfile("*.csv", "csv", 13, 51_204, (ColumnProfile("label", "BIGINT", 0.0, 10),), "label",
                             {str(n): 5_000 + (1_254 if n == 3 else 0) for n in range(10)}),
                distance=0.02,
            ),
        ),
        overlaps=(Overlap("test", 0, 51_204),),
    ),
}  # fmt: skip


class FakeQuestions:
    """Answers as the real service would: a yes takes a while, is cancelled by its progress, and may fail."""

    def __init__(self, questions: Sequence[Question] = (), *, standing: Standing = Standing.ASK) -> None:
        self.questions = list(questions)
        self.answers: list[tuple[str, Answer]] = []
        self.offers = dict(OFFERS)
        self.errors: dict[str, ReproError] = {}
        """Question to what an answer raises."""
        self.broken: ReproError | None = None
        """What everything raises."""
        self.stands = standing
        self.gate = threading.Event()
        """Offers wait for it."""
        self.gate.set()
        self.going = threading.Event()
        """A yes goes on until it is set."""
        self.going.set()

    def count(self) -> int:
        if self.broken:
            raise self.broken
        return len(self.questions)

    def open(self) -> Sequence[Question]:
        if self.broken:
            raise self.broken
        return tuple(self.questions)

    def offer(self, question: str) -> Offer | DataChange | Unavailable:
        self.gate.wait(8)
        if self.broken:
            raise self.broken
        return self.offers.get(question) or Unavailable("the run's folder is gone")

    def answer(self, question: str, answer: Answer, progress=None) -> Answered:
        asked = next((q for q in self.questions if q.id == question), None)
        if asked is None:
            return Answered(question, ok=False, text="it was answered meanwhile")
        if answer in {Answer.YES, Answer.ALWAYS}:
            while progress:
                progress(31 * MB, 50 * MB, "data/train/scans_b.csv")
                if self.going.wait(0.01):
                    break
        if question in self.errors:
            raise self.errors[question]
        self.answers.append((question, answer))
        if answer is not Answer.LATER:
            self.questions.remove(asked)
        return Answered(question, ok=True, text=self._words(question, answer))

    def _words(self, question: str, answer: Answer) -> str:
        offer = self.offers.get(question)
        if answer in {Answer.YES, Answer.ALWAYS}:
            return f"kept: {offer.new // MB} MB new, level {offer.level}" if isinstance(offer, Offer) else "kept as v3"
        return {"no": "not kept", "never": "not kept, and not asked again", "later": "later"}[answer.value]

    def standing(self) -> Standing:
        if self.broken:
            raise self.broken
        return self.stands

    def stand(self, standing: Standing) -> None:
        if self.broken:
            raise self.broken
        self.stands = standing


class FakeTaker:
    """The part of Snapshots that the key `p` needs."""

    def __init__(self) -> None:
        self.taken: list[tuple[RunId, DataChoice, bool]] = []
        self.errors: dict[RunId, ReproError] = {}

    def offer(self, uid: RunId, *, data: DataChoice = DataChoice.ASK, wheels: bool = False) -> Offer | Unavailable:
        offer = OFFERS.get(uid)
        if not isinstance(offer, Offer):
            return Unavailable("the run's folder is gone")
        parts = [_as_chosen(part, data) for part in offer.parts if data is not DataChoice.NO or part.kind != "data"]
        if wheels:
            parts.insert(2, PartOffer("wheels", PartKind.WHEELS, "31 wheels", 31, 84 * MB, 84 * MB))
        return replace(offer, parts=tuple(parts))

    def take(self, uid: RunId, *, data: DataChoice = DataChoice.ASK, wheels: bool = False, progress=None) -> Taken:
        if progress:
            progress(0, 50 * MB, "data/train/scans_b.csv")
        if uid in self.errors:
            raise self.errors[uid]
        self.taken.append((uid, data, wheels))
        part = Part("code", PartKind.CODE, 3, 4_000)
        partial = OFFERS[uid].changed  # type: ignore[union-attr]
        return Taken(
            Snapshot(Digest("b3:" + "11" * 32), NOW, "ada", "gpu07", (part,), uid, "amber-otter-40", partial=partial),
            43 * MB,
            4.0,
        )


def _as_chosen(part: PartOffer, data: DataChoice) -> PartOffer:
    linked = part.kind is PartKind.DATA and data is DataChoice.LINK
    return replace(part, linked=True, new=0) if linked else part


__all__ = ["CHANGED", "MOTH", "OTTER", "QUESTIONS", "TRAIN", "CancelledError", "FakeQuestions", "FakeTaker"]
