"""The panel that questions have in common: their list, what a yes to the highlighted one would do, and the keys."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message

from repro_tui.domain.missing import Unavailable
from repro_tui.domain.progress import Progress
from repro_tui.domain.question import Answer, Answered, Question
from repro_tui.domain.snapshot import Offer
from repro_tui.errors import ReproError
from repro_tui.tui import answering
from repro_tui.tui.errands import Errands
from repro_tui.tui.feed import monotonic
from repro_tui.tui.keymap import bindings
from repro_tui.tui.modals.details import DetailsModal
from repro_tui.tui.modals.help import HelpModal
from repro_tui.tui.modals.layer import Layer
from repro_tui.tui.modals.progress import Outcome, ProgressModal
from repro_tui.tui.queue import Entry, Queue, Told
from repro_tui.tui.render import questions as words
from repro_tui.tui.shell import Shell
from repro_tui.tui.widgets.block import Block
from repro_tui.tui.widgets.queue_list import QueueList

REACTION = 0.3
"""Seconds after the first picture, and after each key that came too early, in which no answer is taken.

Nobody has read a question by then; and who goes on typing means something else, however long it takes.
"""

EARLY = "that key came before the question was on screen; press it again"
STILL_LOOKING = "still looking what there is to keep; press it again when it is shown"
NOTHING = "no question waits"
THREADS = 2
"""So many offers are looked for at once: one on a slow disk does not hold up the next."""

SHORT = 16
"""Rows below which only the end of the question and one line of keys are shown."""


@dataclass
class Listed(Message):
    """The questions were read, or why they could not be."""

    questions: Sequence[Question]
    why: str = ""


@dataclass
class WasTold(Message):
    """What a yes to a question would do was found out."""

    id: str
    told: Told
    round: int
    """Of the looking, so that an answer to an older one is not taken for a new one."""


class Offering(Layer[None]):
    """Everything but where questions come from and what an answer does."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = bindings("offers")
    VERTICAL_BREAKPOINTS = [(0, "-short"), (SHORT, "-high")]  # noqa: RUF012 - Textual declares it

    scope = "offers"
    intro = ""

    def __init__(self, queue: Queue | None = None) -> None:
        super().__init__()
        self._queue = queue or Queue()
        self._empty = "looking ..."
        self._said = ("", "dim")
        self._errands = Errands(self.post_message)
        self._round = 0
        self._asked: set[str] = set()
        self._about: object = None
        self._painted = self._opened = math.inf
        self._stays_until = 0.0
        plain = self._shell.options.ascii
        self._head, self._offer, self._status, self._keys = (Block(id=n) for n in ("head", "offer", "status", "keys"))
        self._list = QueueList(ascii_only=plain)

    @property
    def _shell(self) -> Shell:
        return cast("Shell", self.app)

    @property
    def _plain(self) -> bool:
        return self._shell.options.ascii

    def compose(self) -> ComposeResult:
        """Lay out the panel."""
        with Vertical(classes="panel"):
            yield self._head
            yield self._list
            yield self._offer
            yield self._status
            yield self._keys

    def on_mount(self) -> None:
        """Begin to look."""
        for _ in range(THREADS):
            # The application owns the threads, so that a defect in one is shown.
            self.app.run_worker(self._errands.run, thread=True, group="offers", exit_on_error=False)
        self._redraw()

    def on_unmount(self) -> None:
        """End the threads."""
        self._errands.stop()

    # What the kinds of panels do differently.

    def look(self, id_: str) -> Told:
        """Find out what a yes to a question would do; called in a thread, may raise ReproError."""
        raise NotImplementedError

    def carry_out(self, id_: str, answer: Answer, progress: Progress) -> Answered:
        """Carry out an answer; called in a thread, may raise ReproError."""
        raise NotImplementedError

    def standing_words(self) -> str:
        """Say below the offer what holds at present."""
        return ""

    def after(self, answer: Answer, done: Sequence[Entry]) -> None:
        """Go on after answers that worked."""

    # What comes in.

    def take(self, queue: Queue) -> None:
        """Show another state of the queue, and look for what is not known of it yet."""
        self._queue = queue
        self._redraw()

    @on(WasTold)
    def _take_told(self, message: WasTold) -> None:
        if message.round == self._round:
            self.take(self._queue.told(message.id, message.told))

    def look_again(self) -> None:
        """Forget what was found out; what is in sight is looked for again."""
        self._queue = self._queue.forgotten()
        self._look_anew()

    def _look_anew(self) -> None:
        """Look again for what is in sight; what was found out stands until something else is."""
        self._round += 1
        self._asked.clear()
        self._redraw()

    @on(QueueList.Uncovered)
    def _look_for_more(self) -> None:
        """Look for the offers of what is in sight and marked; the highlighted one comes first."""
        wanted = [*self._list.in_sight(), *self._queue.marked]
        for entry in wanted:
            if entry.id not in self._asked and not entry.gone:
                self._look_for(entry.id)
        here = self._queue.here
        if here and here.told is None and not here.gone:
            self._look_for(here.id, first=True)

    def _look_for(self, id_: str, *, first: bool = False) -> None:
        if first and id_ in self._asked and not self._errands.is_waiting(id_):
            return
        self._asked.add(id_)
        turn = self._round

        def found() -> WasTold:
            try:
                return WasTold(id_, self.look(id_), turn)
            except ReproError as error:
                return WasTold(id_, Unavailable(f"{error.message} {error.hint}".strip()), turn)

        self._errands.ask(id_, found, first=first)

    # The picture.

    def say(self, text: str, style: str = "accent") -> None:
        """Say something below the offer until the next key."""
        self._said = (text, style)
        self._redraw()

    def on_resize(self) -> None:
        """Draw for the new room, once it is known."""
        self.call_after_refresh(self._redraw)

    def _redraw(self) -> None:
        """Draw everything, and note when that about which an answer would be is on screen."""
        queue, plain = self._queue, self._plain
        about = (queue.here.id if queue.here else "", tuple((e.id, e.told) for e in queue.targets))
        if about != self._about:
            self._about, self._painted = about, math.inf
        self._list.show(queue, self._empty)
        short = self.app.size.height < SHORT
        self._head.show(lambda cells, _rows: words.head(queue, cells, short=short, ascii_only=plain))
        if queue.here is None and self._empty == NOTHING:
            self._offer.show(words.nothing)
        else:
            self._offer.show(lambda cells, rows: words.told(queue.here, cells, rows, ascii_only=plain))
        standing = self.standing_words()
        self._status.show(lambda cells, _rows: words.status(queue, self._said, standing, cells, ascii_only=plain))
        pairs = words.key_pairs(self.scope, self._shell.keymap, queue.here)
        self._keys.show(lambda cells, _rows: words.keys(pairs, cells, 1 if short else 2))
        self._look_for_more()
        if self._painted == math.inf:
            self.call_after_refresh(self._note_painted, about)

    def _note_painted(self, about: object) -> None:
        if about == self._about and self._painted == math.inf:
            self._painted = monotonic()
            if self._opened == math.inf:
                self._opened = self._painted + REACTION

    @property
    def is_ready(self) -> bool:
        """Whether an answer would be taken now."""
        return monotonic() >= max(self._painted, self._opened)

    @property
    def is_settled(self) -> bool:
        """Whether everything in sight is known."""
        return all(entry.told is not None or entry.gone for entry in self._list.in_sight()) and self.is_ready

    # Moving.

    def _move(self, lines: int) -> None:
        self._said = ("", "dim")
        self.take(self._queue.moved(lines))

    def action_up(self) -> None:
        """One question up."""
        self._move(-1)

    def action_down(self) -> None:
        """One question down."""
        self._move(1)

    def action_first(self) -> None:
        """To the first question."""
        self._move(-len(self._queue.entries))

    def action_last(self) -> None:
        """To the last question."""
        self._move(len(self._queue.entries))

    def action_page_up(self) -> None:
        """A page up."""
        self._move(-max(1, self._list.size.height - 1))

    def action_page_down(self) -> None:
        """A page down."""
        self._move(max(1, self._list.size.height - 1))

    def action_mark(self) -> None:
        """Mark the question under the cursor, and go to the next."""
        self._said = ("", "dim")
        self.take(self._queue.toggled().moved(1))

    def action_refresh(self) -> None:
        """Look again."""
        self.look_again()

    def action_explain(self) -> None:
        """Explain this panel."""
        self.app.push_screen(HelpModal(self.scope, self._shell.keymap, self.intro))

    def action_details(self) -> None:
        """Show all of what is offered."""
        here = self._queue.here
        if here and here.told is not None:
            self.app.push_screen(DetailsModal(here))

    def action_leave(self) -> None:
        """Leave without an answer; not by the key that was to stop what has just come to its end."""
        if self._shell.pressed >= self._stays_until:
            self.dismiss(None)

    # Answering.

    def answer(self, answer: Answer, doing: str) -> None:
        """Carry an answer out in a thread, if the key for it was pressed while what it is about was on screen.

        Args:
            answer: The answer.
            doing: What that is called while it is going on: `Keeping`.
        """
        targets = self._queue.targets
        pressed = self._shell.pressed
        if pressed < max(self._painted, self._opened):
            self._opened = max(self._opened, pressed + REACTION) if self._opened < math.inf else math.inf
            self.say(EARLY, "warn")
            return
        if not targets:
            self.say("this one does not wait any more" if self._queue.entries else self._empty, "dim")
            return
        if answer in {Answer.YES, Answer.ALWAYS} and any(entry.told is None for entry in targets):
            self.say(STILL_LOOKING, "warn")
            return
        named = [(entry.id, entry.question.title) for entry in targets]
        title = named[0][1] if len(named) == 1 else f"{len(named):,} answers"
        modal: ProgressModal[tuple[Answered, ...]] = ProgressModal(
            f"{doing} {title}",
            lambda progress: answering.carry_out(named, lambda i, p: self.carry_out(i, answer, p), progress),
            ascii_only=self._plain,
        )

        def ended(outcome: Outcome[tuple[Answered, ...]] | None) -> None:
            # Only who saw the progress can have meant to stop it.
            self._stays_until = monotonic() + REACTION if modal.has_class("-shown") else 0.0
            self._answered(answer, named, outcome)

        self.app.push_screen(modal, ended)

    def _answered(
        self, answer: Answer, named: Sequence[tuple[str, str]], outcome: Outcome[tuple[Answered, ...]] | None
    ) -> None:
        """Note what came of it; what failed stays open, with the reason."""
        results = outcome.value if outcome else None
        if results is None:  # a defect, which is shown by itself
            return
        self._queue = self._queue.answered(results, closes=answer is not Answer.LATER)
        failed = any(not result.ok for result in results)
        keeps = answer in {Answer.YES, Answer.ALWAYS}
        said = answering.summary(results, [title for _, title in named], "kept" if keeps else "answered")
        self.say(said, "bad" if failed else "good")
        if keeps:
            # What was kept is new no more: the others cost less than they did.
            self._look_anew()
        done = {result.question for result in results if result.ok}
        self.after(answer, [entry for entry in self._queue.entries if entry.id in done])

    def offers(self) -> list[Offer]:
        """Give the offers of what an answer is about, as far as they are known."""
        return [entry.told for entry in self._queue.targets if isinstance(entry.told, Offer)]
