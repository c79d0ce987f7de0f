"""CSV files, JSON lines and trainer states: found by their first lines, followed while they grow and are rewritten."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from repro_tui.readers.interface import Reader, Row
from repro_tui.readers.json_lines import JsonLinesReader
from repro_tui.readers.table import TableReader
from repro_tui.readers.trainer_state import TrainerStateReader


def rows_of(tail, *, final: bool = False) -> list[Row]:
    return list(tail.poll(99.0, time.monotonic() + 10, final=final))


def plain(rows: list[Row]) -> list[tuple[float, dict[str, float]]]:
    return [(row.step, dict(row.values)) for row in rows]


@pytest.mark.parametrize(
    ("name", "text", "reader"),
    [
        ("metrics.csv", "epoch,step,train_loss\n", "table"),
        ("log.tsv", "Epoch\tloss\n0\t1\n", "table"),
        ("history.csv", "# step, loss\n", "table"),
        ("semi.csv", "iteration;loss;acc\n", "table"),
        ("comment.csv", "written by me\n\nstep,loss\n", "table"),
        ("data.csv", "sepal,petal,label\n1,2,3\n", None),
        ("numbers.csv", "1,2,3\n", None),
        ("one.csv", "step\n", None),
        ("notes.md", "step,loss\n", None),
        ("half.csv", "step,loss", None),
        ("out.csv", "step,y_true,y_pred\n0,1,1\n", None),
        ("table.csv", "step,epoch,f0\n0,22,1\n1,1,1\n2,28,1\n3,4,1\n4,40,1\n5,3,1\n", None),
        ("pipeline.csv", "step,seconds\nclean,3\nsplit,4\n", None),
        ("again.csv", "epoch,loss\n0,1\n1,1\n2,1\n0,1\n1,1\n2,1\n", "table"),
        ("within.csv", "epoch,batch,loss\n0,0,1\n0,1,1\n1,0,1\n1,1,1\n2,0,1\n2,1,1\n", "table"),
        ("answers.jsonl", '{"id": 3, "score": 0.25, "step": 1}\n', None),
        ("m.jsonl", '{"step": 1, "loss": 0.5}\n', "json lines"),
        ("result.json", '{"training_iteration": 1, "episode_reward_mean": 2.0}\n', "json lines"),
        ("nostep.jsonl", '{"loss": 0.5, "acc": 1}\n', "json lines"),
        ("texts.jsonl", '{"text": "hello", "label": 1, "source": "x"}\n', None),
        ("config.json", '{\n "step": 1\n}\n', None),
        ("list.jsonl", "[1, 2]\n", None),
        ("trainer_state.json", '{"log_history": []}', "trainer state"),
    ],
)
def test_a_format_is_told_by_name_and_first_lines(tmp_path: Path, name: str, text: str, reader: str | None) -> None:
    readers: list[Reader] = [TrainerStateReader(), JsonLinesReader(), TableReader()]
    found = next((r.name for r in readers if r.recognise(tmp_path / name, text.encode())), None)
    assert found == reader


def test_a_table_is_followed_line_by_line_with_empty_cells_left_out(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("epoch,step,train_loss,val_loss\n0,9,0.5,\n0,19,,0.4\n1,2")
    tail = TableReader().open(path)
    assert plain(rows_of(tail)) == [(9, {"epoch": 0, "train_loss": 0.5}), (19, {"epoch": 0, "val_loss": 0.4})]
    assert rows_of(tail) == []
    with path.open("a") as file:
        file.write("9,0.3,nan\n1,39,text,inf")
    (row,) = rows_of(tail)
    assert row.step == 29
    assert math.isnan(row.values["val_loss"])
    assert plain(rows_of(tail, final=True)) == [(39, {"epoch": 1, "val_loss": math.inf})]


def test_a_table_rewritten_with_a_further_column_gives_only_what_is_new(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("epoch,step,train_loss\n0,1,0.5\n0,2,0.4\n")
    tail = TableReader().open(path)
    assert len(rows_of(tail)) == 2
    path.write_text("epoch,step,train_loss,val_loss\n0,1,0.5,\n0,2,0.4,\n0,3,0.3,0.6\n")
    assert plain(rows_of(tail)) == [(3, {"epoch": 0, "train_loss": 0.3, "val_loss": 0.6})]
    path.write_text("")
    assert rows_of(tail) == []
    path.write_text("epoch,step,train_loss,val_loss\n0,1,0.5,\n0,4,0.2,\n")
    assert plain(rows_of(tail)) == [(4, {"epoch": 0, "train_loss": 0.2})]


def test_steps_that_begin_again_in_every_epoch_are_counted_on(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("epoch,iter,loss\n" + "".join(f"{e},{i},{e + i / 10}\n" for e in range(3) for i in range(3)))
    assert [row.step for row in rows_of(TableReader().open(path))] == list(range(9))


def test_rows_from_before_the_run_are_not_the_runs(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("epoch,loss\n0,1\n1,2\n")
    tail = TableReader().open(path, path.stat().st_size)
    with path.open("a") as file:
        file.write("2,3\n")
    assert plain(rows_of(tail)) == [(2, {"loss": 3})]


def test_a_time_column_is_the_rows_time_and_seconds_since_the_start_are_a_value(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("step,timestamp,loss\n1,1700000000.5,2\n2,1700000001500,3\n")
    assert [(row.t, dict(row.values)) for row in rows_of(TableReader().open(path))] == [
        (1700000000.5, {"loss": 2}),
        (1700000001.5, {"loss": 3}),
    ]
    path = tmp_path / "b.csv"
    path.write_text("step,time,loss\n1,3.5,2\n")
    assert [(row.t, dict(row.values)) for row in rows_of(TableReader().open(path))] == [
        (99.0, {"time": 3.5, "loss": 2})
    ]


@settings(max_examples=30)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=30))
def test_any_split_of_a_table_gives_the_same_rows(tmp_path_factory: pytest.TempPathFactory, sizes: list[int]) -> None:
    text = "step,loss,acc\n" + "".join(f"{i},{i / 7},{i}\n" for i in range(12))
    path = tmp_path_factory.mktemp("split") / "m.csv"
    tail = TableReader().open(path)
    found, at = [], 0
    for size in [*sizes, len(text)]:
        with path.open("a") as file:
            file.write(text[at : at + size])
        at += size
        found += rows_of(tail)
    assert plain(found) == [(i, {"loss": i / 7, "acc": i}) for i in range(12)]


def test_json_lines_are_flat_rows_without_configuration(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text(
        json.dumps(
            {"training_iteration": 1, "timestamp": 1700000000, "config": {"lr": 1}, "info": {"loss": 0.5}, "pid": 3}
        )
        + "\n{not json\n"
        + '{"training_iteration": 2, "info": {"loss": NaN, "done": true}, "reward": 3}\n'
    )
    rows = rows_of(JsonLinesReader().open(path))
    assert plain(rows) == [
        (1, {"info/loss": 0.5}),
        (2, {"info/loss": pytest.approx(math.nan, nan_ok=True), "reward": 3}),
    ]
    assert rows[0].t == 1700000000


def test_a_loss_that_became_no_number_is_given_as_such(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    lines = [
        {"step": 1, "loss": 0.5, "note": "NaN is near"},
        {"step": 2, "loss": math.nan},
        {"step": 3, "loss": -math.inf},
    ]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert [(row.step, repr(row.values["loss"])) for row in rows_of(JsonLinesReader().open(path))] == [
        (1, "0.5"),
        (2, "nan"),
        (3, "-inf"),
    ]
    state = tmp_path / "trainer_state.json"
    state.write_text(json.dumps({"log_history": [{"step": 5, "loss": math.nan}, {"step": math.nan, "loss": 1.0}]}))
    assert [(row.step, repr(row.values["loss"])) for row in rows_of(TrainerStateReader().open(state))] == [(5, "nan")]


def test_rows_whose_step_is_no_number_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"step": 0, "loss": 3}\n{"step": NaN, "loss": 2}\n')
    assert plain(rows_of(JsonLinesReader().open(path))) == [(0, {"loss": 3}), (1, {"loss": 2})]


def test_json_lines_without_a_step_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"loss": 3}\n{"loss": 2}\n{"loss": 2}\n')
    assert plain(rows_of(JsonLinesReader().open(path))) == [(0, {"loss": 3}), (1, {"loss": 2}), (2, {"loss": 2})]


def test_trainer_states_of_successive_checkpoints_give_each_row_once(tmp_path: Path) -> None:
    reader = TrainerStateReader()
    history = [{"step": 10, "loss": 0.5, "epoch": 0.1, "learning_rate": 1e-4}, {"step": 20, "eval_loss": 0.4}]
    first = tmp_path / "checkpoint-10" / "trainer_state.json"
    second = tmp_path / "checkpoint-20" / "trainer_state.json"
    for path in (first, second):
        path.parent.mkdir()
    first.write_text(json.dumps({"log_history": history[:1]}))
    second.write_text('{"log_history": [')
    tails = [reader.open(first), reader.open(second)]
    assert plain(rows_of(tails[0])) == [(10, {"loss": 0.5, "epoch": 0.1, "learning_rate": 1e-4})]
    assert rows_of(tails[1]) == []
    second.write_text(json.dumps({"log_history": history}))
    assert plain(rows_of(tails[1])) == [(20, {"eval_loss": 0.4})]


@given(st.binary(max_size=300))
def test_no_bytes_make_a_text_reader_fail(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.mktemp("raw") / "x.csv"
    path.write_bytes(b"step,loss\n" + raw)
    for reader in (TableReader(), JsonLinesReader(), TrainerStateReader()):
        reader.recognise(path, raw)
        rows_of(reader.open(path), final=True)
