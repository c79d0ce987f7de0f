"""`log`, `log_params` and `save`: what they write, what they survive, and what they never do."""

from __future__ import annotations

import json
import math
import signal
import subprocess
from pathlib import Path

import pytest

import repro_tui
from tests.recorder.conftest import Script, of


def test_a_row_has_its_step_its_time_and_its_values(any_python: Script) -> None:
    events = any_python.recorded("""
        import repro_tui
        for i in range(3):
            repro_tui.log(step=i * 10, loss=0.5 / (i + 1), acc=i)
    """)
    points = [e for e in events if "s" in e]
    assert [(p["s"], p["m"]) for p in points] == [
        (0, {"loss": 0.5, "acc": 0}),
        (10, {"loss": 0.25, "acc": 1}),
        (20, {"loss": 0.5 / 3, "acc": 2}),
    ]
    assert all(isinstance(p["t"], float) for p in points)
    header = events[0]
    assert (header["repro"], header["run"], header["role"], header["attempt"]) == (1, "ab" * 16, "process", 1)


def test_without_a_step_rows_are_counted(script: Script) -> None:
    script.recorded("""
        import repro_tui
        for i in range(4):
            repro_tui.log(loss=i)
        repro_tui.log({"loss": 9}, 100)
        repro_tui.log({"loss": 9, "step": 101})
    """)
    assert [p["s"] for p in script.points()] == [0, 1, 2, 3, 100, 101]


def test_numbers_of_any_make_are_numbers_and_anything_else_is_one_problem_a_name(any_python: Script) -> None:
    events = any_python.recorded("""
        import decimal, fractions, repro_tui
        class Tensor:
            def item(self): return 2.5
        class Many:
            def item(self): raise ValueError("a tensor with 3 elements")
            def __float__(self): raise TypeError("only length-1 arrays")
        class Float(float):
            def __repr__(self): return "np.float64(1.5)"
        class Rude:
            def __getattr__(self, name): raise RuntimeError(name)
        for _ in range(3):
            repro_tui.log(step=1, a=Tensor(), b=True, c=decimal.Decimal("0.5"),
                          d=fractions.Fraction(1, 4), e=Float(1.5), f=float("nan"),
                          g=float("-inf"), h=10**400, i={"x": 1, "y": {"z": 2}})
            repro_tui.log(step=2, bad="text", many=Many(), none=None, rude=Rude(), z=3 + 4j, listed=[1, 2])
    """)
    points = [e for e in events if "s" in e]
    assert len(points) == 3
    assert points[0]["m"] == {
        "a": 2.5, "b": 1, "c": 0.5, "d": 0.25, "e": 1.5, "f": "NaN", "g": "-Infinity",
        "h": "Infinity", "i/x": 1, "i/y/z": 2,
    }  # fmt: skip
    assert sorted(e["what"] for e in of(events, "problem") if e["where"] == "log") == [
        "bad", "listed", "many", "none", "rude", "z",
    ]  # fmt: skip


def test_hostile_names_come_through(any_python: Script) -> None:
    any_python.recorded(r"""
        import repro_tui
        for _ in range(2):
            repro_tui.log(step=1, **{'a"b\n%d%s\\': 1.0, "é\u202e": 2.0, "\udce9": 3.0,
                                    "\x1b[31m": 4.0, "": 5.0, "\0": 6.0})
    """)
    first, second = any_python.points()
    assert first["m"] == second["m"] == {
        'a"b\n%d%s\\': 1.0, "é\u202e": 2.0, "\0e9": 3.0, "\x1b[31m": 4.0, "": 5.0, "\x0000": 6.0,
    }  # fmt: skip


def test_a_million_names_do_not_fill_the_memory_and_are_all_written(script: Script) -> None:
    script.recorded("""
        import repro_tui, sys
        for i in range(3000):
            repro_tui.log(step=i, **{f"metric_{i}": float(i)})
        repro_tui.log(step=1, **{f"wide_{i}": 1.0 for i in range(50_000)})
        templates = sys.modules["_repro_tui_recorder.log"]._templates
        assert len(templates) <= 1000, len(templates)
    """)
    names = {name for p in script.points() for name in p["m"]}
    assert len(names) == 53_000


def test_no_row_is_lost_when_the_process_is_killed(any_python: Script) -> None:
    any_python.write("""
        import os, repro_tui
        for i in range(1000):
            repro_tui.log(step=i, loss=i * 0.5)
        os.kill(os.getpid(), 9)
    """)
    done = any_python.run("train.py", check=False)
    assert done.returncode == -signal.SIGKILL
    assert [p["s"] for p in any_python.points()] == list(range(1000))


def test_threads_and_forks_write_whole_lines_into_one_journal(any_python: Script) -> None:
    any_python.recorded("""
        import os, threading, repro_tui
        repro_tui.log(step=0, start=1)
        def work(name):
            for i in range(300):
                repro_tui.log(step=i, **{name: float(i)})
        threads = [threading.Thread(target=work, args=(f"thread{n}",)) for n in range(4)]
        for t in threads: t.start()
        for t in threads: t.join()
        children = []
        for n in range(3):
            pid = os.fork()
            if not pid:
                work(f"fork{n}")
                os._exit(0)
            children.append(pid)
        for pid in children: os.waitpid(pid, 0)
    """)
    assert len(any_python.journals()) == 1
    counts: dict[str, int] = {}
    for point in any_python.points():
        for name in point["m"]:
            counts[name] = counts.get(name, 0) + 1
    assert counts == {"start": 1, **{f"thread{n}": 300 for n in range(4)}, **{f"fork{n}": 300 for n in range(3)}}


def test_a_spawned_process_has_its_own_journal_when_it_logs_and_carries_its_rank(any_python: Script) -> None:
    any_python.recorded("""
        import multiprocessing, os, repro_tui
        def work(n):
            os.environ["RANK"] = str(n)
            repro_tui.log(step=0, worker=n)
        if __name__ == "__main__":
            repro_tui.log(step=0, main=1)
            context = multiprocessing.get_context("spawn")
            workers = [context.Process(target=work, args=(n,)) for n in (1, 2)]
            for w in workers: w.start()
            for w in workers: w.join()
    """)
    headers = [json.loads(f.read_text().splitlines()[0]) for f in any_python.journals()]
    assert sorted(h["rank"] for h in headers) == [0, 1, 2]
    assert len({h["writer"] for h in headers}) == 3


@pytest.mark.parametrize("name", ["RANK", "SLURM_PROCID", "LOCAL_RANK", "OMPI_COMM_WORLD_RANK"])
def test_the_rank_comes_from_whatever_launcher_says_it(script: Script, name: str) -> None:
    events = script.recorded(
        "import repro_tui; repro_tui.log(a=1)", **{name: "3", "REPRO_RANK": "0"} if name == "RANK" else {name: "3"}
    )
    assert events[0]["rank"] == 3


def test_a_short_write_spoils_one_row_and_the_script_never_hears_of_it(script: Script) -> None:
    script.write(_SHORT)
    script.run("train.py")
    lines = script.journals()[0].read_bytes().split(b"\n")
    good, bad = [], []
    for line in lines:
        try:
            good.append(json.loads(line))
        except ValueError:
            bad.append(line)
    assert [p["s"] for p in good if "s" in p] == [0, *range(10, 20)]
    assert [len(b) for b in bad if b] == [17]


_SHORT = """
import os, resource, signal, repro_tui
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
repro_tui.log(step=0, loss=1.0)
path = os.path.join(os.environ["REPRO_RUN_DIR"], "journal", os.environ["REPRO_WRITER"])
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize(path) + 17, hard))
for i in range(1, 10):
    repro_tui.log(step=i, loss=1.0)
repro_tui.log_params(a=1)
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
for i in range(10, 20):
    repro_tui.log(step=i, loss=1.0)
"""


def test_closed_descriptors_and_a_removed_folder_are_survived(script: Script) -> None:
    done = script.recorded("""
        import os, shutil, repro_tui
        repro_tui.log(step=0, loss=1.0)
        os.closerange(3, 4096)
        mine = [os.open(f"users{i}.txt", os.O_WRONLY | os.O_CREAT) for i in range(20)]
        for i in range(1, 5):
            repro_tui.log(step=i, loss=1.0)
        journal = os.path.join(os.environ["REPRO_RUN_DIR"], "journal")
        lines = [line for name in os.listdir(journal) for line in open(os.path.join(journal, name))]
        rows = sum(line.startswith('{"s"') for line in lines)
        assert rows >= 4, rows
        assert all(os.path.getsize(f"users{i}.txt") == 0 for i in range(20))
        shutil.rmtree(os.environ["REPRO_RUN_DIR"])
        os.closerange(3, 4096)
        repro_tui.log(step=9, loss=1.0)
        repro_tui.log_params(a=1)
        repro_tui.save("x")
    """)
    assert done == []


def test_params_are_flat_and_secrets_are_named_and_not_written(any_python: Script) -> None:
    events = any_python.recorded("""
        import enum, pathlib, repro_tui
        class Rude:
            def __str__(self): raise RuntimeError("no")
        class Plain: pass
        repro_tui.log_params({"model": {"depth": 3, "sizes": [1, 2]}}, lr=0.1, big=2**70, none=None, yes=True,
                             path=pathlib.Path("a/b"), rude=Rude(), plain=Plain(), func=print,
                             api_key="0123456789abcdef", url="https://user:hunter22@host/x", max_tokens="512",
                             note="hf_abcdefghijklmnopqrstuvwx")
        repro_tui.log_params(42)
    """)
    (params,) = of(events, "params")
    assert params["v"] == {
        "model.depth": 3, "model.sizes": "[1,2]", "lr": 0.1, "big": 2**70, "none": None, "yes": True,
        "path": "a/b", "rude": "Rude", "plain": "__main__.Plain", "func": "builtins.print", "max_tokens": "512",
    }  # fmt: skip
    assert sorted(e["what"] for e in of(events, "redacted")) == ["api_key", "note", "url"]
    text = b"".join(f.read_bytes() for f in any_python.journals())
    assert not any(secret in text for secret in (b"0123456789abcdef", b"hunter22", b"hf_abc"))


def test_outputs_are_declared_relative_to_the_project(script: Script) -> None:
    events = script.recorded("""
        import pathlib, repro_tui
        repro_tui.save("model.npz", pathlib.Path("out") / "t.csv", ["/elsewhere/x", b"caf\\xe9"], 42)
    """)
    (saved,) = of(events, "save")
    assert saved["paths"] == ["model.npz", "out/t.csv", "/elsewhere/x", "caf\0e9"]


def test_outside_of_a_run_a_project_gets_a_plain_local_run(script: Script, tmp_path: Path) -> None:
    (script.root / "sub").mkdir()
    script.write("import sys; sys.path.insert(0, sys.argv[1]); import repro_tui; repro_tui.log(step=1, loss=0.5)\n")
    source = str(Path(repro_tui.__file__).parents[1])
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "USER": "tester"}
    command = [
        script.python,
        str(script.root / "train.py"),
        source,
        "--api-key=sk-0123456789abcdefgh",
        "--token",
        "hush",
    ]
    subprocess.run(command, cwd=script.root / "sub", env=env, check=True)
    (journal,) = [f for f in (script.root / ".repro" / "runs").glob("*/journal/*") if "local-train" in str(f)]
    events = [json.loads(line) for line in journal.read_text().splitlines()]
    kinds = [e.get("k", "point" if "s" in e else "header") for e in events]
    assert [kind for kind in kinds if kind not in {"source", "libs", "flags"}] == [
        "header", "start", "python", "point", "bye", "end",
    ]  # fmt: skip
    assert events[1]["lineage"] == "train.py"
    assert events[-1]["exit"] == 0
    assert "hush" not in journal.read_text()
    assert "sk-0123" not in journal.read_text()


@pytest.mark.parametrize("case", ["off", "no project", "read-only", "not a folder"])
def test_where_nothing_can_be_recorded_nothing_happens(script: Script, tmp_path: Path, case: str) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    if case == "off":
        folder = script.root
        env["REPRO_TUI"] = "off"
    elif case == "read-only":
        (folder / "repro.yaml").write_text("home: /proc/nothing\n")
    elif case == "not a folder":
        (folder / "repro.yaml").write_text("home: file\n")
        (folder / "file").write_text("x")
    text = f"import sys; sys.path.insert(0, {str(Path(repro_tui.__file__).parents[1])!r}); import repro_tui as r\n"
    text += "r.log(a=1); r.log_params(b=1); r.save('c'); print('fine')"
    done = subprocess.run([script.python, "-c", text], cwd=folder, env=env, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("fine\n", "")
    assert script.journals() == []
    assert len(list((script.root / ".repro" / "runs").iterdir())) == 1


def test_values_are_finite_or_named(script: Script) -> None:
    script.recorded("import repro_tui\nrepro_tui.log(step=float('nan'), a=1)\nrepro_tui.log(step='x', a=2)")
    assert [p["s"] for p in script.points()] == [0, 1]
    assert not any(math.isnan(p["s"]) for p in script.points())
