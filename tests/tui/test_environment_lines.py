"""Everything that the probes record can be read on a tab: in the order in which it decides a result."""

from __future__ import annotations

from repro_tui.domain.ids import RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import Run, Seed
from repro_tui.tui.render.code import code
from repro_tui.tui.render.environment import environment
from repro_tui.tui.render.hardware import machine
from tests.tui.fake import FakeWorkbench
from tests.tui.fake_runs import documents

DOCUMENTS = documents()
NAMED = {
    "environment": DOCUMENTS["b3:" + "e2" * 32],
    "host": DOCUMENTS["b3:" + "f3" * 32],
    "job": DOCUMENTS["b3:" + "a9" * 32],
    "code": DOCUMENTS["b3:" + "c0" * 32],
}


def known() -> Run:
    bench = FakeWorkbench()
    run = bench.run(bench.sketches[40].identity)
    assert isinstance(run, Run)
    return run


def texts(lines) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


def test_version_and_interpreter_come_first_and_the_search_path_last():
    """What decides a result is read first."""
    page = texts(environment(known(), NAMED, 80))
    places = {
        word: next(n for n, line in enumerate(page) if word in line)
        for word in ("Python", "version", "interpreter", "Determinism", "Hardware", "Packages", "Module search path")
    }
    assert list(places.values()) == sorted(places.values())
    assert places["version"] == 1


def test_every_recorded_fact_is_there():
    """Lock files, container, job, limits, graphics cards, variables, seeds and flags."""
    page = "\n".join(texts(environment(known(), NAMED, 80)))
    for word in (
        "3.11.7", "/home/ada/venv/bin/python", "made from /usr", "-O", "random 1", "numpy 1", "cudnn.benchmark",
        "AMD EPYC 7543", "32 cores, 64 threads, 8 usable", "avx2", "core limit    8", "540 GB", "64 GB", "A100",
        "108 SMs", "ECC on", "GPU-5d3ad2b1", "580.95.05", "13.0", "Ubuntu 24.04", "6.8.0-90", "glibc 2.39",
        "apptainer", "torch-2.9.sif", "slurm", "81204", "OMP_NUM_THREADS", "HF_TOKEN", "uv.lock", "81 kB",
        "b3:8d8d8d8d", "editable /home/ada/digits",
    ):  # fmt: skip
        assert word in page, word


def test_a_document_that_cannot_be_read_hides_nothing_else():
    """Seeds and hardware are still there, and the reason is said."""
    page = "\n".join(texts(environment(known(), {**NAMED, "environment": Unavailable("it is damaged")}, 80)))
    assert "cannot be read: it is damaged" in page
    assert "AMD EPYC 7543" in page
    assert "Determinism" in page


def test_a_run_of_which_nothing_is_known_says_so():
    """No part is silently empty."""
    page = "\n".join(texts(environment(Run(RunId("1" * 32)), {}, 80)))
    assert "not recorded" in page
    assert "no seed call was seen" in page
    assert "the host was not looked at" in page


def test_all_seeds_are_named():
    """The overview names some of them, this tab all."""
    seeds = tuple(Seed("torch", str(n), f"train.py:{n}") for n in range(30))
    page = "\n".join(texts(environment(Run(RunId("1" * 32), seeds=seeds), {}, 80)))
    assert all(f"torch {n}  train.py:{n}" in page for n in range(30))


def test_hostile_documents_are_shown_as_text():
    """A document of a newer or broken probe neither ends the screen nor steers the terminal."""
    nasty = "\x1b[31mred\n\u202e"
    odd = {
        "python": [nasty], "variables": {nasty: {nasty: [nasty, None, True]}}, "packages": [nasty, {"name": nasty}, 3],
        "conda": [nasty, {"name": nasty}], "locks": [nasty, {"path": nasty, "size": "big"}], "platform": nasty,
        "container": [nasty], nasty: {nasty: nasty},
    }  # fmt: skip
    host = {"cpu": nasty, "gpus": [nasty, {"name": nasty, "mig": [nasty, {"name": nasty}]}], "limits": nasty}
    run = known()
    for line in texts(environment(run, {"environment": odd, "host": host, "job": {nasty: nasty}}, 80)):
        assert line.isprintable(), line
    for cut in ({}, {"gpus": []}, {"gpus": "x"}, {"memory": True}, {"memory": {"total": 5e9}}):
        assert machine(run.documents["host"], cut, 60)


def test_what_is_withheld_is_told_from_what_is_left_out_and_submodules_from_each_other():
    """A secret, a limit, another commit than the project names, and one that is not there."""
    page = "\n".join(texts(code(known(), NAMED)[n] for n in range(len(code(known(), NAMED)))))
    assert "Withheld, because of a secret  1" in page
    assert "keys.py  90 B, holds what looks like a private key" in page
    assert "Left out  1" in page
    assert "lib/augment  111111111111, the project names 222222222222, changed" in page
    assert "lib/plots  not checked out" in page
    assert "2 files not in it" in page
