"""Datasets: declare them, see whether they changed and how, keep versions, and record how one was made.

A version is named v1, v2 and so on, by the beginning of its digest, by a run that used it, or `now`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module

from repro_tui.cli.call import Call

EXAMPLES = """\
examples:
  repro-tui data add                       # what runs were seen reading
  repro-tui data add train data/train --label y
  repro-tui data status
  repro-tui data diff train v1 now
  repro-tui data watch train ask
  repro-tui data checkpoint train
  repro-tui data transform --in raw --out train -- python add_scans.py
  repro-tui data note train "removed blurred images"
"""
WATCHES = ("never", "ask", "always")
_PROJECT = "the project, instead of the one that the working folder lies in"
KINDS = ("auto", "table", "images", "files")


@dataclass(frozen=True, slots=True)
class Action:
    """One subcommand; its module is imported only when it is asked for."""

    name: str
    summary: str
    module: str
    """File in `repro_tui/cli/data/`, in which a function has the subcommand's name."""
    declare: Callable[[argparse.ArgumentParser], None]


def prepare(argv: Sequence[str]) -> list[str]:
    """Let `--in a b` of `transform` mean `--in a --in b`, and keep what follows `--` apart."""
    words = list(argv)
    if "transform" not in words[:3]:
        return words
    end = words.index("--") if "--" in words else len(words)
    head: list[str] = []
    option = ""
    for word in words[:end]:
        if word in {"--in", "--out"}:
            option = word
        elif word.startswith("-"):
            option = ""
            head.append(word)
        elif option:
            head += [option, word]
        else:
            head.append(word)
    return [*head, *words[end:]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommands of `data`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", title="actions", help=_names())
    for action in ACTIONS:
        sub = actions.add_parser(action.name, help=action.summary, description=action.summary, allow_abbrev=False)
        sub.add_argument("-C", "--project", metavar="PATH", default=argparse.SUPPRESS, help=_PROJECT)
        action.declare(sub)
        sub.add_argument("--json", action="store_true", help="as JSON (docs/formats/json.md)")


def execute(call: Call) -> int:
    """Carry out a subcommand; without one the datasets are listed."""
    action = call.options.action or "list"
    if not call.options.action:
        call.options.json = False
    module = import_module(f"repro_tui.cli.data.{next(each.module for each in ACTIONS if each.name == action)}")
    carry_out: Callable[[Call], int] = getattr(module, action)
    return carry_out(call)


def _names() -> str:
    return ", ".join(action.name for action in ACTIONS)


def _none(_parser: argparse.ArgumentParser) -> None:
    """Declare nothing."""


def _status(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="*", help="only these datasets")
    parser.add_argument(
        "--check", action="store_true", help="read and note nothing; end with 1 when one changed or is not known"
    )


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", metavar="NAME", nargs="?", help="its name; without one, what could be declared is listed"
    )
    parser.add_argument("path", metavar="PATH", nargs="?", help="a file or folder; left out, the one that was proposed")
    parser.add_argument("--label", metavar="COLUMN", default="", help="the column that holds the class")
    parser.add_argument("--key", metavar="COLUMN", default="", help="the column that names a row")
    parser.add_argument("--kind", choices=KINDS, default="auto", help="auto, table, images or files (default: auto)")
    parser.add_argument("--watch", choices=WATCHES, default="never", help="never, ask or always (default: never)")


def _named(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the dataset")


def _optionally_named(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", metavar="NAME", nargs="?", default="", help="the dataset; may be left out where there is one"
    )


def _watch(parser: argparse.ArgumentParser) -> None:
    _named(parser)
    parser.add_argument("watch", metavar="WATCH", choices=WATCHES, help="never, ask, or always (keep each version)")


def _diff(parser: argparse.ArgumentParser) -> None:
    _optionally_named(parser)
    parser.add_argument("before", metavar="BEFORE", nargs="?", default="", help="default: the version before AFTER")
    parser.add_argument("after", metavar="AFTER", nargs="?", default="", help="default: now")


def _transform(parser: argparse.ArgumentParser) -> None:
    parser.usage = f"{parser.prog} --in NAME_OR_PATH ... --out NAME ... [OPTIONS] -- COMMAND ..."
    parser.add_argument(
        "--in", dest="ins", metavar="NAME_OR_PATH", action="append", default=[], help="what the command reads"
    )
    parser.add_argument(
        "--out", dest="outs", metavar="NAME", action="append", default=[],
        help="the datasets that it makes or changes; NAME=PATH declares a new one",
    )  # fmt: skip
    parser.add_argument("--note", metavar="TEXT", default="", help="what this does, in words")
    parser.add_argument("argv", metavar="COMMAND", nargs=argparse.REMAINDER, help="what to run, with its arguments")


def _note(parser: argparse.ArgumentParser) -> None:
    _named(parser)
    parser.add_argument("text", metavar="TEXT", nargs="?", default="", help="how the version was made, in words")
    parser.add_argument("--of", metavar="VERSION", default="now", help="which version (default: now)")
    parser.add_argument("--command", metavar="LINE", default="", help="the command line that made it")


ACTIONS: tuple[Action, ...] = (
    Action("list", "list the datasets, their versions and who uses them", "listing", _none),
    Action("status", "see whether datasets changed; what changed is read", "status", _status),
    Action("add", "declare a dataset, or see what could be one", "declare", _add),
    Action("remove", "take a declaration back; its history stays", "declare", _named),
    Action("watch", "say whether to be asked when a dataset changes", "declare", _watch),
    Action("log", "the versions of a dataset, how each was made, who used it", "listing", _optionally_named),
    Action("diff", "what changed between two versions", "diff", _diff),
    Action("checkpoint", "keep the version that lies there now", "keep", _named),
    Action("transform", "run a command that makes a dataset, and record it", "transform", _transform),
    Action("note", "say how a version was made", "keep", _note),
)  # fmt: skip
"""Every subcommand there is."""
