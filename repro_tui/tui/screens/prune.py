"""Prune: every snapshot with its verdict and the reason, the policy beside it, and what it comes to below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget

from repro_tui.domain.ids import Digest
from repro_tui.domain.retention import Decision, Policy, Stock, Verdict
from repro_tui.domain.retention_decide import decide
from repro_tui.domain.retention_impossible import impossible
from repro_tui.domain.retention_size import missing
from repro_tui.errors import ReproError, UsageError
from repro_tui.ports.retention import Retention
from repro_tui.tui.keymap import bindings
from repro_tui.tui.messages import Say
from repro_tui.tui.modals.ask import ConfirmModal, PromptModal
from repro_tui.tui.modals.pick import PickModal
from repro_tui.tui.policy_lines import WORDS, PolicyTable, cleared, short, stepped, value_text, written
from repro_tui.tui.prune_lines import ORDERS, Decided, PruneTable, decided, listed, overridden
from repro_tui.tui.render import prune as words
from repro_tui.tui.render.lines import Line, plain
from repro_tui.tui.screens.pruning import Pruning
from repro_tui.tui.widgets.block import Block
from repro_tui.tui.widgets.find_bar import FindBar
from repro_tui.tui.widgets.pick_list import Item
from repro_tui.tui.widgets.policy_list import PolicyList
from repro_tui.tui.widgets.row_table import RowTable

ROOMY = 110
"""Columns from which the policy always stands beside the list."""


@dataclass
class StockTaken(Message):
    """The store was read."""

    stock: Stock | None = None
    policy: Policy | None = None
    """What repro.yaml says."""
    error: str = ""

    def can_replace(self, message: Message) -> bool:
        """Replace an older reading that was not shown yet."""
        return isinstance(message, StockTaken)


@dataclass
class VerdictsMade(Message):
    """It was decided about every snapshot."""

    stamp: str
    rows: Sequence[Decided]
    frees: int
    impossible: Sequence[str]
    over: int

    def can_replace(self, message: Message) -> bool:
        """Replace older verdicts that were not shown yet."""
        return isinstance(message, VerdictsMade)


def take_stock(retention: Retention) -> StockTaken:
    """Read the store and the policy; called in a thread."""
    try:
        return StockTaken(retention.stock(), retention.policy())
    except ReproError as error:
        return StockTaken(error=f"{error.message} {error.hint}".strip())


def make_verdicts(policy: Policy, stock: Stock, overrides: Mapping[Digest, Verdict]) -> VerdictsMade:
    """Decide about everything, and say what that comes to; called in a thread."""
    decisions = decide(policy, stock, overrides)
    gone = {d.digest: d.parts for d in decisions if d.verdict is not Verdict.KEEP}
    rows = decided(stock, decisions)
    return VerdictsMade(
        stock.stamp,
        rows,
        stock.footprint.freed(gone),
        impossible(stock, decisions),
        missing(policy, stock, decisions),
    )


class PruneScreen(Pruning):
    """What stays and what goes."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("prune")
    over = "snapshots"
    scope = "prune"
    intro = (
        "Prune: every snapshot, what is to become of it and why. e: you said so; P: pinned. Nothing happens before "
        "enter and a question; what goes lies in the trash, can be brought back by u, and frees bytes when that is "
        "emptied. tab: the rules, whose effect shows at once."
    )

    def __init__(self) -> None:
        super().__init__()
        self._stock: Stock | None = None
        self._policy = Policy()
        self._saved = Policy()
        self._tried = False
        """A person changed the rules here, so that what the file says does not take their place."""
        self._overrides: dict[Digest, Verdict] = {}
        self._verdicts: VerdictsMade | None = None
        self._filter = self._before = ""
        self._order, self._turned, self._only = ORDERS[0], False, False
        self._listed: dict[str, Decided] = {}
        self._table = RowTable("verdicts")
        self._rules = PolicyList("policy")
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
        """Give what it comes to, and the line that the filter is typed in."""
        return (self._sum, self._find_bar)

    def on_mount(self) -> None:
        """Begin at the first line."""
        self._table.focus()

    def on_resize(self, event: events.Resize) -> None:
        """Show the rules where there is room for them."""
        self.set_class(event.size.width >= ROOMY, "-roomy")

    # What comes in.

    def ask_services(self) -> Message:
        """Read the store and the policy."""
        return take_stock(self.retention)

    @on(StockTaken)
    def _take(self, message: StockTaken) -> None:
        self.say_failure(message.error)
        if message.stock is None or message.policy is None:
            if self._stock is None:
                self.say_instead("The store cannot be read. R tries again.")
            return
        self._stock, self._saved = message.stock, message.policy
        if not self._tried:
            self._policy = message.policy
        known = {candidate.digest for candidate in message.stock.candidates}
        self._overrides = {digest: said for digest, said in self._overrides.items() if digest in known}
        self._decide()

    def _decide(self) -> None:
        """Decide in the thread, the latest first; the rules themselves are drawn at once."""
        self._rules.show(PolicyTable(self._policy, self._saved, self.ascii_only))
        stock, policy, overrides = self._stock, self._policy, dict(self._overrides)
        if stock is not None:
            self.errands.ask("decide", lambda: make_verdicts(policy, stock, overrides), first=True)

    @on(VerdictsMade)
    def _judge(self, message: VerdictsMade) -> None:
        if self._stock is not None and message.stamp == self._stock.stamp:
            self._verdicts = message
            self._list()

    def _list(self) -> None:
        """Sort, filter and show."""
        stock, made = self._stock, self._verdicts
        if stock is None or made is None:
            return
        rows = listed(made.rows, self._filter, self._order, turned=self._turned, only=self._only)
        self._listed = {row.candidate.digest: row for row in rows}
        now = self.shell.options.clock()
        table = PruneTable.of(rows, now, self._order, among=made.rows, ascii_only=self.ascii_only)
        self._table.show(table)
        shown = f"{len(rows):,} of {len(made.rows):,}: {self._filter}" if self._filter else self._order_words()
        self._line.show(words.title(stock), shown)
        nothing = ""
        if not rows:
            nothing = "No line matches.\n\n  /   change it" if made.rows and not self._only else "Nothing is to go."
        self.say_instead(words.EMPTY_WORDS if not made.rows else nothing)
        self._sum_up(stock, made, now)

    def _sum_up(self, stock: Stock, made: VerdictsMade, now: float) -> None:
        policy, ascii_only, roomy = self._policy, self.ascii_only, self.has_class("-roomy")
        decisions = [row.decision for row in made.rows]

        def lines(cells: int, rows: int) -> Sequence[Line]:
            del cells, rows
            found = words.summary(stock, decisions, made.frees, made.impossible, made.over, now)
            if not roomy:
                found = [(("policy ", "label"), (short(policy), "value"), (" (tab)", "label")), *found]
            return plain(found, ascii_only=ascii_only)

        self._sum.show(lines)

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
        self._decide()

    def action_rules(self) -> None:
        """Take back all overrides."""
        self._overrides = {}
        self._decide()

    def action_prune(self) -> None:
        """Ask whether to move to the trash what is to go."""
        if self._stock is not None and self._verdicts is not None:
            self.ask_prune(self._stock, [row.decision for row in self._verdicts.rows])

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

    # The policy.

    def action_policy(self) -> None:
        """Go to the rules."""
        self.add_class("-policy")
        self._rules.focus()
        self._footer.scope = "policy"

    @on(PolicyList.Left)
    def _leave_policy(self) -> None:
        self.remove_class("-policy")
        self._table.focus()
        self._footer.scope = self.scope

    @on(PolicyList.Stepped)
    def _step(self, message: PolicyList.Stepped) -> None:
        size = self._stock.size if self._stock else 0
        changed = stepped(self._policy, message.rule, message.step, size=size)
        if changed == self._policy and message.rule in {"keep_tags", "keep_best"} and message.step > 0:
            self._ask_value(message.rule)
            return
        self._try(changed)

    @on(PolicyList.Cleared)
    def _clear(self, message: PolicyList.Cleared) -> None:
        self._try(cleared(self._policy, message.rule))

    @on(PolicyList.Written)
    def _write(self, message: PolicyList.Written) -> None:
        self._ask_value(message.rule)

    def _ask_value(self, rule: str, text: str | None = None, why: str = "") -> None:
        known = value_text(self._policy, rule)
        before = text if text is not None else "" if known in {"-", "all of it"} else known
        title = f"{WORDS[rule].name}: {WORDS[rule].what}"
        modal = PromptModal(
            title, "enter take it   esc leave   (empty takes it out)", text=before, why=why, ascii_only=self.ascii_only
        )

        def take(said: str | None) -> None:
            if said is None:
                return
            try:
                self._try(written(self._policy, rule, said) if said.strip() else cleared(self._policy, rule))
            except UsageError as error:
                self._ask_value(rule, said, error.message)

        self.app.push_screen(modal, take)

    def _try(self, policy: Policy) -> None:
        """Take other rules, and show at once what they do."""
        if policy != self._policy:
            self._policy, self._tried = policy, True
            self._decide()

    @on(PolicyList.SaveWanted)
    def _ask_save(self) -> None:
        if self._policy == self._saved:
            self.warn("repro.yaml says this already.")
            return
        question = ConfirmModal(
            "Write these rules to repro.yaml?",
            f"{short(self._policy)}\nNo other line of the file is touched, and nothing is removed by this.",
        )
        self.app.push_screen(question, self._save)

    def _save(self, yes: bool | None) -> None:  # noqa: FBT001 - the answer of a question
        if not yes:
            return
        try:
            self.retention.save_policy(self._policy)
        except ReproError as error:
            self.complain(error)
            return
        self._tried = False
        self.post_message(Say("the rules stand in repro.yaml"))
        self.read()

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
