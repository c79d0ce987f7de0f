"""What `repro.yaml` may say, and what is answered when it says something else."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro_tui.domain.retention import GRACE_S, Best, Policy
from repro_tui.domain.tidying import FolderPolicy
from repro_tui.errors import NotFoundError, UsageError
from repro_tui.settings import find_project, open_project, parse_seconds, parse_settings, parse_size
from repro_tui.settings.table import TABLE


def test_an_empty_file_gives_the_defaults_of_the_table() -> None:
    settings = parse_settings("")
    assert settings.number("code.limit") == 1_000_000
    assert settings.seconds("sample_every") == 5.0
    assert settings.list("data") == ()
    assert settings.map("keys") == {}
    assert settings.text("shared") == "no"


def test_nested_and_dotted_keys_mean_the_same() -> None:
    nested = parse_settings("code:\n  limit: 5MB\nmetrics:\n  stdout: 'loss (?P<loss>.*)'\n")
    dotted = parse_settings("code.limit: 5MB\nmetrics.stdout: ['loss (?P<loss>.*)']\n")
    assert nested == dotted
    assert nested.number("code.limit") == 5_000_000


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("code: {limit: much}", "code.limit"),
        ("shared: everybody", "shared"),
        ("data: {a: b}", "data"),
        ("keys: [a]", "keys"),
        ("sample_every: soon", "sample_every"),
        ("hash.max_files: many", "hash.max_files"),
        ("- a\n- b", "mapping"),
        ("a: [", "YAML"),
    ],
)
def test_a_bad_value_is_answered_with_its_name_and_what_was_expected(text: str, named: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_settings(text)
    assert named in caught.value.message
    assert caught.value.hint


def test_unknown_keys_are_left_to_other_versions() -> None:
    assert parse_settings("datasets: {train: {path: data/train}}\nname: digits").text("name") == "digits"


def test_a_boolean_where_a_word_is_wanted_reads_as_yaml_spelt_it() -> None:
    assert parse_settings("shared: no").text("shared") == "no"


def test_no_python_object_can_be_made_by_a_settings_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        parse_settings(f"name: !!python/object/apply:os.system ['touch {tmp_path}/owned']")
    assert not (tmp_path / "owned").exists()


def test_a_file_that_multiplies_itself_costs_nothing() -> None:
    laughs = ["a0: &a0 {x: 1}"] + [
        f"a{i}: &a{i} {{{', '.join(f'k{j}: *a{i - 1}' for j in range(9))}}}" for i in range(1, 12)
    ]
    assert parse_settings("\n".join([*laughs, "name: still here"])).text("name") == "still here"


def test_nesting_without_end_is_an_error_with_words() -> None:
    with pytest.raises(UsageError):
        parse_settings("a: " + "[" * 5000)


@given(st.text())
def test_any_text_is_settings_or_a_usage_error(text: str) -> None:
    with suppress(UsageError):
        assert parse_settings(text).number("code.limit") >= 0


@pytest.mark.parametrize(("text", "size"), [("1000", 1000), ("2GB", 2 * 10**9), ("64 MiB", 64 * 2**20), ("1.5k", 1500)])
def test_sizes_are_understood_with_their_units(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("15s", 15), ("10m", 600), ("2h", 7200), ("3d", 259200)])
def test_durations_are_understood_with_their_units(text: str, seconds: float) -> None:
    assert parse_seconds(text) == seconds


def test_the_nearest_project_upwards_is_found(tmp_path: Path) -> None:
    (tmp_path / "outer" / ".repro").mkdir(parents=True)
    deep = tmp_path / "outer" / "inner" / "src"
    deep.mkdir(parents=True)
    assert find_project(deep, {}).root == tmp_path / "outer"
    (tmp_path / "outer" / "inner" / "repro.yaml").write_text("name: inner\n")
    assert find_project(deep, {}).name == "inner"
    assert find_project(tmp_path / "outer" / ".repro", {}).root == tmp_path / "outer"


def test_a_folder_without_a_project_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        find_project(tmp_path, {})
    assert "repro-tui run" in caught.value.hint


def test_the_home_may_lie_elsewhere_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / "repro.yaml").write_text("home: ../scratch\n")
    assert open_project(tmp_path, {}).home == tmp_path.parent / "scratch"
    assert open_project(tmp_path, {"REPRO_HOME": "/elsewhere"}).home == Path("/elsewhere")


def test_an_unreadable_settings_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "repro.yaml").write_bytes(b"name: \xff\xfe")
    with pytest.raises(UsageError) as caught:
        open_project(tmp_path, {})
    assert "repro.yaml" in caught.value.message


def test_every_setting_says_what_it_is_for() -> None:
    assert all(setting.doc.endswith(".") for setting in TABLE)
    assert len({setting.name for setting in TABLE}) == len(TABLE)


def test_metrics_may_be_declared_beside_the_settings_about_metrics():
    found = parse_settings(
        "metrics:\n  stdout: 'loss (?P<loss>.*)'\n  val.score: {better: up}\n  cost: {better: down}\n"
    )
    assert found.list("metrics.stdout") == ("loss (?P<loss>.*)",)
    assert found.records("metrics") == {"val.score": {"better": "up"}, "cost": {"better": "down"}}
    assert parse_settings("metrics:\n  stdout: []\n").records("metrics") == {}
    with pytest.raises(UsageError, match=r"metrics\.cost\.better is 'sideways'"):
        parse_settings("metrics: {cost: {better: sideways}}")
    with pytest.raises(UsageError, match="mapping"):
        parse_settings("metrics: {cost: down}")


def test_the_rules_of_retention_are_a_policy() -> None:
    text = "retention: {keep_last: 5, keep_best: [{metric: acc, n: 3}], keep_failed: 0, max_size: 20GB, grace: 3d}"
    settings = parse_settings(f"{text}\npaper: [amber-otter-41, 2024]\n")
    assert settings.policy() == Policy(keep_last=5, keep_best=(Best("acc", 3),), keep_failed=0, max_size=20_000_000_000)
    assert settings.seconds("retention.grace") == 3 * 86_400
    assert settings.list("paper") == ("amber-otter-41", "2024")
    assert parse_settings("retention.keep_last: 5").policy() == Policy(keep_last=5)
    assert parse_settings("retention:").policy() == parse_settings("").policy() == Policy()
    assert parse_settings("").seconds("retention.grace") == GRACE_S
    runs = parse_settings("retention: {runs: {compress_after: 30d, remove_failed_after: 0}}").folder_policy()
    assert runs == FolderPolicy(30 * 86_400.0, 0.0)


@pytest.mark.parametrize("key", ["keep_dayly: 7", "runs: {keep: 7}", "keep: {last: 5}"])
def test_a_rule_that_is_not_known_stops_pruning_and_nothing_else(key: str) -> None:
    """Passed over, it would keep nothing, and what it meant to keep would be removed."""
    settings = parse_settings(f"retention: {{keep_last: 5, {key}}}\nname: digits")
    assert settings.text("name") == "digits"
    with pytest.raises(UsageError) as caught:
        settings.policy()
    assert "is no rule" in caught.value.message


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("retention: 5", "retention"),
        ("retention: [keep_last]", "retention"),
        ("retention: {keep_last: many}", "retention.keep_last"),
        ("retention: {keep_within: 6m}", "retention.keep_within"),
        ("retention: {grace: soon}", "retention.grace"),
        ("retention: {per: run}", "retention.per"),
        ("retention: {runs: {compress_after: 30}}", "retention.runs.compress_after"),
    ],
)
def test_a_bad_rule_is_answered_with_its_name(text: str, named: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_settings(text)
    assert named in caught.value.message
