"""Whatever a person's repro.yaml looks like, a policy is written into it and every other line stays as it was."""

from __future__ import annotations

import random
import string

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from repro_tui.errors import UsageError
from repro_tui.retention.yaml_edit import with_values

SECTION = "retention"
names = st.sampled_from(["name", "data", "metrics", "x y", "ünï", "on", "12", "retention_old", "z"])
leaves = st.one_of(
    st.integers(-5, 10**6),
    st.booleans(),
    st.none(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(string.ascii_letters + " :#'\"-é\n", max_size=12),
)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=5
)
rules = st.dictionaries(
    st.sampled_from(["keep_last", "keep_daily", "grace", "hint_above", "keep_tags", "runs"]), values, max_size=4
)
wanted = st.dictionaries(
    st.sampled_from(["keep_last", "keep_daily", "keep_tags", "keep_best"]),
    st.one_of(
        st.none(),
        st.integers(1, 99),
        st.lists(st.sampled_from(["a", "b: c", "#d"]), max_size=3),
        st.just([{"metric": "acc", "n": 3}]),
    ),
    min_size=1,
)


def flow(value: object) -> str:
    """Write a value on one line."""
    text = yaml.safe_dump([value], default_flow_style=True, width=10**6, sort_keys=False, allow_unicode=True)
    return text.strip()[1:-1]


def written(mapping: dict[str, object], seed: int) -> str:
    """Write a mapping as a person might: styles, comments, blank lines and line ends differ from key to key."""
    dice = random.Random(seed)
    text = dice.choice(["", "# mine\n", "---\n", "\n\n"])
    for key, value in mapping.items():
        piece = yaml.safe_dump({key: value}, default_flow_style=False, sort_keys=False, indent=dice.choice([2, 4]))
        if dice.random() < 0.5:
            piece = f"{flow(key)}: {flow(value)}{dice.choice(['', '  # why'])}\n"
        text += dice.choice(["", "", "# about the next\n", "\n"]) + piece + dice.choice(["", "", "\n"])
    if dice.random() < 0.3:
        text = text.rstrip("\n")
    return text.replace("\n", "\r\n") if dice.random() < 0.2 else text


def lines_of_others(text: str) -> list[str]:
    """Give the lines that belong to no key of the section, comments apart from it too."""
    found, inside = [], False
    for line in text.splitlines():
        if line[:1] not in {" ", "", "#", "-"}:
            inside = line.startswith(f"{SECTION}:")
        if not inside or line.lstrip().startswith("#"):
            found.append(line)
    return found


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(names, values, max_size=4), st.none() | rules, wanted, st.integers(0, 10**6))
def test_the_keys_are_set_and_nothing_else_changes(before, section, keys, seed):
    mapping = dict(before)
    if section is not None:
        mapping[SECTION] = section
    items = list(mapping.items())
    random.Random(seed).shuffle(items)
    text = written(dict(items), seed)
    assert (yaml.safe_load(text) or {}) == dict(items)
    try:
        after = with_values(text, SECTION, keys)
    except UsageError:
        return  # rare, and it says what to write by hand
    found = yaml.safe_load(after) or {}
    for key, value in keys.items():
        assert (found.get(SECTION) or {}).get(key) == value
    kept = {key: value for key, value in (section or {}).items() if key not in keys and value is not None}
    rest = {key: value for key, value in (found.get(SECTION) or {}).items() if key not in keys and value is not None}
    assert rest == kept
    assert {key: value for key, value in found.items() if key != SECTION} == before
    if "\n" not in "".join(value for value in before.values() if isinstance(value, str)):
        assert [line for line in lines_of_others(after) if line] == [line for line in lines_of_others(text) if line]
    assert with_values(after, SECTION, keys) == after
