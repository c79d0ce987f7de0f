"""What the environment says about the terminal."""

from __future__ import annotations

import pytest

from repro_tui.errors import UsageError
from repro_tui.tui import terminal
from repro_tui.tui.options import TuiOptions


@pytest.mark.parametrize("term", ["", "dumb", "unknown"])
def test_a_terminal_that_cannot_show_a_screen_is_refused_with_what_to_do(term):
    with pytest.raises(UsageError, match="cannot show the dashboard") as caught:
        terminal.settle(TuiOptions(), {"TERM": term}, "/p")
    assert "repro-tui ls" in caught.value.hint


@pytest.mark.parametrize(
    ("environment", "color"),
    [
        ({"TERM": "xterm-256color"}, "auto"),
        ({"TERM": "xterm"}, "16"),
        ({"TERM": "screen"}, "16"),
        ({"TERM": "linux"}, "16"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "auto"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "none"),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, "auto"),
    ],
)
def test_colours_are_those_that_the_terminal_has(environment, color):
    assert terminal.settle(TuiOptions(), environment, "/p").color == color


@pytest.mark.parametrize(
    ("environment", "plain"),
    [
        ({"LANG": "en_GB.UTF-8"}, False),
        ({"LANG": "en_GB.utf8"}, False),
        ({}, False),
        ({"LANG": "C"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),
        ({"LC_ALL": "C.UTF-8", "LANG": "C"}, False),
        ({"LANG": "de_DE.ISO-8859-1"}, True),
        ({"LC_ALL": "de_DE@euro"}, True),
        ({"TERM": "linux", "LANG": "en_GB.UTF-8"}, True),
    ],
)
def test_ascii_is_drawn_where_the_locale_is_no_utf_8(environment, plain):
    assert terminal.is_ascii(environment) is plain


def test_over_ssh_the_mouse_is_off_unless_it_is_asked_for():
    remote = {"TERM": "xterm-256color", "SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}
    assert terminal.settle(TuiOptions(), remote, "/p").mouse is False
    assert terminal.settle(TuiOptions(mouse=True), remote, "/p").mouse is True
    assert terminal.settle(TuiOptions(), {"TERM": "xterm"}, "/p").mouse is True
    assert terminal.settle(TuiOptions(), remote, "/p").remote
