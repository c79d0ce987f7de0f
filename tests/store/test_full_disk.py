"""A full disk is named, loses nothing that was kept, and can be made empty again."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest

from repro_tui.errors import StorageError
from repro_tui.store.emptying import Order, empty
from repro_tui.store.store import Store
from tests.store.keeping import keep, random_bytes

ROOT = Path(__file__).resolve().parents[2]
FULL = """
import resource, sys
from pathlib import Path
from repro_tui.errors import StorageError
from repro_tui.store.store import Store
folder = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (9 << 20, 9 << 20))
store = Store(folder / "store", folder / "locks")
try:
    with store.adder() as adder:
        import random
        adder.put(random.Random(1).randbytes(12 << 20))
        adder.commit({"t": 2})
except StorageError as error:
    print(error.message, "|", error.hint)
"""


def test_a_limit_is_named_as_a_full_disk_is_and_nothing_is_lost(tmp_path):
    (tmp_path / "data").write_bytes(b"kept before")
    before = keep(Store(tmp_path / "store", tmp_path / "locks"), tmp_path / "data")
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert "There is no room left for the store" in done.stdout
    assert "Nothing that was kept before is lost" in done.stdout
    after = Store(tmp_path / "store", tmp_path / "locks")
    assert after.documents() == [before]
    assert [path for path in after.places.folder.iterdir() if path.name.startswith(".")] == []


@pytest.fixture
def small_disk(tmp_path):
    """Give a file system of 48 MiB, where that is allowed."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=48m", "none", str(folder)]
    try:
        done = subprocess.run(words, capture_output=True, check=False).returncode
    except OSError:
        done = 1
    if done:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(path: Path) -> None:
    """Write until nothing goes in any more."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass


def test_a_disk_that_is_really_full_keeps_what_it_had_and_can_be_cleared(small_disk, tmp_path):
    (tmp_path / "data").write_bytes(random_bytes(4 << 20))
    (tmp_path / "more").write_bytes(random_bytes(50 << 20, 2))
    store = Store(small_disk / "store", small_disk / "locks")
    before = keep(store, tmp_path / "data")
    with pytest.raises(StorageError, match="There is no room left"):
        keep(store, tmp_path / "more")
    assert store.documents() == [before]
    assert [path for path in store.places.folder.iterdir() if path.name.startswith(".")] == []
    fill(small_disk / "filler")
    assert store.places.reserve.exists()
    store.places.document(before).unlink()
    store.condemn(store.refresh().packs, 0, now=0)  # there is no room, but what was reserved for this
    assert empty(store, Order({}, 200_000)).packs.frees > 4 << 20
    assert store.usage().packs == 0
