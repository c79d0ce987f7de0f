"""Secrets do not get in, and what only looks like one is left alone."""

from __future__ import annotations

import time

import pytest

from repro_tui.recorder.secret_kinds import announces_secret
from repro_tui.source import secrets
from tests.capture.plants import BLOCKS, HARMLESS, NAMED, VALUES


def secret_part(value: str) -> str:
    """Give what must not be seen: of a URL, the password."""
    return (
        value.split("@", maxsplit=1)[0].rpartition(":")[2] if value.startswith("postgres") else value.rpartition("/")[2]
    )


@pytest.mark.parametrize("kind", VALUES)
def test_a_secret_is_found_by_its_form_wherever_it_stands(kind):
    value = VALUES[kind]
    for text in (value, f"x = '{value}'\n", f"# see {value} there", f"run --x={value} --y", f"a\nb\nkey: {value}\n"):
        found = secrets.find(text, "train.py")
        assert found, text.replace(value, "…")
        assert found[0].line == text[: text.index(value)].count("\n") + 1
        assert all(secret_part(value) not in one.kind for one in found)
        cut, names = secrets.redact_text(text)
        assert secret_part(value) not in cut
        assert names


@pytest.mark.parametrize("kind", VALUES)
def test_a_secret_is_cut_out_of_a_command_line_by_its_form(kind):
    value = VALUES[kind]
    for argument in (value, f"--config={value}", f"a.b={value}", f"echo {value}; python x.py"):
        argv, names = secrets.redact_argv(["python", "train.py", argument, "--lr", "0.1"])
        assert secret_part(value) not in " ".join(argv)
        assert names
        assert argv[:2] == ("python", "train.py")
        assert argv[-2:] == ("--lr", "0.1")


@pytest.mark.parametrize("name", NAMED)
def test_a_secret_is_found_by_the_name_it_stands_under(name):
    value, option = NAMED[name], "--" + name.lower().replace("_", "-")
    lines = (
        f"{name}={value}", f"export {name}='{value}'", f'"{name}": "{value}"', f"{name}: {value}",
        f'{name} = "{value}"',
        f'os.environ["{name}"] = "{value}"', f'os.environ.setdefault("{name}", "{value}")', f"f({name}='{value}')",
        f"python x.py {option} {value}", f"  - {name}={value}",
    )  # fmt: skip
    for line in lines:
        assert secrets.find(f"first\n{line}\nlast\n"), line.replace(value, "…")
    shell = f"export {name}={value}; python x.py {option} {value}"
    for argv in ([option, value], [f"{option}={value}"], [f"{name}={value}"], [f"+{name}={value}"], [option[1:], value],
                 ["bash", "-c", shell], ["env", f"{name}={value}"]):  # fmt: skip
        cut, names = secrets.redact_argv(["python", "train.py", *argv, "--lr", "0.1"])
        assert value not in " ".join(cut), argv[0]
        assert names
        assert cut[-1] == "0.1"
    values, names = secrets.redact_values({f"a.{name}": value, "lr": 0.1})
    assert (values, names) == ({f"a.{name}": secrets.REDACTED, "lr": 0.1}, (f"a.{name}",))


@pytest.mark.parametrize("kind", BLOCKS)
def test_a_secret_is_found_in_the_form_of_its_file(kind):
    template, value = BLOCKS[kind]
    text = template.format(value)
    assert secrets.find(text, "file")
    cut, names = secrets.redact_text(text)
    assert value not in cut
    assert names


@pytest.mark.parametrize("text", HARMLESS)
@pytest.mark.parametrize("path", ["train.py", "notes"])
def test_what_only_looks_like_a_secret_passes(text, path):
    assert secrets.find(text, path) == []
    assert secrets.find(f"x = 1\n{text}\n", path) == []


def test_harmless_arguments_stay_as_they_are():
    argv = [
        "python",
        "train.py",
        "--key-dim",
        "64",
        "--max-tokens",
        "512",
        "--num_tokens=5",
        "--pad-token",
        "<pad>",
        "-p",
        "0.5",
        "-p",
        "8080",
        "tokenizer=bert",
        "--passes",
        "3",
        "--first-pass",
        "yes",
        "--author",
        "ada",
        "--sort-key",
        "loss",
        "--use-auth-token",
        "True",
        "model.pad_token_id=0",
        "--token-type",
        "bpe",
        "--pooling",
        "cls_token",
        "--data",
        "/data/secret-santa",
        "--password-file",
        "/run/secrets/x",
        "--tokens",
        "3",
        "4",
        "--hash",
        "d41d8cd98f00b204e9800998ecf8427e",
        "--resume",
        "b3:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ]
    assert secrets.redact_argv(argv) == (tuple(argv), ())


def test_short_options_of_programs_that_take_a_password_are_cut():
    for argv in (["sshpass", "-p", "swordfish", "ssh", "host"], ["mysql", "-pswordfish", "db"],
                 ["curl", "-u", "me:swordfish", "http://x"], ["python", "x.py", "-p", "sword!fish1"]):  # fmt: skip
        cut, names = secrets.redact_argv(argv)
        assert "sword" not in " ".join(cut)
        assert names


def test_a_secret_in_json_on_the_command_line_is_cut_in_its_place():
    cut, names = secrets.redact_argv(
        ["x", '{"lr": 0.1, "auth": {"password": "swordfish"}}', 'cfg=[{"token":"abcd1234"}]']
    )
    assert cut == ("x", '{"lr":0.1,"auth":{"password":"[redacted]"}}', 'cfg=[{"token":"[redacted]"}]')
    assert names


def test_an_option_without_a_value_does_not_swallow_the_next_option():
    assert secrets.redact_argv(["x", "--token", "--lr", "0.1"])[0] == ("x", "--token", "--lr", "0.1")


def test_redacting_twice_changes_nothing():
    once, _ = secrets.redact_argv(["x", "--password", "swordfish", "--url", VALUES["url"]])
    assert secrets.redact_argv(once) == (once, ())


@pytest.mark.parametrize(
    ("name", "strength"),
    [
        ("API_KEY", "strong"), ("apiKey", "strong"), ("openai.api-key", "strong"), ("password2", "strong"),
        ("dbPassword", "strong"), ("HF_TOKEN", "weak"), ("token", "weak"), ("authorization", "weak"), ("tokenizer", ""),
        ("max_tokens", ""), ("pad_token", ""), ("key", ""), ("monkey", ""), ("author", ""), ("compass", ""),
        ("key_dim", ""), ("n_secrets", ""), ("secret_length", ""), ("", ""), ("123", ""), ("keyboard", ""),
    ],
)  # fmt: skip
def test_names_are_judged_by_their_words(name, strength):
    assert announces_secret(name) == strength


HOSTILE = (
    "a" * 1_000_000,
    "password" + " " * 1_000_000,
    "password=" * 100_000,
    "password=\n" * 100_000,
    "PuTTY-User-Key-File-2: x\n" * 20_000,
    "-----BEGIN PRIV" + "ATE KEY-----" * 20_000,
    "key=" * 500_000,
    "://" * 300_000,
    "x:y@" * 300_000,
    "eyJ" * 300_000,
    "sk-" * 300_000,
    "a." * 400_000,
    "a-" * 400_000,
    '"' * 300_000,
    " " * 1_000_000 + "password",
    "machine " * 100_000,
    "--a " * 300_000,
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_searched_in_bounded_time(text):
    began = time.process_time()
    secrets.find(text, "x")
    secrets.redact_text(text[:100_000])
    assert time.process_time() - began < 8


def test_a_megabyte_of_code_is_searched_in_a_second():
    line = "    loss = model(batch['input_ids'], attention_mask=batch['attention_mask'], key_value=cache)\n"
    began = time.process_time()
    assert secrets.find(line * 10_000, "train.py") == []
    assert time.process_time() - began < 3
