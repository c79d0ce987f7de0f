"""What is written to a terminal that is gone is dropped, and said once."""

from __future__ import annotations

import io

from repro_tui.tui.driver import Outlet


class Broken(io.StringIO):
    """A file whose other end is gone."""

    def write(self, text: str) -> int:
        """Fail as a terminal does."""
        raise OSError(5, "Input/output error")


def test_writes_go_through() -> None:
    """As long as somebody reads, nothing is changed."""
    file, told = io.StringIO(), list[int]()
    outlet = Outlet(file, lambda: told.append(1))
    outlet.write("a")
    outlet.flush()
    assert file.getvalue() == "a"
    assert not told


def test_a_lost_terminal_is_said_once() -> None:
    """The thread that writes lives on, or its queue would fill and stop the program."""
    told = list[int]()
    outlet = Outlet(Broken(), lambda: told.append(1))
    for _ in range(50):
        outlet.write("a")
        outlet.flush()
    assert told == [1]
