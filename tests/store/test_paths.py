"""No listing leads out of the folder that it is restored to."""

from __future__ import annotations

import pytest

from repro_tui.errors import DamagedError
from repro_tui.store.entry import Entry
from repro_tui.store.paths import check_listing, refused, shown, why_refused


def file(path: bytes, **fields) -> Entry:
    return Entry(path, "f", 0o644, **fields)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        (b"", "is empty"),
        (b"/etc/passwd", "is absolute"),
        (b"//x", "is absolute"),
        (b"../x", "has the part '..'"),
        (b"a/../../x", "has the part '..'"),
        (b"a/..", "has the part '..'"),
        (b"./a", "has the part '.'"),
        (b"a//b", "has an empty part"),
        (b"a/", "has an empty part"),
        (b"a\0b", "holds a NUL"),
        (b"a/" * 3000 + b"b", "is longer than 4095 bytes"),
        (b"x" * 256, "has a part longer than 255 bytes"),
    ],
)
def test_what_leads_out_is_refused(path, why):
    assert why_refused(path) == why
    with pytest.raises(DamagedError, match="refused"):
        check_listing([file(path)])


@pytest.mark.parametrize("path", [b"a", b"a/b/..c/...", b"\xff", b"-", b"a b", b"new\nline", b"x" * 255])
def test_anything_else_is_a_name(path):
    assert why_refused(path) == ""


@pytest.mark.parametrize(
    ("entries", "path", "why"),
    [
        ([file(b"a"), file(b"a")], b"a", "comes twice"),
        ([Entry(b"a", "d", 0o755), file(b"a")], b"a", "comes twice"),
        ([Entry(b"a", "l", 0o777, to=b"/etc"), file(b"a/passwd")], b"a/passwd", "passes through a, which is no folder"),
        ([file(b"a"), file(b"a/b/c")], b"a/b/c", "passes through a, which is no folder"),
        ([Entry(b"a", "p", 0o644)], b"a", "is of an unknown kind 'p'"),
        ([file(b"a", size=1 << 63)], b"a", f"is said to be {1 << 63} bytes large"),
        ([file(b"a", size=-1)], b"a", "is said to be -1 bytes large"),
        ([file(b"a", size=5, content=(-5,))], b"a", "has a hole of no length"),
        ([Entry(b"a", "l", 0o777, to=b"")], b"a", "is a link with a text that no link can have"),
        (
            [Entry(b"a", "h", 0o644, to=b"b"), file(b"b")],
            b"a",
            "is a hard link to b, which is no file that comes earlier",
        ),
        ([Entry(b"a", "h", 0o644, to=b"../b")], b"a", "is a hard link to ../b, which is no file that comes earlier"),
    ],
)
def test_what_contradicts_itself_is_refused(entries, path, why):
    assert refused(entries) == [(path, why)]


def test_two_parts_may_hold_the_same_folder():
    assert refused([Entry(b"a", "d", 0o755), Entry(b"a", "d", 0o700), file(b"a/b")]) == []


def test_order_does_not_matter():
    assert refused([Entry(b"b", "h", 0o644, to=b"a"), file(b"a/../x"), file(b"a")]) == [
        (b"a/../x", "has the part '..'")
    ]


def test_the_message_names_three_and_counts_the_rest():
    with pytest.raises(DamagedError) as raised:
        check_listing([file(b"/%d" % number) for number in range(10)])
    assert "/0 is absolute; /1 is absolute; /2 is absolute; and 7 more" in raised.value.message


def test_a_path_in_a_message_is_one_line_and_sends_nothing_to_a_terminal():
    assert shown(b"a\x1b[31m\n\xffb") == "a\\x1b[31m\\n\\x00ffb"
