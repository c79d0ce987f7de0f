"""Parameters are read from command lines and configuration files, typed, flat, bounded and without secrets."""

from __future__ import annotations

import json
import time

import pytest

from repro_tui.capture.parameters import MAX_NAMES, parse_argv, parse_config, script_arguments, typed
from tests.capture.plants import NAMED

LIMIT = 1_000_000


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1), ("-1", -1), ("0.1", 0.1), ("1e-3", 0.001), (".5", 0.5), ("5.", 5.0), ("1_000", 1000), ("true", True),
        ("False", False), ("None", "None"), ("null", None), ("adam", "adam"), ("'x y'", "x y"), ("nan", "NaN"),
        ("-inf", "-Infinity"),
        ("007", "007"), ("1.2.3", "1.2.3"), ("", ""), ("9" * 40, int("9" * 40)), ("1e999", "1e999"), ("0x10", "0x10"),
    ],
)  # fmt: skip
def test_a_value_is_typed_by_its_form(text, value):
    found = typed(text)
    assert found == value
    assert type(found) is type(value)


def test_options_flags_and_lists_of_a_script_are_read():
    line = "python -u train.py --lr 0.1 --opt=adam --layers 64 32 --amp --no-aug -b 8 -x -1.5 --name run-3 data.csv"
    found = parse_argv(line.split())
    assert found.options == {
        "lr": 0.1, "opt": "adam", "layers": "[64, 32]", "amp": True, "aug": False, "b": 8, "x": -1.5,
        "name": '["run-3", "data.csv"]',
    }  # fmt: skip
    assert found.overrides == {}


def test_overrides_of_hydra_are_read():
    line = "python -m pkg.train lr=1e-3 +model.depth=3 ++opt.name=adam ~callbacks data@x=y seeds=[1,2] -m"
    found = parse_argv([*line.split(), "text='a b'"])
    assert found.overrides == {
        "lr": 0.001, "model.depth": 3, "opt.name": "adam", "~callbacks": True, "data@x": "y", "seeds": "[1,2]",
        "text": "a b",
    }  # fmt: skip
    assert found.options == {"m": True}


@pytest.mark.parametrize(
    ("argv", "rest"),
    [
        ("python train.py --lr 1", "--lr 1"),
        ("python -u -X dev train.py --lr 1", "--lr 1"),
        ("python -m pkg.train --lr 1", "--lr 1"),
        ("torchrun --nproc-per-node 2 train.py --lr 1", "--lr 1"),
        ("python -m torch.distributed.run --nproc 2 train.py --lr 1", "--lr 1"),
        ("srun -n 4 python train.py --lr 1", "--lr 1"),
        ("uv run python train.py --lr 1", "--lr 1"),
        ("./train --lr 1", "--lr 1"),
        ("bash train.sh --lr 1", "--lr 1"),
        ("train-model --lr 1", "--lr 1"),
    ],
)
def test_only_the_scripts_own_arguments_are_parameters(argv, rest):
    assert script_arguments(argv.split()) == rest.split()


def test_the_last_of_an_option_wins_and_dashes_are_one_with_underscores():
    assert parse_argv(["x", "--batch-size", "1", "--batch_size", "2"]).options == {"batch_size": 2}


def test_secrets_on_the_command_line_are_redacted_and_named():
    found = parse_argv(["x", "--api-key", "swordfish", "token=abcdef123", "--lr", "1"])
    assert found.options == {"api_key": "[redacted]", "lr": 1}
    assert found.overrides == {"token": "[redacted]"}
    assert found.redacted == ("--api-key", "token")


@pytest.mark.parametrize("name", ["c.yaml", "c.json", "c.toml"])
def test_configuration_files_become_flat_parameters(tmp_path, name):
    text = {
        "c.yaml": "lr: 1e-3\nopt:\n  name: adam\n  betas: [0.9, 0.99]\non: 2020-01-01\nempty: {}\n",
        "c.json": '{"lr": 1e-3, "opt": {"name": "adam", "betas": [0.9, 0.99]}, "on": "2020-01-01", "empty": {}}',
        "c.toml": 'lr = 1e-3\non = 2020-01-01\nempty = {}\n[opt]\nname = "adam"\nbetas = [0.9, 0.99]\n',
    }[name]
    (tmp_path / name).write_text(text)
    found = parse_config(tmp_path / name, LIMIT)
    values = {str(key).replace("True", "on"): value for key, value in found.values.items()}
    assert values == {"lr": 0.001, "opt.name": "adam", "opt.betas": "[0.9,0.99]", "on": "2020-01-01", "empty": "{}"}
    assert found.why == ""


@pytest.mark.parametrize("name", NAMED)
def test_secrets_in_configuration_are_redacted_and_named(tmp_path, name):
    value = NAMED[name]
    tree = {"a": {name: value}, "list": [{name: value}], "deep": [[{"x": {name: value}}]]}
    for file, text in (
        ("c.json", json.dumps(tree)),
        ("c.yaml", json.dumps(tree)),
        ("d.toml", f'[a]\n"{name}" = "{value}"\n'),
    ):
        (tmp_path / file).write_text(text)
        found = parse_config(tmp_path / file, LIMIT)
        assert value not in str(found)
        assert f"a.{name}" in found.redacted


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("c.yaml", b"a: [1, 2", "no valid YAML"),
        ("c.yaml", b"- 1\n- 2\n", "no mapping"),
        ("c.yaml", b"", "no mapping"),
        ("c.yaml", b"a: !!python/object/apply:os.system ['touch /tmp/pwned']", "no valid YAML"),
        ("c.yaml", b"[" * 100_000, "nested too deeply"),
        ("c.yaml", b"- " * 100_000, "nested too deeply"),
        ("c.yaml", b"a: &a [1]\nb: [" + b"*a, " * 500 + b"]", "refers to itself"),
        ("c.yaml", b"\xff\xfe\x00", "not UTF-8"),
        ("c.json", b'{"a": 1', ""),
        ("c.json", b"[" * 200_000, "nested too deeply"),
        ("c.toml", b"a = = 1", ""),
        ("c.json", b" " * (LIMIT + 1), "larger than"),
        ("c.txt", b"a: 1", "no configuration format"),
    ],
    ids=range(13),
)
def test_what_cannot_be_read_says_why_and_soon(tmp_path, name, content, why):
    began = time.process_time()
    (tmp_path / name).write_bytes(content)
    found = parse_config(tmp_path / name, LIMIT)
    assert found.values == {}
    assert found.why
    assert why in found.why
    assert time.process_time() - began < 5


def test_a_missing_file_and_a_folder_say_why(tmp_path):
    assert "No such file" in parse_config(tmp_path / "c.yaml", LIMIT).why
    assert parse_config(tmp_path, LIMIT).why


@pytest.mark.parametrize("references", [9, 40])
def test_a_yaml_file_that_multiplies_itself_is_bounded(tmp_path, references):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * (9 if references == 9 else 5))}]" for n in range(1, references)
    ]
    (tmp_path / "bomb.yaml").write_text("\n".join(lines))
    began = time.process_time()
    found = parse_config(tmp_path / "bomb.yaml", LIMIT)
    assert time.process_time() - began < 5
    assert len(str(found)) < 200_000


def test_a_yaml_file_that_holds_itself_is_bounded(tmp_path):
    (tmp_path / "self.yaml").write_text("a: &a\n  b: *a\n  l: &l [*l]\nlr: 1\n")
    began = time.process_time()
    assert len(str(parse_config(tmp_path / "self.yaml", LIMIT))) < 100_000
    assert time.process_time() - began < 5


def test_a_file_with_very_many_names_is_cut_and_says_so(tmp_path):
    (tmp_path / "c.json").write_text(json.dumps({f"k{n}": n for n in range(MAX_NAMES * 3)}))
    found = parse_config(tmp_path / "c.json", LIMIT)
    assert len(found.values) <= MAX_NAMES
    assert "only the first" in found.why


def test_a_long_list_is_cut_where_it_becomes_a_data_set(tmp_path):
    (tmp_path / "c.json").write_text(json.dumps({"rows": list(range(50_000))}))
    assert len(str(parse_config(tmp_path / "c.json", LIMIT).values["rows"])) <= 2_000


@pytest.mark.parametrize("value", ["x" * 3_000, list(range(1_000)), {"a": "x" * 3_000}], ids=["text", "list", "nested"])
def test_long_values_that_differ_at_their_end_differ(tmp_path, value):
    (tmp_path / "c.json").write_text(json.dumps({"l": [value]}))
    (tmp_path / "d.json").write_text(json.dumps({"l": [value, 1]}))
    one, other = (parse_config(tmp_path / name, LIMIT) for name in ("c.json", "d.json"))
    assert one.values["l"] != other.values["l"]
    assert one.why == ""


def test_what_is_too_much_to_be_told_apart_by_its_value_says_so(tmp_path):
    """Else two files that differ only behind the cut would count as equal."""
    (tmp_path / "c.json").write_text(json.dumps({"lr": 0.1, "long": list(range(6_000))}))
    assert "too long" in parse_config(tmp_path / "c.json", LIMIT).why


def test_long_words_of_a_command_that_differ_at_their_end_differ():
    one, other = (parse_argv(["python", "t.py", "--prompt", "word " * 600 + end]).options for end in "ab")
    assert one != other
    assert len(str(one["prompt"])) <= 2_000
