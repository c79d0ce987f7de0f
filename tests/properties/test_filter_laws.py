"""Laws of the filter language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro_tui.domain.filter_completion import Vocabulary, complete
from repro_tui.domain.filter_text import FilterError, parse, to_text, token_at
from repro_tui.domain.filters import QUALIFIERS, AllOf, AnyOf, Compared, Not, Qualified, Word
from repro_tui.domain.quantities import to_number

texts = st.text(max_size=8) | st.sampled_from(
    ["-0.5", "two words", "a|b", "it's", 'say "no"', "x:y", "\\", "(", "!=", "-"]
)
free = sorted(QUALIFIERS.keys() - {"state", "pinned", "since", "until", "alarm"})
leaves = st.one_of(
    texts.map(Word),
    st.builds(Qualified, st.sampled_from(free), st.lists(texts, min_size=1, max_size=3).map(tuple)),
    st.builds(Qualified, st.just("alarm"), st.lists(st.sampled_from(["any", "nan"]), min_size=1).map(tuple)),
    st.builds(Qualified, st.just("state"), st.lists(st.sampled_from(["running", "done"]), min_size=1).map(tuple)),
    st.builds(
        lambda key, comparison, value: Compared(key, comparison, value, to_number(value)),
        texts.filter(bool),
        st.sampled_from(["=", "!=", ">", ">=", "<", "<="]),
        texts | st.sampled_from(["64k", "2GB", "90%", "1h", "1e-3", "-0.5"]),
    ),
)
terms = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(AnyOf),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(AllOf),
    ),
    max_leaves=8,
) | st.just(AllOf())

like_filters = st.text(alphabet=st.sampled_from(" |()\"'-:,<>=!\\ab1.%stagle"), max_size=30) | st.text(max_size=30)


@given(terms)
def test_a_term_written_and_read_again_is_the_same_term(term):
    assert parse(to_text(term)) == term


@given(like_filters)
def test_any_text_is_a_filter_or_an_error_with_a_position_in_it(text):
    try:
        term = parse(text)
    except FilterError as error:
        found = error
    else:
        assert parse(to_text(term)) == term
        return
    assert 0 <= found.position <= len(text)
    assert str(found.position + 1) in found.message


@given(like_filters, st.integers(-3, 40))
def test_completion_answers_at_any_place_of_any_text(text, cursor):
    vocabulary = Vocabulary(("lr", "a b"), ("acc",), {"lr": ("0.1",), "tag": ("x", "y z")})
    token = token_at(text, cursor)
    assert 0 <= token.start <= token.stop <= len(text)
    for candidate in complete(text, cursor, vocabulary):
        assert candidate.text


@given(st.sampled_from(["(" * 10_000, "-" * 10_001, "a|" * 4_000, "(" * 5_000 + ")" * 5_000, "x" * 20_000]))
def test_hostile_lengths_and_depths_are_refused_not_followed(text):
    with pytest.raises(FilterError):
        parse(text)
