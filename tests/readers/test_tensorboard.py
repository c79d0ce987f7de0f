"""Event files: what tensorboardX writes is read back, in any pieces, and damage spoils nothing else."""

from __future__ import annotations

import math
import random
import struct
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro_tui.readers.interface import Row
from repro_tui.readers.tensorboard import TensorBoardReader, event, fields

tensorboard = pytest.importorskip("tensorboardX")


def written(folder: Path, steps: int = 20) -> Path:
    writer = tensorboard.SummaryWriter(str(folder))
    for i in range(steps):
        writer.add_scalar("loss", 1 / (i + 1), i * 10, walltime=1_700_000_000 + i)
        writer.add_scalar("acc/top-1", i / 100, i * 10, walltime=1_700_000_000 + i)
        writer.add_text("note", "no scalar", i)
        writer.add_histogram("weights", list(range(50)), i)
    writer.close()
    (path,) = folder.glob("*tfevents*")
    return path


def all_rows(tail, *, final: bool = True) -> list[Row]:
    return list(tail.poll(5.0, time.monotonic() + 10, final=final))


def test_scalars_of_tensorboardx_are_read_with_step_and_time(tmp_path: Path) -> None:
    path = written(tmp_path)
    reader = TensorBoardReader()
    assert reader.recognise(path, path.read_bytes()[:4096])
    rows = all_rows(reader.open(path))
    assert [row.step for row in rows] == [i * 10 for i in range(20)]
    assert rows[3].t == 1_700_000_003
    assert rows[3].values == {"loss": pytest.approx(0.25), "acc/top-1": pytest.approx(0.03)}


def test_a_file_that_grows_in_any_pieces_gives_the_same_rows(tmp_path: Path) -> None:
    whole = written(tmp_path / "whole").read_bytes()
    expected = all_rows(TensorBoardReader().open(next((tmp_path / "whole").iterdir())))
    chance = random.Random(3)
    path = tmp_path / "events.out.tfevents.1"
    tail = TensorBoardReader().open(path)
    values: dict[tuple[float, str], float] = {}
    at = 0
    while at < len(whole):
        step = chance.choice([1, 7, 100, 1000])
        with path.open("ab") as file:
            file.write(whole[at : at + step])
        at += step
        for row in all_rows(tail, final=False):
            values |= {(row.step, name): value for name, value in row.values.items()}
    assert values == {(row.step, name): value for row in expected for name, value in row.values.items()}


def test_a_damaged_record_spoils_itself_only_and_a_damaged_length_ends_the_file(tmp_path: Path) -> None:
    path = written(tmp_path)
    raw = bytearray(path.read_bytes())
    (first,) = struct.unpack_from("<Q", raw)
    second = first + 16
    raw[second + 12 : second + 20] = b"\xff" * 8
    path.write_bytes(raw)
    rows = all_rows(TensorBoardReader().open(path))
    assert len({row.step for row in rows}) >= 19
    raw[second : second + 8] = b"\xff" * 8
    path.write_bytes(raw)
    assert all_rows(TensorBoardReader().open(path)) == []


@given(st.binary(max_size=200))
def test_no_bytes_make_the_decoder_do_more_than_refuse(raw: bytes) -> None:
    try:
        event(raw)
        list(fields(raw))
    except (ValueError, struct.error):
        pass


def message(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, len(content)]) + content


@pytest.mark.parametrize(
    ("tensor", "value"),
    [
        (b"\x08\x01" + message(4, struct.pack("<f", 0.5)), 0.5),
        (b"\x08\x02" + message(4, struct.pack("<d", 0.25)), 0.25),
        (b"\x08\x09" + message(4, struct.pack("<q", 7)), 7.0),
        (b"\x08\x01" + message(5, struct.pack("<f", 1.5)), 1.5),
        (b"\x08\x01" + message(2, message(2, b"\x08\x03")) + message(4, struct.pack("<3f", 1, 2, 3)), None),
        (b"\x08\x07" + message(8, b"text"), None),
    ],
)
def test_scalars_that_tensorflow_two_writes_as_tensors_are_read(tensor: bytes, value: float | None) -> None:
    summary = message(1, message(1, b"loss") + message(8, tensor))
    _, step, scalars = event(b"\x09" + struct.pack("<d", 1.0) + b"\x10\x05" + message(5, summary))
    assert step == 5
    assert scalars == ({} if value is None else {"loss": value})


def test_not_a_number_stays_so(tmp_path: Path) -> None:
    writer = tensorboard.SummaryWriter(str(tmp_path))
    writer.add_scalar("loss", math.inf, 1)
    writer.close()
    (row,) = all_rows(TensorBoardReader().open(next(tmp_path.iterdir())))
    assert row.values == {"loss": math.inf}
