"""The lines of the Data place: they fit whatever is in them, and say what lies there in words."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repro_tui.domain.dataset import Dataset, Making, Now, Proposal, Source, Spec, Version, Watch
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import Coverage
from repro_tui.tui.change_book import ChangeBook, compared_with, key_of
from repro_tui.tui.data_lines import DataTable, Sets, command_text, made_text, now_text, runs_of
from repro_tui.tui.data_reading import MOST_PAIRS, ChangeRead, before
from repro_tui.tui.render.datasets import Opened, Told, page, pane, told_lines
from repro_tui.tui.render.text import width
from tests.tui.fake_keeping import GB, MB, PROPOSALS, V1, V2, V3, FakeDatasets, drawn_change, drawn_datasets
from tests.tui.fake_runs import NOW

SETS = Sets(drawn_datasets(), PROPOSALS)
TRAIN = drawn_datasets()[1]
HOSTILE = "\x1b]0;gone\x07\x1b[31mred\n[bold]\u202e漢字\u0301\U0001f468\u200d\U0001f469"


def words(pieces):
    return "".join(text for text, _ in pieces)


def is_harmless(text):
    return not any(unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for sign in text)


def table(sets=SETS, lies=None, *, ascii_only=False):
    return DataTable.of(sets, NOW, lies or {}, marked="", ascii_only=ascii_only)


def hostile(text: str) -> Sets:
    made = Making(NOW, text, (text, text), note=text, of=(Source(text, None, text),))
    version = Version(1, V1, NOW, text, 1, 2, Coverage.FULL, made=made)
    noted = replace(version, number=2, digest=V2, made=Making(NOW, text, note=text))
    dataset = Dataset(Spec(text, text, text, Watch.ASK, text, text), (noted, version), (text,))
    return Sets([dataset], [Proposal(text, text, 1, 2)])


@settings(max_examples=40)
@given(st.text(max_size=50), st.integers(1, 140), st.booleans())
def test_no_line_is_wider_than_its_room_or_holds_a_control_character(text, cells, ascii_only):
    sets = hostile(text)
    source = table(sets, {text: Now(None, 1, 2, Coverage.PENDING, None, text)}, ascii_only=ascii_only)
    for index in range(len(source.spots)):
        line = words(source.line(index, cells))
        assert width(line) <= cells
        assert is_harmless(line)
        assert not ascii_only or line.isascii()


def test_hostile_text_is_harmless_on_the_pane_and_on_the_page():
    sets = hostile(HOSTILE)
    dataset = sets.datasets[0]
    told = Told(dataset.versions[1], dataset.versions[0], HOSTILE, Unavailable(HOSTILE))
    for about in (Opened(dataset), Opened(dataset, dataset.versions[0], None, told, ((V1, HOSTILE),))):
        lines = [*pane("dataset", about, NOW, 80, ascii_only=False), *page(about, NOW, 80, ascii_only=False)]
        assert all(is_harmless(text) for line in lines for text, _ in line)
    lines = pane("proposal", sets.proposals[0], NOW, 80, ascii_only=True)
    assert all(is_harmless(text) and text.isascii() for line in lines for text, _ in line)


def test_the_drawn_lines_are_there():
    lines = [words(table().line(i, 79)) for i in range(len(table().spots))]
    assert "train   3 versions, 41 runs, watch: ask" in "\n".join(lines)
    assert any("v3" in x and "add_scans.py --in raw --out data/train" in x and "used by 1 run" in x for x in lines)
    assert any("v2" in x and 'by hand: "removed blurred images"' in x and "used by 36 runs" in x for x in lines)
    assert any("v1" in x and "first seen" in x and "used by 4 runs" in x for x in lines)
    assert runs_of(TRAIN) == 41


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (None, "looking ..."),
        (Now(V3, 2, 1_900 * MB, Coverage.FULL, 3), "51,204 rows   1.9 GB   b3:77e077e0   same as v3   100 % of bytes"),
        (Now(V1, 1, GB, Coverage.FULL, 1), "1 file   1 GB   b3:5d025d02   same as v1   100 % of bytes"),
        (Now(V3, 2, GB, Coverage.METADATA, 3), "51,204 rows   1 GB   b3:77e077e0   same as v3   metadata only"),
        (Now(None, 3, GB, Coverage.PENDING, None, "3 files not read yet"), "3 files not read yet   w reads it"),
        (Now(None, 0, 0, Coverage.PENDING, None, "is not there"), "is not there"),
    ],
)
def test_what_lies_there_is_said_in_words(now, said):
    assert words(now_text(now, TRAIN)).endswith(said)


def test_content_that_is_no_version_has_changed():
    other = Now(V2, 3, GB, Coverage.FULL)
    assert "changed since v3" in words(now_text(other, TRAIN))
    assert "not a version yet" in words(now_text(other, Dataset(TRAIN.spec)))


def test_a_command_is_shown_without_its_interpreter():
    assert command_text(("python", "a.py", "--x", "1 2")) == "a.py --x '1 2'"
    assert command_text(("/usr/bin/python3.11", "a.py")) == "a.py"
    assert command_text(("python", "-m", "pkg")) == "python -m pkg"
    assert command_text(("make", "data")) == "make data"
    assert command_text(("python",)) == "python"


def test_how_a_version_was_made_is_said_with_its_failure():
    assert made_text(Making(NOW, "ada", ("make",), exit=2), is_first=False)[0] == "make (exit 2)"
    assert made_text(None, is_first=True)[0] == "first seen"
    assert "not noted" in made_text(None, is_first=False)[0]


def test_a_change_is_told_with_its_block_or_why_there_is_none():
    told = Told(TRAIN.versions[1], TRAIN.versions[0], "+1,204 rows", drawn_change())
    text = "\n".join(words(line) for line in told_lines("train", told, 78, ascii_only=False))
    assert text.startswith("train v2 to v3   +1,204 rows")
    assert "50,000 to 51,204" in text
    assert "looking" in words(told_lines("train", replace(told, change=None), 78, ascii_only=False)[1])
    unread = told_lines("train", replace(told, change=None, unread=True), 78, ascii_only=False)
    assert "w does that now" in words(unread[1])
    assert all(words(line).isascii() for line in told_lines("train", told, 78, ascii_only=True))


def test_a_version_is_compared_with_the_one_before_or_with_the_marked_one():
    v3, v2, v1 = TRAIN.versions
    assert compared_with(TRAIN, v3, "") is v2
    assert compared_with(TRAIN, v3, key_of("train", v1)) is v1
    assert compared_with(TRAIN, v1, key_of("train", v3)) is v3
    assert compared_with(TRAIN, v1, key_of("train", v1)) is None
    assert before(TRAIN, v1) is None


def test_a_change_is_looked_up_once_and_never_read_from_tables_unasked():
    datasets = FakeDatasets()
    book = ChangeBook(lambda: datasets)
    v3, v2, _ = TRAIN.versions
    told = book.told(TRAIN, v3, "", None)
    assert told is not None
    assert not told.unread
    read = book.errand(told)()
    assert isinstance(read, ChangeRead)
    book.keep(read)
    assert book.told(TRAIN, v3, "", None).change == drawn_change()
    assert book.errand(book.told(TRAIN, v3, "", None)) is None

    raw = replace(v3, profile=None)
    dataset = replace(TRAIN, versions=(raw, v2))
    book.forget()
    told = book.told(dataset, raw, "", Now(V3, 2, GB, Coverage.FULL, 3))
    assert told.unread
    assert book.errand(told)().change is None
    assert [call for call in datasets.calls if call.startswith("change")] == [f"change train {V2} {V3}"]


def test_an_explanation_that_nobody_waits_for_is_stopped():
    datasets = FakeDatasets()
    book = ChangeBook(lambda: datasets)
    v3, _, _ = TRAIN.versions
    told = book.told(TRAIN, v3, "", None)
    errand = book.errand(told)
    datasets.change = lambda name, a, b, progress: progress(0, 1, "scans_b.csv")
    book.wanted = None
    assert errand() is None


def test_the_book_keeps_only_so_many_changes():
    book = ChangeBook(FakeDatasets)
    for number in range(MOST_PAIRS + 5):
        book.keep(ChangeRead((str(number), V1, V2), "", None))
    assert len(book) == MOST_PAIRS


def test_what_could_not_be_read_stands_with_the_version():
    broken = replace(TRAIN.versions[0], faults=("x.csv row 3: 4 columns, not 2; left out",))
    told = Opened(replace(TRAIN, versions=(broken, *TRAIN.versions[1:])), broken)
    lines = [words(line) for line in page(told, NOW, 80, ascii_only=False)]
    assert "problem       x.csv row 3: 4 columns, not 2; left out" in [line.strip() for line in lines]
