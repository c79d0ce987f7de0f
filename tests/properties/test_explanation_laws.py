"""Laws of explaining: nothing beyond what was given, the same from either side, never more from less evidence."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from repro_tui.domain.case import Column, Field
from repro_tui.domain.comparison import Kind
from repro_tui.domain.explain import explain
from repro_tui.domain.explanation import Finding, Standing
from repro_tui.domain.parting import same_bits
from repro_tui.domain.run import State
from repro_tui.domain.statistics import Sample, difference, prediction, sample, spearman
from repro_tui.domain.traits import Part, Section
from repro_tui.domain.varies import varies
from tests.domain.cases import bits_of, case, changes, pair, run

NAMES = ("lr", "depth", "train.py", "train", "numpy", "torch", "gpu", "out", "torch.deterministic", "command")
LIVELY = st.sampled_from([0.5, 0.5, 0.51, 0.9, 0.95, 1.0, -0.0, 0.0, 1e308, -1e308, 5e-324])
outcomes = LIVELY | st.floats(0.9, 1.0) | st.none() | st.sampled_from([float("nan"), float("inf")])
states = st.sampled_from([State.DONE] * 6 + [State.RUNNING, State.DIED])
levels = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 1), max_size=5)


@st.composite
def runs(draw, number):
    used = {name.replace(".", "__"): level for name, level in draw(levels).items()}
    value = draw(outcomes)
    state = draw(states)
    known = value is not None and state is State.DONE and draw(st.booleans())
    points = draw(st.integers(1, 5))
    unknown = {Section.DATA: "not hashed yet"} if draw(st.integers(0, 9)) == 0 else None
    return run(
        f"r{number}", value, bits=bits_of(value, points) if known else "", seed=draw(st.none() | st.integers(0, 3)),
        state=state, started=float(number), points=points, unknown=unknown,
        idle=draw(st.sampled_from([(), ("numpy",)])), **used,
    )  # fmt: skip


@st.composite
def worlds(draw):
    """Draw runs that are often alike: some of them have the inputs of the first or the second."""
    made = [draw(runs(number)) for number in range(draw(st.integers(2, 3)))]
    for number in range(len(made), len(made) + draw(st.integers(0, 8))):
        like = made[draw(st.integers(0, len(made) - 1))]
        other = draw(runs(number))
        seed = {key: t for key, t in other.traits.by_key.items() if t.part is Part.SEED}
        by_key = {key: t for key, t in like.traits.by_key.items() if t.part is not Part.SEED} | seed
        made.append(replace(other, traits=replace(like.traits, by_key=by_key)))
    return made


def explained(made, **more):
    return explain(case(made[0], made[1], *made[2:], **more))


@settings(max_examples=120, deadline=None)
@given(worlds())
def test_the_finding_is_the_same_from_either_side(made):
    there, back = explained(made), explained([made[1], made[0], *made[2:]])
    assert there.finding is back.finding
    assert there.allowance == back.allowance
    assert there.same_inputs == back.same_inputs
    assert {(c.name, c.standing) for c in there.candidates} == {(c.name, c.standing) for c in back.candidates}


@settings(max_examples=120, deadline=None)
@given(worlds())
def test_within_is_never_said_of_what_lies_outside(made):
    found = explained(made)
    if found.finding is Finding.WITHIN and found.allowance is not None:
        judged = made[1] if found.allowance.of == made[0].result.uid else made[0]
        assert not judged.result.value < found.allowance.low
        assert not judged.result.value > found.allowance.high
    if found.finding in {Finding.WITHIN, Finding.BEYOND, Finding.EQUAL}:
        assert all(w.result.state is State.DONE for w in made[:2])
    if found.finding is Finding.EQUAL:
        assert same_bits(*found.values)
    if found.finding is Finding.BEYOND:
        assert found.allowance is not None
        assert found.allowance.n >= 2


@settings(max_examples=120, deadline=None)
@given(worlds())
def test_candidates_are_exactly_the_differences(made):
    found = explained(made)
    named = [(change.section, change.name) for candidate in found.candidates for change in candidate.changes]
    assert len(named) == len(set(named))
    expected = {
        (c.section, c.name) for c in changes(made[0].traits, made[1].traits)
        if c.part is not Part.PLACE
    }  # fmt: skip
    assert set(named) == expected
    assert [c.weight for c in found.candidates] == sorted((c.weight for c in found.candidates), reverse=True)
    idle = [candidate.standing is Standing.IDLE for candidate in found.candidates]
    assert idle == sorted(idle), "what was not used comes last"


@settings(max_examples=120, deadline=None)
@given(worlds())
def test_only_is_said_of_one_and_of_nothing_unknown(made):
    found = explained(made)
    only = [candidate for candidate in found.candidates if candidate.standing is Standing.ONLY]
    assert len(only) <= 1
    if only or found.same_inputs:
        assert not made[0].traits.unknown
        assert not made[1].traits.unknown
        assert not any(change.kind is Kind.UNKNOWN for c in found.candidates for change in c.changes)
    if only:
        rest = {c.standing for c in found.candidates} - {Standing.ONLY}
        assert rest <= {Standing.IDLE, Standing.RULED_OUT, Standing.POSSIBLE}
        assert all(c.name == "seed" for c in found.candidates if c.standing in {Standing.POSSIBLE, Standing.RULED_OUT})


@settings(max_examples=120, deadline=None)
@given(worlds())
def test_without_its_evidence_a_claim_is_not_made(made):
    found = explained(made)
    own = {made[0].result.uid, made[1].result.uid}
    for candidate in found.candidates:
        if candidate.standing not in {Standing.SHOWN, Standing.RULED_OUT}:
            continue
        assert candidate.evidence
        assert all(evidence.runs and evidence.words for evidence in candidate.evidence)
    alone = explained(made[:2])
    weaker = {Finding.UNTOLD, Finding.EQUAL, Finding.IDENTICAL, Finding.NO_OUTCOME}
    assert alone.finding in weaker or not own - {w.result.uid for w in made[:2]}
    if alone.finding not in weaker:
        assert alone.finding is Finding.WITHIN, "repeats of each other need no other runs"
    assert all(c.standing not in {Standing.SHOWN, Standing.RULED_OUT} for c in alone.candidates)


@settings(max_examples=120, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_other_runs_plays_no_part(made, dice):
    shuffled = made[2:]
    dice.shuffle(shuffled)
    first, second = explained(made), explained([*made[:2], *shuffled])
    assert (first.finding, first.allowance) == (second.finding, second.allowance)
    assert [statement.text for statement in first.paragraph] == [statement.text for statement in second.paragraph]
    assert first.candidates == second.candidates


@settings(max_examples=120, deadline=None)
@given(worlds(), st.lists(LIVELY, max_size=4), st.lists(LIVELY, max_size=4), st.sampled_from(["up", "down", ""]))
def test_the_paragraph_is_short_plain_and_never_speaks_of_causes(made, before, after, direction):
    found = explained(made, curves=[pair(before, after)], direction=direction)
    assert 1 <= len(found.paragraph) <= 4
    for statement in found.paragraph:
        assert statement.text.endswith(".")
        assert len(statement.text) <= 420
        assert not {"because", "caused", "causes", "due", "leads"} & set(statement.text.lower().split())
    if not direction:
        assert "better" not in found.paragraph[0].text
        assert "worse" not in found.paragraph[0].text


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=12), st.floats(-1e6, 1e6))
def test_intervals_move_with_what_they_are_of(values, by):
    assume(max(values) - min(values) > 1e-3)
    of = sample(values)
    moved = prediction(Sample(of.n, of.mean + by, of.std))
    here = prediction(of)
    assert abs(moved.half - here.half) <= 1e-6 * (1 + abs(here.half) + abs(by))
    assert here.low < of.mean < here.high
    assert difference(of, of).holds(0.0)
    assert prediction(of, 0.99).half > here.half


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(-5, 5), st.floats(-1e3, 1e3)), min_size=2, max_size=30))
def test_rank_correlation_knows_order_only(points):
    first, second = [float(a) for a, _ in points], [b for _, b in points]
    rho = spearman(first, second)
    turned = spearman([-a for a in first], second)
    cubed = spearman([a**3 for a in first], second)
    back = spearman(second, first)
    if rho is None:
        assert turned is None
        return
    assert -1 <= rho <= 1
    assert abs(rho + turned) < 1e-9
    assert abs(rho - cubed) < 1e-9
    assert abs(rho - back) < 1e-9


values = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=True) | st.text(max_size=3)


@settings(max_examples=100, deadline=None)
@given(st.data(), st.integers(0, 25), st.integers(0, 5))
def test_whatever_the_columns_something_is_said_of_each(data, n, k):
    columns = [
        Column(Section.PARAMETERS, f"c{i}", data.draw(st.lists(values, min_size=n, max_size=n))) for i in range(k)
    ]
    results = data.draw(st.lists(outcomes, min_size=n, max_size=n))
    found = varies(Field("acc", results, columns))
    assert found.runs + found.left_out == n
    assert all(varied.words for varied in found.varied)
    assert all(varied.n <= found.runs and len(varied.groups) <= 12 for varied in found.varied)
    assert all(varied.rho is None or -1 <= varied.rho <= 1 for varied in found.varied)
    for varied in found.varied:
        assert varied.name not in varied.confounded
        for other in varied.confounded:
            assert varied.name in next(each for each in found.varied if each.name == other).confounded
