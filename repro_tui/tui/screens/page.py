"""A page over a place: a head, lines that are scrolled and searched, a way back."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from repro_tui.tui.messages import Say
from repro_tui.tui.screens.restoring import Restoring
from repro_tui.tui.widgets.find_bar import FindBar
from repro_tui.tui.widgets.footer import Footer
from repro_tui.tui.widgets.header import Header
from repro_tui.tui.widgets.lines import Lines, PageMaker
from repro_tui.tui.widgets.page_lines import PageLines


class PageScreen(Restoring):
    """Shows the lines of one thing."""

    scope = "page"
    above = "snapshots"
    """The place that the page lies over."""

    def __init__(self) -> None:
        super().__init__()
        plain = self.ascii_only
        self._page = PageLines(ascii_only=plain)
        self._find_bar = FindBar()
        self._footer = Footer(self.shell.keymap, self.scope, ascii_only=plain)

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        bench = self.shell.workbench
        yield Header(bench.project, bench.host, self.above, ascii_only=self.ascii_only)
        yield self._page
        yield self._find_bar
        yield self._footer

    def on_mount(self) -> None:
        """Let keys go to the lines."""
        self._page.focus()

    def show(self, maker: PageMaker) -> None:
        """Show other lines."""
        self._page.show(maker)

    @on(Lines.SearchWanted)
    def _open_find_bar(self) -> None:
        self._find_bar.open()

    @on(FindBar.Asked)
    def _find(self, message: FindBar.Asked) -> None:
        self._page.focus()
        if not self._page.search(message.text) and message.text:
            self.post_message(Say(f"not found: {message.text}"))

    @on(FindBar.Left)
    def _leave_find_bar(self) -> None:
        self._page.focus()
