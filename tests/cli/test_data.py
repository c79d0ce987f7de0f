"""`repro-tui data`: the datasets as text and JSON, and clear words for what cannot be done."""

from __future__ import annotations

import json
import sys

import pytest

from repro_tui.cli.commands.data import prepare
from repro_tui.cli.main import run
from tests.cli.program import call


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Give a project with a folder of data, and stand in it."""
    (tmp_path / ".repro").mkdir()
    (tmp_path / "data/train").mkdir(parents=True)
    (tmp_path / "data/train/1.csv").write_text("x,label\n1,a\n2,b\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def data(project, capsys):
    """Give a way to call `data`, which gives the exit status, the output and what was told beside it."""

    def ask(*words: str) -> tuple[int, str, str]:
        status = run(["data", *words])
        return status, *capsys.readouterr()

    return ask


def test_a_dataset_from_its_declaration_to_its_second_version(project, data):
    assert data()[2].startswith("No dataset is declared.")
    status, _, told = data("add", "train", "data/train", "--label", "label")
    assert (status, told) == (0, "train v1: 2 rows  1 file  16 B\n")
    assert data("status")[1] == "train  same as v1  1 file  16 B\n"
    (project / "data/train/2.csv").write_text("x,label\n3,b\n4,b\n")
    assert data("status", "--check")[0] == 1
    lines = data("status")[1].splitlines()
    assert lines[0] == "train  changed: v2, was v1  2 files  32 B"
    assert "+2 rows" in lines[1]
    assert "2 to 4" in data("diff", "train", "v1", "v2")[1]
    assert "nothing changed" in data("diff", "train@v1", "train@v1")[1]
    assert data("note", "train", "added two rows")[0] == 0
    told = data("log")[1]
    assert 'by hand: "added two rows"' in told
    assert "from train v1" in told
    assert data("watch", "train", "ask")[2] == "You are asked when train has changed.\n"
    assert "watch: ask" in data("list")[1]
    assert data("checkpoint", "train")[2].startswith("train v2 is kept: ")
    assert data("remove", "train")[0] == 0
    assert data("list")[1] == ""


def test_every_document_says_what_it_is(project, data):
    data("add", "train", "data/train")
    (project / "data/train/2.csv").write_text("x,label\n3,b\n")

    def document(*words: str) -> dict:
        found = json.loads(data(*words, "--json")[1])
        assert found["repro_tui"] == 1
        return found

    (now,) = document("status")["datasets"]
    assert (now["before"], now["same_as"], now["changed"]) == (1, 2, True)
    assert document("diff", "train", "v1", "v2")["added"][0]["path"] == "2.csv"
    assert [v["number"] for v in document("list")["datasets"][0]["versions"]] == [2, 1]
    assert document("log", "train")["now"]["same_as"] == 2
    assert document("note", "train", "by hand")["made"]["note"] == "by hand"
    assert document("watch", "train", "always")["watch"] == "always"
    assert document("checkpoint", "train")["version"] == 2
    assert document("add")["proposals"] == []


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (("diff", "train", "v9"), 3, "has no version 'v9'"),
        (("diff", "train", "v1", "nobody-7"), 3, "has no version 'nobody-7'"),
        (("log", "nothing"), 3, "no dataset 'nothing'"),
        (("status", "nothing"), 3, "no dataset 'nothing'"),
        (("add", "train", "elsewhere"), 2, "elsewhere is not there"),
        (("add", "fresh"), 2, "Where does fresh lie?"),
        (("watch", "train", "sometimes"), 2, "invalid choice"),
        (("note", "train"), 2, "There is nothing to note"),
        (("note", "train", "--command", "a 'b"), 2, "not understood"),
        (("transform", "--out", "train"), 2, "There is nothing to run"),
        (("transform", "--", "true"), 2, "--out is missing"),
        (("transform", "--in", "nowhere", "--out", "train", "--", "true"), 3, "no dataset and no path"),
        (("frobnicate",), 2, "invalid choice"),
    ],
)
def test_what_cannot_be_done_is_said(project, data, words, status, message):
    (project / "repro.yaml").write_text("datasets: {train: {path: data/train}}")
    found = data(*words)
    assert found[0] == status
    assert message.lower() in found[2].lower()


def test_several_inputs_may_follow_one_option():
    words = prepare(["transform", "--in", "a", "b", "--out", "c", "--note", "n", "--", "cmd", "--in", "x", "y"])
    assert words == ["transform", "--in", "a", "--in", "b", "--out", "c", "--note", "n", "--", "cmd", "--in", "x", "y"]
    assert prepare(["status", "a", "b"]) == ["status", "a", "b"]


def test_a_transformation_is_a_run_and_ends_as_its_command(project):
    script = "import sys; open('data/train/2.csv','a').write('x,label\\n1,b\\n'); sys.exit(int(sys.argv[1]))"
    (project / "repro.yaml").write_text("datasets: {train: {path: data/train}}")
    for code, words in (("0", "train is now v2, was v1: "), ("3", "a command that failed with exit status 3")):
        done = call(
            "data", "transform", "--in", "data/train/1.csv", "--out", "train", "--", sys.executable, "-c", script, code,
            cwd=project,
        )  # fmt: skip
        assert (done.returncode, done.stdout) == (int(code), "")
        assert words in done.stderr
    newest, middle, _ = json.loads(call("data", "log", "train", "--json", cwd=project).stdout)["versions"]
    assert (newest["made"]["exit"], middle["made"]["exit"]) == (3, 0)
    assert middle["made"]["run"] in [
        each["uid"] for each in json.loads(call("ls", "--json", cwd=project).stdout)["runs"]
    ]
    done = call("data", "transform", "--out", "train", "--", "true", cwd=project)
    assert "train is as it was, v3" in done.stderr


def test_a_path_that_cannot_be_a_dataset_says_what_is_wrong_with_it(project, data):
    (project / "broken").symlink_to("nowhere")
    assert "a link to something that is not there" in data("add", "a", "broken")[2]
    assert "patterns are not understood" in data("add", "a", "data/*.csv")[2]
    (project / "loop").symlink_to("loop")
    assert "Too many levels of symbolic links" in data("add", "a", "loop")[2]
    (project / "repro.yaml").write_text("datasets: {gone: {path: far}}")
    assert data("diff", "gone")[2].startswith("repro-tui: What lies at gone is not known: is not there.")
