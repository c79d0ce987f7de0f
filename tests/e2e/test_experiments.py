"""What people change between two runs besides one parameter: nothing false or silly is said of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.laboratory import UNUSED, Laboratory, points

pytestmark = pytest.mark.e2e

OPTIONS = """\
import argparse, random
from repro_tui import log
parser = argparse.ArgumentParser()
parser.add_argument("-l", "--learning-rate", dest="lr", type=float, default=0.1)
parser.add_argument("--no-cuda", dest="cuda", action="store_false")
parser.add_argument("-v", "--verbose", action="count", default=0)
options = parser.parse_args()
random.seed(0)
for step in range(4):
    log(step, loss=options.lr * random.random() + options.cuda + options.verbose)
"""
BY_HAND = """\
import random, sys
from repro_tui import log
random.seed(int(sys.argv[2]))
for step in range(4):
    log(step, loss=float(sys.argv[1]) * random.random())
"""
CONFIGURED = """\
import sys
from repro_tui import log
values = dict(line.split(": ") for line in open(sys.argv[1]).read().splitlines())
for step in range(4):
    log(step, loss=float(values["lr"]) / (step + 1))
"""


def said(found: dict[str, Any]) -> str:
    return " ".join(statement["text"] for statement in found["paragraph"])


def named(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Give what is named as a possible cause, in its order."""
    return [(each["standing"], each["name"]) for each in found["candidates"] if each["standing"] != "idle"]


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Laboratory:
    lab = Laboratory(tmp_path_factory.mktemp("experiments"))
    lab.write("options.py", OPTIONS)
    lab.write("by_hand.py", BY_HAND)
    lab.write("configured.py", CONFIGURED)
    lab.commit("more scripts")
    lab.run("base")
    return lab


def test_what_was_not_used_makes_no_difference(lab):
    lab.write("README.md", "# hello\n")
    lab.write("unused.py", UNUSED + "\n\n# a remark\n")
    lab.write("all.sh", "for seed in 1 2 3; do python train.py --seed $seed; done\n")
    lab.edit("model.py", "SHARPNESS = 1.0", "SHARPNESS = 1.0  # as sharp as it was")
    lab.commit("remarks")
    lab.run("commit", MY_SHELL="fish")
    found = lab.explain("base", "commit")
    assert found["same_inputs"]
    assert said(found).endswith("Same inputs, same result.")
    assert named(found) == []
    lab.edit("model.py", "  # as sharp as it was", "")
    lab.commit("no more remarks")


def test_a_change_counts_alike_before_and_after_it_is_committed(lab):
    lab.edit("model.py", "SHARPNESS = 1.0", "SHARPNESS = 1.5")
    lab.run("patch")
    lab.commit("sharper")
    lab.run("patched")
    lab.edit("model.py", "SHARPNESS = 1.5", "SHARPNESS = 1.0")
    lab.commit("blunt again")
    lab.run("blunt")
    for names in (("patch", "patched"), ("base", "blunt")):
        found = lab.explain(*names)
        assert (found["same_inputs"], found["finding"], named(found)) == (True, "identical", [])
    assert named(lab.explain("base", "patch")) == [("only", "model.py")]


def test_two_files_that_nobody_changed_apart_are_spoken_of_together(tmp_path):
    lab = Laboratory(tmp_path, with_git=False)
    lab.run("base")
    lab.edit("model.py", "SHARPNESS = 1.0", "SHARPNESS = 2.0")
    lab.edit("train.py", "> 0.5)", "> 0.6)")
    lab.run("files")
    found = lab.explain("base", "files")
    assert "The only recorded differences that can matter are model.py" in said(found)
    assert " and train.py" in said(found)
    assert found["candidates"][0]["standing"] == "only"


def test_data_counts_by_content_and_not_by_place(lab):
    (lab.folder / "data/train.csv").rename(lab.folder / "data/moved.csv")
    lab.run("moved", "--data", "data/moved.csv")
    (lab.folder / "data/moved.csv").rename(lab.folder / "data/train.csv")
    elsewhere = lab.folder.parent / "lake.csv"
    elsewhere.write_text(points())
    lab.run("elsewhere", "--data", str(elsewhere))
    assert lab.explain("base", "elsewhere")["same_inputs"]
    head, *rows = points().splitlines()
    lab.write("data/train.csv", "\n".join([head, *reversed(rows)]) + "\n")
    lab.run("reordered")
    lab.write("data/train.csv", points())
    assert lab.explain("base", "moved")["same_inputs"]
    found = lab.explain("base", "reordered")
    assert named(found) == [("only", "data")]
    assert "data (other content of the same size)" in said(found)


def test_a_place_for_results_is_no_input(lab):
    (lab.folder / "out").mkdir()
    lab.run("out-a", "--out", "out/a.txt")
    lab.run("out-b", "--out", "out/b.txt")
    for names in (("base", "out-a"), ("out-a", "out-b")):
        found = lab.explain(*names)
        assert (found["same_inputs"], named(found)) == (True, [])


def test_how_texts_are_hashed_is_not_the_seed(lab):
    lab.run("hashes", PYTHONHASHSEED="1")
    lab.run("longer", "--epochs", "8")
    found = lab.explain("base", "longer")
    assert "whatever the seed" not in said(found)
    assert "one seed cannot tell for others" in said(found)
    assert "The curves are equal, bit by bit, at all 6 common steps." in said(found)


def test_a_run_that_failed_is_said_to_have_failed(lab):
    lab.run("crash", "--data", "data/none.csv")
    found = lab.explain("base", "crash")
    assert "crash failed and logged nothing" in said(found)
    assert named(found) == [("only", "data")]
    assert "data data/train.csv to data/none.csv" in said(found)


def test_other_spellings_of_an_option_are_no_difference_and_one_option_is_one(lab):
    command = ("python", "options.py")
    spellings = {
        "short": ("-l", "0.2"),
        "close": ("-l0.2",),
        "long": ("--learning-rate=2e-1",),
        "cut": ("--lear", "0.2"),
    }
    for name, words in spellings.items():
        lab.run(name, *words, command=command)
    for name in spellings:
        assert name == "short" or lab.explain("short", name)["same_inputs"], name
    for name, words, parameter in (("o", (), "lr"), ("cpu", ("-l", "0.2", "--no-cuda"), "cuda")):
        lab.run(name, *words, command=command)
        assert named(lab.explain("short", name)) == [("only", parameter)]


def test_a_seed_among_words_that_no_parser_named_is_told_once(lab):
    command = ("python", "by_hand.py")
    lab.run("hand", "0.1", "1", command=command)
    lab.run("hand-seed", "0.1", "2", command=command)
    lab.run("hand-rate", "0.3", "1", command=command)
    for name in ("hand-seed", "hand-rate"):
        assert named(lab.explain("hand", name)) == [("only", "command")]


def test_a_configuration_counts_by_its_values(lab):
    command = ("python", "configured.py")
    for name, text in (("one", "lr: 0.1\ndepth: 2\n"), ("same", "depth: 2\nlr: 0.1\n"), ("two", "lr: 0.2\ndepth: 2\n")):
        lab.write(f"{name}.yaml", text)
        lab.run(f"config-{name}", f"{name}.yaml", command=command)
    assert lab.explain("config-one", "config-same")["same_inputs"]
    assert named(lab.explain("config-one", "config-two")) == [("only", "lr")]


def test_another_script_is_named_before_what_follows_from_it(lab):
    lab.write("other.py", "from repro_tui import log\nlog(1, loss=3)\n")
    lab.run("other", command=("python", "other.py"))
    found = lab.explain("base", "other")
    assert named(found)[0] == ("possible", "command")
    assert "They ran different programs, python train.py and python other.py" in said(found)


def test_the_same_script_started_in_another_way_is_the_same(lab):
    ways = {"dot": ("python", "./train.py"), "whole": ("python", str(lab.folder / "train.py"))}
    for name, command in (*ways.items(), ("unbuffered", ("python", "-u", "train.py"))):
        lab.run(name, command=command)
        assert lab.explain("base", name)["same_inputs"], name
    lab.run("fast", command=("python", "-O", "train.py"))
    found = lab.explain("base", "fast")
    assert named(found) == [("only", "python options")]


def test_another_build_of_the_same_version_is_another_package_and_an_unused_one_is_none(lab):
    plain = (lab.packages / "gradkit.py").read_text()
    lab.install("gradkit", "1.0", "def step(error):\n    return error * 1.2\n")
    lab.run("rebuilt")
    lab.install("gradkit", "1.0", plain)
    lab.install("unrelated", "1.0", "")
    lab.run("unrelated")
    found = lab.explain("base", "rebuilt")
    assert named(found) == [("only", "gradkit")]
    assert "gradkit 1.0 (same version, another build)" in said(found)
    assert lab.explain("base", "unrelated")["same_inputs"]


def test_values_of_runs_that_did_not_end_well_are_no_result(lab):
    text = "import os\nfrom repro_tui import log\nfor step in range(5):\n    log(step, loss=1 / (step + 1))\n"
    lab.write("ends.py", text)
    lab.write("dies.py", text + "os.kill(os.getpid(), 9)\n")
    lab.run("ends", command=("python", "ends.py"))
    lab.run("dies", command=("python", "dies.py"))
    found = lab.explain("ends", "dies")
    assert found["advice"] == ""
    assert "every logged value is equal, bit by bit; dies died." in said(found)
    assert "same result" not in said(found)


def test_a_program_that_was_opened_and_executed_was_used(lab):
    lab.write("opens.py", "exec(open('body.py').read())\n")
    lab.write("body.py", "from repro_tui import log\nfor step in range(4):\n    log(step, loss=1 / (step + 1))\n")
    lab.run("body", command=("python", "opens.py"))
    lab.edit("body.py", "1 / ", "2 / ")
    lab.run("other-body", command=("python", "opens.py"))
    assert named(lab.explain("body", "other-body")) == [("only", "body.py")]


def test_a_file_more_in_a_dataset_is_no_other_order_of_its_rows(tmp_path):
    lab = Laboratory(tmp_path)
    lab.write("repro.yaml", "datasets:\n  train: {path: data}\n")
    lab.run("before")
    lab.write("data/more.csv", "x\n1\n")
    lab.run("after")
    text = said(lab.explain("before", "after"))
    assert "another order" not in text
    assert "train (" in text


def test_data_that_was_declared_since_is_not_said_to_differ(tmp_path):
    lab = Laboratory(tmp_path)
    lab.run("before")
    lab.write("repro.yaml", "datasets:\n  train: {path: data}\n")
    lab.run("after")
    found = lab.explain("before", "after")
    assert {standing for standing, _ in named(found)} == {"unknown"}
    assert "Inputs differ" not in said(found)


def test_when_a_run_began_is_no_input(lab):
    text = "import os, time\nfrom repro_tui import log, log_params\n"
    lab.write("when.py", text + "log_params({'begun': time.time(), 'pid': os.getpid(), 'lr': 0.1})\nlog(1, loss=0.5)\n")
    for name in ("early", "late"):
        lab.run(name, command=("python", "when.py"))
    assert lab.explain("early", "late")["same_inputs"]
