"""Stylesheets: one a screen, and none reaches into another's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STYLES = Path(__file__).resolve().parents[2] / "styles"
SHARED = {"theme", "modals"}
SHEETS = sorted(STYLES.glob("*.tcss"))


def top_level(text: str) -> list[str]:
    """Give the selectors of the rules that stand in no other rule."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    found, depth, selector = [], 0, ""
    for character in text:
        if character == "{":
            if depth == 0:
                found.append(" ".join(selector.split()))
            depth, selector = depth + 1, ""
        elif character == "}":
            depth, selector = depth - 1, ""
        elif character == ";" and depth == 0:
            selector = ""
        elif depth == 0:
            selector += character
    return found


def test_there_are_sheets():
    assert {sheet.stem for sheet in SHEETS} >= SHARED


@pytest.mark.parametrize("sheet", [sheet for sheet in SHEETS if sheet.stem not in SHARED], ids=lambda sheet: sheet.stem)
def test_every_rule_of_a_screen_is_nested_under_the_screen(sheet):
    """A rule outside of its screen would change the widgets of all the others."""
    screen = f"{sheet.stem.title().replace('_', '')}Screen"
    assert [selector for selector in top_level(sheet.read_text("utf-8")) if not selector.startswith(screen)] == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.stem)
def test_colours_are_variables_of_the_theme(sheet):
    """Sixteen colours, no colours and themes of the user work only if no sheet names a colour."""
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.DOTALL)
    assert re.findall(r":[^;{]*(#[0-9a-fA-F]{3,8}\b|rgba?\()", text) == []
