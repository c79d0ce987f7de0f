"""Looks into a dataset: which files are tables, which of them are one table, and what each holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from repro_tui.domain.data_change import types_of
from repro_tui.domain.dataset import Spec
from repro_tui.domain.profile import FileLine, Profile, TableProfile
from repro_tui.profiles.budget import Budget, Clock
from repro_tui.profiles.folders import classes_of_folders
from repro_tui.profiles.labels import no_label, uncounted
from repro_tui.profiles.places import drawn, places_of

_MOST_PROBLEMS = 100
_MOST_TABLES = 200


def profile(
    root: Path,
    files: Sequence[FileLine],
    spec: Spec,
    *,
    budget: Budget | None = None,
    stopped: Callable[[], bool] | None = None,
) -> Profile:
    """Look into the files of a dataset. Never raises for what stands in them: problems name the file and the reason.

    Args:
        root: the dataset's folder, or its only file.
        files: its file list, paths relative to `root` in the NUL encoding of journal.md.
        spec: how it was declared: its kind, and its label column if that was said.
        budget: limits; by default those of a person who waits.
        stopped: asked now and then from another thread too; true ends the work with what was found so far.
    """
    clock = Clock(budget or Budget(), stopped)
    every = places_of(root, files, spec)
    places = drawn(every, clock.budget.files)
    problems: list[str] = []
    tables: list[TableProfile] = []
    short = False
    if places:
        from repro_tui.profiles.connect import bench

        with bench(places, clock) as opened:
            from repro_tui.profiles.tables import Tables

            looking = Tables(opened, spec.label, problems)
            for group in looking.groups(places)[:_MOST_TABLES]:
                tables += looking.describe(group)
            tables += looking.unread[: max(0, _MOST_TABLES - len(tables))]
            short = opened.short
    if len(places) < len(every):
        problems.insert(0, f"{len(places):,} of {len(every):,} files were looked into, and their rows not counted")
        tables = [_of_some(table) for table in tables]
    tables += classes_of_folders(files, spec.kind)
    if spec.label and tables and not any(column.name == spec.label for t in tables for column in t.columns):
        problems.append(no_label(spec.label))
    problems += uncounted(tables, spec.label) if spec.label else []
    tables.sort(key=lambda table: (table.name, table.form))
    return Profile(types_of(files), tuple(tables), tuple(problems[:_MOST_PROBLEMS]), unfinished=short)


def _of_some(table: TableProfile) -> TableProfile:
    """Say of a table only what a part of its files can tell."""
    return replace(table, rows=None, sampled=table.sampled or table.rows, content="")
