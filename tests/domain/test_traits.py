"""What counts as an input, a seed, a place, or as not used; and in which words a change is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from repro_tui.domain.command_line import bare, head_of, program_of
from repro_tui.domain.comparison import Kind
from repro_tui.domain.diff import diff
from repro_tui.domain.directions import direction_of
from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.paths import Places
from repro_tui.domain.prints import input_prints
from repro_tui.domain.rows import Outcome, rows
from repro_tui.domain.run import Attempt, Coverage, Document, Ending, FileFact, Param, Run, Seed
from repro_tui.domain.traits import Part, Section, Traits
from repro_tui.domain.traits_of import Side, traits_of
from repro_tui.domain.values import times

DOCS = {s: Document(s, Digest(f"b3:{s}"), {"content": s, "unseen": "u"}) for s in ("code", "environment", "host")}
ENDED = (Attempt(1, 0.0, endings=(Ending(1.0, exit=0),), orderly=True),)
CODE = {"kind": "git", "commit": "c" * 40, "way": ""}
TREE = {"files": [["train.py", "100644", "1" * 40], ["idle.py", "100644", "2" * 40], ["k.cu", "100644", "3" * 40]]}


def made(files=(), argv=("python", "train.py"), sources=(("train.py", "sha256:1"),), **params) -> Run:
    return Run(
        RunId("a" * 32),
        argv=argv,
        root="/p",
        cwd="/p",
        attempts=ENDED,
        documents=DOCS,
        params={name: Param(value, "argparse") for name, value in params.items()},
        files=tuple(files),
        sources={path: Digest(digest) for path, digest in sources},
        modules=frozenset({"numpy"}),
    )


def side(run: Run, tree=TREE, packages=()) -> Side:
    environment = {"python": {"version": "3.11.7"}, "packages": list(packages)}
    return Side(run, CODE, environment, {"cpu": {"model": "x", "usable": 2}}, tree)


def changes(before: Run, after: Run, **more):
    return diff(traits_of(side(before, **more)), traits_of(side(after, **more)))


def words(before: Run, after: Run) -> list[str]:
    return [change.words for change in changes(before, after)]


def wrote(*paths: str) -> list[FileFact]:
    return [FileFact(path, "w", "out") for path in paths]


def read(path: str, digest: str | None = "b3:1", coverage=Coverage.FULL) -> FileFact:
    return FileFact(path, "r", "in", digest=digest and Digest(digest), size=10, coverage=coverage)


@pytest.mark.parametrize(
    ("name", "value", "outputs", "part"),
    [
        ("out", "runs/3", ["runs/3/model.npz"], Part.PLACE),
        ("out", "./runs/3/", ["runs/3/model.npz"], Part.PLACE),
        ("log_dir", "/p/logs", ["logs/a.txt"], Part.PLACE),
        ("train.saveTo", "result.json", ["result.json"], Part.PLACE),
        ("folder", "tmp/x", ["tmp/x/y"], Part.PLACE),
        ("out", "runs/3", ["elsewhere/model.npz"], Part.INPUT),
        ("out", "runs/3", [], Part.INPUT),
        ("model", "resnet", ["resnet/model.npz"], Part.INPUT),
        ("model", "org/resnet", ["org/resnet/model.npz"], Part.INPUT),
        ("out", ".", ["model.npz"], Part.INPUT),
        ("name", "trial", ["runs/trial/model.npz"], Part.PLACE),
        ("name", "trial", ["runs/3/model.npz"], Part.INPUT),
        ("run_name", "trial", [], Part.PLACE),
        ("threshold", "0.5", ["0.5/x"], Part.INPUT),
    ],
)
def test_a_place_is_seen_and_not_guessed(name, value, outputs, part):
    run = made(wrote(*outputs), **{name: value})
    assert traits_of(side(run)).by_key[Section.PARAMETERS, name].part is part


@pytest.mark.parametrize(
    ("name", "value", "seed"),
    [
        ("seed", 1, True),
        ("trainer.random_seed", 1, True),
        ("randomState", 1, True),
        ("random_state", None, True),
        ("seeds", "[1, 2]", True),
        ("rng", 3, True),
        ("n_seeds", 1, False),
        ("use_seed", True, False),
        ("seed", True, False),
        ("seed_text", "once", False),
        ("seed", "hello", False),
        ("reseed", 1, False),
        ("seedling", 1, False),
    ],
)
def test_a_seed_is_a_whole_word_with_a_number(name, value, seed):
    assert (traits_of(side(made(**{name: value}))).by_key[Section.PARAMETERS, name].part is Part.SEED) is seed


def test_runs_that_differ_in_seed_and_folder_are_equal_but_for_the_seed():
    one = made([*wrote("runs/1/m"), read("d.csv")], seed=1, out="runs/1", lr=0.1)
    two = made([*wrote("runs/2/m"), read("d.csv")], seed=2, out="runs/2", lr=0.1)
    again = made([*wrote("runs/3/m"), read("d.csv")], seed=1, out="runs/3", lr=0.1)
    other = made([*wrote("runs/2/m"), read("d.csv")], seed=2, out="runs/2", lr=0.2)
    first, second, third, fourth = map(input_prints, (one, two, again, other))
    assert first.inputs
    assert first.inputs == second.inputs == third.inputs != fourth.inputs
    assert first.exact == third.exact != second.exact
    assert first.parameters == third.parameters != second.parameters
    assert {change.part for change in changes(one, two)} == {Part.SEED, Part.PLACE}


def test_another_file_for_one_parameter_is_one_difference_and_the_same_elsewhere_is_none():
    one = made([read("a.csv")], data="a.csv")
    other = made([read("b.csv", "b3:2")], data="b.csv")
    moved = made([read("/elsewhere/a.csv")], data="/elsewhere/a.csv")
    (counted,) = [change for change in changes(one, other) if change.part is Part.INPUT]
    assert (counted.section, counted.name) == (Section.DATA, "data")
    assert [change for change in changes(one, moved) if change.part is Part.INPUT] == []
    assert input_prints(one).inputs == input_prints(moved).inputs != input_prints(other).inputs


def test_another_file_on_the_command_line_is_one_difference():
    one = made([read("a.csv")], argv=("python", "train.py", "a.csv"))
    other = made([read("b.csv", "b3:2")], argv=("python", "train.py", "b.csv"))
    assert words(one, other) == ["argument 1 a.csv to b.csv: other content of the same size"]


def test_a_link_that_the_script_resolves_itself_leads_to_the_same_input():
    direct = made([read("data/v1.csv")], data="data/v1.csv")
    behind = replace(made([read("data/v1.csv")], data="data/now.csv"), links={"data/now.csv": "data/v1.csv"})
    folder = replace(made([read("/mnt/v1/x.csv")], data="current"), links={"current": "/mnt/v1"})
    there = made([read("/mnt/v1/x.csv")], data="/mnt/v1")
    for one, two in ((direct, behind), (folder, there)):
        assert [c for c in changes(one, two) if c.part is Part.INPUT] == []
        assert input_prints(one).inputs == input_prints(two).inputs
    positional = [made([read("v1.csv")], argv=("python", "train.py", name)) for name in ("v1.csv", "now.csv")]
    positional[1] = replace(positional[1], links={"now.csv": "v1.csv"})
    assert [c for c in changes(*positional) if c.part is Part.INPUT] == []


def test_a_file_whose_place_is_in_the_code_is_the_same_data_when_moved():
    (change,) = changes(made([read("a.csv")]), made([read("b.csv")]))
    assert (change.part, change.words) == (Part.PLACE, "a.csv now at b.csv: same content")


def test_data_that_is_not_hashed_is_not_called_changed():
    (change,) = changes(made([read("a.csv")]), made([read("a.csv", None, Coverage.PENDING)]))
    assert (change.kind, change.why) == (Kind.UNKNOWN, "not hashed yet")
    (change,) = changes(made([read("a.csv")]), made([read("a.csv", "b3:m", Coverage.METADATA)]))
    assert change.kind is Kind.UNKNOWN
    assert input_prints(made([read("a.csv", None, Coverage.PENDING)])).inputs is None


def test_code_that_nothing_imported_is_idle_but_a_kernel_may_have_been_compiled():
    edited = {
        "files": [["train.py", "100644", "1" * 40], ["idle.py", "100644", "9" * 40], ["k.cu", "100644", "9" * 40]]
    }
    before, after = traits_of(side(made())), traits_of(side(made(), tree=edited))
    assert {change.name: change.part for change in diff(before, after)} == {"idle.py": Part.IDLE, "k.cu": Part.INPUT}


def test_a_file_that_one_run_imported_and_the_other_did_not_is_compared_by_its_content():
    blob = [["train.py", "100644", "1" * 40], ["m.py", "100644", "2" * 40]]
    imported = made(sources=(("train.py", "sha256:1"), ("m.py", "sha256:2")))
    assert changes(imported, made(), tree={"files": blob}) == ()


def test_a_package_that_was_not_imported_is_idle_only_when_that_is_known():
    def with_versions(version):
        packages = [
            {"name": name, "version": version, "origin": "index", **facts}
            for name, facts in {
                "numpy": {"modules": ["numpy"]},
                "Ruff_Fmt": {"modules": ["ruff"]},
                "nvidia-cublas": {"modules": ["nvidia"], "native": True},
                "unknown": {},
            }.items()
        ]
        return traits_of(side(made(), packages=packages))

    found = {change.name: change.part for change in diff(with_versions("1.0"), with_versions("1.1"))}
    assert found == {
        "numpy": Part.INPUT, "ruff-fmt": Part.IDLE, "nvidia-cublas": Part.INPUT, "unknown": Part.INPUT,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"version": "2.4.5"}, {"version": "2.4.6"}, "torch 2.4.5 to 2.4.6"),
        ({"version": "2.10"}, {"version": "2.9"}, "torch 2.10 to 2.9 (back)"),
        ({"version": "2.5+cu118"}, {"version": "2.5+cpu"}, "torch 2.5+cu118 to 2.5+cpu: another build"),
        ({"version": "2", "build": "b3:1"}, {"version": "2", "build": "b3:2"}, "torch 2: same version, another build"),
        (
            {"version": "2"},
            {"version": "2", "edited": "b3:1", "edited_files": ["t/a.py"], "edited_count": 1},
            "torch 2 to 2, edited in place in t/a.py",
        ),
        (
            {"version": "2", "edited": "b3:1", "edited_files": ["t/a.py"], "edited_count": 2},
            {"version": "2", "edited": "b3:2", "edited_files": ["t/a.py"], "edited_count": 2},
            "torch 2, edited in place in t/a.py and 1 more, edited otherwise",
        ),
        (
            {"version": "2", "origin": "index"},
            {"version": "2", "origin": "git https://x abc"},
            "torch 2 to 2 (git https://x abc): same version, from elsewhere",
        ),
    ],
)
def test_a_package_says_how_it_differs(before, after, said):
    sides = [traits_of(side(made(), packages=[{"name": "torch", **facts}])) for facts in (before, after)]
    assert [change.words for change in diff(*sides)] == [said]


def test_parameters_say_how_far_apart_they_are():
    assert words(made(lr=0.1), made(lr=0.05)) == ["lr 0.1 to 0.05 (÷2)"]
    assert words(made(k="3"), made(k=3)) == ['k "3" to 3']
    assert words(made(k=True), made(k=1)) == ["k true to 1"]
    assert words(made(k=1), made(k=1.0)) == []
    assert words(made(k=float("nan")), made(k=float("nan"))) == []
    (long,) = words(made(k="a" * 5000 + "x"), made(k="a" * 5000 + "y"))
    assert len(long) < 100
    assert long.endswith("x to …aaaaaaaaaaaay")
    assert times(0.1, 1e-4) == "÷1,000"
    assert times(1, 1.3) == times(-1, 2) == times(0, 2) == times(-1e10, -5e-324) == ""


def test_a_run_that_is_still_going_lacks_nothing_yet():
    going = Run(RunId("b" * 32), argv=("python", "train.py"), attempts=(Attempt(1, 0.0),), documents=DOCS)
    assert {change.kind for change in changes(made(lr=0.1), going) if change.section is Section.PARAMETERS} == {
        Kind.UNKNOWN
    }
    assert input_prints(going).inputs is None


def test_where_a_seed_call_stands_does_not_count():
    def seeded(value, at):
        run = made()
        return traits_of(side(Run(**{f: getattr(run, f) for f in run.__slots__ if f != "seeds"},
                                  seeds=(Seed("numpy", value, at),))))  # fmt: skip

    assert diff(seeded("1", "a.py:1"), seeded("1", "a.py:2")) == ()
    assert [change.part for change in diff(seeded("1", "a.py:1"), seeded("2", "a.py:1"))] == [Part.SEED]


def test_words_of_a_command_that_no_parameter_tells_are_compared_whatever_their_order():
    one = made(argv=("python", "train.py", "--fast", "--lr", "0.1", "x"), lr=0.1)
    same = made(argv=("/venv/bin/python3", "train.py", "x", "--lr=0.1", "--fast"), lr=0.1)
    other = made(argv=("python", "train.py", "--lr", "0.1", "x"), lr=0.1)
    assert changes(one, same) == ()
    assert [change.section for change in changes(one, other)] == [Section.COMMAND]


def test_rows_say_what_is_better_and_best_only_where_the_direction_is_known():
    logged = [{"acc": Outcome(0.9, 0.1, 0.95)}, {"acc": Outcome(0.92, 0.1, 0.92)}, {"acc": Outcome(float("nan"))}]
    nothing = [Traits({})] * 3
    last, best = rows(nothing, logged, 0, {"acc": direction_of("val/acc", {})})
    assert [cell.text for cell in last.cells] == ["0.9", "0.92", "NaN"]
    assert [cell.delta for cell in last.cells] == ["", "+0.02", ""]
    assert [cell.better for cell in last.cells] == [None, True, None]
    assert [cell.best for cell in last.cells] == [False, True, False]
    assert best.name == "acc best"
    assert [cell.better for cell in best.cells] == [None, False, None]
    (unknown,) = rows(nothing, logged, 0, {})
    assert {cell.better for cell in unknown.cells} == {None}


@pytest.mark.parametrize(
    ("metric", "direction"),
    [("val_loss", "down"), ("Accuracy", "up"), ("test/mAP", "up"), ("top1_error", "down"), ("f1", "up"), ("gloss", ""),
     ("ppl", "down"), ("epoch_time", "down"), ("x", "")],
)  # fmt: skip
def test_directions_are_known_by_whole_words(metric, direction):
    assert direction_of(metric, {}) == direction
    assert direction_of(metric, {metric: "up"}) == "up"


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        (["python"], ["python"]),
        (["python3.12", "-u"], ["python", "-u"]),
        (["python", "-O", "-W", "ignore", "./train.py"], ["python", "train.py"]),
        (["/usr/bin/python3", "/p/sub/../train.py"], ["python", "train.py"]),
        (["python", "/elsewhere/train.py"], ["python", "/elsewhere/train.py"]),
        (["python", "-u", "-m", "fit"], ["python", "-m", "fit"]),
        (["python", "-"], ["python", "-"]),
        (["./run.sh"], ["./run.sh"]),
    ],
)
def test_a_program_is_named_wherever_it_was_started(argv, named):
    assert head_of(program_of(argv), Places("/p", "/p")) == named


def test_a_module_is_the_file_that_it_runs_where_that_is_known():
    script, module = (made(argv=argv) for argv in (("python", "train.py", "x"), ("python", "-m", "train", "x")))
    assert not changes(script, module)
    assert input_prints(script).inputs == input_prints(module).inputs
    assert {t.text for r in (script, module) for t in traits_of(side(r)).by_key.values() if t.name == "command"} == {
        "python train.py x", "python -m train x",
    }  # fmt: skip
    unknown = made(
        argv=("python", "-m", "train", "x"), sources=[("a/train.py", "sha256:1"), ("b/train.py", "sha256:2")]
    )
    assert head_of(unknown.argv, Places("/p", "/p"), unknown.sources) == ["python", "-m", "train", "x"]
    for argv, sources, named in (
        (("python", "-m", "pkg.train"), {"src/pkg/train.py", "src/pkg/__init__.py"}, "src/pkg/train.py"),
        (("python", "-m", "pkg"), {"pkg/__main__.py", "pkg/__init__.py"}, "pkg/__main__.py"),
    ):
        assert head_of(argv, Places("/p", "/p"), sources) == ["python", named]


def test_a_configuration_that_the_script_logged_itself_counts_by_its_values():
    told = {"conf/a.yaml": {"lr": 0.1}}
    configs = [FileFact("conf/a.yaml", "r", "config", digest=Digest("b3:7"), size=9, coverage=Coverage.FULL)]
    run = replace(made(configs, lr=0.1), configs=told)
    assert (Section.PARAMETERS, "conf/a.yaml") not in traits_of(side(run)).by_key
    assert (Section.PARAMETERS, "conf/a.yaml") in traits_of(side(replace(run, configs={}))).by_key


@pytest.mark.parametrize(
    ("alone", "argv", "path", "part"),
    [
        (True, ("python", "train.py"), "all.sh", Part.IDLE),
        (True, ("python", "train.py"), "Makefile", Part.IDLE),
        (False, ("python", "train.py"), "all.sh", Part.INPUT),
        (True, ("python", "train.py", "steps.sh"), "all.sh", Part.INPUT),
        (True, ("python", "train.py"), "k.cu", Part.INPUT),
    ],
)
def test_what_only_a_process_of_its_own_uses_counts_where_one_was_started(alone, argv, path, part):
    tree = {"files": [["train.py", "100644", "1" * 40], [path, "100644", "2" * 40]]}
    run = replace(made(argv=argv), attempts=(replace(ENDED[0], alone=alone),))
    assert traits_of(side(run, tree)).by_key[Section.CODE, path].part is part


def test_nothing_follows_from_parameters_of_which_not_all_were_kept():
    run = replace(made(), unkept=True)
    assert Section.PARAMETERS in traits_of(side(run)).unknown
    assert input_prints(run).inputs is None


@pytest.mark.parametrize(
    ("argv", "left"),
    [
        ("nice -n 5 python train.py", "python train.py"),
        ("nohup time python train.py --lr 1", "python train.py --lr 1"),
        ("timeout 10m /usr/bin/nice python3 train.py", "python3 train.py"),
        ("env FOO=1 python train.py", "python train.py"),
        ("env OMP_NUM_THREADS=1 python train.py", "env OMP_NUM_THREADS=1 python train.py"),
        ("env PYTHONHASHSEED=1 python train.py", "env PYTHONHASHSEED=1 python train.py"),
        ("nice sh go.sh", "nice sh go.sh"),
        ("taskset -c 0 python train.py", "taskset -c 0 python train.py"),
        ("nice", "nice"),
    ],
)
def test_what_only_starts_an_interpreter_is_no_part_of_the_program(argv, left):
    assert bare(argv.split()) == tuple(left.split())
