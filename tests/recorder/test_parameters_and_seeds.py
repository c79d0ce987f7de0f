"""What a script read from its command line and how it seeded its generators is noted, and nothing that libraries do."""

from __future__ import annotations

from tests.recorder.conftest import Script, of


def test_arguments_are_noted_as_they_were_parsed(any_python: Script) -> None:
    events = any_python.recorded(
        """
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("--lr", type=float, default=0.1)
        parser.add_argument("--layers", type=int, nargs="*", default=[1, 2])
        parser.add_argument("--api-key", default="")
        commands = parser.add_subparsers(dest="command")
        fit = commands.add_parser("fit")
        fit.add_argument("--epochs", type=int)
        fit.set_defaults(run=print)
        args = parser.parse_args()
        assert args.lr == 0.5
        """,
        "--lr", "0.5", "--api-key", "verysecretvalue", "fit", "--epochs", "3",
    )  # fmt: skip
    (params,) = of(events, "params")
    assert (params["src"], params["v"]) == (
        "argparse",
        {"lr": 0.5, "layers": "[1,2]", "command": "fit", "epochs": 3, "run": "builtins.print"},
    )
    assert of(events, "redacted")[0]["what"] == "api_key"
    assert "verysecretvalue" not in "".join(f.read_text() for f in any_python.journals())


def test_seeds_are_noted_with_the_line_that_set_them(any_python: Script) -> None:
    any_python.write("import random\ndef everything(seed):\n    random.seed(seed)\n", "seeding.py")
    events = any_python.recorded(
        """
        import random, seeding
        random.seed(42)
        for _ in range(10): seeding.everything(7)
        own = random.Random(5)
        random.seed()
        random.seed("text")
        """
    )
    assert [(e["lib"], e["v"], e["at"]) for e in of(events, "seed")] == [
        ("random", 42, "train.py:3"), ("random", 7, "seeding.py:3"), ("random", 5, "train.py:5"),
        ("random", "text", "train.py:7"),
    ]  # fmt: skip


def test_seeds_that_libraries_draw_from_the_scripts_or_set_when_imported_are_not_noted(script: Script) -> None:
    library = "site-packages/estimators.py"
    script.write(
        "import random\nrandom.Random(99999)\ndef fit(seed):\n    random.Random(seed)\n    random.Random(2354873452)\n",
        library,
    )
    events = script.recorded(
        """
        import sys; sys.path.append("site-packages")
        import estimators
        for seed in range(2):
            estimators.fit(seed)
        """
    )
    assert [(e["v"], e["at"]) for e in of(events, "seed")] == [(0, "train.py:5"), (1, "train.py:5")]


def test_hydras_own_options_are_no_parameters_and_overrides_have_their_types(script: Script) -> None:
    script.write("", "hydra/__init__.py")
    events = script.recorded(
        """
        import argparse, hydra
        parser = argparse.ArgumentParser()
        parser.add_argument("--hydra-help", action="store_true")
        parser.add_argument("overrides", nargs="*")
        parser.parse_args()
        """,
        "optim.lr=1e-3", "+seed=5", "flag=true", "name='a b'", "version=1.2.3",
    )  # fmt: skip
    assert [(e["src"], e["v"]) for e in of(events, "params")] == [
        ("hydra", {"optim.lr": 0.001, "seed": 5, "flag": True, "name": "a b", "version": "1.2.3"})
    ]


def test_options_of_click_are_noted_with_their_defaults(script: Script) -> None:
    stand_in = """
        class Context: pass
        class Command:
            def make_context(self, name, args, parent=None):
                context = Context()
                context.params = {"lr": 0.1, "layers": (1, 2), "password": "verysecret"}
                return context
    """
    script.write("from . import core", "click/__init__.py")
    script.write(stand_in, "click/core.py")
    events = script.recorded("import click.core\nclick.core.Command().make_context('train', [])")
    assert [(e["src"], e["v"]) for e in of(events, "params")] == [("click", {"lr": 0.1, "layers": "[1,2]"})]


def test_parameters_that_say_all_that_was_typed_are_known_to_do_so(script: Script) -> None:
    text = """
        import argparse, os, sys
        parser = argparse.ArgumentParser()
        parser.add_argument("-l", dest="lr", type=float)
        parser.add_argument("--no-cuda", dest="cuda", action="store_false")
        if "fit" in sys.argv:
            parser.add_subparsers().add_parser("fit")
        parser.parse_known_args() if "--other" in sys.argv else parser.parse_args()
        """
    spoken = [(("-l", "0.2", "--no-cuda"), 3), ((), 0), (("-l0.2", "--other"), None), (("fit",), None)]
    script.write(text)
    first = """if True:
        import os, sys
        os.environ['REPRO_MAIN_PID'] = str(os.getpid())
        os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
        """
    for words, known in spoken:
        for journal in script.journals():
            journal.unlink()
        script.run("-c", first, "train.py", *words)
        assert [e.get("words") for e in of(script.events(), "params")] == [known], words


def test_a_set_of_words_is_written_in_one_order(script: Script) -> None:
    for seed in ("1", "2", "3"):
        events = script.recorded(
            "from repro_tui import log_params\nlog_params({'tags': {'b', 'a', 'd', 'c'}})", PYTHONHASHSEED=seed
        )
        assert of(events, "params")[-1]["v"] == {"tags": '["a","b","c","d"]'}
