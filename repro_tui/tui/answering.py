"""Carrying out answers in a thread: one after the other, each with an outcome of its own, until it is stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from repro_tui.domain.progress import Progress
from repro_tui.domain.question import Answered
from repro_tui.errors import CancelledError, ReproError

One = Callable[[str, Progress], Answered]
"""Carries out the answer to one question, by its id; may raise ReproError."""

STOPPED = "stopped; nothing of it was kept, the question stays"


def carry_out(named: Sequence[tuple[str, str]], one: One, progress: Progress) -> tuple[Answered, ...]:
    """Answer each question; a failure stays with its question, and stopping leaves the rest as it was.

    Args:
        named: Id and title of each question.
        one: Answers one of them.
        progress: Told of the whole; what it raises stops at the question at hand.
    """
    results: list[Answered] = []
    for number, (id_, title) in enumerate(named, 1):
        before = f"{number} of {len(named)}, {title}: " if len(named) > 1 else ""

        def tell(done: int, total: int, what: str, before: str = before) -> None:
            progress(done, total, before + what)

        try:
            tell(0, 0, "")
            results.append(one(id_, tell))
        except CancelledError:
            results.append(Answered(id_, ok=False, text=STOPPED))
            break
        except ReproError as error:
            results.append(Answered(id_, ok=False, text=f"{error.message} {error.hint}".strip()))
    return tuple(results)


def summary(results: Sequence[Answered], titles: Sequence[str], done_word: str = "answered") -> str:
    """Say in a sentence what came of it: the words of a single answer, else how many worked and what failed first."""
    if len(results) == 1:
        return results[0].text
    failed = [(result, title) for result, title in zip(results, titles, strict=False) if not result.ok]
    done = len(results) - len(failed)
    said = f"{done} of {len(titles)} {done_word}"
    return f"{said}; {failed[0][1]}: {failed[0][0].text}" if failed else said
