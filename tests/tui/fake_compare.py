"""Comparisons in memory, with the numbers of the drawn screens and knobs for what can go wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from repro_tui.domain.comparison import (
    NOW,
    Change,
    CodeChange,
    Column,
    Comparison,
    Direction,
    FilePatch,
    Kind,
)
from repro_tui.domain.explanation import (
    Allowance,
    Candidate,
    Evidence,
    Explanation,
    Finding,
    Parting,
    Standing,
    Statement,
    Variation,
)
from repro_tui.domain.filters import Term
from repro_tui.domain.ids import RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.profile import DataChange
from repro_tui.domain.rows import Outcome, rows
from repro_tui.domain.traits import Part, Section, Trait, Traits
from repro_tui.domain.values import show, token_of
from repro_tui.errors import NotFoundError, ReproError, UsageError
from tests.tui.fake_keeping import drawn_change
from tests.tui.fake_runs import Sketch

DIRECTIONS: Mapping[str, Direction] = {"acc": "up", "loss": "down"}

_NEW_DATA = ("amber-otter", "quick-vole")
"""Runs that read the third version of the data, by the beginnings of their names."""
_OLD_CODE = ("late-moth", "plain-wren", "wide-crane")
"""Runs from before `train.py` was changed."""

PATCH = (
    "@@ -10,7 +10,8 @@ def main() -> None:",
    "     rng = np.random.default_rng(args.seed)",
    "-    for epoch in range(10):",
    "+    for epoch in range(20):",
    "+        rng.shuffle(order)  # each epoch sees another order",
    "         train_one_epoch(model, order)",
    "@@ -41,3 +42,3 @@ def save(model: Model) -> None:",
    "     path = Path(args.out)",
    '-    np.savez(path / "model.npz", model)',
    '+    np.savez(path / "model.npz", weights=model.weights)',
)


def trait(section: Section, name: str, text: str, **more: object) -> Trait:
    """Make a trait whose text tells it apart."""
    return Trait(section, name, str(more.pop("token", text)), text, **more)  # type: ignore[arg-type] # what a test says


def traits_of(sketch: Sketch, *, now: bool = False) -> Traits:
    """Give what is known of a run of the drawn screens."""
    new_data = now or sketch.name.startswith(_NEW_DATA)
    old_code = sketch.name.startswith(_OLD_CODE)
    numpy = "2.4.5" if not now and sketch.name.startswith(("calm-heron", "late-moth")) else "2.4.6"
    version, count = ("b3:77e0", "51,204") if new_data else ("b3:91ac", "50,000")
    found = [
        *(
            trait(
                Section.PARAMETERS, name, show(value), token=token_of(value),
                number=float(value) if isinstance(value, int | float) else None,
                part=Part.SEED if name == "seed" else Part.INPUT,
            )
            for name, value in sketch.params.items()
        ),
        *(trait(Section.PARAMETERS, f"model.layer{i:02}.width", str(16 * i)) for i in range(1, 25)),
        trait(Section.CODE, "train.py", "git:4f1c9a" if old_code else "git:77e01a"),
        trait(Section.CODE, "model.py", "git:6b6b6b"),
        trait(Section.CODE, "notes.py", "git:0a0a0a" if old_code else "git:0b0b0b", part=Part.IDLE),
        trait(Section.DATA, "test", "b3:1b1b  10,000 rows"),
        trait(Section.DATA, "train", f"{version}  {count} rows"),
        trait(Section.ENVIRONMENT, "numpy", numpy),
        trait(Section.ENVIRONMENT, "python", "3.11.7"),
        *(trait(Section.ENVIRONMENT, f"package-{i:03}", f"1.{i}.0", part=Part.IDLE) for i in range(150)),
        trait(Section.HARDWARE, "gpu", "NVIDIA A100-SXM4-40GB"),
        trait(Section.DETERMINISM, "torch.deterministic", "false"),
        trait(Section.COMMAND, "command", "python train.py"),
    ]  # fmt: skip
    unknown = {Section.DATA: "data/video is not hashed yet"} if sketch.name.startswith("late-moth") else {}
    return Traits({(each.section, each.name): each for each in found}, unknown)


def outcomes_of(sketch: Sketch) -> Mapping[str, Outcome]:
    """Give what a run logged."""
    return {name: Outcome(value) for name, value in sketch.metrics.items()}


class FakeComparisons:
    """Puts the sketches of a fake workbench side by side."""

    def __init__(self, sketches: Callable[[], Sequence[Sketch]]) -> None:
        self._sketches = sketches
        self.error: ReproError | None = None
        """What the next calls raise."""
        self.gate: threading.Event | None = None
        """Explanations wait for it."""
        self.calls: list[str] = []
        self.notes: tuple[str, ...] = ()
        self.extra: Callable[[RunId], Sequence[Trait]] = lambda _uid: ()
        """Further traits of a run."""
        self.patch: tuple[str, ...] = PATCH
        self.code_change: CodeChange | Unavailable | None = None
        self.data_change: DataChange | Unavailable | None = None

    def warm(self) -> Iterator[None]:
        return iter(())

    def _sketch(self, uid: RunId) -> Sketch:
        found = next((s for s in self._sketches() if s.identity == uid), None)
        if found is None:
            raise NotFoundError(f"There is no run {uid[:8]} in this project (any more).", "`repro-tui ls` lists them.")
        return found

    def _called(self, what: str) -> None:
        self.calls.append(what)
        if self.error:
            raise self.error

    def _traits(self, uid: RunId, like: RunId) -> Traits:
        found = traits_of(self._sketch(like if uid == NOW else uid), now=uid == NOW)
        more = {(t.section, t.name): t for t in self.extra(uid)}
        return replace(found, by_key={**found.by_key, **more})

    # The port.

    def compare(self, uids: Sequence[RunId], *, baseline: int = 0) -> Comparison:
        self._called("compare")
        like = next(uid for uid in uids if uid != NOW)
        sketches = [None if uid == NOW else self._sketch(uid) for uid in uids]
        traits = [self._traits(uid, like) for uid in uids]
        outcomes = [outcomes_of(s) if s else {} for s in sketches]
        columns = tuple(Column(s.identity, s.name, s.state) if s else Column(NOW, "now") for s in sketches)
        found = rows(traits, outcomes, baseline, DIRECTIONS)
        if NOW in uids:
            found = tuple(row for row in found if row.section is not Section.OUTCOME)
        return Comparison(columns, baseline, found, self.notes)

    def code(self, before: RunId, after: RunId) -> CodeChange:
        self._called("code")
        if isinstance(self.code_change, CodeChange):
            return self.code_change
        added, removed = (sum(line.startswith(sign) for line in self.patch) for sign in "+-")
        notes = FilePatch("notes.py", ("@@ -1 +1 @@", "-x = 1", "+x = 2"), 1, 1, used=False)
        commits = ("4f1c2a9b shuffle each epoch", "81d0c3e2 save the weights alone")
        return CodeChange((FilePatch("train.py", self.patch, added, removed), notes), commits)

    def data(self, before: RunId, after: RunId, name: str) -> DataChange | Unavailable:
        self._called(f"data {name}")
        return drawn_change() if self.data_change is None else self.data_change

    def explain(self, before: RunId, after: RunId, *, metric: str = "") -> Explanation:
        self._called(f"explain {metric}".strip())
        if self.gate is not None:
            self.gate.wait(30)
        if NOW in (before, after):
            raise UsageError("What lies there now has no result yet.", "See what differs: repro-tui diff RUN now")
        return explanation(self._sketch(before), self._sketch(after), metric or "acc")

    def varies(self, where: Term, *, metric: str = "") -> Variation:
        return Variation(metric, "", 0, 0, (), 0)


def explanation(before: Sketch, after: Sketch, metric: str) -> Explanation:
    """Explain two of the drawn runs, in the words of the drawn screen."""
    names = before.name, after.name
    values = before.metrics.get(metric), after.metrics.get(metric)
    uids = before.identity, after.identity
    if None in values:
        text = f"They share no metric: {names[0] if values[0] is None else names[1]} logged nothing."
        return Explanation(
            *uids, "", "", values, Finding.NO_OUTCOME, None, (Statement(text),), (),
        )  # fmt: skip
    rest = (Evidence(f"3 repeats of {names[0]} with other seeds"),)
    said = (
        Statement(f"{metric} {values[0]} and {values[1]}: no evidence of a difference.", rest),
        Statement("3 repeats with other seeds allow 0.0055 (95 % interval).", rest),
        Statement("The curves part at step 40.", (Evidence(f"1,600 common steps of {metric}"),)),
    )
    data = Change(
        Kind.CHANGED,
        trait(Section.DATA, "train", "b3:91ac  50,000 rows"),
        trait(Section.DATA, "train", "b3:77e0  51,204 rows"),
        "train: +1,204 rows, label 3: 10.1 % → 12.2 %",
    )
    numpy = Change(
        Kind.CHANGED,
        trait(Section.ENVIRONMENT, "numpy", "2.4.5"),
        trait(Section.ENVIRONMENT, "numpy", "2.4.6"),
        "numpy 2.4.5 to 2.4.6",
    )
    candidates = (
        Candidate((data,), Section.DATA, "train", data.words, Standing.POSSIBLE, 0.8, "no other run changed it alone"),
        Candidate(
            (numpy,), Section.ENVIRONMENT, "numpy", numpy.words, Standing.RULED_OUT, 0.1,
            "alone in wren/moth: no effect beyond noise", (Evidence("wren and moth differ only in numpy"),),
        ),
    )  # fmt: skip
    allowance = Allowance(before.identity, 3, 0.9704, 0.0011, 0.9649, 0.9759)
    return Explanation(
        *uids, metric, "up", values, Finding.WITHIN, allowance, said, candidates,
        Parting(metric, 40.0, None, 1600), advice="repro-tui run -- python train.py --lr 0.05 --seed 1",
    )  # fmt: skip
