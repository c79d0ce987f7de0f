"""What a change of a program amounts to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from repro_tui.compare.meaning import default_of, is_layout, only_lines
from repro_tui.compare.patches import patch_of
from repro_tui.compare.wording import _of
from repro_tui.domain.comparison import Change, Kind
from repro_tui.domain.explain import explain
from repro_tui.domain.traits import Section, Trait
from tests.domain.cases import case, changes, run, text


@pytest.mark.parametrize(
    ("path", "old", "new", "same"),
    [
        ("a.py", "x = 1\n", "x = 1  # one\n", True),
        ("a.py", "f(1, 2)\n", "f(\n    1,\n    2,\n)\n\n", True),
        ("a.py", "x = 1\n", "x = 2\n", False),
        ("a.py", "x = 1\n", "x = 1.0\n", False),
        ("a.py", "if x:\n  a()\n  b()\n", "if x:\n  a()\nb()\n", False),
        ("a.py", "x = (\n", "x = ( # one\n", False),
        ("a.py", "x = '\\d'\n", "x = '\\d' # one\n", True),
        ("a.yaml", "x: 1\n", "x: 1 # one\n", False),
    ],
)
def test_programs_are_the_same_where_only_comments_or_layout_differ(path, old, new, same):
    assert is_layout(path, old, new) is same
    assert patch_of(path, old.encode(), new.encode()).layout is same


def changed(name: str, before: str, after: str) -> Change:
    sides = [Trait(Section.PARAMETERS, name, value, value) for value in (before, after)]
    return Change(Kind.CHANGED, *sides, f"{name} {before} to {after}")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('p.add_argument("--lr", type=float, default=0.1)', 'p.add_argument("--lr", type=float, default=0.3)', "lr"),
        ("    lr: float = 1e-1", "    lr: float = 3e-1", "lr"),
        (
            'p.add_argument("--weight-decay", default=.1)',
            'p.add_argument("--weight-decay", default=.2)',
            "weight_decay",
        ),
        ('opt = "sgd"', "opt = 'adam'", "opt"),
        ("depth = 2", "depth = 3", ""),
        ("lr = 0.1 * k", "lr = 0.3 + k", ""),
        ("lr = 0.1; k = 1", "lr = 0.3; k = 2", ""),
        ("momentum = 0.1", "momentum = 0.3", ""),
        ("lr = 0.1", "lr = 0.4", ""),
    ],
)
def test_a_line_that_only_sets_another_default_is_known_for_it(old, new, named):
    parameters = [changed("lr", "0.1", "0.3"), changed("weight_decay", "0.1", "0.2"), changed("opt", "sgd", "adam")]
    pair = only_lines(patch_of("a.py", f"a\n{old}\nb\n".encode(), f"a\n{new}\nb\n".encode()))
    assert pair is not None
    assert default_of(pair, parameters) == named


def test_a_default_and_its_parameter_are_one_difference_and_a_comment_is_none():
    before = run("calm", 0.97, lr=0.1, seed=1, train__py=1, model__py=1)
    after = run("moth", 0.98, lr=0.3, seed=1, train__py=2, model__py=2)
    told = {"train.py": {"sets": "lr"}, "model.py": {"harmless": "only comments or layout differ"}}
    found = [replace(c, **told.get(c.name, {})) for c in changes(before.traits, after.traits)]
    explained = explain(replace(case(before, after), changes=found))
    assert [c.name for c in explained.candidates] == ["lr", "model.py"]
    assert explained.candidates[0].because == "only difference besides what cannot matter"
    assert "difference that can matter is lr 0.1 to 0.3, its default in train.py." in text(explained)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("lr = 0.1", "lr = 0.5", "`lr = 0.1` to `lr = 0.5`"),
        (
            "h = np.tanh(X @ W) * (np.random.rand(width) > dropout)",
            "h = np.maximum(X @ W, 0) * (np.random.rand(width) > dropout)",
            "`h = np.tanh(X @ W) * (np.…` to `h = np.maximum(X @ W, 0) * (np.…`",
        ),
        (
            "weights = rng.normal(0, .5, shape)  # small",
            "weights = rng.normal(0, .1, shape)  # small",
            "`…rng.normal(0, .5, shape)…` to `…rng.normal(0, .1, shape)…`",
        ),
        ("x" * 90 + "1", "x" * 90 + "2", "`…xxxxxxxx1` to `…xxxxxxxx2`"),
    ],
)
def test_a_patch_of_one_line_is_told_by_what_differs_in_it(old, new, said):
    assert _of(patch_of("a.py", f"a\n{old}\nb\n".encode(), f"a\n{new}\nb\n".encode())) == said
