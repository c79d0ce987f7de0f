"""Levels 1 and 2: what lifts a run, what takes it down again, and the words for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from repro_tui.domain.level import level_of
from repro_tui.domain.run import Attempt, Coverage, Document, FileFact, Kept, KeptPart, Omission, Run

D = "b3:" + "1" * 64
DATA = FileFact("train.csv", "r", role="in", digest=D, coverage=Coverage.FULL)
CODE, ENVIRONMENT = KeptPart("code", "code"), KeptPart("environment", "environment")
KEPT = Kept(D, 9.0, (CODE, ENVIRONMENT, KeptPart("data", "data")))


def a_run(*kept, files=(DATA,), **fields):
    documents = {name: Document(name, D) for name in ("code", "environment")}
    base = {"name": "otter", "argv": ("python",), "documents": documents, "files": files, "snapshots": kept}
    return Run("a" * 32, **(base | fields))


def test_a_snapshot_with_code_environment_and_data_lifts_a_run_to_two():
    level = level_of(a_run(KEPT))
    assert (level.number, level.text, level.linked) == (2, "2/6", False)


def test_linked_data_is_said_with_the_command_that_keeps_it():
    level = level_of(a_run(replace(KEPT, parts=(CODE, ENVIRONMENT, KeptPart("data", "data", linked=True)))))
    assert (level.number, level.text) == (2, "2 linked")
    assert "repro-tui snapshot otter --data yes" in level.why


@pytest.mark.parametrize(
    ("kept", "word"),
    [
        ((), "repro-tui snapshot otter"),
        ((replace(KEPT, dropped=True),), "given up"),
        ((replace(KEPT, verified=False, why="pack 12 is damaged"),), "pack 12 is damaged"),
        ((replace(KEPT, partial=("a.csv changed since the run", "b")),), "a.csv changed since the run, and 1"),
        ((replace(KEPT, parts=(CODE, KeptPart("data", "data"))),), "no environment"),
        ((replace(KEPT, parts=(CODE, ENVIRONMENT)),), "--data yes"),
        ((replace(KEPT, parts=(replace(CODE, dropped=True), ENVIRONMENT, KeptPart("data", "data"))),), "code"),
        ((replace(KEPT, parts=(CODE, ENVIRONMENT, KeptPart("data:t", "data", linked=True, coverage="metadata"))),),
         "names, sizes and times only: t"),
    ],
)  # fmt: skip
def test_what_a_snapshot_lacks_keeps_the_run_at_one_and_is_named(kept, word):
    level = level_of(a_run(*kept))
    assert level.number == 1
    assert word in level.why


def test_the_best_of_several_snapshots_counts():
    linked = replace(KEPT, digest="b3:" + "2" * 64, parts=(CODE, ENVIRONMENT, KeptPart("data", "data", linked=True)))
    for kept in ((KEPT, linked), (linked, KEPT)):
        assert level_of(a_run(*kept)).text == "2/6"
    assert level_of(a_run(replace(KEPT, dropped=True), linked)).text == "2 linked"


def test_a_run_without_data_needs_none_and_one_that_went_on_needs_another():
    bare = replace(KEPT, parts=(CODE, ENVIRONMENT))
    assert level_of(a_run(bare, files=())).number == 2
    later = level_of(a_run(bare, files=(), attempts=(Attempt(1, 1.0), Attempt(2, 10.0))))
    assert later.number == 1
    assert "went on" in later.why


def test_a_large_file_that_is_known_as_data_is_no_code_that_was_left_out():
    left = (Omission("left_out", "train.csv", "larger than code.limit", 9), Omission("left_out", "out/x.bin", "too", 9))
    folder = FileFact("out", "w", role="out", digest=D, files=3, coverage=Coverage.FULL)
    assert level_of(a_run(KEPT, files=(DATA, folder), omissions=left)).number == 2
    assert level_of(a_run(KEPT, omissions=left)).number == 0
