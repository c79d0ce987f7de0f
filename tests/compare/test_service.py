"""What the service of comparisons imports, and when."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

LOADED = """
import sys
from repro_tui.compare.service import CompareService
print(*sorted(name for name in sys.modules if name.startswith("repro_tui.")))
for _ in CompareService.warm(None):
    print(*sorted(name for name in sys.modules if name.startswith("repro_tui.")))
"""
OF_OTHER_QUESTIONS = {
    "repro_tui.compare.code_change",
    "repro_tui.compare.gather",
    "repro_tui.compare.now",
    "repro_tui.domain.explain",
    "repro_tui.store.store",
}


def test_rows_need_nothing_of_what_other_questions_need_and_warming_loads_it_in_pieces() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, timeout=60, check=True)
    loaded = [set(line.split()) for line in done.stdout.splitlines()]
    assert not loaded[0] & OF_OTHER_QUESTIONS
    assert loaded[-1] >= OF_OTHER_QUESTIONS
    shares = [len(after - before) for before, after in pairwise(loaded)]
    assert max(shares) < sum(shares) / 2, "no piece is most of it"
