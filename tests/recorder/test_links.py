"""What lies behind a symbolic link on the command line is noted, so that its input can be named by either name."""

from __future__ import annotations

from tests.recorder.conftest import Script, of


def test_links_on_the_command_line_are_noted_with_where_they_lead(any_python: Script) -> None:
    any_python.write("", "v1/x.csv")
    (any_python.root / "now").symlink_to("v1")
    (any_python.root / "gone").symlink_to("nowhere")
    words = ["now/x.csv", "--data=now", "v1/x.csv", "gone", "--lr=1", "\udcff", "x" * 9000]
    events = any_python.recorded("import os; os.chdir('/')", *words)
    assert {event["path"]: event["to"] for event in of(events, "link")} == {"now/x.csv": "v1/x.csv", "now": "v1"}
    assert not of(events, "problem")
