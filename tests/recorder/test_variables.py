"""Environment variables that a script asks for are noted with their values, and no others, whatever way it asks."""

from __future__ import annotations

import json
import subprocess

import pytest

from repro_tui.recorder.variables import is_place, written
from tests.capture.plants import NAMED, VALUES
from tests.recorder.conftest import Script, of


def asked(script: Script, text: str, *args: str, **extra: str) -> dict[str, object]:
    """Give the variables that were noted of a script that is the first process of its command."""
    script.write(text)
    command = ["sh", "-c", 'REPRO_MAIN_PID=$$ exec "$0" "$@"', script.python, "train.py", *args]
    done = subprocess.run(
        command, cwd=script.root, env=script.environment(**extra), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return {
        f"{event['src']}.{name.partition('.')[2]}": value
        for event in of(script.events(), "params")
        if event["src"].startswith("env")
        for name, value in event["v"].items()
    }


def test_every_way_to_ask_is_noted_once_and_so_is_what_is_not_set(any_python: Script) -> None:
    found = asked(
        any_python,
        """
        import os, threading
        from string import Template
        for _ in range(3):
            os.environ["A"], os.environ.get("B", "x"), os.getenv("C"), "D" in os.environ, os.environb.get(b"E")
        os.environ.setdefault("F", "7"), os.path.expandvars("$G/x"), Template("$H").safe_substitute(os.environ)
        thread = threading.Thread(target=lambda: os.environ.pop("I", None))
        thread.start(); thread.join()
        try:
            os.environ["J"]
        except KeyError as error:
            assert repr(error) == "KeyError('J')"
        if not os.fork():
            os.environ.get("K"); os._exit(0)
        os.wait()
        """,
        A="1.0", D="", E="e", G="g", I="i", K="k",
    )  # fmt: skip
    assert found == {
        "env.A": "1.0", "env.B": None, "env.C": None, "env.D": "", "env.E": "e", "env.F": None, "env.G": "g",
        "env.H": None, "env.I": "i", "env.J": None, "env.K": "k",
    }  # fmt: skip


def test_what_is_only_copied_listed_set_by_the_script_or_asked_for_by_libraries_is_not_noted(
    any_python: Script,
) -> None:
    any_python.write("import os\nos.environ.get('LIBRARY')\nos.environ['LOADED'] = '1'\n", "site-packages/lib.py")
    found = asked(
        any_python,
        """
        import os, subprocess, sys, tempfile, shutil
        sys.path.append("site-packages")
        import lib
        copies = dict(os.environ), {**os.environ}, os.environ.copy(), list(os.environ.items()), dict(os.environ.items())
        for name in sorted(os.environ):
            print(name, os.environ[name])
        os.environ["OWN"] = "1"
        os.environ.update(TOO="2")
        del os.environ["GONE"]
        os.environ["OWN"], os.environ["TOO"], os.environ.get("GONE"), os.environ.get("LOADED"), os.environ["HOME"]
        tempfile.gettempdir(), shutil.which("sh"), os.path.expanduser("~")
        child = "import os; [os.environ.get(name) for name in ('OWN', 'LOADED', 'GIVEN', 'HIDDEN', 'NOWHERE')]"
        subprocess.run([sys.executable, "-c", child], env={**os.environ, "GIVEN": "3"}, check=True)
        """,
        GONE="1", LIBRARY="x", HIDDEN="y",
    )  # fmt: skip
    assert found == {
        "env:child.LOADED": "1", "env:child.GIVEN": "3", "env.HIDDEN": "y", "env.NOWHERE": None,
    }  # fmt: skip


def test_another_environment_and_a_module_that_is_loaded_again_do_no_harm(any_python: Script) -> None:
    found = asked(
        any_python,
        """
        import importlib, os, pickle
        from unittest import mock
        with mock.patch.dict(os.environ, {"PATCHED": "1"}, clear=True):
            assert dict(os.environ) == {"PATCHED": "1"}
        other = type(os.environ)({}, str, str, str, str)
        assert "X" not in other
        for wrong in (3, [], None):
            try:
                os.environ[wrong]
            except TypeError as error:
                assert "str expected" in str(error)
        assert type(os.environ).__getitem__.__qualname__ == "_Environ.__getitem__"
        os.environ.get("BEFORE")
        importlib.reload(os)
        assert os.environ.get("AFTER") == "2"
        """,
        BEFORE="1", AFTER="2",
    )  # fmt: skip
    assert found == {"env.BEFORE": "1"}


def test_a_traceback_reads_as_it_would_without_the_recorder(any_python: Script) -> None:
    any_python.write("import os\nos.environ['MISSING']\n")
    told = any_python.run("train.py", check=False).stderr
    bare = subprocess.run(
        [any_python.python, "train.py"], cwd=any_python.root, capture_output=True, text=True, check=False
    ).stderr
    assert told == bare


def test_no_secret_is_stored_whatever_variable_it_stands_in(script: Script, record_property) -> None:
    planted = {f"PLANT_{number}": value for number, value in enumerate(VALUES.values())} | NAMED
    hidden = {
        "OPTIONS": "--epochs 3 --api-key a1b2c3d4e5",
        "SERVICE_KEYS": "f3a9c1d2e4b5a697",
        "SETTINGS": json.dumps({"password": "tr0ub4dor&3"}),
        "DATABASE": "host=db password=hunter2 user=x",
    }
    found = asked(
        script,
        """
        import os, sys
        for name in sys.argv[1:]:
            os.environ[name]
        """,
        *planted, *hidden, **planted, **hidden,
    )  # fmt: skip
    everything = "".join(file.read_text() for file in script.journals())
    leaked = [name for name, value in planted.items() if value in everything]
    record_property("secrets", f"{len(planted)} kinds planted in variables, {len(leaked)} stored")
    assert leaked == []
    assert not [word for word in ("tr0ub4dor", "hunter2", "f3a9c1", "a1b2c3d4e5") if word in everything]
    assert set(found.values()) == {"[redacted]"}
    assert {event["what"] for event in of(script.events(), "redacted")} >= {"OPTIONS", "SETTINGS", "DATABASE"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAX_TOKENS", "512"), ("LR", "3e-4"), ("MODEL", "/data/keyboards/v1.2"), ("KEY_DIM", "64"),
        ("RUN", "run-20261123_101503-a1b2c3d4"), ("TOKENIZER", "bert-base-uncased"), ("OPTS", "--lr 1 --token-dim 64"),
        ("SPEC", '{"lr": 0.1, "key": "loss"}'), ("N_KEYS", ""),
    ],
)  # fmt: skip
def test_values_of_a_training_script_are_kept(name: str, value: str) -> None:
    assert written(name, value) == (value, False)


def test_long_values_that_begin_alike_are_told_apart() -> None:
    one, two = (written("TEXT", "x y " * 1000 + end)[0] for end in "ab")
    assert one != two
    assert len(one or "") < 2100


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("LOCAL_RANK", True), ("LORA_RANK", False), ("MASTER_PORT", True), ("WANDB_MODE", True), ("PATH", True),
        ("SLURM_ARRAY_TASK_ID", False), ("SLURM_JOB_ID", True), ("SEED", False), ("TERM_WEIGHT", False),
    ],
)  # fmt: skip
def test_what_says_only_where_a_process_runs_is_no_parameter(name: str, place: bool) -> None:
    assert is_place(name) is place
