"""What a session leaves behind when it dies is cleaned by the next."""

from __future__ import annotations

import os
import time

from repro_tui.catalog.publish import clean, private_name


def test_the_log_of_a_session_that_died_is_deleted_without_its_file(tmp_path):
    """A session may be killed between removing the one and the other."""
    name = private_name()
    dead = tmp_path / (name.replace(f"-{os.getpid()}-", "-999999999-", 1) + ".wal")
    alive = tmp_path / (name + ".wal")
    for path in (dead, alive):
        path.touch()
    assert clean(tmp_path, time.time()) == 1
    assert [path.name for path in tmp_path.iterdir()] == [alive.name]
