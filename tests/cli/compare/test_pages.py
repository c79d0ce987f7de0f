"""An explanation and a variation as text: nothing is wider than the terminal, and nothing is left out silently."""

from __future__ import annotations

import io

import pytest

from repro_tui.cli.compare.explanation import SHOWN, print_explanation
from repro_tui.cli.compare.variation import print_variation
from repro_tui.cli.output import Output
from repro_tui.domain.explanation import (
    Candidate,
    Evidence,
    Explanation,
    Finding,
    Standing,
    Statement,
    Variation,
    Varied,
)
from repro_tui.domain.ids import RunId
from repro_tui.domain.traits import Section
from repro_tui.tui.render.text import width

HOSTILE = ("\x1b[31mred\x1b[0m name", "路径" * 40, "x" * 300, "a\nb\tc", "plain")


def candidate(words: str, number: int) -> Candidate:
    because = f"alone in {words} and another: no effect beyond noise"
    return Candidate(
        (), Section.CODE, words, words, Standing.POSSIBLE, 1.0, because, (Evidence(f"{words} shows {number}"),)
    )


def explanation(causes: int) -> Explanation:
    said = tuple(Statement(f"{text} is one thing.", (Evidence(text),)) for text in HOSTILE)
    candidates = tuple(candidate(HOSTILE[n % len(HOSTILE)], n) for n in range(causes))
    both = (RunId("a"), RunId("b"))
    return Explanation(
        *both, HOSTILE[0], "up", (1.0, 2.0), Finding.UNTOLD, None, said, candidates, advice="repro-tui run -- x"
    )


def explained(
    found: Explanation, cells: int = 80, *, every: bool = False, ascii_only: bool = False, after: str = "two"
) -> list[str]:
    stream = io.StringIO()
    output = Output(stream, None, terminal=True, color=False, width=cells, ascii=ascii_only)
    print_explanation(output, found, ("one", after), every=every)
    return stream.getvalue().splitlines()


@pytest.mark.parametrize("cells", [40, 80, 200])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_no_line_of_an_explanation_is_wider_than_the_terminal(cells, ascii_only):
    lines = explained(explanation(12), cells, every=True, ascii_only=ascii_only, after=HOSTILE[1])
    assert max(map(width, lines)) <= min(cells, 100)
    assert "\x1b" not in "".join(lines)
    assert "".join(lines).isascii() or not ascii_only


def test_causes_that_are_not_listed_are_counted():
    assert any("and 4 more: --all" in line for line in explained(explanation(SHOWN + 4)))
    assert not any("more: --all" in line for line in explained(explanation(SHOWN + 4), every=True))


def test_the_same_evidence_has_the_same_number_wherever_it_is_named():
    evidence = (Evidence("three repeats"),)
    said = tuple(Statement(text, evidence) for text in ("One.", "Two."))
    found = Explanation(RunId("a"), RunId("b"), "acc", "up", (1.0, 2.0), Finding.BEYOND, None, said, ())
    lines = explained(found)
    assert lines[1] == "One. [1] Two. [1]"
    assert [line for line in lines if line.startswith("  [")] == ["  [1] three repeats"]


@pytest.mark.parametrize("cells", [40, 80, 200])
def test_no_line_of_a_variation_is_wider_than_the_terminal(cells):
    groups = tuple((text, 2, 0.5) for text in HOSTILE)
    varied = tuple(Varied(Section.DATA, name, 9, 40, groups=groups, words=f"{name} differs") for name in HOSTILE)
    stream = io.StringIO()
    output = Output(stream, None, terminal=True, color=False, width=cells)
    print_variation(output, Variation(HOSTILE[2], "up", 9, 0, varied, 3, ("Only 9 runs.",)), every=False)
    lines = stream.getvalue().splitlines()
    assert max(map(width, lines)) <= min(cells, 100)
    assert any("and 35 other values" in line for line in lines)
    assert "\x1b" not in stream.getvalue()
