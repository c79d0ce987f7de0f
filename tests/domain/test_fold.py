"""The fold by example: which event wins, what is bounded, and what is said about it."""

from __future__ import annotations

from repro_tui.domain.events import Event, Header
from repro_tui.domain.fold import MAX_PARAMS, RunFold, fold
from repro_tui.domain.run import Coverage, KeptPart, Omission, Param, Relation
from repro_tui.domain.traits_host import rest_of_command
from repro_tui.domain.traits_parameters import Seen

UID, ONE, TWO = "a" * 32, "0" * 15 + "1", "0" * 15 + "2"
B3 = ["b3:" + f"{n}" * 64 for n in range(4)]
_places = iter(range(10**9))


def said(kind, *, writer=ONE, attempt=1, c=0, t=1.0, **body):
    return Event(kind, t, writer, attempt, next(_places), c, body)


def header(writer=ONE, role="supervisor", attempt=1, t=1.0, **fields):
    base = {"rank": 0, "host": "box", "boot": "b", "pid": 7}
    return Header(run=UID, writer=writer, role=role, attempt=attempt, t=t, **(base | fields))


def test_a_run_is_told_by_its_start():
    run = fold(
        UID, [header()], [said("start", c=1, name="otter", argv=["python", "t.py"], user="me", output=["output.log"])]
    )
    assert (run.name, run.argv, run.user, run.output, run.host) == (
        "otter",
        ("python", "t.py"),
        "me",
        ("output.log",),
        "box",
    )


def test_the_greater_counter_wins_whatever_the_clock_says():
    events = [said("note", c=2, t=1.0, text="later"), said("note", writer=TWO, c=1, t=99.0, text="earlier")]
    assert fold(UID, [], events).note == fold(UID, [], events[::-1]).note == "later"


def test_a_name_that_a_person_gave_survives_a_requeue():
    events = [said("name", writer=TWO, attempt=0, c=2, name="best"), said("start", attempt=2, c=3, name="otter")]
    assert fold(UID, [], events).name == "best"


def test_tags_come_and_go():
    events = [
        said("tag", c=1, tag="a", on=True),
        said("tag", c=2, tag="a", on=False),
        said("tag", c=1, tag="b", on=True),
    ]
    assert fold(UID, [], events).tags == {"b"}


def test_parameters_come_from_the_source_that_is_trusted_most_and_are_flat():
    events = [
        said("params", c=9, src="argv", v={"lr": "0.1", "model": {"depth": 3, "sizes": [1, 2]}}),
        said("params", c=1, src="log", v={"lr": 0.1}),
        said("params", c=9, src="file:c.yaml", v={"lr": 5, "seed": 1}),
    ]
    assert fold(UID, [], events).params == {
        "lr": Param(0.1, "log"),
        "model.depth": Param(3, "argv"),
        "model.sizes": Param("[1,2]", "argv"),
        "seed": Param(1, "file:c.yaml"),
    }


def test_words_are_no_parameters_where_the_scripts_parser_said_what_all_of_them_mean():
    typed = said("params", c=9, src="argv", v={"l": 0.2, "no_cuda": True})
    read = said("params", c=3, src="argparse", v={"lr": 0.2, "cuda": False}, words=3)
    for argv, explained in (
        (["python", "t.py", "-l", "0.2", "--no-cuda"], True),
        (["nice", "-n", "5", "/usr/bin/python3", "-m", "fit", "-l", "0.2", "--no-cuda"], True),
        (["python", "launch.py", "t.py", "-l", "0.2", "--no-cuda"], False),
        (["sh", "-c", "exec python t.py -l 0.2 --no-cuda"], False),
    ):
        run = fold(UID, [header()], [said("start", c=1, argv=argv), typed, read])
        assert (set(run.params) == {"lr", "cuda"}) is explained, argv
        program, rest = rest_of_command(run, Seen.of(run))
        if explained:
            assert rest == []
            assert "--no-cuda" not in program


def test_attempts_have_their_writers_beginnings_and_ends():
    run = fold(
        UID,
        [header(t=1.0), header(TWO, attempt=2, t=50.0)],
        [said("end", t=40.0, signal=15), said("start", writer=TWO, attempt=2, t=51.0, name="x"), said("child", pid=9)],
    )
    assert [(a.number, a.started, a.last_sign) for a in run.attempts] == [(1, 1.0, 40.0), (2, 51.0, 51.0)]
    assert run.attempts[0].endings[0].signal == 15
    assert run.attempts[0].command_pids == (("box", "b", 9),)
    assert (run.started, run.ended) == (1.0, None)


def test_annotations_are_no_attempt():
    assert fold(UID, [header(role="person", attempt=0)], [said("note", attempt=0, c=1, text="x")]).attempts == ()


def test_files_join_observations_and_fingerprints():
    events = [
        said("file", path="d.csv", mode="r", by="open"),
        said("file", path="d.csv", mode="r", by="fd"),
        said("print", path="d.csv", role="in", when="before", d=None, cov="pending"),
        said("print", path="d.csv", role="in", when="before", d=B3[0], cov="full", size=9),
        said("print", path="d.csv", role="in", when="after", d=B3[1], cov="full", size=9),
        said("print", path="m.pt", role="out", when="after", d=B3[2], cov="full"),
    ]
    data, model = fold(UID, [], events).files
    assert (data.mode, data.by, data.digest, data.coverage, data.changed_during) == (
        "r",
        ("fd", "open"),
        B3[0],
        Coverage.FULL,
        True,
    )
    assert (model.mode, model.role, model.digest, model.changed_during) == ("w", "out", B3[2], False)


def test_a_million_parameters_are_bounded_and_that_is_said():
    gathered = RunFold(UID)
    for block in range(100):
        gathered.add(said("params", c=1, src="log", v={f"p{block:03}.{n:05}": n for n in range(1_000)}))
    run = gathered.run()
    assert len(run.params) == MAX_PARAMS
    assert min(run.params) == "p000.00000"
    assert any(f"{MAX_PARAMS:,} parameters" in problem.what for problem in run.problems)


def test_events_that_are_not_what_the_format_says_are_counted_and_named():
    events = [
        said("tag", tag=7),
        said("end"),
        said("doc", sec="code", d="b3:nonsense"),
        said("start", output=["../../etc/passwd"]),
    ]
    run = fold(UID, [], events)
    assert run.output == ()
    assert "3 events are not what the format says" in run.problems[0].what


def test_relations_and_outputs_of_all_supervisors_are_joined():
    events = [
        said(
            "start",
            c=1,
            output=["stdout.log"],
            relations=[{"role": "parent", "uid": "b" * 32}, {"role": "x", "uid": "no"}],
        ),
        said("start", writer=TWO, c=2, output=["output.log"]),
    ]
    run = fold(UID, [], events)
    assert run.output == ("output.log", "stdout.log")
    assert run.relations == (Relation("parent", "b" * 32),)


def test_a_snapshot_is_folded_with_what_became_of_it():
    parts = [
        {"name": "code", "kind": "code", "files": 3, "size": 9},
        {"name": "data:t", "kind": "data", "linked": True},
    ]
    events = [
        said("snapshot", d=B3[0], parts=parts, t=5.0, partial=["x changed"]),
        said("snapshot", d=B3[0], parts=parts, t=9.0, writer=TWO, partial=["x changed"]),
        said("verified", d=B3[0], ok=True, c=1),
        said("verified", d=B3[0], ok=False, why="a bit", c=2, writer=TWO),
        said("dropped", d=B3[0], part="data:t", on=True, c=1),
        said("dropped", d=B3[1], part="*", on=True, c=1),
    ]
    (kept,) = fold(UID, [], events).snapshots
    assert (kept.digest, kept.t, kept.partial) == (B3[0], 5.0, ("x changed",))
    assert (kept.verified, kept.why, kept.dropped) == (False, "a bit", False)
    assert kept.parts == (KeptPart("code", "code", 3, 9), KeptPart("data:t", "data", linked=True, dropped=True))
    (back,) = fold(UID, [], [*events, said("dropped", d=B3[0], part="data:t", on=False, c=2)]).snapshots
    assert not any(part.dropped for part in back.parts)


def test_output_that_was_removed_is_told_with_who_and_why_whatever_the_order():
    events = [
        said("removed", files={"output.log": 9}, why="failed over 90d ago", user="ada", t=5.0),
        said(
            "removed", files={"output.log": 7, "../secret": 1}, why="failed over 60d ago", user="bob", t=9.0, writer=TWO
        ),
        said("removed", files=["output.log"], t=99.0),
    ]
    for order in (events, events[::-1]):
        run = fold(UID, [], order)
        assert run.omissions == (Omission("removed", "output.log", "failed over 60d ago; by bob", 7),)
        assert "removed.files" in run.problems[0].what


def test_the_answer_with_the_greater_counter_stands():
    events = [
        said("answer", question="snapshot", answer="no", by="person", user="me", c=2, t=1.0),
        said("answer", question="snapshot", answer="later", by="timeout", c=1, t=9.0),
    ]
    answers = fold(UID, [], events).answers
    assert (answers["snapshot"].answer, answers["snapshot"].by) == ("no", "person")


def test_what_a_configuration_file_said_is_kept_beside_what_is_trusted_more():
    run = fold(
        UID,
        [header()],
        [
            said("params", src="file:a.yaml", v={"lr": 0.1, "net": {"depth": 2}}),
            said("params", src="log", v={"lr": 0.2}, c=2),
        ],
    )
    assert run.configs == {"a.yaml": {"lr": 0.1, "net.depth": 2}}
    assert run.params == {"lr": Param(0.2, "log"), "net.depth": Param(2, "file:a.yaml")}


def test_a_configuration_that_was_cut_counts_by_its_content():
    whole, cut = (said("params", c=1, src="file:c.yaml", v={"lr": 0.1}, **more) for more in ({}, {"cut": True}))
    assert fold(UID, [], [whole]).configs == {"c.yaml": {"lr": 0.1}}
    run = fold(UID, [], [cut])
    assert (run.configs, run.unkept, list(run.params)) == ({}, False, ["lr"])
    assert fold(UID, [], [said("params", c=1, src="hydra", v={"lr": 0.1}, cut=True)]).unkept
