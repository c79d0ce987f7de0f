"""The parts of docs/ that follow from tables in the code; `python tests/architecture/tables.py` writes them anew."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def commands() -> str:
    from repro_tui.cli.parser import command_parser, dashboard_parser
    from repro_tui.cli.table import COMMANDS

    parts = ["## repro-tui [PATH]", "", "Open the dashboard.", "", *_options(dashboard_parser())]
    for command in COMMANDS:
        parser = command_parser(command)
        parts += [f"## {parser.prog}", "", (parser.description or "").strip(), "", *_options(parser)]
        for name, sub in _actions(parser):
            parts += [f"### {parser.prog} {name}", "", _sentence(sub.description or ""), "", *_options(sub)]
        if parser.epilog:
            examples = [line.removeprefix("  ") for line in parser.epilog.strip().splitlines()[1:]]
            parts += ["```sh", *examples, "```", ""]
    return "\n".join(parts)


def _actions(parser: argparse.ArgumentParser) -> list[tuple[str, argparse.ArgumentParser]]:
    """Give the subcommands of a command."""
    found = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return [(name, sub) for action in found for name, sub in action.choices.items()]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""


def _options(parser: argparse.ArgumentParser) -> list[str]:
    lines = ["| | |", "|---|---|"]
    for action in parser._actions:
        name = ", ".join(action.option_strings) or (action.metavar or action.dest)
        if action.option_strings and action.metavar:
            name += f" {action.metavar}"
        lines.append(f"| `{name}` | {(action.help or '').replace('|', chr(92) + '|')} |")
    return [*lines, ""]


def exit_codes() -> str:
    from repro_tui.errors import EXIT_CODES

    return "\n".join(
        ["| status | meaning |", "|---|---|", *(f"| {code} | {text} |" for code, text in EXIT_CODES.items())]
    )


def settings() -> str:
    from repro_tui.settings.table import TABLE

    lines = ["| Setting | Kind | Default | What it does |", "|---|---|---|---|"]
    for setting in TABLE:
        kind = setting.kind.replace("|", " or ")
        lines.append(f"| `{setting.name}` | {kind} | {_default(setting.default)} | {setting.doc} |")
    return "\n".join(lines)


def _default(value: object) -> str:
    if value in ("", (), {}):
        return "none"
    return f"`{value:,}`" if isinstance(value, int) and not isinstance(value, bool) else f"`{value}`"


def filters() -> str:
    from repro_tui.domain.filters import QUALIFIERS

    return "\n".join(
        ["| Qualifier | Meaning |", "|---|---|", *(f"| `{k}:` | {text} |" for k, text in QUALIFIERS.items())]
    )


def fields() -> str:
    from repro_tui.domain.columns import FIELDS

    return "\n".join(["| Field | Meaning |", "|---|---|", *(f"| `{k}` | {text} |" for k, text in FIELDS.items())])


def keys() -> str:
    from repro_tui.tui.commands import keys_markdown

    return keys_markdown().strip()


TABLES: dict[str, tuple[str, Callable[[], str]]] = {
    "commands": ("commands.md", commands),
    "exit codes": ("commands.md", exit_codes),
    "filters": ("commands.md", filters),
    "fields": ("commands.md", fields),
    "settings": ("settings.md", settings),
    "keys": ("keys.md", keys),
}
"""Name of a table in the docs to its page and to what makes it."""


def with_table(page: str, name: str, text: str) -> str:
    """Put a table between its marks on a page."""
    pattern = re.compile(rf"(<!-- table: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    assert pattern.search(page), f"there is no <!-- table: {name} --> … <!-- end -->"
    return pattern.sub(lambda match: f"{match[1]}{text.strip()}\n{match[2]}", page)


def main() -> None:
    for name, (page, make) in TABLES.items():
        path = DOCS / page
        path.write_text(with_table(path.read_text("utf-8"), name, make()), "utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
