"""On a disk that is full to the last byte it is possible to prune, to bring back and to empty, and nothing is lost."""

from __future__ import annotations

import contextlib
import subprocess

import pytest

from repro_tui.domain.retention_decide import decide
from repro_tui.domain.retention_text import parse_line
from repro_tui.retention.service import RetentionService
from repro_tui.settings import open_project
from repro_tui.snapshots.service import SnapshotService
from repro_tui.store.store import Store
from tests.retention.kept import make_kept

RUNS = 30


@pytest.fixture(params=["48m", "8m"], ids=["with the reserve", "without a reserve"])
def disk(tmp_path, request):
    """Give a small file system, where that is allowed; on the smaller one there was never room for a reserve."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={request.param}", "none", str(folder)]
    try:
        done = subprocess.run(words, capture_output=True, check=False).returncode
    except OSError:
        done = 1
    if done:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder) -> None:
    """Write until nothing goes in any more."""
    for size in (1 << 20, 4096):
        path = folder / f"filler{len(list(folder.iterdir()))}"
        with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(size)) == size:
                pass


def prune(service, policy: str):
    stock = service.stock()
    return service.prune(service.plan(stock, decide(parse_line(policy), stock, {})))


def test_everything_can_be_done_on_a_full_disk(disk):
    project = disk / "project"
    digests = make_kept(project, RUNS)
    opened = open_project(project, {})

    def service():
        return RetentionService(opened, lambda work: {})

    fill(disk)
    assert len(prune(service(), "keep_last=5 per=project").moved) == RUNS - 5
    fill(disk)
    trashed = service().trash()
    assert len(trashed) == RUNS - 5
    assert len(service().undo(trashed)) == RUNS - 5
    fill(disk)
    assert len(prune(service(), "keep_last=3 per=project").moved) == RUNS - 3
    fill(disk)
    emptied = service().empty(service().plan_emptying(early=True))
    assert len(emptied.gone) == RUNS - 3
    (disk / "filler1").unlink()
    assert service().stock().trashed == ()
    snapshots = SnapshotService(opened)
    report = snapshots.check()
    assert report.ok, report.damages
    assert {row.snapshot.digest for row in snapshots.rows()} == set(digests[-3:])
    assert all(snapshots.verify(digest).ok for digest in digests[-3:])
    assert Store.of(opened).documents()
    levels = {row.snapshot.digest: row.level for row in snapshots.rows()}
    assert set(levels.values()) == {"2/6"}
