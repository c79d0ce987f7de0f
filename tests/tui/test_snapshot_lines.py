"""The lines of the Snapshots place: they fit whatever names hold, sort as one expects, and say what is not kept."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repro_tui.domain.ids import Digest
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.snapshot import KeptFile, LeftOut, Link, Part, PartFiles, PartKind, Snapshot, SnapshotRow
from repro_tui.tui.render.kept_files import lines as file_lines
from repro_tui.tui.render.lines import line_width
from repro_tui.tui.render.snapshots import level_word, page, pane, restore_name, store_words, verified_words
from repro_tui.tui.render.text import width
from repro_tui.tui.snapshot_lines import ORDERS, Kept, SnapshotTable, matching, name_of, order_of, sorted_rows
from tests.tui.fake_keeping import GB, FakeSnapshots, digest, drawn_snapshots
from tests.tui.fake_runs import NOW

ROWS = drawn_snapshots()
HOSTILE = "\x1b]0;gone\x07\x1b[31mred\n[bold]\u202e漢字\u0301\U0001f468\u200d\U0001f469"


def is_harmless(text):
    return not any(unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for sign in text)


def table(rows, *, ascii_only=False, versions=None):
    kept = Kept(rows, versions=versions or {})
    return SnapshotTable.of(rows, NOW, ORDERS[0], among=kept, ascii_only=ascii_only)


def words(pieces):
    return "".join(text for text, _ in pieces)


def named(name: str, **more) -> SnapshotRow:
    made = Snapshot(digest("ab"), NOW - 60, name, name, (), name=name, left_out=(LeftOut(name, name),), partial=(name,))
    return replace(SnapshotRow(made, 1, 2, why=name), **more)


@settings(max_examples=40)
@given(st.text(max_size=60), st.integers(1, 120), st.booleans())
def test_no_line_is_wider_than_its_room_or_holds_a_control_character(name, cells, ascii_only):
    source = table([named(name), named(name, why="", level=name[:3])], ascii_only=ascii_only)
    for index in range(2):
        text = words(source.line(index, cells))
        assert width(text) <= cells
        assert is_harmless(text)
        assert not ascii_only or text.isascii()


def test_hostile_text_is_harmless_on_the_pane_and_on_the_page():
    part = Part(HOSTILE, PartKind.DATA, 1, 2, None, (Link(HOSTILE, None, 3),))
    row = named(HOSTILE, snapshot=replace(named(HOSTILE).snapshot, parts=(part,)), level=HOSTILE)
    for lines in (pane(row, {}, NOW, 80, 8), pane(row, {}, NOW, 60, 20), page(row, {}, NOW, 80)):
        assert all(is_harmless(text) for line in lines for text, _ in line)


@pytest.mark.parametrize("cells", [79, 119, 160])
def test_columns_stand_below_their_heads(cells):
    source = table(ROWS)
    head, line = words(source.head(cells)), words(source.line(0, cells))
    assert line[head.index("level") :].startswith("2/6")
    assert line[head.index("parts") :].startswith("code env")
    assert line[: head.index("own") + 3].endswith("31 MB")


def test_a_narrow_table_gives_up_what_tells_least():
    source = table(ROWS)
    assert "parts" in words(source.head(79))
    assert "parts" not in words(source.head(60))
    assert "own" in words(source.head(40))
    assert "level" not in words(source.head(30))


def test_each_part_says_whether_it_is_there():
    lines = {name_of(row.snapshot, {}): words(table(ROWS).line(i, 119)) for i, row in enumerate(ROWS)}
    assert "linked" in lines["plain-wren-37"]
    assert "wheels" in lines["wide-crane-38"]
    assert "wheels" not in lines["amber-otter-40"]
    freed = replace(ROWS[0].snapshot, parts=(Part("data", PartKind.DATA, 1, 1, dropped="pruned"),))
    assert "freed" in words(table([replace(ROWS[0], snapshot=freed)]).line(0, 119))


def test_what_cannot_be_read_is_listed_with_the_reason():
    row = SnapshotRow(Snapshot(digest("dead"), 0.0, "", "", ()), 0, 0, why="is from a newer version")
    line = words(table([*ROWS, row]).line(len(ROWS), 79))
    assert "is from a newer" in line
    assert "56y" not in line
    assert any("newer version" in text for text, _ in sum(page(row, {}, NOW, 79), ()))


@given(st.permutations(ROWS[:8]), st.sampled_from(ORDERS), st.booleans())
@settings(max_examples=30)
def test_the_order_does_not_depend_on_the_order_before(rows, order, turned):
    assert sorted_rows(rows, order, turned=turned) == sorted_rows(ROWS[:8], order, turned=turned)


def test_the_first_order_is_newest_first_and_an_unknown_one_is_that():
    assert order_of("nonsense") is ORDERS[0]
    assert next(row.snapshot.name for row in sorted_rows(ROWS, ORDERS[0], turned=False)) == "amber-otter-40"
    assert sorted_rows(ROWS, order_of("own"), turned=False)[0].snapshot.name == "wide-crane-38"
    assert sorted_rows(ROWS, order_of("checked"), turned=False)[0].verified is False


def test_a_filter_finds_names_persons_and_digests():
    assert [row.snapshot.name for row in matching(ROWS, "CALM", {})] == ["calm-heron-39"]
    assert {row.snapshot.user for row in matching(ROWS, "bo late", {})} == {"bo"}
    assert matching(ROWS, "", {}) == ROWS
    assert matching(ROWS, "nothing like it", {}) == []


def test_a_dataset_s_snapshot_has_the_name_of_its_version_where_that_is_known():
    row = next(row for row in ROWS if row.snapshot.dataset)
    assert name_of(row.snapshot, {}) == "train b3:91ac91ac"
    assert name_of(row.snapshot, {Digest(str(row.snapshot.version)): "train v2"}) == "train v2"
    assert restore_name(row.snapshot, {Digest(str(row.snapshot.version)): "train v2"}) == "train@v2"
    assert restore_name(ROWS[0].snapshot, {}) == "b3:78f78f78"


def test_the_pane_keeps_to_its_rows_and_says_what_is_left_out():
    many = replace(ROWS[0].snapshot, left_out=tuple(LeftOut(f"f{i}", "limit") for i in range(50)))
    lines = pane(replace(ROWS[0], snapshot=many), {}, NOW, 80, 7)
    assert len(lines) <= 7
    assert any("more (enter)" in words(line) for line in lines)
    assert all(line_width(line) <= 80 for line in pane(ROWS[0], {}, NOW, 80, 7))


def test_the_first_line_says_how_large_the_store_is():
    usage = FakeSnapshots().usage()
    assert store_words(usage, 52, 52) == "store 31 GB   52 snapshots   1.2 TB free"
    assert store_words(replace(usage, trash=2 * GB), 3, 52).endswith("3 of 52 snapshots   1.2 TB free   trash 2 GB")
    assert store_words(None, 1, 1) == "1 snapshot"


def test_a_reading_is_called_what_it_found():
    assert verified_words(replace(ROWS[0], verified=None))[0].startswith("never")
    assert verified_words(replace(ROWS[0], verified=False, why=""))[0] == "it is damaged"


def test_what_a_partial_snapshot_lacks_is_said_once():
    """The sentence about it names the file; the list of what is left out does not name it again."""
    late = LeftOut("metrics.csv", "was written again since the run", 854, "changed")
    other = LeftOut("model.py", "is gone since the run", 3, "changed")
    made = replace(ROWS[0].snapshot, partial=("metrics.csv was written again since the run",), left_out=(late, other))
    row = replace(ROWS[0], snapshot=made)
    for lines in (pane(row, {}, NOW, 120, 0), page(row, {}, NOW, 120)):
        said = "\n".join(words(line) for line in lines)
        assert said.count("metrics.csv") == 1
        assert said.count("model.py") == 1


def test_the_level_is_said_as_in_runs_with_the_reason():
    """Where the room is small the reason is cut, never the level."""
    row = replace(
        ROWS[3], level="2 linked", level_why="its data is linked, not kept: `repro-tui snapshot x --data yes`"
    )
    for cells, rows in ((80, 8), (60, 20), (120, 0)):
        said = next(words(line) for line in pane(row, {}, NOW, cells, rows) if "level" in words(line))
        assert said.split("level", 1)[1].split("snapshotted")[0].strip() == "2 linked"
        assert width(said) <= cells
    assert level_word("2 linked") == "snapshotted"
    assert level_word("6/6") == "identical"
    assert level_word(HOSTILE) == ""


def test_files_are_listed_largest_first_and_what_is_not_named_is_counted():
    """A part whose listing cannot be read says so, and the others are listed."""
    parts = (Part("code", PartKind.CODE, 5, 100, digest("c0")), Part("outputs", PartKind.OUTPUTS, 1, 9, digest("0a")))
    found = (
        PartFiles("code", (KeptFile("a" * 90, 60), KeptFile(HOSTILE, 30)), 5),
        PartFiles("outputs", (), 0, "its listing is damaged"),
    )
    lines = file_lines(found, parts, 60)
    text = "\n".join(words(line) for line in lines)
    assert "and 3 smaller, 10 B together" in text
    assert "its listing is damaged" in text
    assert all(line_width(line) <= 60 and is_harmless(words(line)) for line in lines)
    assert "cannot be listed: gone" in words(file_lines(Unavailable("gone"), parts, 60)[1])
    assert words(file_lines(None, parts, 60)[1]) == "reading ..."


def test_nothing_is_called_whole_that_is_not():
    """What is linked or freed is not in the store, whatever else is."""
    linked = page(ROWS[3], {}, NOW, 100)
    assert any("what is linked, as said above" in words(line) for line in linked)
    whole = replace(ROWS[0], snapshot=replace(ROWS[0].snapshot, left_out=()))
    assert any("nothing is missing" in words(line) for line in page(whole, {}, NOW, 100))
    part = replace(whole.snapshot.parts[0], dropped="given up")
    freed = replace(whole, snapshot=replace(whole.snapshot, parts=(part, *whole.snapshot.parts[1:])))
    assert any("what was freed since" in words(line) for line in page(freed, {}, NOW, 100))
