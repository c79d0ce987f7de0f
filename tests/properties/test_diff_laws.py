"""Laws of the difference of two runs: nothing on equals, the same turned around, and it leads from one to the other."""

from __future__ import annotations

import math
import time

from hypothesis import given
from hypothesis import strategies as st

from repro_tui.domain.comparison import Kind
from repro_tui.domain.diff import apply, diff, invert, tokens
from repro_tui.domain.ids import RunId
from repro_tui.domain.rows import Outcome, rows
from repro_tui.domain.run import Param, Run
from repro_tui.domain.traits import Part, Section, Trait, Traits
from repro_tui.domain.traits_of import Side, traits_of

NAMES = st.sampled_from(["lr", "opt.lr", "seed", "out", "data/x.csv", "a.py", "numpy", "ünïcode", ""])
SECTIONS = st.sampled_from([s for s in Section if s is not Section.OUTCOME])
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(["3", "3.0", "NaN", "x" * 5000, "1" * 5000, "[" * 5000, "[1, 2]", "\x1b[31m", ""]),
    st.text(max_size=20),
)


@st.composite
def a_trait(draw) -> Trait:
    section = draw(SECTIONS)
    token = draw(st.sampled_from(["", "git:1", "git:2", "sha256:1", "number 1", "number 2", "text a"]))
    basis = draw(st.sampled_from(["", "full", "metadata", "git", "sha256"]))
    digest = draw(st.sampled_from(["", "git:1", "git:2"]))
    number = draw(st.sampled_from([None, 0.0, 1.0, math.nan, math.inf]))
    return Trait(section, draw(NAMES), token, token, draw(st.sampled_from(list(Part))), basis, number, digest)


@st.composite
def all_traits(draw) -> Traits:
    found = draw(st.lists(a_trait(), max_size=8))
    unknown = draw(st.dictionaries(SECTIONS, st.just("it is not hashed yet"), max_size=2))
    return Traits({(trait.section, trait.name): trait for trait in found}, unknown)


@given(all_traits())
def test_nothing_differs_from_itself(a):
    assert diff(a, a) == ()
    assert not any(row.differs for row in rows([a, a, a]))


@given(all_traits(), all_traits())
def test_turned_around_it_is_the_difference_of_the_other_order(a, b):
    assert _by_name(invert(diff(a, b))) == _by_name(diff(b, a))
    assert _by_name(invert(invert(diff(a, b)))) == _by_name(diff(a, b))


@given(all_traits(), all_traits())
def test_laid_over_the_first_it_gives_the_second(a, b):
    laid = Traits(apply(diff(a, b), a), b.unknown)
    assert laid.by_key.keys() == b.by_key.keys()
    assert diff(laid, b) == ()
    known = {key: trait for key, trait in tokens(laid.by_key).items() if a.by_key.get(key) is None}
    assert known == {key: trait for key, trait in tokens(b.by_key).items() if key in known}


@given(all_traits(), all_traits())
def test_a_row_differs_just_where_something_known_does(a, b):
    differing = {(row.section, row.name) for row in rows([a, b]) if row.differs}
    changed = set()
    for change in diff(a, b):
        if change.kind is not Kind.UNKNOWN:
            changed |= {(t.section, t.name) for t in (change.before, change.after) if t is not None and t.token}
    assert differing == changed


@given(all_traits(), all_traits())
def test_of_what_is_not_known_nothing_is_claimed(a, b):
    for change in diff(a, b):
        assert change.words
        if change.before is None and change.section in a.unknown:
            assert change.kind is Kind.UNKNOWN
        if change.after is None and change.section in b.unknown:
            assert change.kind is Kind.UNKNOWN
        assert (change.kind is Kind.UNKNOWN) <= bool(change.why)


@given(st.dictionaries(st.text(min_size=1, max_size=8), VALUES, max_size=6), st.data())
def test_any_parameters_can_be_compared(values, data):
    others = {name: data.draw(VALUES) for name in values}
    a, b = (_traits(each) for each in (values, others))
    for change in diff(a, b):
        assert len(change.words) < 500
        assert isinstance(change.part, Part)
    assert diff(a, _traits(dict(reversed(values.items())))) == ()
    assert diff(*(_traits(values, "argv") for _ in range(2))) == ()


@given(st.lists(st.floats(), min_size=2, max_size=5), st.sampled_from(["up", "down", ""]))
def test_outcomes_never_call_better_what_is_not(values, direction):
    nothing = [Traits({})] * len(values)
    found = rows(nothing, [{"m": Outcome(value)} for value in values], 0, {"m": direction})
    (row,) = found
    for cell, value in zip(row.cells, values, strict=True):
        if cell.better is not None:
            assert direction
            assert cell.better == ((value > values[0]) if direction == "up" else (value < values[0]))
        assert not (cell.best and not math.isfinite(value))


def test_a_difference_of_five_thousand_parameters_takes_milliseconds():
    a = _traits({f"group{n % 7}.p{n}": n * 0.1 for n in range(5000)})
    b = _traits({f"group{n % 7}.p{n}": n * 0.1 + (n % 50 == 0) for n in range(5000)})
    taken = []
    for _ in range(7):
        begun = time.process_time()
        changes = diff(a, b)
        taken.append(time.process_time() - begun)
    assert len(changes) == 100
    assert min(taken) < 0.02, "four times the target, for slow machines"


def _traits(values, source="log") -> Traits:
    params = {name: Param(value, source) for name, value in values.items()}
    return traits_of(Side(Run(RunId("a" * 32), argv=("python", "train.py"), params=params), {}, {}, {}))


def _by_name(changes):
    """NaN is not equal to itself, so what is compared is what was said."""
    return [(c.kind, c.words, c.why, c.before and c.before.name, c.after and c.after.name) for c in changes]
