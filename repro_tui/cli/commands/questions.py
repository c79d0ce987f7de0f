"""The questions that wait for you: what to keep of your runs and datasets, as `!` shows them in the dashboard.

Without options they are listed.
A sweep is one question; any of its runs names it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Sequence

from repro_tui.bootstrap import open_services
from repro_tui.cli.call import Call
from repro_tui.cli.documents import FORMAT
from repro_tui.cli.output import Output
from repro_tui.cli.progress import shown
from repro_tui.cli.projects import named_project
from repro_tui.domain.question import Answer, Answered, Question, Standing
from repro_tui.errors import CancelledError, NotFoundError, ReproError, UsageError
from repro_tui.journal.layout import Layout
from repro_tui.journal.one_run import RunFinder
from repro_tui.ports import Questions
from repro_tui.settings import Project
from repro_tui.tui.render.ages import age
from repro_tui.tui.render.text import clean, pad, shorten, width

EXAMPLES = """\
examples:
  repro-tui questions
  repro-tui questions --answer yes amber-otter-41 train
  repro-tui questions --answer no --all
  repro-tui questions --standing key   # ask only when p is pressed in the dashboard
"""
_TITLE = 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `questions`."""
    parser.add_argument(
        "which", metavar="RUN", nargs="*", help="runs or datasets whose questions are meant: name, uid, @1"
    )
    parser.add_argument(
        "--answer",
        metavar="ANSWER",
        choices=[str(a) for a in Answer],
        help="yes, no, later, always or never; the last two hold from now on, for the project or the dataset",
    )
    parser.add_argument("--all", action="store_true", help="answer every question that waits")
    parser.add_argument(
        "--standing",
        metavar="WHAT",
        choices=[str(s) for s in Standing],
        help="what all runs of this project shall do when they end: ask, always (keep), never, later, key (only p)",
    )
    parser.add_argument("--json", action="store_true", help="as JSON (docs/formats/json.md)")


def execute(call: Call) -> int:
    """List the questions, or answer some."""
    options = call.options
    _check(options)
    project = named_project(call)
    questions = open_services(project).questions
    if options.standing:
        questions.stand(Standing(options.standing))
    waiting = questions.open()
    chosen = waiting if options.all or not options.which else _named(project, waiting, options.which)
    answered: list[Answered] = []
    if options.answer:
        answered = [_answer(call.output, questions, each, Answer(options.answer)) for each in chosen]
        chosen = questions.open()
    if options.json:
        call.output.json(_document(project, questions, chosen, answered))
    else:
        _print(call, questions, chosen, answered)
    return 0 if all(each.ok for each in answered) else 1


def _check(options: argparse.Namespace) -> None:
    """Refuse what would answer more, or less, than was meant."""
    if options.answer and not options.which and not options.all:
        raise UsageError("Which questions?", "Name runs or datasets after --answer, or give --all.")
    if options.all and options.which:
        raise UsageError("--all and names exclude each other.", "Give one of them.")


def _named(project: Project, waiting: Sequence[Question], names: Iterable[str]) -> list[Question]:
    """Find the questions that names mean, each once; raises NotFoundError."""
    found: dict[str, Question] = {}
    for name in names:
        question = _find(project, waiting, name)
        found[question.id] = question
    return list(found.values())


def _find(project: Project, waiting: Sequence[Question], name: str) -> Question:
    for question in waiting:
        if name in {question.id, question.title, *question.runs}:
            return question
    try:
        uid = RunFinder(Layout.of(project)).find(name)
    except NotFoundError:
        uid = None
    for question in waiting:
        if uid in question.runs:
            return question
    if uid is None:
        raise NotFoundError(
            f"There is no run or dataset {name!r} with a question.", "`repro-tui questions` lists them."
        )
    raise NotFoundError(f"No question about {name} waits.", f"To keep it all the same: repro-tui snapshot {name}")


def _answer(output: Output, questions: Questions, question: Question, answer: Answer) -> Answered:
    """Answer one; what is wrong with it does not keep the others from theirs."""
    try:
        with shown(output, question.title) as progress:
            return questions.answer(question.id, answer, progress)
    except CancelledError:
        raise
    except ReproError as error:
        return Answered(question.id, False, f"{error.message} {error.hint}".strip())


def _document(
    project: Project, questions: Questions, chosen: Sequence[Question], answered: Sequence[Answered]
) -> dict[str, object]:
    return {
        "repro_tui": FORMAT,
        "project": project.name,
        "root": str(project.root),
        "standing": str(questions.standing()),
        "questions": [
            {
                "id": each.id,
                "kind": each.kind,
                "title": each.title,
                "detail": each.detail,
                "t": each.t,
                "runs": each.runs,
                "dataset": each.dataset,
                "version": each.version,
            }
            for each in chosen
        ],
        "answered": [{"question": each.question, "ok": each.ok, "text": each.text} for each in answered],
    }


def _print(call: Call, questions: Questions, chosen: Sequence[Question], answered: Sequence[Answered]) -> None:
    """Print what came of the answers, else the questions."""
    output, options = call.output, call.options
    for done in answered:
        output.text(done.said)
    if options.standing:
        output.note(f"Standing answer of this project: {questions.standing()}.")
    if answered or (options.standing and not options.which):
        return
    if not chosen:
        output.note("No question waits for you.")
        return
    now = time.time()
    titles = [shorten(clean(each.title), _TITLE, ascii_only=output.ascii) for each in chosen]
    column = max(width(title) for title in titles)
    for each, title in zip(chosen, titles, strict=True):
        head = f"{pad(age(now - each.t), 4, 'right')}  {pad(title, column)}  "
        room = max(output.width - width(head), 10)
        output.line(f"{head}{shorten(clean(each.detail), room, ascii_only=output.ascii)}")
