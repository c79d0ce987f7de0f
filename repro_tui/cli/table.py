"""The table of commands: one line each; help, completions, suggestions and docs/commands.md follow it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from repro_tui.cli.call import Call


@dataclass(frozen=True, slots=True)
class Command:
    """One subcommand; its module is imported only when it is asked for."""

    name: str
    summary: str

    @property
    def module(self) -> ModuleType:
        """Import the file that holds the command."""
        return import_module(f"repro_tui.cli.commands.{self.name}")

    def prepare(self, argv: Sequence[str]) -> Sequence[str]:
        """Let the command look at its words before argparse does."""
        prepare: Callable[[Sequence[str]], Sequence[str]] = getattr(self.module, "prepare", list)
        return prepare(argv)

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's options on a parser."""
        declare: Callable[[argparse.ArgumentParser], None] = self.module.add_arguments
        declare(parser)

    def execute(self, call: Call) -> int:
        """Carry the command out and give the exit status."""
        carry_out: Callable[[Call], int] = self.module.execute
        return carry_out(call)


COMMANDS: tuple[Command, ...] = (
    Command("run", "run a command as you always do, and record what decides its result"),
    Command("ls", "list runs, with the filter language of the dashboard"),
    Command("show", "everything that is known about one run"),
    Command("diff", "what differs between runs, or between a run and what lies there now"),
    Command("explain", "why the results of two runs differ, as far as the records tell"),
    Command("varies", "what varies over many runs, and how each goes with a result"),
    Command("sql", "ask the index of runs in SQL: a table, CSV or JSON"),
    Command("logs", "what a run printed, or is printing now"),
    Command("snapshot", "keep a run so that it can be had again: code, environment, data and outputs"),
    Command("snapshots", "list what is kept, and what removing it would free"),
    Command("restore", "write a kept run, or a kept version of a dataset, into a folder"),
    Command("verify", "read everything that a snapshot needs and compare it"),
    Command("prune", "move to the trash what no rule keeps, with the reason on each line"),
    Command("trash", "what was removed: list it, bring it back, or empty it for good"),
    Command("du", "where the bytes of the store go: by dataset, run and kind, own and shared"),
    Command("questions", "the questions that wait for you: list and answer them"),
    Command("data", "datasets: declare them, see what changed, keep versions, record how one was made"),
    Command("check", "read the kept bytes and compare them with what they should be"),
    Command("repair", "bring back what a damaged store still has, and name what is lost"),
    Command("doctor", "look at the project and this machine, and say what to do about each problem"),
    Command("rebuild", "throw the index away and build it again from the journals"),
    Command("demo", "make a small real project, train a few models in it, and watch them"),
    Command("completions", "print completions for a shell"),
)
"""Every command there is; without one, `repro-tui [PATH]` opens the dashboard."""

BY_NAME: dict[str, Command] = {command.name: command for command in COMMANDS}
