"""A section of somebody's YAML file is changed, and no other character of it."""

from __future__ import annotations

import pytest
import yaml

from repro_tui.errors import UsageError
from repro_tui.retention.yaml_edit import with_values

WANTED = {"keep_last": 7, "keep_daily": None, "keep_tags": ["paper", "a b"]}
BLOCK = "retention:\n  keep_last: 7\n  keep_tags: [paper, a b]\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", BLOCK),
        ("# mine\n", f"# mine\n{BLOCK}"),
        ("name: x", f"name: x\n{BLOCK}"),
        ("\ufeffname: x\n", f"\ufeffname: x\n{BLOCK}"),
        ("name: x\n\n# the end", f"name: x\n\n# the end\n{BLOCK}"),
        ("note: |\n  text\n  more\n", f"note: |\n  text\n  more\n{BLOCK}"),
        ("---\nname: x\n...\n", f"---\nname: x\n{BLOCK}...\n"),
        ("retention: # why\nname: y\n", BLOCK.replace("retention:", "retention: # why") + "name: y\n"),
        ("retention:\n  keep_last:\nname: q\n", f"{BLOCK}name: q\n"),
        (
            "retention:\n    keep_last: 3 # weeks\n    keep_tags:\n    - a  # one\n    keep_daily: 4 # gone\n\n# z\n",
            "retention:\n    keep_last: 7 # weeks\n    keep_tags: [paper, a b]  # one\n\n# z\n",
        ),
        (
            "retention:\r\n  keep_weekly: 3 # so\r\n  keep_daily: 4\r\nname: 'q'\r\n",
            "retention:\r\n  keep_weekly: 3 # so\r\n  keep_last: 7\r\n  keep_tags: [paper, a b]\r\nname: 'q'\r\n",
        ),
        ("retention: {keep_last: 2, keep_daily: 9} # c\n", "retention: {keep_last: 7, keep_tags: [paper, a b]} # c\n"),
        ("{name: x, data: [a]}\n", "{name: x, data: [a], retention: {keep_last: 7, keep_tags: [paper, a b]}}\n"),
        ("  name: x\n", "  name: x\n  retention:\n    keep_last: 7\n    keep_tags: [paper, a b]\n"),
    ],
)
def test_only_the_keys_that_were_asked_for_change(before: str, after: str) -> None:
    assert with_values(before, "retention", WANTED) == after
    assert with_values(after, "retention", WANTED) == after
    assert yaml.safe_load(after)["retention"].get("keep_daily") is None


@pytest.mark.parametrize(
    "text",
    [
        "a: &x {k: 1}\nretention: *x\n",
        "retention:\n  keep_last: &n 5\nsample_every: *n\n",
        "retention: 5\n",
        "retention:\n- a\n",
        "retention: {}\nname: x\nretention: {keep_last: 3}\n",
        "[1]\n",
        "a: [\n",
        "--- 1\n--- 2\n",
    ],
)
def test_a_file_that_could_come_to_mean_something_else_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        with_values(text, "retention", WANTED)
    assert caught.value.hint
