"""What is seen of a script that knows nothing: files, arguments, seeds, sources, its end; and it is not disturbed."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from repro_tui.recorder import observe
from repro_tui.recorder.places import Places, _typed
from tests.recorder.conftest import Script, of


def files(events: list[dict]) -> set[tuple[str, str]]:
    return {(e["path"], e["mode"]) for e in of(events, "file")}


def test_files_of_the_project_are_noted_once_however_they_are_opened(any_python: Script) -> None:
    for name in ("a.csv", "b.csv", "c.json", "d.bin", "e.gz"):
        any_python.write("{}", name)
    events = any_python.recorded(
        """
        import csv, io, json, os, pathlib, subprocess, sys
        for _ in range(5):
            list(csv.reader(open("a.csv")))
            pathlib.Path("b.csv").read_text()
            json.load(io.open("c.json", encoding="utf-8"))
            os.close(os.open("d.bin", os.O_RDONLY))
            open(b"e.gz", "rb").close()
            with open("out/../result.txt", "w") as f: f.write("x")
            with open("log.txt", "a") as f: f.write("x")
            with open("log.txt", "r+") as f: f.write("x")
        with open("model.tmp", "wb") as f: f.write(b"x")
        os.replace("model.tmp", "model.bin")
        open(os.devnull).close(); open("/proc/self/status").close(); open(json.__file__).close()
        open(sys.executable, "rb").close()
        try: open("missing.csv")
        except FileNotFoundError: pass
    """.replace("out/../", "")
    )
    assert files(events) == {
        ("a.csv", "r"), ("b.csv", "r"), ("c.json", "r"), ("d.bin", "r"), ("e.gz", "r"),
        ("result.txt", "w"), ("log.txt", "w"), ("log.txt", "rw"), ("model.tmp", "w"), ("model.bin", "w"),
    }  # fmt: skip
    assert len(of(events, "file")) == 10
    by_path = {e["path"]: e for e in of(events, "file")}
    assert by_path["a.csv"]["st"][0] == 2
    assert by_path["c.json"]["cfg"] is True
    assert "cfg" not in by_path["a.csv"]


def test_a_relative_path_means_another_file_after_a_change_of_folder(script: Script) -> None:
    script.write("1", "data.csv")
    script.write("2", "sub/data.csv")
    events = script.recorded("""
        import os
        open("data.csv").close(); os.chdir("sub"); open("data.csv").close()
    """)
    assert files(events) == {("data.csv", "r"), ("sub/data.csv", "r")}


def test_data_elsewhere_is_noted_and_the_systems_files_are_not(script: Script, tmp_path: Path) -> None:
    elsewhere = tmp_path / "lake"
    elsewhere.mkdir()
    (elsewhere / "train.csv").write_text("1")
    (script.root / "link").symlink_to(elsewhere)
    events = script.recorded(
        f"open('/etc/hostname').close(); open('{elsewhere}/train.csv').close(); open('link/train.csv').close()",
        REPRO_DATA=str(elsewhere),
    )
    assert files(events) == {(f"{elsewhere}/train.csv", "r"), ("link/train.csv", "r")}


def test_above_ten_thousand_files_folders_are_noted(script: Script) -> None:
    events = script.recorded("""
        import os
        os.mkdir("many")
        for i in range(12_000):
            open(f"many/{i}", "w").close()
    """)
    noted = of(events, "file")
    assert len(noted) == 10_001
    assert noted[-1]["path"] == "many"
    assert noted[-1]["dir"] is True


def test_above_a_thousand_files_elsewhere_their_folders_are_noted(monkeypatch) -> None:
    """A data lake outside the project is never known in part only; a home is not taken for one."""
    noted: list[dict] = []
    session = SimpleNamespace(
        environment={}, root="/home/ada/work", folder="/home/ada/work/.repro/runs/1", worker=False, forked=True,
        place=str, event=lambda kind, **fields: noted.append({"k": kind, **fields}),
    )  # fmt: skip
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setattr(observe, "_facts", lambda _place, _fd: None)
    watch = observe.Watch(session)
    for i in range(1_500):
        watch.note(f"/lake/class{i % 3}/{i}.png", "r")
        watch.note(f"/home/ada/work/{i}.csv", "r")
        watch.note(f"/home/ada/{i}.txt", "r")
    assert sum(not event.get("dir") and event["path"].startswith("/lake/") for event in noted) == 500
    assert {event["path"] for event in noted if event.get("dir")} == {f"/lake/class{i}" for i in range(3)}
    assert sum(event["path"].startswith("/home/ada/work/") for event in noted) == 1_500


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_of_every_epoch_add_no_journal_and_no_repeated_file(any_python: Script, method: str) -> None:
    for i in range(20):
        any_python.write("1", f"data/{i}.csv")
    events = any_python.recorded(f"""
        import multiprocessing
        def load(i):
            with open(f"data/{{i}}.csv") as f: return f.read()
        if __name__ == "__main__":
            for epoch in range(3):
                with multiprocessing.get_context("{method}").Pool(2) as pool:
                    pool.map(load, range(20))
    """)
    assert len(any_python.journals()) == 1
    reads = [e["path"] for e in of(events, "file") if e["mode"] == "r"]
    assert set(reads) == {f"data/{i}.csv" for i in range(20)}
    assert len(reads) <= 22
    assert len(of(events, "python")) == 1


def test_open_stays_what_a_program_may_take_it_for(any_python: Script) -> None:
    any_python.write("x", "a.csv")
    done = any_python.write("""
        import builtins, copy, io, os, pickle, random, shutil, sys, tempfile
        class Kept:
            opener = open
            mover = os.rename
            seed = random.seed
        with Kept().opener("a.csv") as f: assert f.read() == "x"
        Kept().seed(1)
        Kept().mover("a.csv", "b.csv")
        assert open is io.open is builtins.open
        assert pickle.loads(pickle.dumps(open)) is open
        assert pickle.loads(pickle.dumps(os.open)) is os.open
        assert copy.deepcopy(open) is open
        assert os.open in os.supports_dir_fd and shutil.rmtree.avoids_symlink_attacks
        assert callable(open) and open.__name__ == "open"
        assert isinstance(random.Random(3), random.Random)
        with tempfile.TemporaryDirectory() as d:
            fd = os.open(d, os.O_RDONLY)
            os.close(os.open("x", os.O_CREAT | os.O_WRONLY, 0o600, dir_fd=fd))
            os.close(fd)
            with open("y", "w", opener=lambda p, f: os.open(os.path.join(d, p), f)) as f: pass
            with open(os.open(os.path.join(d, "z"), os.O_CREAT | os.O_RDWR), "r+") as f: f.write("1")
            assert sorted(os.listdir(d)) == ["x", "y", "z"]
        for bad in (lambda: open("b.csv", "q"), lambda: open(), lambda: open(None), lambda: open("b.csv", nope=1)):
            try: bad()
            except (TypeError, ValueError): pass
            else: raise AssertionError
    """)
    assert any_python.run(str(done)).returncode == 0


def test_sources_outside_of_site_packages_are_noted_with_their_digest(any_python: Script, tmp_path: Path) -> None:
    import hashlib

    sibling = tmp_path / "sibling"
    sibling.mkdir()
    (sibling / "shared_code.py").write_text("x = 1\n")
    any_python.write("y = 2\n", "package/__init__.py")
    events = any_python.recorded(f"import sys; sys.path.append({str(sibling)!r})\nimport shared_code, package, json\n")
    sources = {e["path"]: e for e in of(events, "source")}
    assert set(sources) == {"train.py", "package/__init__.py", str(sibling / "shared_code.py")}
    assert sources["package/__init__.py"]["d"] == "sha256:" + hashlib.sha256(b"y = 2\n").hexdigest()


def test_the_interpreter_says_which_it_is_and_how_it_ends(any_python: Script) -> None:
    any_python.write("raise ValueError('broken with\\nmany lines ghp_0123456789abcdef0123')")
    done = any_python.run("-u", "train.py", "--x", check=False)
    events = any_python.events()
    (python,) = of(events, "python")
    assert (python["script"], python["flags"], python["main"]) == ("train.py", ["-u"], False)
    assert os.path.realpath(python["exe"]) == os.path.realpath(any_python.python)
    (bye,) = of(events, "bye")
    assert bye["err"] == "ValueError: broken with many lines [redacted]"
    assert done.returncode == 1


def test_a_traceback_reads_as_it_would_without_us(any_python: Script) -> None:
    any_python.write("import random\nopen('missing.csv')\n")
    recorded = any_python.run("train.py", check=False)
    plain = any_python.run("train.py", check=False, REPRO_TUI="off")
    assert recorded.stderr == plain.stderr
    assert recorded.returncode == plain.returncode == 1


def test_the_users_own_excepthook_still_runs(script: Script) -> None:
    script.write("""
        import sys
        def hook(kind, error, trace):
            print("mine:", kind.__name__, error)
        sys.excepthook = hook
        raise RuntimeError("boom")
    """)
    assert script.run("train.py", check=False).stdout == "mine: RuntimeError boom\n"
    assert of(script.events(), "bye")[0]["err"] == "RuntimeError: boom"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["-m", "package.tool", "x"], {"module": "package.tool"}),
        (["-Wignore", "-X", "dev", "-m", "package.tool"], {"module": "package.tool"}),
        (["-c", "pass"], {}),
    ],
)
def test_modules_and_code_are_told_apart(script: Script, command: list[str], expected: dict[str, str]) -> None:
    script.write("", "package/__init__.py")
    script.write("", "package/tool.py")
    script.run(*command)
    (python,) = of(script.events(), "python")
    assert {k: v for k, v in python.items() if k in {"module", "script"}} == expected


@pytest.mark.parametrize("option", ["-I", "-E", "-S"])
def test_an_isolated_interpreter_is_left_alone(script: Script, option: str) -> None:
    script.write("print('fine')")
    done = script.run(option, "train.py")
    assert (done.stdout, done.stderr, script.journals()) == ("fine\n", "", [])


def test_a_sitecustomize_of_the_users_own_runs_and_is_the_one_that_is_seen(any_python: Script, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "sitecustomize.py").write_text("import sys\nsys.stdout.write('mine\\n')\nvalue = 3\n")
    inject = any_python.environment()["PYTHONPATH"]
    any_python.write("import sitecustomize\nprint(sitecustomize.value, sitecustomize.__file__)\n")
    done = any_python.run("train.py", PYTHONPATH=f"{inject}{os.pathsep}{own}")
    assert done.stdout == f"mine\n3 {own}/sitecustomize.py\n"
    assert of(any_python.events(), "python")


def test_a_sitecustomize_that_fails_fails_as_it_would_without_us(any_python: Script, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "sitecustomize.py").write_text("import nothing_of_this_name\n")
    any_python.write("print('fine')\n")
    inject = any_python.environment()["PYTHONPATH"]
    recorded = any_python.run("train.py", PYTHONPATH=f"{inject}{os.pathsep}{own}")
    plain = any_python.run("train.py", PYTHONPATH=str(own))
    assert (recorded.stdout, recorded.stderr) == (plain.stdout, plain.stderr)


def test_modules_of_the_scripts_own_keep_their_names(any_python: Script) -> None:
    any_python.write("mine = True\n", "repro_tui.py")
    any_python.write("mine = True\n", "sitecustomize.py")
    any_python.write("import repro_tui, sitecustomize\nassert repro_tui.mine and sitecustomize.mine\n")
    any_python.run("train.py")
    assert of(any_python.events(), "bye")


def test_another_environment_can_import_us_but_not_the_program(any_python: Script) -> None:
    any_python.write("""
        import repro_tui, sys
        from repro_tui import log, log_params, save
        import repro_tui.recorder.line, repro_tui.recorder.log
        assert repro_tui.__path__ or repro_tui.recorder.log.log is log
        for name in ("catalog", "cli.main", "domain"):
            try: __import__("repro_tui." + name)
            except ImportError as error: assert "another environment" in str(error) or "cli" in name, error
            else: assert repro_tui.__path__, name
        try: import repro_tui.nothing
        except ModuleNotFoundError: pass
        log(step=1, a=1)
    """)
    any_python.run("-s", "train.py")
    assert len(any_python.points()) == 1


def test_children_that_are_python_are_recorded_too(any_python: Script) -> None:
    any_python.write("import repro_tui; repro_tui.log(step=2, b=1)", "child.py")
    any_python.recorded("import subprocess, sys; subprocess.run([sys.executable, 'child.py'], check=True)")
    assert len(any_python.journals()) == 2
    assert len(of(any_python.events(), "python")) == 2


def test_the_script_goes_on_where_nothing_can_be_written(any_python: Script) -> None:
    any_python.write(
        "import repro_tui, random; random.seed(1); open(__file__).close(); repro_tui.log(a=1); print('fine')"
    )
    done = any_python.run("train.py", REPRO_RUN_DIR="/proc/nothing/runs/x")
    assert (done.stdout, done.stderr) == ("fine\n", "")


def test_lambdas_of_argparse_types_and_broken_namespaces_do_no_harm(script: Script) -> None:
    script.recorded("""
        import argparse
        class Rude:
            def __repr__(self): raise RuntimeError
            __str__ = __repr__
        p = argparse.ArgumentParser()
        p.add_argument("--x", type=lambda text: Rude())
        p.parse_args(["--x", "1"])
    """)
    (params,) = of(script.events(), "params")
    assert params["v"] == {"x": "Rude"}


numpy = pytest.mark.skipif(
    not any(Path(p, "numpy").is_dir() for p in sys.path),
    reason="NumPy is not installed here; the end-to-end tests have it",
)


@numpy
def test_numpy_seeds_are_noted_and_its_classes_stay_themselves(script: Script) -> None:
    events = script.recorded("""
        import pickle
        import numpy as np
        np.random.seed(1)
        rng = np.random.default_rng(2)
        legacy = np.random.RandomState(3)
        sequence = np.random.SeedSequence(4)
        assert isinstance(legacy, np.random.RandomState)
        assert isinstance(np.random.mtrand._rand, np.random.RandomState)
        assert pickle.loads(pickle.dumps(legacy)).rand() == legacy.rand()
        class Mine(np.random.RandomState): pass
        assert isinstance(Mine(5), Mine) and issubclass(Mine, np.random.RandomState)
        assert not isinstance(3, np.random.RandomState)
        np.random.default_rng(sequence)
    """)
    assert [(e["v"], e["at"]) for e in of(events, "seed")][:4] == [
        (1, "train.py:4"), (2, "train.py:5"), (3, "train.py:6"), (4, "train.py:7"),
    ]  # fmt: skip


def test_temporary_files_and_their_folder_are_none_of_the_runs(script: Script, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    events = script.recorded(
        """
        import tempfile
        named, unnamed, folder = tempfile.NamedTemporaryFile("w"), tempfile.TemporaryFile(), tempfile.mkdtemp()
        with named as file, unnamed as other:
            file.write("x"), other.write(b"x"), open(folder + "/x", "w").close()
        """,
        TMPDIR=str(scratch),
    )
    assert files(events) == set()


def test_temporary_files_that_the_command_line_names_or_that_lie_beside_the_project_are_the_runs(
    tmp_path: Path,
) -> None:
    def places(root: str, *words: str) -> Places:
        session = SimpleNamespace(environment={}, root=root, folder=f"{root}/.repro/runs/1")
        found = Places(session)
        found._typed = tuple(_typed(list(words)))
        return found

    plain, nested = (
        places("/home/ada/work", "--csv", "/tmp/lake/a.csv", "--out=/tmp/out", "/tmp"),
        places("/tmp/exp/work"),
    )
    assert plain.of("/tmp/lake/a.csv", "r") == "/tmp/lake/a.csv"
    assert plain.of("/tmp/out/model.bin", "w") == "/tmp/out/model.bin"
    assert plain.of("/tmp/lake/b.csv", "r") is None
    assert plain.of("/tmp", "w") is None
    assert nested.of("/tmp/exp/lake/a.csv", "r") == "/tmp/exp/lake/a.csv"
    assert nested.of("/tmp/other/a.csv", "r") is None
