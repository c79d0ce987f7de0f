"""Times tell whether something was changed since a moment, through links and circles of them."""

from __future__ import annotations

import os
import time

from repro_tui.fingerprint import is_untouched


def test_files_folders_and_what_links_lead_to_are_looked_at_once(tmp_path):
    data, outside = tmp_path / "data", tmp_path / "outside"
    (data / "inner").mkdir(parents=True)
    outside.mkdir()
    (data / "inner" / "a").write_text("1")
    (outside / "b").write_text("2")
    for name, target in (("out", outside), ("up", data), ("file", outside / "b"), ("loop", "loop"), ("gone", "no")):
        (data / name).symlink_to(target)
    (outside / "back").symlink_to(data)
    later, earlier = time.time() + 100, time.time() - 100
    for place in (data, data / "inner" / "a", data / "out"):
        assert is_untouched(os.fsencode(place), later)
        assert not is_untouched(os.fsencode(place), earlier)
    assert not is_untouched(os.fsencode(tmp_path / "nothing"), later)
