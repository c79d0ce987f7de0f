"""What the question about several runs is called."""

from __future__ import annotations

import pytest

from repro_tui.questions.notes import RunNote
from repro_tui.questions.sweeps import about


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["python train.py --lr 1", "python train.py --lr 2"], "python train.py --lr ..."),
        (["python train.py", "python train.py"], "python train.py"),
        (["python train.py", "python train.py --lr 2"], "python train.py ..."),
        (["bash sweep.sh", "python train.py --lr 1", "python train.py --lr 2"], "bash sweep.sh"),
        (["", "python train.py"], ""),
    ],
)
def test_a_sweep_is_called_by_what_its_command_lines_share_or_by_what_started_it(lines, words):
    notes = tuple(RunNote(str(number), f"{number:032x}", words=line) for number, line in enumerate(lines))
    question = about(notes).question
    assert question.title == f"sweep of {len(lines)}"
    assert question.detail.startswith(f"{words} (since ")
