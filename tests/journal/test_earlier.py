"""Earlier runs of the same command line are found by the beginnings of journals, the newest first."""

from __future__ import annotations

import json

from repro_tui.journal.earlier import called_alike
from repro_tui.journal.layout import Layout
from repro_tui.settings import open_project

WORDS = ["python", "train.py"]


def put(layout, number, argv, *, head=True, before=()):
    folder = layout.runs / f"20251101-10000{number}-otter-{number}" / "journal"
    folder.mkdir(parents=True)
    header = {"repro": 1, "run": f"{number:032x}", "writer": "0" * 16}
    lines = [*([header] if head else []), *before, {"k": "start", "c": 1, "argv": argv}, {"s": 1, "m": {"a": 1}}]
    (folder / f"{number:016x}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder.parent


def test_the_same_words_are_found_newest_first_and_nothing_else(tmp_path):
    layout = Layout.of(open_project(tmp_path, {}))
    assert list(called_alike(layout, WORDS, tmp_path, 5.0)) == []
    first, second = put(layout, 1, WORDS), put(layout, 2, WORDS)
    put(layout, 3, [*WORDS, "--lr"])
    put(layout, 4, WORDS, head=False)
    put(layout, 5, "python train.py")
    own = put(layout, 6, WORDS)
    (layout.runs / "20251101-100009-empty").mkdir()
    (first / "journal" / "torn.jsonl").write_bytes(b'{"repro": 1, "ru')
    found = list(called_alike(layout, WORDS, own, 5.0))
    assert found == [(f"{2:032x}", second), (f"{1:032x}", first)]
    assert list(called_alike(layout, WORDS, own, -1.0)) == []
