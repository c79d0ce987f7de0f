"""What is shipped is documented, and what is documented is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from repro_tui.cli.parser import command_parser, dashboard_parser
from repro_tui.cli.table import COMMANDS
from repro_tui.settings import parse_settings
from repro_tui.settings.table import TABLE
from tests.architecture.tables import TABLES, with_table

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
UPDATE = "write it anew: python tests/architecture/tables.py"


@pytest.mark.parametrize("name", TABLES)
def test_tables_in_the_docs_follow_the_code(name):
    page, make = TABLES[name]
    text = (DOCS / page).read_text("utf-8")
    assert with_table(text, name, make()) == text, f"docs/{page} is out of date; {UPDATE}"


def test_every_page_is_reached_from_the_index_and_every_link_leads_somewhere():
    reached = {"index.md"}
    for page in DOCS.rglob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"
                reached.add(
                    (page.parent / target).resolve().relative_to(DOCS).as_posix() if target.endswith(".md") else ""
                )
    pages = {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md") if "design" not in page.parts}
    assert pages - reached == set()


def test_links_and_pictures_of_the_readme_are_there():
    targets = re.findall(r"\]\(([^)#]+)\)", (ROOT / "README.md").read_text("utf-8"))
    assert any(target.endswith(".svg") for target in targets)
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_every_event_kind_that_is_written_is_described():
    """A kind of event stands in docs/formats/journal.md before it is written."""
    described = set(re.findall(r"^\| `(\w+)` \|", (DOCS / "formats" / "journal.md").read_text("utf-8"), re.MULTILINE))
    calls = re.compile(r"\.event\(\s*[\"'](\w+)[\"']")
    written = {kind for path in (ROOT / "repro_tui").rglob("*.py") for kind in calls.findall(path.read_text("utf-8"))}
    assert len(written) > 5
    assert written - described == set()


def test_the_example_in_the_settings_page_can_be_read():
    text = (DOCS / "settings.md").read_text("utf-8")
    example = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert example
    settings = parse_settings(example[1])
    assert settings.number("code.limit") == 5_000_000
    assert set(settings.values) <= {setting.name for setting in TABLE}


def parsed(line: str) -> None:
    """Read a command line as the program would, without carrying it out."""
    words = shell_words(line)
    assert words[0] == "repro-tui", line
    if words[1:2] == ["-C"] and len(words) > 3:  # it works before or after the command's name
        del words[1:3]
    if len(words) == 1 or words[1].startswith("-") or words[1] not in {command.name for command in COMMANDS}:
        dashboard_parser().parse_args(words[1:])
        return
    command = next(command for command in COMMANDS if command.name == words[1])
    command_parser(command).parse_args(list(command.prepare(words[2:])))


def shell_words(line: str) -> list[str]:
    import shlex

    words = shlex.split(line, comments=True)
    ends = [words.index(mark) for mark in ("|", ">", "&") if mark in words]
    return words[: min(ends, default=len(words))]


def examples() -> list[tuple[str, str]]:
    found = []
    for page in [ROOT / "README.md", *DOCS.glob("*.md")]:
        for block in re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            lines = (line.strip().removeprefix("nohup ") for line in block.splitlines())
            found += [(page.name, line) for line in lines if line.startswith("repro-tui")]
    return found


def test_every_example_in_the_docs_is_a_command_line_that_is_understood():
    assert len(examples()) > 15
    for page, line in examples():
        try:
            parsed(line)
        except SystemExit as end:  # --help and --version end so
            if end.code:
                pytest.fail(f"{page}: {line}")


def test_the_gate_runs_the_command_that_the_readme_promises():
    gate = (ROOT / ".ci" / "run").read_text("utf-8")
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "readme_command tests" in gate
    command = re.search(r"<!-- tests -->\n```sh\n(.+)\n```", readme)
    assert command
    assert "pytest" in command[1]
    assert command[1] not in gate, "the gate takes the command from the README, it holds no copy"
    assert re.search(r"<!-- demo -->\n```sh\n.*repro-tui demo\n```", readme)


def test_markdown_has_one_sentence_a_line():
    """A change of one sentence is then a change of one line."""
    two = re.compile(r"[a-z)`]\. (?=[A-Z`][a-z]+ )")
    found = []
    for page in [ROOT / "README.md", *DOCS.glob("*.md")]:
        fenced = False
        for number, line in enumerate(page.read_text("utf-8").splitlines(), 1):
            fenced ^= line.startswith("```")
            if not fenced and not line.startswith(("|", "- ", "#")) and two.search(line):
                found.append(f"{page.name}:{number}: {line}")
    assert found == []
