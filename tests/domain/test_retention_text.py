"""A policy as one line and as YAML: what is read from what was written is the same, and errors name the rule."""

from __future__ import annotations

from contextlib import suppress

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from repro_tui.domain.retention import DAY_S, Best, GiveUp, Per, Policy
from repro_tui.domain.retention_text import RULES, line, parse_line, read_mapping, to_mapping
from repro_tui.domain.retention_words import age_text, escape, parse_age, parse_size, size_text, unescape
from repro_tui.errors import UsageError

FULL = Policy(
    keep_last=5,
    keep_daily=7,
    keep_within=30 * DAY_S,
    keep_tags=("paper",),
    keep_best=(Best("acc", 3, Per.LINEAGE),),
    keep_cited=True,
    keep_verified=True,
    keep_parents=True,
    keep_failed=0,
    max_size=20_000_000_000,
    per=Per.TAG,
    give_up=(GiveUp("data"), GiveUp("wheels"), GiveUp("outputs", 100_000_000)),
)
YAML = """
retention:
  keep_last: 5
  keep_daily: 7
  keep_within: 30d
  keep_tags: [paper]
  keep_best: [{metric: acc, n: 3, per: lineage}]
  keep_cited: yes
  keep_verified: yes
  keep_parents: yes
  keep_failed: 0
  max_size: 20GB
  per: tag
  give_up: [data, wheels, "outputs>100MB"]
  grace: 7d
  hint_above: 50GB
  runs: {compress_after: 30d, remove_failed_after: 90d}
"""
LINE = (
    "keep_last=5 keep_daily=7 keep_within=30d keep_tags=paper keep_best=acc:3:lineage keep_cited=yes keep_verified=yes"
    " keep_parents=yes keep_failed=0 max_size=20GB per=tag give_up=data,wheels,outputs>100MB"
)

names = st.text(min_size=1).filter(str.strip)
counts = st.integers(0, 10**9)
ages = st.one_of(st.integers(0, 10**9).map(float), st.floats(0, 1e9))


@st.composite
def written(draw: st.DrawFn) -> Policy:
    """Draw any policy that can be said, whatever its names are."""
    best = st.builds(Best, names, st.integers(1, 10**9), st.sampled_from([None, *Per]))
    part = st.one_of(st.sampled_from(["data", "wheels", "outputs", "code"]), names.map(lambda name: f"data:{name}"))
    return Policy(
        keep_last=draw(counts),
        keep_yearly=draw(counts),
        keep_within=draw(ages),
        keep_tags=tuple(draw(st.lists(names, max_size=3))),
        keep_best=tuple(draw(st.lists(best, max_size=2))),
        keep_cited=draw(st.booleans()),
        keep_failed=draw(st.none() | counts),
        max_size=draw(st.none() | st.integers(1, 2**63)),
        per=draw(st.sampled_from(Per)),
        give_up=tuple(draw(st.lists(st.builds(GiveUp, part, st.integers(0, 2**63)), max_size=2))),
    )


@given(written())
def test_a_policy_is_read_as_it_was_written(policy):
    assert parse_line(line(policy)) == policy
    assert read_mapping(to_mapping(policy)) == policy


@given(written())
def test_it_survives_yaml(policy):
    # Unescaped, PyYAML writes a line end of Unicode so that it reads it as a blank; the editor of repro.yaml escapes.
    text = yaml.safe_dump({"retention": to_mapping(policy)})
    assert read_mapping(yaml.safe_load(text)) == policy


def test_the_line_and_the_mapping_say_the_same():
    assert read_mapping(yaml.safe_load(YAML)) == FULL
    assert parse_line(LINE) == FULL
    assert line(FULL) == LINE
    assert line(Policy()) == ""
    assert parse_line("") == read_mapping(None) == read_mapping({}) == Policy()


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("keep_cited", Policy(keep_cited=True)),
        ("keep_cited=no keep_failed=", Policy()),
        ("keep_best=acc", Policy(keep_best=(Best("acc"),))),
        ("keep_best=val/loss:2,a%3ab:1:tag", Policy(keep_best=(Best("val/loss", 2), Best("a:b", 1, Per.TAG)))),
        ("keep_tags=camera%20ready,50%", Policy(keep_tags=("camera ready", "50%"))),
        ("max_size=1.5TB", Policy(max_size=1_500_000_000_000)),
        ("max_size=no", Policy()),
        ("keep_within=12h", Policy(keep_within=43_200.0)),
        ("keep_within=1y", Policy(keep_within=365 * DAY_S)),
        ("give_up=data:train>1GiB", Policy(give_up=(GiveUp("data:train", 2**30),))),
    ],
)
def test_a_line_means(text, policy):
    assert parse_line(text) == policy


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("keep_best: {metric: acc, n: 3}", Policy(keep_best=(Best("acc", 3),))),
        ("keep_best: acc:3", Policy(keep_best=(Best("acc", 3),))),
        ("keep_tags: paper", Policy(keep_tags=("paper",))),
        ("keep_tags: ['2026-11-23', 'a b,c']", Policy(keep_tags=("2026-11-23", "a b,c"))),
        ("give_up: {part: outputs, above: 100MB}", Policy(give_up=(GiveUp("outputs", 100_000_000),))),
        ("max_size: null\nkeep_last:", Policy()),
        ("keep_last: '5'", Policy(keep_last=5)),
    ],
)
def test_yaml_means(text, policy):
    assert read_mapping(yaml.safe_load(text)) == policy


@pytest.mark.parametrize(
    ("text", "rule", "said"),
    [
        ("keep_last=many", "keep_last", "whole number"),
        ("keep_last=-1", "keep_last", "whole number"),
        ("keep_last=1.5", "keep_last", "whole number"),
        ("keep_last", "keep_last", "whole number"),
        ("keep_last=1 keep_last=2", "keep_last", "twice"),
        ("keep_last=5,keep_daily=7", "keep_last", "whole number"),
        ("keep_dayly=7", "keep_dayly", "no rule"),
        ("last=7", "last", "no rule"),
        ("rules.yaml", "rules.yaml", "neither a rule nor a file"),
        ("=5", "empty name", "no rule"),
        ("keep_last=7 grace=3d", "grace", "setting"),
        ("keep_within=6m", "keep_within", "months or minutes"),
        ("keep_within=30", "keep_within", "no length of time"),
        ("keep_within=1e99d", "keep_within", "too long"),
        ("keep_best=acc:0", "keep_best", "1 at least"),
        ("keep_best=acc:1:run", "keep_best", "lineage"),
        ("keep_best=a:1:tag:x", "keep_best", "METRIC"),
        ("max_size=0", "max_size", "everything"),
        ("max_size=20 GB", "GB", "neither a rule"),
        ("max_size=1e40GB", "max_size", "any disk"),
        ("per=run", "per", "lineage"),
        ("give_up=otputs", "give_up", "no part"),
        ("give_up=data:", "give_up", "no part"),
        ("give_up=data>much", "give_up", "no size"),
        ("keep_cited=perhaps", "keep_cited", "yes or no"),
    ],
)
def test_what_a_line_cannot_say_is_answered_with_the_name_of_the_rule(text, rule, said):
    with pytest.raises(UsageError) as caught:
        parse_line(text)
    assert rule in caught.value.message
    assert said in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("keep_last: yes", "keep_last"),
        ("keep_last: [1]", "keep_last"),
        ("keep_within: 30", "keep_within"),
        ("keep_within: 1:30", "keep_within"),
        ("keep_within: yes", "keep_within"),
        ("keep_tags: [2024, 010]", "keep_tags"),
        ("keep_tags: [yes]", "keep_tags"),
        ("keep_tags: ['']", "keep_tags"),
        ("keep_best: [{n: 3}]", "keep_best"),
        ("keep_best: [{metric: acc, most: 3}]", "keep_best"),
        ("keep_best: [{metric: 5}]", "keep_best"),
        ("max_size: yes", "max_size"),
        ("max_size: [1GB]", "max_size"),
        ("give_up: [5]", "give_up"),
        ("7", "retention"),
        ("[keep_last]", "retention"),
    ],
)
def test_what_yaml_cannot_say_is_answered_with_the_name_of_the_rule(text, rule):
    with pytest.raises(UsageError) as caught:
        read_mapping(yaml.safe_load(text))
    assert rule in caught.value.message


@given(st.text(max_size=40))
def test_any_line_is_a_policy_or_an_error_for_a_person(text):
    with suppress(UsageError):
        policy = parse_line(text)
        assert parse_line(line(policy)) == policy


@given(ages, st.integers(0, 2**63), st.text())
def test_ages_sizes_and_names_are_read_as_they_were_written(age, size, name):
    assert parse_age(age_text(age)) == age
    assert parse_size(size_text(size)) == size
    assert unescape(escape(name, ":>")) == name
    assert not set(escape(name, ":>")) & set(" \n\t,:>")


def test_a_near_miss_is_pointed_out():
    with pytest.raises(UsageError) as caught:
        parse_line("keep_montly=3")
    assert caught.value.hint == "Is keep_monthly meant?"


def test_every_field_of_a_policy_can_be_said():
    assert set(RULES) == set(Policy.__slots__)
