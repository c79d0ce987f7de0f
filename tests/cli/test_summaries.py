"""Summaries of facts documents are said in words, whatever a journal holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro_tui.cli.summaries import words


@pytest.mark.parametrize(
    ("section", "summary", "said"),
    [
        (
            "code",
            {"kind": "git", "commit": "7e1cfc46cb3b", "branch": "main", "dirty": False, "changed": 0, "untracked": 0},
            "commit 7e1cfc46cb3b on main, all committed",
        ),
        (
            "code",
            {"commit": "7e1cfc46cb3b", "branch": "", "dirty": True, "changed": 1, "untracked": 3, "left_out": 1},
            "commit 7e1cfc46cb3b, 1 changed file, 3 untracked files, 1 file left out",
        ),
        ("code", {"kind": "files", "commit": "", "files": 2}, "2 source files, no commit"),
        ("patch", {"files": 1, "added": 3, "removed": 1}, "1 file, +3 -1"),
        (
            "environment",
            {"python": "3.11.7", "packages": 60, "conda": 0, "container": "docker"},
            "Python 3.11.7, 60 packages, in docker",
        ),
        (
            "host",
            {"cpu": "AMD EPYC", "cores": 1, "gpus": "2x A100", "driver": "550.1"},
            "AMD EPYC, 1 core, 2x A100, driver 550.1",
        ),
        ("job", {"scheduler": "slurm", "job": "17", "array_task": "3"}, "slurm job 17, task 3"),
        ("weather", {"content": "b3:1", "sky": "blue"}, "sky blue"),
    ],
)
def test_a_summary_reads_as_one_would_say_it(section: str, summary: dict, said: str) -> None:
    assert words(section, summary) == said


@given(
    st.sampled_from(["code", "patch", "environment", "host", "job", "other"]),
    st.dictionaries(
        st.sampled_from(["commit", "files", "changed", "packages", "cores", "python", "x"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers()),
    ),
)
def test_any_summary_has_words(section: str, summary: dict) -> None:
    assert isinstance(words(section, summary), str)
