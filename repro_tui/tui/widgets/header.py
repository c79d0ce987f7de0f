"""The top line: the project and host, the places, and what is out of the ordinary."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from repro_tui.domain.view import Health
from repro_tui.tui.feed import View
from repro_tui.tui.render.text import clean, shorten, width

PLACES: tuple[tuple[str, str, str], ...] = (
    ("runs", "1", "Runs"),
    ("compare", "2", "Compare"),
    ("snapshots", "4", "Snapshots"),
    ("data", "5", "Data"),
)
"""Place, key and title, in the order of the line."""

NAME_LEAST = 12
"""With fewer cells than these for the project's name, only the place one is at is named."""


def health_words(health: Health) -> tuple[str, ...]:
    """Say what is out of the ordinary; nothing at all on an ordinary day."""
    words = []
    if health.read_only:
        words.append("read-only")
    if health.catching_up:
        words.append("catching up")
    if health.watch == "polling":
        words.append(f"polling: {health.why}" if health.why else "polling")
    if health.skipped_lines:
        words.append(f"{health.skipped_lines:,} unreadable lines")
    return tuple(words)


BRIEF_BELOW = 60
"""On a line of fewer cells only their number and the key stand for the questions."""


def question_words(waiting: int, cells: int) -> str:
    """Say how many questions wait, and by which key they are answered: `3 questions !`; nothing when there are none."""
    noun = "" if cells < BRIEF_BELOW else " question" if waiting == 1 else " questions"
    return f"{waiting:,}{noun} !" if waiting > 0 else ""


class Header(Widget):
    """One line on top of every screen."""

    health: reactive[Health] = reactive(Health("inotify"))
    questions: reactive[int] = reactive(0)
    """How many questions wait for the person who looks."""
    trail: reactive[str] = reactive("")
    """What stands after the place: the name of the open run."""

    def __init__(self, project: str, host: str, place: str = "runs", *, ascii_only: bool = False) -> None:
        super().__init__()
        self._project = project
        self._host = host
        self._place = place
        self._ascii = ascii_only

    def on_mount(self) -> None:
        """Follow the count of questions, whatever screen this is the top of."""
        self.watch(self.app, "view", self._count)

    def _count(self, view: View) -> None:
        self.questions = view.questions

    def render(self) -> Content:
        """Draw the line; what does not fit gives way from the middle, the questions never do."""
        asked = question_words(self.questions, self.size.width)
        cells = self.size.width - (width(asked) + 1 if asked else 0)
        right = ", ".join(health_words(self.health))
        places = [(f"{key} {title}", place == self._place) for place, key, title in PLACES]
        left_room = cells - sum(width(text) + 2 for text, _ in places) - 4
        if left_room < NAME_LEAST:
            places = [(text, lit) for text, lit in places if lit]
            left_room = cells - sum(width(text) + 2 for text, _ in places) - 4
        name = shorten(
            f"{clean(self._project)} @ {clean(self._host)}", max(NAME_LEAST, left_room), ascii_only=self._ascii
        )
        parts: list[Content | tuple[str, str]] = [(f" {name} ", "bold"), ("  ", "")]
        for text, lit in places:
            parts += [(f"{text}", "bold $accent underline" if lit else "$quiet"), ("  ", "")]
        if self.trail:
            parts.append((shorten(self.trail, 40, ascii_only=self._ascii), ""))
        left = Content.assemble(*parts)
        room = cells - left.cell_length - 1
        said = shorten(right, room, ascii_only=self._ascii) if room >= 8 else ""  # noqa: PLR2004 - less is no word
        gap = max(0, cells - left.cell_length - width(said) - 1)
        return Content.assemble(left, " " * gap, (said, "$warning"), " ", (asked, "bold $accent"))
