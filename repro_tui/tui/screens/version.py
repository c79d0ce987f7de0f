"""The page of one version of a dataset, or of the dataset with all its versions."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import BindingType

from repro_tui.domain.dataset import Dataset, Version
from repro_tui.tui import data_reading as reading
from repro_tui.tui.keymap import bindings
from repro_tui.tui.render import datasets as words
from repro_tui.tui.render.lines import plain
from repro_tui.tui.screens.data_actions import DataActions
from repro_tui.tui.screens.page import PageScreen
from repro_tui.tui.widgets.lines import Page


class VersionScreen(PageScreen, DataActions):
    """One version, or one dataset."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("version")

    scope = "version"
    above = "data"
    intro = "A version of a dataset: how it was made, what changed against the one before, which runs used it."

    def __init__(self, opened: words.Opened) -> None:
        super().__init__()
        self._opened = opened

    def on_mount(self) -> None:
        """Show it, and ask for what is not known yet."""
        self._draw()
        workbench, opened = self.shell.workbench, self._opened
        told, version, name = opened.told, opened.version, opened.dataset.spec.name
        if version is not None:
            self.errands.ask("runs", partial(reading.name_runs, workbench, version, words.most_runs(version)))
        if told is not None and told.change is None and not told.unread:
            pair = (name, told.before.digest, told.after.digest)
            self.errands.ask("change", partial(reading.explain, workbench.datasets, pair, lambda: self.is_running))

    @property
    def chosen(self) -> tuple[Dataset | None, Version | None]:
        """Give what the page is about."""
        return self._opened.dataset, self._opened.version

    def changed(self) -> None:
        """Read it again."""
        self.errands.ask("read", partial(reading.read_sets, self.shell.workbench))

    def _draw(self) -> None:
        opened, now, ascii_only = self._opened, self.shell.options.clock(), self.ascii_only
        self.show(
            lambda cells: Page(plain(words.page(opened, now, cells, ascii_only=ascii_only), ascii_only=ascii_only))
        )

    @on(reading.SetsRead)
    def _take(self, message: reading.SetsRead) -> None:
        """Take what is otherwise by now; a dataset that is gone stays as it was."""
        dataset = message.sets.dataset(self._opened.dataset.spec.name)
        if dataset is not None:
            version = self._opened.version
            found = message.sets.version(dataset.spec.name, version.number) if version else None
            self._opened = replace(self._opened, dataset=dataset, version=found or version)
            self._draw()

    @on(reading.RunsNamed)
    def _take_runs(self, message: reading.RunsNamed) -> None:
        self._opened = replace(self._opened, runs=message.runs)
        self._draw()

    @on(reading.ChangeRead)
    def _take_change(self, message: reading.ChangeRead) -> None:
        if self._opened.told is not None:
            told = replace(self._opened.told, phrase=message.phrase, change=message.change)
            self._opened = replace(self._opened, told=told)
            self._draw()
