"""The one table of commands: keys, footer, palette, help and docs/keys.md are all made from it.

Only the standard library is imported here, so that documentation and tests read the table without starting a screen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from repro_tui.tui.command import Command, Scope, move, moves
from repro_tui.tui.retention_commands import PRUNING

SCOPES: tuple[Scope, ...] = (
    Scope("app", "Everywhere"),
    Scope("runs", "Runs", "app"),
    Scope("filter", "Runs, while the filter is written"),
    Scope("run", "Run", "app"),
    Scope("chart", "Run, Metrics", "run"),
    Scope("log", "Run, Log", "run"),
    Scope("lines", "Run, the other tabs", "run"),
    Scope("rows", "Compare, Snapshots and Data, moving", "app"),
    Scope("snapshots", "Snapshots", "rows"),
    Scope("prune", "Prune", "rows"),
    Scope("policy", "Prune, the policy", "rows"),
    Scope("trash", "The trash", "rows"),
    Scope("data", "Data", "rows"),
    Scope("compare", "Compare", "rows"),
    Scope("detail", "Compare, what opened below a row", "compare"),
    Scope("curves", "Compare, curves", "compare"),
    Scope("page", "A snapshot or a version, moving", "app"),
    Scope("snapshot", "A snapshot", "page"),
    Scope("version", "A dataset and its versions", "page"),
    Scope("offers", "Questions that wait, and keeping runs"),
    Scope("questions", "Questions that wait", "offers"),
    Scope("keep", "Keeping runs", "offers"),
    Scope("list", "Lists to choose from"),
    Scope("columns", "Choosing columns", "list"),
)


_NEXT = ("right_square_bracket", "greater_than_sign")
_PREVIOUS = ("left_square_bracket", "less_than_sign")

TABLE: tuple[Command, ...] = (
    Command("app.show_runs", ("1",), "Runs", "Go to the list of runs.", "view"),
    Command("app.show_compare", ("2",), "Compare", "Go to the comparison of runs.", "view"),
    Command("app.show_snapshots", ("4",), "Snapshots", "Go to the list of snapshots.", "view"),
    Command("app.show_data", ("5",), "Data", "Go to the datasets and their versions.", "view"),
    Command("app.questions", ("exclamation_mark",), "questions", "Answer the questions that wait.", "view"),
    Command("app.help", ("question_mark", "f1"), "help", "Explain the screen you are on.", "view", footer=90),
    Command("app.palette", ("ctrl+p", "colon"), "palette", "Find a command by its name.", "view", palette=False),
    Command("app.back", ("escape",), "back", "Go one layer out.", "move", palette=False),
    Command("app.leave", ("q",), "quit", "Go one layer out; at a place, ask to quit.", "move", 95, palette=False),
    Command("app.quit", ("ctrl+q",), "quit now", "Quit without a question; recording goes on.", "act"),
    # Runs
    Command("runs.mark", ("space",), "mark", "Mark the run under the cursor, or take the mark away.", footer=10),
    Command("runs.open", ("enter",), "open", "Open the run under the cursor.", footer=20),
    Command("runs.compare", ("c",), "compare", "Compare the marked runs, or this one, with the baseline.", footer=15),
    Command("runs.now", ("w",), "against now", "Say what would differ if this run were run again now."),
    Command("runs.keep", ("p",), "keep", "Keep a reproducible package of the marked runs.", footer=25),
    Command("runs.filter", ("slash",), "filter", "Filter the runs; enter keeps, esc restores.", "view", footer=30),
    Command("runs.sort", ("s",), "sort", "Choose the column that the runs are sorted by.", "view", footer=40),
    Command("runs.reverse", ("S",), "reverse", "Sort the other way round.", "view"),
    Command("runs.columns", ("v",), "columns", "Choose which columns are shown, and their order.", "view", footer=50),
    Command("runs.group", ("o",), "group", "Fold runs that are alike into a line; enter unfolds.", "view", footer=55),
    Command("runs.tag", ("t",), "tag", "Tag the marked runs; a leading minus takes a tag away.", footer=60),
    Command("runs.note", ("i",), "note", "Write a note on the marked runs.", footer=70),
    Command("runs.pin", ("P",), "pin", "Pin the marked runs against pruning, or unpin them."),
    Command("runs.baseline", ("b",), "baseline", "Make this run the one that others are compared with."),
    Command("runs.mark_all", ("a",), "mark all", "Mark all runs that are shown."),
    Command("runs.mark_none", ("A",), "mark none", "Take all marks away."),
    Command("runs.copy", ("y",), "copy", "Copy the name, identity or command of the run to the clipboard."),
    Command("runs.refresh", ("R",), "refresh", "Read the journals again now.", "view"),
    Command("runs.smaller", ("less_than_sign",), "smaller pane", "Make the pane with the details smaller.", "view"),
    Command("runs.larger", ("greater_than_sign",), "larger pane", "Make the pane with the details larger.", "view"),
    move("runs", "up", ("up", "k"), "One run up."),
    move("runs", "down", ("down", "j"), "One run down."),
    move("runs", "left", ("left", "h"), "One column to the left."),
    move("runs", "right", ("right", "l"), "One column to the right."),
    move("runs", "fast_up", ("K",), "Ten runs up."),
    move("runs", "fast_down", ("J",), "Ten runs down."),
    move("runs", "fast_left", ("H",), "To the first column."),
    move("runs", "fast_right", ("L",), "To the last column."),
    move("runs", "first", ("g", "home"), "To the first run."),
    move("runs", "last", ("G", "end"), "To the last run."),
    move("runs", "half_up", ("ctrl+u",), "Half a page up."),
    move("runs", "half_down", ("ctrl+d",), "Half a page down."),
    move("runs", "page_up", ("pageup",), "A page up."),
    move("runs", "page_down", ("pagedown",), "A page down."),
    # Runs, while the filter is written
    Command("filter.keep", ("enter",), "keep", "Keep the filter.", palette=False, footer=10),
    Command("filter.restore", ("escape",), "restore", "Go back to the filter as it was.", palette=False, footer=20),
    Command("filter.complete", ("tab",), "complete", "Take the highlighted completion.", palette=False, footer=30),
    move("filter", "next", ("down",), "The next completion."),
    move("filter", "previous", ("up",), "The completion before."),
    # Run
    Command("run.next_tab", _NEXT, "next tab", "To the next tab.", "view", 10),
    Command("run.previous_tab", _PREVIOUS, "previous tab", "To the previous tab.", "view"),
    Command("run.compare", ("c",), "compare", "Compare this run with the baseline or the run before.", footer=40),
    Command("run.now", ("w",), "against now", "Say what would differ if it were run again now."),
    Command("run.keep", ("p",), "keep", "Keep a reproducible package of this run.", footer=50),
    Command("run.tag", ("t",), "tag", "Tag this run; a leading minus takes a tag away.", footer=60),
    Command("run.note", ("i",), "note", "Write a note on this run.", footer=70),
    Command("run.pin", ("P",), "pin", "Pin this run against pruning, or unpin it."),
    Command("run.copy", ("y",), "copy", "Copy the name, identity or command of the run to the clipboard."),
    Command("run.refresh", ("R",), "refresh", "Read the journals again now.", "view"),
    # Run, Metrics
    move("chart", "left", ("left", "h"), "Move the cursor one column to the left."),
    move("chart", "right", ("right", "l"), "Move the cursor one column to the right."),
    move("chart", "fast_left", ("H",), "Move the cursor ten columns to the left."),
    move("chart", "fast_right", ("L",), "Move the cursor ten columns to the right."),
    move("chart", "first", ("g", "home"), "Move the cursor to the first step."),
    move("chart", "last", ("G", "end"), "Move the cursor to the last step."),
    Command("chart.zoom_in", ("z",), "zoom", "Zoom in around the cursor.", "view", footer=20),
    Command("chart.zoom_out", ("Z",), "zoom out", "Zoom out.", "view", footer=25),
    Command("chart.log_scale", ("y",), "log scale", "Switch the values between linear and logarithmic.", "view", 30),
    Command("chart.smoother", ("plus",), "smoother", "Smooth more.", "view", footer=40),
    Command("chart.rougher", ("minus",), "rougher", "Smooth less.", "view"),
    Command("chart.axis", ("x",), "x axis", "Switch the horizontal axis between steps and time.", "view", footer=50),
    Command("chart.raise_next", ("right_curly_bracket",), "next run", "Raise the run after.", "view"),
    Command("chart.raise_previous", ("left_curly_bracket",), "previous run", "Raise the run before.", "view"),
    Command("chart.next_metric", ("down", "j"), "next metric", "Show the next metric.", "view"),
    Command("chart.previous_metric", ("up", "k"), "previous metric", "Show the previous metric.", "view"),
    Command("chart.search", ("slash",), "find metric", "Find metrics by a part of their names.", "view", footer=45),
    # Run, Log
    move("log", "up", ("up", "k"), "One line up."),
    move("log", "down", ("down", "j"), "One line down."),
    move("log", "left", ("left", "h"), "Scroll to the left."),
    move("log", "right", ("right", "l"), "Scroll to the right."),
    move("log", "fast_up", ("K",), "Ten lines up."),
    move("log", "fast_down", ("J",), "Ten lines down."),
    move("log", "first", ("g", "home"), "To the first line."),
    move("log", "last", ("G", "end"), "To the last line."),
    move("log", "half_up", ("ctrl+u",), "Half a page up."),
    move("log", "half_down", ("ctrl+d",), "Half a page down."),
    move("log", "page_up", ("pageup",), "A page up."),
    move("log", "page_down", ("pagedown",), "A page down."),
    Command("log.stream", ("tab",), "next stream", "Show the next of several streams.", "view"),
    Command("log.follow", ("f",), "follow", "Follow the output as it grows, or stop.", "view", footer=20),
    Command("log.search", ("slash",), "search", "Search the output.", "view", footer=30),
    Command("log.next_match", ("n",), "next match", "Go to the next match.", "view", footer=35),
    Command("log.previous_match", ("N",), "previous match", "Go to the previous match.", "view"),
    Command("log.next_error", ("e",), "next error", "Go to the next line that looks like an error.", "view", footer=40),
    # Run, the other tabs
    move("lines", "up", ("up", "k"), "One line up."),
    move("lines", "down", ("down", "j"), "One line down."),
    move("lines", "left", ("left", "h"), "Scroll to the left."),
    move("lines", "right", ("right", "l"), "Scroll to the right."),
    move("lines", "fast_up", ("K",), "Ten lines up."),
    move("lines", "fast_down", ("J",), "Ten lines down."),
    move("lines", "first", ("g", "home"), "To the first line."),
    move("lines", "last", ("G", "end"), "To the last line."),
    move("lines", "half_up", ("ctrl+u",), "Half a page up."),
    move("lines", "half_down", ("ctrl+d",), "Half a page down."),
    move("lines", "page_up", ("pageup",), "A page up."),
    move("lines", "page_down", ("pagedown",), "A page down."),
    Command("lines.search", ("slash",), "search", "Search this tab.", "view", footer=30),
    Command("lines.next_match", ("n",), "next match", "Go to the next match.", "view"),
    Command("lines.previous_match", ("N",), "previous match", "Go to the previous match.", "view"),
    # Snapshots
    *moves("rows", "line"),
    Command("snapshots.open", ("enter",), "open", "Show all that is in the snapshot, and what is not.", footer=10),
    Command("snapshots.restore", ("r",), "restore", "Write the snapshot's files into an empty folder.", footer=20),
    Command("snapshots.verify", ("V",), "verify", "Read all of the snapshot and compare every byte.", footer=30),
    Command("snapshots.pin", ("P",), "pin", "Pin the snapshot's run against pruning, or unpin it.", footer=40),
    Command("snapshots.filter", ("slash",), "filter", "List only names that contain a text.", "view", footer=50),
    Command("snapshots.sort", ("s",), "sort", "Choose what the snapshots are sorted by.", "view", footer=60),
    Command("snapshots.reverse", ("S",), "reverse", "Sort the other way round.", "view"),
    Command("snapshots.prune", ("x",), "prune", "Decide what stays, and move the rest to the trash.", footer=45),
    Command("snapshots.trash", ("T",), "trash", "Show what was removed and can be brought back.", "view"),
    Command("snapshots.copy", ("y",), "copy", "Copy the digest, the run or a command to the clipboard."),
    Command("snapshots.refresh", ("R",), "refresh", "Read the store's documents again now.", "view"),
    *PRUNING,
    # Data
    Command("data.open", ("enter",), "open", "Open the line: a dataset, a version, a path to declare.", footer=10),
    Command("data.keep", ("p",), "keep", "Keep the version that lies there now in the store.", footer=20),
    Command("data.restore", ("r",), "restore", "Write a kept version into an empty folder.", footer=30),
    Command("data.look", ("w",), "look now", "Read what changed and compare with what lies there now.", footer=40),
    Command("data.mark", ("space",), "mark", "Mark a version; others are then compared with it.", "view", footer=50),
    Command("data.note", ("i",), "how made", "Note how the version was made.", footer=60),
    Command("data.watch", ("W",), "watch", "Ask when the dataset has changed: never, ask, always.", footer=70),
    Command("data.next", ("tab",), "next dataset", "To the next dataset.", "view"),
    Command("data.copy", ("y",), "copy", "Copy the digest, the path or a command to the clipboard."),
    Command("data.refresh", ("R",), "refresh", "Look again whether the datasets are as they were.", "view"),
    # Compare
    Command("compare.next", ("n",), "next", "Go to the next row that differs.", "view", footer=10),
    Command("compare.previous", ("N",), "previous", "Go to the previous row that differs.", "view", footer=20),
    Command("compare.open", ("enter",), "detail", "Open the row: patch, packages, data, curves, text.", footer=30),
    Command("compare.baseline", ("b",), "baseline", "Make the chosen run the baseline.", "view", footer=40),
    Command("compare.all", ("equals_sign",), "all", "List all rows, or only those that differ.", "view", footer=50),
    Command("compare.now", ("w",), "against now", "Compare the baseline with what lies there now.", "view", 60),
    Command("compare.why", ("v",), "why", "Show the whole explanation and what it rests on.", "view", footer=45),
    Command("compare.filter", ("slash",), "filter", "List only rows with a text in their name.", "view", footer=70),
    Command("compare.ignore", ("x",), "ignore", "Ignore the row here, in this and later comparisons."),
    Command("compare.ignored", ("X",), "ignore list", "Choose a row that is ignored no more.", "view"),
    Command("compare.metric", ("m",), "metric", "Explain the metric under the cursor.", "view"),
    Command("compare.pane", ("tab",), "other pane", "To what opened below the row, or back.", "view"),
    Command("compare.next_section", _NEXT, "next section", "Go to the first row of the section below.", "view"),
    Command("compare.previous_section", _PREVIOUS, "previous section", "Go to the section above.", "view"),
    Command("compare.close", ("escape",), "close", "Close what opened below the row, or lift the filter.", "view"),
    Command("compare.copy", ("y",), "copy", "Copy the row or a command to the clipboard."),
    Command("compare.refresh", ("R",), "refresh", "Compare again now.", "view"),
    move("compare", "left", ("left", "h"), "To the run at the left."),
    move("compare", "right", ("right", "l"), "To the run at the right."),
    move("compare", "fast_left", ("H",), "To the first run beside the baseline."),
    move("compare", "fast_right", ("L",), "To the last run."),
    *moves("detail", "line"),
    move("detail", "left", ("left", "h"), "Scroll to the left."),
    move("detail", "right", ("right", "l"), "Scroll to the right."),
    Command("detail.search", ("slash",), "search", "Search what is open.", "view", footer=5),
    Command("detail.next_match", ("n",), "next match", "Go to the next match, or to the next difference.", "view"),
    Command("detail.previous_match", ("N",), "previous match", "Go to the match or difference before.", "view"),
    move("curves", "left", ("left", "h"), "Move the cursor one column to the left."),
    move("curves", "right", ("right", "l"), "Move the cursor one column to the right."),
    move("curves", "fast_left", ("H",), "Move the cursor ten columns to the left."),
    move("curves", "fast_right", ("L",), "Move the cursor ten columns to the right."),
    move("curves", "first", ("g", "home"), "Move the cursor to the first step."),
    move("curves", "last", ("G", "end"), "Move the cursor to the last step."),
    Command("curves.zoom_in", ("z",), "zoom", "Zoom in around the cursor.", "view", footer=3),
    Command("curves.zoom_out", ("Z",), "zoom out", "Zoom out.", "view", footer=4),
    Command("curves.log_scale", ("y",), "log scale", "Switch the values between linear and logarithmic.", "view", 5),
    Command("curves.smoother", ("plus",), "smoother", "Smooth more.", "view", footer=6),
    Command("curves.rougher", ("minus",), "rougher", "Smooth less.", "view"),
    Command("curves.axis", ("x",), "x axis", "Switch the horizontal axis between steps and time.", "view", footer=7),
    Command("curves.raise_next", ("right_curly_bracket",), "next run", "Raise the run after.", "view"),
    Command("curves.raise_previous", ("left_curly_bracket",), "previous run", "Raise the run before.", "view"),
    Command("curves.next_metric", ("down", "j"), "next metric", "Show the metric in the row below.", "view"),
    Command("curves.previous_metric", ("up", "k"), "previous metric", "Show the metric in the row above.", "view"),
    # A snapshot or a version
    *moves("page", "line"),
    Command("page.left", ("left", "h"), "left", "Scroll to the left.", "move", palette=False),
    Command("page.right", ("right", "l"), "right", "Scroll to the right.", "move", palette=False),
    Command("page.search", ("slash",), "search", "Search this page.", "view", footer=50),
    Command("page.next_match", ("n",), "next match", "Go to the next match.", "view"),
    Command("page.previous_match", ("N",), "previous match", "Go to the previous match.", "view"),
    Command("snapshot.restore", ("r",), "restore", "Write the snapshot's files into an empty folder.", footer=20),
    Command("snapshot.verify", ("V",), "verify", "Read all of the snapshot and compare every byte.", footer=30),
    Command("snapshot.pin", ("P",), "pin", "Pin the snapshot's run against pruning, or unpin it.", footer=40),
    Command("snapshot.copy", ("y",), "copy", "Copy the digest, the run or a command to the clipboard."),
    Command("version.restore", ("r",), "restore", "Write a kept version into an empty folder.", footer=20),
    Command("version.note", ("i",), "how made", "Note how the version was made.", footer=30),
    Command("version.copy", ("y",), "copy", "Copy the digest, the path or a command to the clipboard."),
    # Questions that wait, and keeping runs
    Command("offers.mark", ("space",), "mark", "Mark the line, to answer several at once.", footer=60),
    Command("offers.details", ("d",), "Details", "Show all that will be kept, and all that will not.", footer=55),
    Command("offers.refresh", ("R",), "look again", "Look again what there is to keep.", "view", footer=80),
    Command("offers.explain", ("question_mark", "f1"), "help", "Explain this panel.", "view", footer=85),
    Command("offers.leave", ("escape", "q", "exclamation_mark"), "leave", "Leave without an answer.", footer=58),
    move("offers", "up", ("up", "k"), "One line up."),
    move("offers", "down", ("down", "j"), "One line down."),
    move("offers", "first", ("g", "home"), "To the first line."),
    move("offers", "last", ("G", "end"), "To the last line."),
    move("offers", "page_up", ("pageup", "ctrl+u"), "A page up."),
    move("offers", "page_down", ("pagedown", "ctrl+d"), "A page down."),
    Command("questions.yes", ("y",), "Yes", "Keep what is shown, of the marked lines or the one under >.", footer=10),
    Command("questions.no", ("n",), "No", "Keep nothing; the results are on disk whatever the answer.", footer=20),
    Command("questions.later", ("L",), "Later", "Leave the question for another time.", footer=30),
    Command("questions.always", ("a",), "Always here", "Yes, and do not ask in this project again.", footer=40),
    Command("questions.never", ("v",), "Never here", "No, and do not ask in this project again.", footer=50),
    Command("keep.yes", ("y",), "keep", "Keep what is shown, of the marked lines or the one under >.", footer=10),
    Command("keep.data", ("D",), "data", "Choose what becomes of the data: kept, linked, left out.", footer=20),
    Command("keep.wheels", ("w",), "wheels", "Keep the wheels of all packages too, or not.", footer=30),
    # Lists to choose from
    move("list", "up", ("up", "ctrl+k"), "One line up."),
    move("list", "down", ("down", "ctrl+j"), "One line down."),
    move("list", "page_up", ("pageup",), "A page up."),
    move("list", "page_down", ("pagedown",), "A page down."),
    Command("list.choose", ("enter",), "choose", "Take the highlighted line.", palette=False, footer=10),
    Command("list.leave", ("escape",), "leave", "Leave without a change.", palette=False, footer=90),
    # Choosing columns
    Command("columns.show_or_hide", ("space",), "show or hide", "Show or hide the column.", footer=20),
    Command("columns.raise_column", ("shift+up", "ctrl+up"), "move up", "Put the column further left.", footer=30),
    Command("columns.lower_column", ("shift+down", "ctrl+down"), "move down", "Put the column further right."),
    Command("columns.automatic", ("ctrl+r",), "automatic", "Show what varies and was logged last.", footer=40),
)  # fmt: skip
"""Every command there is, in the order of the help page."""

BY_ID: dict[str, Command] = {command.id: command for command in TABLE}

_SIGNS = {
    "slash": "/",
    "question_mark": "?",
    "colon": ":",
    "escape": "esc",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "plus": "+",
    "minus": "-",
    "exclamation_mark": "!",
    "equals_sign": "=",
    "pageup": "page up",
    "pagedown": "page down",
}


def key_text(key: str) -> str:
    """Write a key as a person would name it: `/`, `esc`, `ctrl+d`."""
    return _SIGNS.get(key, key)


def outward(scope: str) -> Iterator[str]:
    """Give a scope and those around it, the innermost first."""
    around = {s.name: s.inside for s in SCOPES}
    while scope:
        yield scope
        scope = around[scope]


def commands_in(scope: str) -> Sequence[Command]:
    """Give the commands that belong to a scope itself."""
    return tuple(command for command in TABLE if command.scope == scope)


def valid_in(scope: str, keymap: dict[str, tuple[str, ...]] | None = None) -> Sequence[Command]:
    """Give the commands that work in a scope; where two have the same first key, the inner one is meant."""
    moved = keymap or {}
    taken: set[str] = set()
    found: list[Command] = []
    for name in outward(scope):
        inner = commands_in(name)
        found += [c for c in inner if not set(moved.get(c.id, c.keys)) <= taken]
        for command in inner:
            taken |= set(moved.get(command.id, command.keys))
    return tuple(found)


def keys_markdown() -> str:
    """Write docs/keys.md's tables: one a scope, a line a command."""
    parts: list[str] = []
    for scope in SCOPES:
        parts += [f"## {scope.title}", "", "| Key | Command | What it does |", "|---|---|---|"]
        for command in commands_in(scope.name):
            keys = " ".join(f"`{key_text(key)}`" for key in command.keys)
            parts.append(f"| {keys} | `{command.id}` | {command.tooltip} |")
        parts.append("")
    return "\n".join(parts)
