"""The Data place: datasets, their versions over time, what changed in them, and what lies there now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.timer import Timer

from repro_tui.domain.data_change import phrase
from repro_tui.domain.dataset import Dataset, Now, Proposal, Version
from repro_tui.domain.ids import Digest
from repro_tui.domain.profile import DataChange
from repro_tui.tui import data_reading as reading
from repro_tui.tui.change_book import ChangeBook, key_of
from repro_tui.tui.data_lines import DataTable, Sets, Spot, counted
from repro_tui.tui.keymap import bindings
from repro_tui.tui.render import datasets as words
from repro_tui.tui.render.lines import Line
from repro_tui.tui.screens.data_work import DataWork
from repro_tui.tui.screens.place import PlaceScreen
from repro_tui.tui.widgets.block import Pane
from repro_tui.tui.widgets.row_table import RowTable


class DataScreen(PlaceScreen, DataWork):
    """Datasets of the project."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("data")

    place = "data"
    scope = "data"
    intro = (
        "Data: the versions of each dataset, newest first, who used which, and whether what lies there is one of them. "
        "The pane says what changed from the version before. kept: its bytes are in the store."
    )

    def __init__(self) -> None:
        super().__init__()
        self._sets: Sets | None = None
        self._lies: dict[str, Now] = {}
        self._book = ChangeBook(lambda: self.shell.workbench.datasets)
        self._marked = ""
        self._sought: tuple[str, Digest, str] | None = None
        """Dataset and digest of a version to go to when it is known, and the key of what it is compared with."""
        self._must_look = True
        self._timer: Timer | None = None
        self._resting: reading.Pair | None = None
        """The change that the timer waits for; drawing it again does not begin the rest anew."""
        self._table = RowTable()
        self._shown = DataTable(Sets(), 0.0)
        self._pane = Pane("pane")

    def first_words(self) -> str:
        """Say that the list is being read."""
        return words.READING

    def body(self) -> ComposeResult:
        """Lay the pane beside the list."""
        yield self._table
        yield self._pane

    def on_mount(self) -> None:
        """Begin where the last session ended."""
        self._table.go_to(self.shell.kept.data)
        self._table.focus()

    # What comes in.

    def read(self, *, news: bool = False) -> None:
        """Ask for everything anew; what lies there is looked at only when somebody asked or came here."""
        self._must_look |= not news
        super().read(news=news)

    def ask_services(self) -> Message:
        """List the datasets."""
        return reading.read_sets(self.shell.workbench)

    @on(reading.SetsRead)
    def _take(self, message: reading.SetsRead) -> None:
        """Show what was read; when that failed, the last good list stays."""
        sets = message.sets
        self.say_failure(sets.error)
        if sets.error:
            if self._sets is None:
                self.say_instead("The datasets cannot be read. R tries again.")
            return
        self._sets = sets
        self.settled_watch(sets.datasets)
        self._list()
        self._seek(sets)
        if self._must_look:
            self._must_look = False
            datasets = self.shell.workbench.datasets
            for dataset in sets.datasets:
                self.errands.ask(f"now {dataset.spec.name}", partial(reading.look, datasets, dataset.spec.name))

    @on(reading.LooksRead)
    def _take_look(self, message: reading.LooksRead) -> None:
        self._lies[message.name] = message.now
        self._list()

    @on(reading.ChangeRead)
    def _take_change(self, message: reading.ChangeRead) -> None:
        self._book.keep(message)
        if message.pair == self._book.wanted:
            self._draw_pane()

    def tick(self) -> None:
        """Let ages grow."""
        if self._sets is not None:
            self._list()

    def action_refresh(self) -> None:
        """Look again, and explain again."""
        self._book.forget()
        super().action_refresh()

    # What is shown.

    def _list(self) -> None:
        sets, now = self._sets or Sets(), self.shell.options.clock()
        self._shown = DataTable.of(sets, now, self._lies, marked=self._marked, ascii_only=self.ascii_only)
        versions = sum(len(dataset.versions) for dataset in sets.datasets)
        count = f"{counted(len(sets.datasets), 'dataset')}, {counted(versions, 'version')}" if sets.datasets else ""
        self._line.show(count, "newest first" if sets.datasets else "")
        self.say_instead("" if sets.datasets else words.EMPTY_WORDS, bare=not sets.proposals)
        self._table.show(self._shown)

    def _seek(self, sets: Sets) -> None:
        """Go to the version that lies there, once it is known which one that is."""
        if self._sought is None:
            return
        name, digest, base = self._sought
        dataset = sets.dataset(name)
        found = next((v for v in dataset.versions if v.digest == digest), None) if dataset else None
        if dataset is not None and found is not None:
            self._sought = None
            earlier = reading.before(dataset, found)
            key, usual = key_of(name, found), key_of(name, earlier) if earlier else ""
            self._marked = base if base not in {key, usual} else ""
            self._list()
            self._table.go_to(key)

    @on(RowTable.Highlighted)
    def _follow_cursor(self) -> None:
        """Let the pane follow, and keep where the cursor is."""
        self._draw_pane()
        if self._sets is not None and self._table.highlighted:
            self.shell.keep(replace(self.shell.kept, data=self._table.highlighted))

    def _draw_pane(self) -> None:
        spot, told, now = self.spot, self._told(), self.shell.options.clock()
        dataset, version = self.chosen
        if spot is None:
            self._pane.show(lambda _cells, _rows: ())
            return
        about = words.Opened(dataset, version, self._lies.get(spot.name), told) if dataset else self.proposal

        def lines(cells: int, rows: int) -> Sequence[Line]:
            return words.pane(spot.kind, about, now, cells, rows, ascii_only=self.ascii_only)

        self._pane.show(lines)

    def _told(self) -> words.Told | None:
        """Say how the version under the cursor differs, and find out what is not known as soon as the cursor rests."""
        dataset, version = self.chosen
        if dataset is None or version is None:
            self._book.wanted = None
            return None
        told = self._book.told(dataset, version, self._marked, self._lies.get(dataset.spec.name))
        if told is not None and self._book.errand(told) is not None and self._resting != self._book.wanted:
            if self._timer:
                self._timer.stop()
            self._resting = self._book.wanted
            self._timer = self.set_timer(self.shell.settle, partial(self._explain_wanted, told, self._book.wanted))
        return told

    def _explain_wanted(self, told: words.Told, pair: reading.Pair | None) -> None:
        self._resting = None
        errand = self._book.errand(told) if self._book.wanted == pair else None
        if errand is not None:
            self.errands.ask("change", errand)

    # What keys act on.

    @property
    def spot(self) -> Spot | None:
        """Give the line under the cursor."""
        return self._shown.spot(self._table.highlighted)

    @property
    def chosen(self) -> tuple[Dataset | None, Version | None]:
        """Give the dataset and the version under the cursor."""
        spot = self.spot
        if spot is None or self._sets is None or spot.kind == "proposal":
            return None, None
        return self._sets.dataset(spot.name), self._sets.version(spot.name, spot.number)

    @property
    def proposal(self) -> Proposal | None:
        """Give the path under the cursor that could be declared."""
        spot = self.spot
        if spot is None or self._sets is None or spot.kind != "proposal":
            return None
        return next((found for found in self._sets.proposals if found.path == spot.name), None)

    def noted_version(self) -> tuple[Dataset, Version] | None:
        """Take what lies there now for the version that it is."""
        spot, (dataset, _) = self.spot, self.chosen
        lies = self._lies.get(spot.name) if spot is not None and spot.kind == "now" else None
        same = next((v for v in dataset.versions if lies and v.number == lies.same_as), None) if dataset else None
        return (dataset, same) if dataset is not None and same is not None else super().noted_version()

    @property
    def lies(self) -> dict[str, Now]:
        """Give what lies there now, by dataset."""
        return self._lies

    def changed(self) -> None:
        """Read again, without looking at what lies there."""
        self.read(news=True)

    def looked(self, dataset: Dataset, base: Version | None, looked: reading.Looked) -> None:
        """Take what reading a dataset found, and go to the version that it is."""
        name, digest = dataset.spec.name, looked.now.digest
        self._lies[name] = looked.now
        if digest is not None:
            self._sought = (name, digest, key_of(name, base) if base else "")
            if base is not None and isinstance(looked.change, DataChange):
                pair = (name, base.digest, digest)
                self._book.keep(reading.ChangeRead(pair, phrase(looked.change), looked.change))
        self.read(news=True)

    @on(RowTable.Opened)
    def action_open(self) -> None:
        """Open the line under the cursor."""
        spot, (dataset, version) = self.spot, self.chosen
        if spot is None:
            return
        if spot.kind == "proposal":
            self.declare()
        elif spot.kind == "now":
            self.action_look()
        elif dataset is not None:
            from repro_tui.tui.screens.version import VersionScreen

            self.app.push_screen(VersionScreen(words.Opened(dataset, version, self._lies.get(spot.name), self._told())))

    def action_next(self) -> None:
        """Go to the next dataset, from the last one to the first."""
        heads = [i for i, spot in enumerate(self._shown.spots) if spot.kind == "dataset"]
        here = next((i for i, spot in enumerate(self._shown.spots) if spot.key == self._table.highlighted), 0)
        if heads:
            self._table.go_to(self._shown.spots[next((i for i in heads if i > here), heads[0])].key)

    def action_mark(self) -> None:
        """Mark the version under the cursor, or take the mark away."""
        if chosen := self.chosen_version("space marks one to compare others with."):
            key = key_of(chosen[0].spec.name, chosen[1])
            self._marked = "" if self._marked == key else key
            self._list()
