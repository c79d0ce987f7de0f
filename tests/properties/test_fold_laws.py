"""Laws of the fold: order, grouping and repetition change nothing, and nothing that a journal holds breaks it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from repro_tui.domain.events import Event
from repro_tui.domain.fold import RunFold, fold
from repro_tui.domain.run import Liveness, State
from repro_tui.domain.state import state_of
from tests.properties.journals import UID, WRITERS, events, headers, json_values


@given(events(), headers, st.randoms(use_true_random=False))
def test_a_run_is_the_same_in_any_order_and_with_anything_repeated(found, first_lines, chance):
    expected = fold(UID, first_lines, found)
    again = found + [event for event in found if chance.random() < 0.5]
    lines = first_lines + [line for line in first_lines if chance.random() < 0.5]
    chance.shuffle(again)
    chance.shuffle(lines)
    assert repr(fold(UID, lines, again)) == repr(expected)


@given(events(), headers)
def test_asking_for_the_run_between_two_events_changes_nothing(found, first_lines):
    gathered = RunFold(UID)
    for line in first_lines:
        gathered.add_header(line)
        gathered.run()
    for event in found:
        gathered.add(event)
        gathered.run()
    assert repr(gathered.run()) == repr(fold(UID, first_lines, found))


@given(
    st.lists(st.tuples(st.text(max_size=8), st.dictionaries(st.text(max_size=5), json_values, max_size=4)), max_size=5)
)
def test_a_fold_of_anything_gives_a_run(found):
    kinds = [Event(kind, 0.0, WRITERS[0], 1, n, 0, body) for n, (kind, body) in enumerate(found)]
    assert fold(UID, [], kinds).uid == UID


@given(events(), headers, st.booleans(), st.booleans())
def test_every_run_has_a_state(found, first_lines, alive, local):
    assert state_of(fold(UID, first_lines, found), Liveness(alive, local)) in set(State)
