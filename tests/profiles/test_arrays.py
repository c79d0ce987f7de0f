"""NumPy files are read without NumPy: header, a sample of values, never a pickle."""

from __future__ import annotations

import io
import math
import pickle
import statistics
import struct
import zipfile
from collections import Counter

import pytest

from tests.profiles.looking import column, look, table


def npy(descr, shape, data: bytes, *, fortran=False, version=1) -> bytes:
    """Write the format by hand, so that the reader is not compared with itself."""
    header = repr({"descr": descr, "fortran_order": fortran, "shape": shape}).encode()
    if version == 1:
        return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<I", len(header)) + header + data


def test_a_matrix_has_a_column_for_each_of_a_few(tmp_path):
    values = [[i * 1.5, -float(i)] for i in range(40)]
    data = b"".join(struct.pack("<2d", *row) for row in values)
    found = table(tmp_path, npy("<f8", (40, 2), data), "x.npy")
    assert (found.form, found.rows, found.shape) == ("npy", 40, (40, 2))
    assert [c.type for c in found.columns] == ["float64", "float64"]
    first = [row[0] for row in values]
    assert column(found, "0").quartiles == pytest.approx(statistics.quantiles(first, n=4, method="inclusive"))
    assert column(found, "1").high == "0.0" or column(found, "1").high == "-0.0"
    assert column(found, "1").mean == pytest.approx(-19.5)


def test_order_of_bytes_and_of_axes_play_no_part(tmp_path):
    rows = [[i, i * i] for i in range(20)]
    plain = npy("<i4", (20, 2), b"".join(struct.pack("<2i", *row) for row in rows))
    turned = npy(
        ">i4",
        (20, 2),
        b"".join(struct.pack(">i", row[j]) for j in range(2) for row in rows),
        fortran=True,
        version=2,
    )
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert table(tmp_path / "a", plain, "x.npy") == table(tmp_path / "b", turned, "x.npy")


def test_a_vector_named_after_labels_has_classes(tmp_path):
    labels = [i % 3 for i in range(100)]
    found = table(tmp_path, npy("<i8", (100,), struct.pack("<100q", *labels)), "y_train.npy")
    assert (found.label, dict(found.classes)) == ("y_train", {str(k): n for k, n in Counter(labels).items()})


def test_not_a_number_is_no_value(tmp_path):
    found = table(tmp_path, npy("<f4", (4,), struct.pack("<4f", 1, math.nan, 3, math.inf)), "x.npy")
    assert (found.columns[0].nulls, found.columns[0].low, found.columns[0].high) == (0.25, "1.0", "3.0")


def test_fields_and_texts_are_columns(tmp_path):
    data = b"".join(struct.pack("<i", i) + ("ab"[i % 2] * 2).ljust(3, "\0").encode("utf-32-le") for i in range(10))
    found = table(tmp_path, npy([("n", "<i4"), ("label", "<U3")], (10,), data), "x.npy")
    assert column(found, "n").mean == 4.5
    assert dict(found.classes) == {"aa": 5, "bb": 5}


def test_a_large_array_is_sampled_and_says_so(tmp_path):
    count = 600_000
    found = table(tmp_path, npy("|u1", (count,), bytes(i % 251 for i in range(count))), "x.npy")
    assert found.rows == count
    assert found.sampled is not None
    assert 100_000 < found.sampled < 500_000
    assert found.columns[0].mean == pytest.approx(125, abs=1)


def test_what_is_cut_off_is_counted_as_far_as_it_goes(tmp_path):
    found = table(tmp_path, npy("<f8", (10, 3), bytes(8 * 13)), "x.npy")
    assert (found.rows, found.problem) == (4, "x.npy is cut off: 4 of 10 rows are there")


class Bang:
    def __reduce__(self):
        return print, ("a pickle was opened",)


def test_objects_are_never_opened(tmp_path, capfd):
    found = table(tmp_path, npy("|O", (1,), pickle.dumps([Bang()])), "x.npy")
    assert "never opened" in found.problem
    assert "a pickle" not in capfd.readouterr().out


@pytest.mark.parametrize(
    "raw",
    [
        npy("<f8", (10**18, 10**18), b""),
        npy("<f8", (-1,), b""),
        npy("<f8", ("x",), b""),
        npy("<f8" * 50, (1,), bytes(8)),
        npy("<U999999999", (1,), bytes(8)),
        npy([], (1,), bytes(8)),
        npy([("a", "<f8", (10**17,))], (5,), bytes(8)),
        b"\x93NUMPY\x01\x00\xff\xff" + b"(" * 65535,
        b"\x93NUMPY\x01\x00\x05\x00(1,2)",
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}",
        b"\x93NUMPY",
    ],
)
def test_a_hostile_header_ends_in_a_problem_or_in_no_rows(tmp_path, raw):
    (tmp_path / "x.npy").write_bytes(raw)
    found = look(tmp_path)
    assert found.problems or all(t.rows == 0 for t in found.tables)


def test_an_archive_holds_a_table_for_each_array(tmp_path):
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", npy("<f4", (5, 2), struct.pack("<10f", *range(10))))
        archive.writestr("y.npy", npy("|b1", (5,), b"\1\0\1\1\0"))
        archive.writestr("readme.txt", "no array")
    (tmp_path / "a.npz").write_bytes(raw.getvalue())
    found = look(tmp_path)
    assert [(t.name, t.rows, dict(t.classes)) for t in found.tables] == [
        ("a.npz/x", 5, {}),
        ("a.npz/y", 5, {"true": 3, "false": 2}),
    ]
    assert found.problems == ("a.npz/readme.txt is no NumPy array: its first bytes are others",)


def test_many_arrays_of_one_form_are_one_table_and_a_few_are_not(tmp_path):
    for name in ("x_train", "x_test"):
        (tmp_path / f"{name}.npy").write_bytes(npy("<f8", (3,), bytes(24)))
    assert [t.name for t in look(tmp_path).tables] == ["x_test.npy", "x_train.npy"]
    for number in range(10):
        (tmp_path / f"{number}.npy").write_bytes(npy("<f8", (3,), bytes(24)))
    assert [(t.name, t.files, t.rows) for t in look(tmp_path).tables] == [("*.npy", 12, 36)]
