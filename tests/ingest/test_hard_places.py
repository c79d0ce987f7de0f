"""Full disks, read-only places and sudden death: what is known stays shown, and the next session goes on."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from repro_tui.catalog.connect import current_name
from repro_tui.domain.view import Annotation, RunQuery
from repro_tui.errors import StorageError
from tests.ingest.conftest import catch_up, names
from tests.ingest.test_sessions import SESSION, private_files, start

Mount = Callable[..., Path]
PUBLISHER = SESSION.replace("if not session._feed.busy:", "if True:")
"""A session that publishes after each slice, so that death finds it publishing."""


@pytest.fixture
def mount() -> Iterator[Mount]:
    """Mounts something at a place, and takes it away at the end."""
    places: list[Path] = []

    def mount_one(place: Path, *options: str) -> Path:
        place.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(["mount", *options, str(place)], capture_output=True, check=False)
        if done.returncode:
            pytest.skip(f"mounting needs root: {done.stderr.decode().strip()}")
        places.append(place)
        return place

    yield mount_one
    for place in reversed(places):
        subprocess.run(["umount", "-l", str(place)], check=True)


def small(mount: Mount, place: Path, megabytes: int) -> Path:
    return mount(place, "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs")


def read_only(mount: Mount, place: Path) -> None:
    mount(place, "--bind", str(place))
    subprocess.run(["mount", "-o", "remount,ro,bind", str(place)], check=True)


def fill(place: Path) -> Path:
    """Take all the room of a volume."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(bytes(1 << 16))
        except OSError:
            pass
    return filler


def test_a_full_disk_of_the_project_is_no_trouble_and_the_index_is_published_when_there_is_room(
    lines, opened, project, mount
):
    cache = small(mount, project.home / "cache", 2)
    filler = fill(cache)
    lines.run(1)
    session = opened()
    assert names(session) == ["otter-1"]
    session.close()
    assert sorted(path.name for path in cache.iterdir()) == ["filler"]
    assert names(opened(read_only=True, caught_up=False)) == ["otter-1"]
    filler.unlink()
    opened().close()
    assert (cache / current_name()).is_file()


def test_a_private_disk_that_fills_up_under_a_session_is_left_for_memory(lines, opened, tmp_path, mount):
    private = small(mount, tmp_path / "xdg", 80)
    lines.run(1)
    session = opened()
    assert session._books.private.is_relative_to(private)
    fill(private)
    for number in range(2, 42):
        lines.run(number, steps=400)
    catch_up(session)
    session._catalog.checkpoint()
    for number in range(42, 45):
        lines.run(number)
    assert names(catch_up(session)) == [f"otter-{number}" for number in range(44, 0, -1)]
    assert session._ready().fetch("SELECT count(*) FROM points") == [(2 * (40 * 400 + 4 * 3),)]


def test_a_read_only_project_is_listed_and_says_that_it_cannot_be_annotated(lines, opened, project, mount):
    uid = lines.run(1)
    read_only(mount, project.root)
    session = opened()
    assert names(session) == ["otter-1"]
    assert session.health().read_only
    with pytest.raises(StorageError, match="could not be written") as caught:
        session.annotate([uid], Annotation(note="mine"))
    assert "permission" in str(caught.value.hint)
    assert session.run(uid).note == ""
    session.close()
    assert not (project.home / "cache").exists()


def test_what_a_person_says_of_a_run_that_refuses_stands_in_the_projects_journal(lines, opened, project, mount):
    uid = lines.run(1)
    read_only(mount, project.home / "runs" / "2025-000001-otter")
    session, other = opened(), opened()
    session.annotate([uid], Annotation(note="theirs", add_tags=("seen",)))
    assert (catch_up(session).run(uid).note, session.run(uid).tags) == ("theirs", {"seen"})
    assert catch_up(other).run(uid).note == "theirs"
    assert len(list((project.home / "project" / "journal").glob("*.jsonl"))) == 1
    session.close()
    assert opened().run(uid).note == "theirs"


@pytest.mark.parametrize("script", [SESSION, PUBLISHER], ids=["reading", "publishing"])
def test_killed_at_twenty_random_moments_the_next_session_knows_everything(lines, opened, project, tmp_path, script):
    for number in range(1, 121):
        lines.run(number, steps=20)
    chance = random.Random(7)
    total = 120
    for _ in range(20):
        child = start(script, project.root, 10**9)
        assert child.stdout.readline() == "open\n"
        time.sleep(chance.random() * 0.5)  # the moment of death itself
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        total += 1
        lines.run(total, steps=20)
        session = opened(read_only=True, caught_up=False)
        assert session.runs(RunQuery()).total == total
        assert session._ready().fetch("SELECT count(*) FROM points") == [(total * 40,)]
        session.close()
    opened().close()
    assert private_files(tmp_path) == []
    assert [path.name for path in (project.home / "cache").glob("*.duckdb")] == [current_name()]
