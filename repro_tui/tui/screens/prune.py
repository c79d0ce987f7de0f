"""Prune: every snapshot with its verdict and the reason, the policy beside it, and what it comes to below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget

from repro_tui.domain.ids import Digest
from repro_tui.domain.retention import Decision, Verdict
from repro_tui.tui.errands import Errands
from repro_tui.tui.keymap import bindings
from repro_tui.tui.modals.pick import PickModal
from repro_tui.tui.policy_lines import PolicyTable, about, short
from repro_tui.tui.prune_lines import ORDERS, Decided, PruneTable, listed, overridden
from repro_tui.tui.prune_reading import StockTaken, Trial, VerdictsMade, make_verdicts, take_stock
from repro_tui.tui.render import prune as words
from repro_tui.tui.render.lines import Line, plain, wrapped
from repro_tui.tui.screens.place import HIGH, TALL
from repro_tui.tui.screens.prune_folders import FolderTidying
from repro_tui.tui.screens.prune_policy import PolicyTrying
from repro_tui.tui.widgets.block import Block, Pane
from repro_tui.tui.widgets.find_bar import FindBar
from repro_tui.tui.widgets.pick_list import Item
from repro_tui.tui.widgets.policy_list import PolicyList
from repro_tui.tui.widgets.row_table import RowTable

ROOMY = 110
"""Columns from which the policy always stands beside the list."""
SLIM = 64
"""Columns below which the policy takes the place of the list."""


class PruneScreen(PolicyTrying, FolderTidying):
    """What stays and what goes."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("prune")
    over = "snapshots"
    scope = "prune"
    intro = (
        "Prune: every snapshot, what is to become of it and why. e: you said so; P: pinned. Nothing happens before "
        "enter and a question; what goes lies in the trash, can be brought back by u, and frees bytes when that is "
        "emptied. tab: the rules, whose effect shows at once. F asks about the folders of old runs."
    )

    def __init__(self) -> None:
        super().__init__()
        self._overrides: dict[Digest, Verdict] = {}
        self._verdicts: VerdictsMade | None = None
        self._judging = Errands(self.post_message)
        """A thread of its own decides, so that no reading of a large store holds it up."""
        self._is_asked = False
        """The question waits until it was decided by the rules that stand there now."""
        self._filter = self._before = ""
        self._order, self._turned, self._only = ORDERS[0], False, False
        self._listed: dict[str, Decided] = {}
        self._table = RowTable("verdicts")
        self._rules = PolicyList("policy")
        self._why = Pane("reasons")
        self._sum = Block("sum")
        self._find_bar = FindBar()

    def first_words(self) -> str:
        """Say that the list is being read."""
        return words.READING

    def body(self) -> ComposeResult:
        """Lay the rules beside the list."""
        yield self._table
        yield self._rules

    def below(self) -> Iterable[Widget]:
        """Give what is under the cursor, what all comes to, and the line that the filter is typed in."""
        return (self._why, self._sum, self._find_bar)

    def on_mount(self) -> None:
        """Begin to decide, at the first line."""
        self.run_worker(self._judging.run, thread=True, group="judging", exit_on_error=False)
        self._table.focus()

    def on_unmount(self) -> None:
        """End the thread that decides."""
        self._judging.stop()

    def settle_size(self) -> None:
        """Show the rules where there is room for them."""
        super().settle_size()
        self._fit(self.shell.size.width)

    def on_resize(self, event: events.Resize) -> None:
        """Show the rules where there is room for them."""
        self._fit(event.size.width)

    def _fit(self, cells: int) -> None:
        self.update_classes({"-roomy": cells >= ROOMY, "-slim": cells < SLIM})

    # What comes in.

    def ask_services(self) -> Message:
        """Read the store and the policy."""
        return take_stock(self.retention)

    @on(StockTaken)
    def _take(self, message: StockTaken) -> None:
        self.say_failure(message.error)
        if message.stock is None or message.policy is None:
            if self._stock is None:
                self.say_instead("What is kept, or the policy, cannot be read. R tries again.")
            return
        self._stock, self._saved = message.stock, message.policy
        if not self._tried:
            self._policy = message.policy
        known = {candidate.digest for candidate in message.stock.candidates}
        self._overrides = {digest: said for digest, said in self._overrides.items() if digest in known}
        self.decide_anew()

    @property
    def _trial(self) -> Trial | None:
        return Trial(self._policy, dict(self._overrides), self._stock) if self._stock else None

    def decide_anew(self) -> None:
        """Decide in the thread, the latest first; the rules themselves are drawn at once."""
        self._rules.show(PolicyTable(self._policy, self._saved, self.ascii_only))
        self._is_asked = False
        if trial := self._trial:
            self._judging.ask("decide", lambda: make_verdicts(trial))

    @on(VerdictsMade)
    def _judge(self, message: VerdictsMade) -> None:
        trial = self._trial
        if trial is None or message.trial.stock.stamp != trial.stock.stamp:
            return
        self._verdicts = message
        self._list()
        if self._is_asked and message.trial.is_as(trial):
            self._is_asked = False
            if self.app.screen is self:
                self.action_prune()

    def _list(self) -> None:
        """Sort, filter and show."""
        made = self._verdicts
        if made is None:
            return
        rows = listed(made.rows, self._filter, self._order, turned=self._turned, only=self._only)
        self._listed = {row.candidate.digest: row for row in rows}
        self._table.show(PruneTable.of(rows, self._now, self._order, made.name_cells, ascii_only=self.ascii_only))
        shown = f"{len(rows):,} of {len(made.rows):,}   /{self._filter}" if self._filter else self._order_words()
        self._line.show(words.title(made.outlook.stock, self._now), shown)
        nothing = ""
        if not made.rows:
            nothing = words.EMPTY_WORDS
        elif not rows:
            nothing = "No line matches.\n\n  /   change it" if self._filter else "Nothing is to go.\n\n  v   list all"
        self.say_instead(nothing)
        self._sum_up(made.outlook)

    def _sum_up(self, outlook: words.Outlook) -> None:
        policy, now, ascii_only = short(self._policy), self._now, self.ascii_only
        if self._policy != self._saved:
            policy += "; not in repro.yaml"

        def lines(cells: int, rows: int) -> Sequence[Line]:
            del rows
            height = self.shell.size.height
            most = 2 if height < HIGH else 4 if height < TALL else 9
            is_beside = self.has_class("-roomy") or self.has_class("-policy")
            found = words.summary(outlook, "" if is_beside else policy, now, cells, most)
            return plain(found, ascii_only=ascii_only)

        self._sum.show(lines)

    @on(RowTable.Highlighted)
    def _explain(self) -> None:
        """Say all about the line that the cursor is on, or about the rule."""
        self._say_why()

    def _say_why(self) -> None:
        row, ascii_only = self._listed.get(self._table.highlighted), self.ascii_only
        text = ""
        if self._rules.has_focus and self._rules.highlighted:
            text = about(self._policy, self._saved, self._rules.highlighted)
        elif row is not None:
            text = f"{row.candidate.name}: {row.decision.verdict}: {row.because}"

        def lines(cells: int, rows: int) -> Sequence[Line]:
            del rows
            return plain(wrapped(text, cells, "label"), ascii_only=ascii_only)

        self._why.show(lines)

    def _order_words(self) -> str:
        only = "only what goes, " if self._only else ""
        if self._order.id == "age":
            return only + ("oldest first" if self._turned else "newest first")
        return f"{only}by {self._order.title}{', the other way round' if self._turned else ''}"

    # What keys act on.

    @property
    def _chosen(self) -> Decision | None:
        row = self._listed.get(self._table.highlighted)
        return row.decision if row else None

    @on(RowTable.Opened)
    def action_override(self) -> None:
        """Keep what is to go, or remove what stays; the same key takes that back."""
        self._override(lessen=False)

    def action_parts(self) -> None:
        """Give up only parts of it."""
        self._override(lessen=True)

    def _override(self, *, lessen: bool) -> None:
        chosen = self._chosen
        if chosen is None:
            return
        if chosen.fixed:
            self.warn(f"It stays whatever anybody says: {chosen.reasons[0].words}.")
            return
        self._overrides = overridden(self._overrides, chosen, lessen=lessen)
        self.decide_anew()

    def action_rules(self) -> None:
        """Take back all overrides."""
        if not self._overrides:
            self.warn("Nothing was overridden.")
            return
        self._overrides = {}
        self.decide_anew()

    def action_prune(self) -> None:
        """Ask whether to move to the trash what is to go, by the rules as they stand there."""
        trial, made = self._trial, self._verdicts
        if self.refuses() or trial is None:
            return
        self._is_asked = made is None or not made.trial.is_as(trial)
        if made is not None and not self._is_asked:
            self.ask_prune(made.trial.stock, [row.decision for row in made.rows])

    def action_undo(self) -> None:
        """Bring back what was removed last."""
        batch = self.last_batch(self._stock.trashed if self._stock else ())
        if batch:
            self.bring_back(batch)
        else:
            self.warn("The trash is empty: nothing can be brought back.")

    def action_empty(self) -> None:
        """Empty the trash."""
        self.ask_empty()

    def action_trash(self) -> None:
        """Show the trash."""
        from repro_tui.tui.screens.trash import TrashScreen

        self.app.push_screen(TrashScreen())

    def action_only(self) -> None:
        """List only what goes, or all."""
        self._only = not self._only
        self._list()

    def action_sort(self) -> None:
        """Choose what to sort by."""
        items = [Item(order.id, order.title, order.note) for order in ORDERS]
        hint = "enter sort by it   esc leave"
        modal = PickModal("Sort by", items, hint, start=self._order.id, ascii_only=self.ascii_only)
        self.app.push_screen(modal, self._sort_by)

    def _sort_by(self, name: str | None) -> None:
        if name:
            self._order, self._turned = next(order for order in ORDERS if order.id == name), False
            self._list()

    def action_reverse(self) -> None:
        """Sort the other way round."""
        self._turned = not self._turned
        self._list()

    # To the policy and back.

    def action_policy(self) -> None:
        """Go to the rules."""
        self.add_class("-policy")
        self._rules.focus()

    @on(PolicyList.Left)
    def _leave_policy(self) -> None:
        self.remove_class("-policy")
        self._table.focus()

    @on(events.DescendantFocus)
    def _follow_focus(self) -> None:
        """Show the keys of where the cursor is, whether keys or the mouse brought it there."""
        self._footer.scope = "policy" if self._rules.has_focus else self.scope
        self._say_why()
        if self._verdicts:
            self._sum_up(self._verdicts.outlook)

    # The filter.

    def action_filter(self) -> None:
        """Write what names and reasons must contain."""
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
