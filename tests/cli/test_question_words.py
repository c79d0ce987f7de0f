"""The lines of the question on a terminal: short, true, and of at most the terminal's width."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from repro_tui.cli.question_words import detail_lines, offer_lines, wrapped
from repro_tui.domain.ids import RunId
from repro_tui.domain.snapshot import LeftOut, Offer, PartKind, PartOffer

SECRET = "something like a secret: Hugging Face token in line 1; allow it with secrets.allow"
OFFER = Offer(
    run=RunId("1" * 32),
    name="amber-otter",
    parts=(
        PartOffer("code", PartKind.CODE, "3 files, 1 uncommitted patch", files=3, size=4_000, new=4_000),
        PartOffer("environment", PartKind.ENVIRONMENT, "31 packages", files=4, size=9_000, new=9_000),
        PartOffer("data", PartKind.DATA, "train 51,204 rows", files=2, size=1_900_000_000, new=31_000_000),
        PartOffer("outputs", PartKind.OUTPUTS, "model.npz", files=1, size=12_000_000, new=12_000_000),
    ),
    seconds=4.0,
    free=1_200_000_000_000,
    left_out=(
        LeftOut("HF_TOKEN", "env", 0, "redacted"),
        LeftOut("checkpoints/", "above snapshot.output_limit (2,000,000,000 bytes)", 38_000_000_000),
        LeftOut("--api-key", "argv", 0, "redacted"),
    ),
    level="2/6",
    why="it was never rebuilt from its snapshot",
)


def test_the_lines_are_those_of_the_drawing():
    assert offer_lines(OFFER, 80)[:3] == [
        "  code 4 kB, environment 9 kB, data 1.9 GB (31 MB new), outputs 12 MB; 4 s",
        "  left out: checkpoints/ (38 GB, limit 2 GB)   redacted: HF_TOKEN, --api-key",
        "  level 2/6 then; not higher: it was never rebuilt from its snapshot",
    ]


def test_what_is_left_out_for_the_same_reason_is_named_together_the_largest_first():
    limit = "larger than code.limit (1000000 bytes)"
    small = [LeftOut(f"part-{number}.bin", limit, 2_000_000 + number) for number in range(7)]
    said = " ".join(" ".join(offer_lines(replace(OFFER, left_out=(*small, *OFFER.left_out[1:2])), 80)).split())
    named = "part-6.bin 2 MB, part-5.bin 2 MB, part-4.bin 2 MB and 4 more (limit 1 MB) (d)"
    assert f"left out: checkpoints/ (38 GB, limit 2 GB), {named}" in said


def test_a_withheld_file_is_named_with_what_was_found_and_details_say_how_it_is_let_through():
    offer = replace(OFFER, left_out=(LeftOut(".env", SECRET, 0, "withheld"),))
    assert "  withheld: .env (Hugging Face token in line 1)" in offer_lines(offer, 80)
    details = " ".join(" ".join(detail_lines(offer, 80)).split())
    assert f"withheld .env: {SECRET}" in details


def test_a_long_reason_of_the_level_takes_two_lines_and_details_have_the_rest():
    offer = replace(OFFER, why="; ".join(f"file-{number}.py was left out by a limit" for number in range(20)))
    lines = offer_lines(offer, 80)
    at = next(place for place, line in enumerate(lines) if line.startswith("  level 2/6"))
    assert len(lines) == at + 2
    assert lines[-1].endswith("... (d)")
    assert "file-19.py" in " ".join(detail_lines(offer, 80))


@given(st.integers(20, 200), st.lists(st.text(max_size=60), max_size=6), st.text(max_size=200))
def test_no_line_is_wider_than_the_terminal(width, names, why):
    left = tuple(LeftOut(name, why, 10**n, kind) for n, name in enumerate(names) for kind in ("left_out", "withheld"))
    offer = replace(OFFER, left_out=left, why=why, changed=tuple(names))
    for lines in (offer_lines(offer, width), detail_lines(offer, width)):
        assert not any(unicodedata.category(cell) == "Cc" for line in lines for cell in line)
        assert all(len(line) <= max(width, 20) for line in lines)


def test_a_number_stays_with_its_unit():
    assert wrapped("it is as large as 256 MB", 22) == ["it is as large as", "256 MB"]
