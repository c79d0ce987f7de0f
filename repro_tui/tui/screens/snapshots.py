"""The Snapshots place: what is kept in the store, how much of it is own, and whether it is still what it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget

from repro_tui.domain.ids import Digest
from repro_tui.domain.retention import Trashed
from repro_tui.domain.snapshot import SnapshotRow
from repro_tui.errors import ReproError
from repro_tui.ports import Workbench
from repro_tui.tui.keymap import bindings
from repro_tui.tui.modals.pick import PickModal
from repro_tui.tui.render import snapshots as words
from repro_tui.tui.render.lines import Line, plain, wrapped
from repro_tui.tui.screens.place import PlaceScreen
from repro_tui.tui.screens.snapshot_actions import SnapshotActions
from repro_tui.tui.snapshot_lines import ORDERS, Kept, SnapshotTable, matching, order_of, sorted_rows
from repro_tui.tui.widgets.block import Block, Pane
from repro_tui.tui.widgets.find_bar import FindBar
from repro_tui.tui.widgets.pick_list import Item
from repro_tui.tui.widgets.row_table import RowTable


@dataclass
class KeptRead(Message):
    """The store was read."""

    kept: Kept

    def can_replace(self, message: Message) -> bool:
        """Replace an older reading that was not shown yet."""
        return isinstance(message, KeptRead)


def read_kept(workbench: Workbench) -> KeptRead:
    """Ask for all snapshots and the store's size; called in a thread."""
    try:
        rows = tuple(workbench.snapshots.rows())
        usage = workbench.snapshots.usage()
        return KeptRead(Kept(rows, usage, _versions(workbench, rows), _trashed(workbench) if usage.trash else ()))
    except ReproError as error:
        return KeptRead(Kept(error=f"{error.message} {error.hint}".strip()))


def _versions(workbench: Workbench, rows: Sequence[SnapshotRow]) -> dict[Digest, str]:
    """Name the versions that are kept by themselves; without their names the digests stand there."""
    if not any(row.snapshot.dataset for row in rows):
        return {}
    try:
        return {v.digest: f"{d.spec.name} v{v.number}" for d in workbench.datasets.all() for v in d.versions}
    except ReproError:
        return {}


def _trashed(workbench: Workbench) -> Sequence[Trashed]:
    """List what was removed; without it only its bytes are told."""
    try:
        return tuple(workbench.retention.trash())
    except ReproError:
        return ()


class SnapshotsScreen(PlaceScreen, SnapshotActions):
    """Snapshots of the project."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("snapshots")
    place = "snapshots"
    scope = "snapshots"
    intro = (
        "Snapshots: what is kept in the store. own: bytes that are freed when it goes; shared: others need them too. "
        "parts: linked is known by digest and not kept. ok: every byte was read and compared; - never since."
    )

    def __init__(self) -> None:
        super().__init__()
        kept = self.shell.kept
        self._kept: Kept | None = None
        self._filter = kept.snapshot_filter
        self._order = order_of(kept.snapshot_sort)
        self._turned = kept.snapshot_descending
        self._listed: dict[str, SnapshotRow] = {}
        self._shown = SnapshotTable((), 0.0)
        self._table = RowTable()
        self._hint = Block("hint")
        self._pane = Pane("pane")
        self._find_bar = FindBar()

    def first_words(self) -> str:
        """Say that the list is being read."""
        return words.READING

    def above(self) -> Iterable[Widget]:
        """Give the line that points to pruning."""
        return (self._hint,)

    def body(self) -> ComposeResult:
        """Lay the pane beside the list."""
        yield self._table
        yield self._pane

    def below(self) -> Iterable[Widget]:
        """Give the line that the filter is typed in."""
        return (self._find_bar,)

    def on_mount(self) -> None:
        """Begin where the last session ended."""
        self._table.go_to(self.shell.kept.snapshot)
        self._table.focus()

    # What comes in.

    def ask_services(self) -> Message:
        """Read the store."""
        return read_kept(self.shell.workbench)

    @on(KeptRead)
    def _take(self, message: KeptRead) -> None:
        """Show what was read; when that failed, the last good list stays."""
        kept = message.kept
        self.say_failure(kept.error)
        if kept.error:
            if self._kept is None:
                self.say_instead("The store cannot be read. R tries again.")
            return
        if kept != self._kept:
            self._kept = kept
            self._list()

    def tick(self) -> None:
        """Let ages grow."""
        if self._kept is not None:
            # Sorting and measuring thousands of lines anew every second would be felt under the fingers.
            self._shown = replace(self._shown, now=self._now)
            self._table.show(self._shown)
            self._follow_cursor()

    def _list(self) -> None:
        """Sort, filter and show."""
        kept = self._kept or Kept()
        found = matching(kept.rows, self._filter, kept.versions)
        rows = sorted_rows(found, self._order, turned=self._turned)
        self._listed = {str(row.snapshot.digest): row for row in rows}
        self._shown = SnapshotTable.of(rows, self._now, self._order, among=kept, ascii_only=self.ascii_only)
        self._table.show(self._shown)
        filtered = f"   /{self._filter}" if self._filter else ""
        order = self._sort_words() if kept.rows else ""
        store = words.store_words(kept.usage, len(rows), len(kept.rows), kept.trashed, self._now)
        self._line.show(store + filtered, order)
        self._say_hint(words.pruning_hint(kept.usage, kept.trashed, self._now))
        nothing = words.EMPTY_WORDS if not kept.rows else "" if rows else "No snapshot matches.\n\n  /   change it"
        self.say_instead(nothing)
        self._follow_cursor()

    def _say_hint(self, text: str) -> None:
        """Point to pruning, or do not; the dashboard never does more than that by itself."""
        ascii_only = self.ascii_only
        self.set_class(bool(text), "-hinted")
        self._hint.show(lambda cells, _rows: plain(wrapped(text, cells, "accent"), ascii_only=ascii_only))

    @property
    def _now(self) -> float:
        return self.shell.options.clock()

    def _sort_words(self) -> str:
        if self._order.id == "age":
            return "oldest first" if self._turned else "newest first"
        return f"by {self._order.title}{', the other way round' if self._turned else ''}"

    @on(RowTable.Highlighted)
    def _follow_cursor(self) -> None:
        """Let the pane follow, and keep where the cursor is."""
        row, ascii_only = self.chosen, self.ascii_only

        def lines(cells: int, rows: int) -> Sequence[Line]:
            if row is None:
                return ()
            return plain(words.pane(row, self.versions, self._now, cells, rows), ascii_only=ascii_only)

        self._pane.show(lines)
        if self._kept is not None:
            self.shell.keep(
                replace(
                    self.shell.kept,
                    snapshot=self._table.highlighted,
                    snapshot_sort=self._order.id if self._order is not ORDERS[0] else "",
                    snapshot_descending=self._turned,
                    snapshot_filter=self._filter,
                )
            )

    # What keys act on.

    @property
    def chosen(self) -> SnapshotRow | None:
        """Give the snapshot under the cursor."""
        return self._listed.get(self._table.highlighted)

    @property
    def versions(self) -> Mapping[Digest, str]:
        """Give the names of dataset versions."""
        return self._kept.versions if self._kept else {}

    def changed(self) -> None:
        """Read again."""
        self.read()

    @on(RowTable.Opened)
    def action_open(self) -> None:
        """Open the page of the snapshot under the cursor."""
        if row := self.chosen:
            from repro_tui.tui.screens.snapshot import SnapshotScreen

            self.app.push_screen(SnapshotScreen(row, self.versions))

    def action_prune(self) -> None:
        """Decide what stays."""
        from repro_tui.tui.screens.prune import PruneScreen

        self.app.push_screen(PruneScreen())

    def action_trash(self) -> None:
        """Show what was removed."""
        from repro_tui.tui.screens.trash import TrashScreen

        self.app.push_screen(TrashScreen())

    def action_sort(self) -> None:
        """Choose what to sort by."""
        items = [Item(order.id, order.title, order.note) for order in ORDERS]
        hint = "enter sort by it   esc leave"
        modal = PickModal("Sort by", items, hint, start=self._order.id, ascii_only=self.ascii_only)
        self.app.push_screen(modal, self._sort_by)

    def _sort_by(self, name: str | None) -> None:
        if name:
            self._order, self._turned = order_of(name), False
            self._list()

    def action_reverse(self) -> None:
        """Sort the other way round."""
        self._turned = not self._turned
        self._list()

    # The filter.

    def action_filter(self) -> None:
        """Write what names must contain."""
        self._before = self._filter
        self._find_bar.open()

    @on(FindBar.Typed)
    @on(FindBar.Asked)
    def _narrow(self, message: FindBar.Typed | FindBar.Asked) -> None:
        self._filter = message.text.strip()
        self._list()
        if isinstance(message, FindBar.Asked):
            self._table.focus()

    @on(FindBar.Left)
    def _restore_filter(self) -> None:
        self._filter = self._before
        self._list()
        self._table.focus()
