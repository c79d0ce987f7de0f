"""The dataset question at the end of a run: only for datasets of which a person wants to be asked."""

from __future__ import annotations

import contextlib
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from repro_tui.cli.asking import Asking
from repro_tui.cli.errand import Errand
from repro_tui.cli.prompt import Gone, Prompt
from repro_tui.cli.question_words import dataset_lines
from repro_tui.domain.ids import RunId
from repro_tui.domain.question import Answer
from repro_tui.errors import CancelledError, ReproError
from repro_tui.ports import Datasets
from repro_tui.questions.answers import AnswerBook
from repro_tui.questions.book import Book
from repro_tui.questions.carry_out import Carrier
from repro_tui.questions.changed import Changed, changed, unanswered

ANSWERS = {b"y": "yes", b"n": "no", b"a": "always", b"v": "never", b"l": "later"}
HOW = "How was it changed? (a command line or note; !COMMAND runs it now; enter skips) "
RUNS_IT = "!"
"""Before a command line: it is run now, and what it makes is recorded."""
_TRANSFORM = ("data", "transform")
_LOOK_S = 10.0
"""Seconds that looking into the tables may take while a person waits; the dashboard goes on with it."""


@dataclass(frozen=True, slots=True)
class DataQuestions:
    """The questions about datasets that a run has met in another version than the one before it."""

    datasets: Datasets
    answers: AnswerBook
    carrier: Carrier
    asking: Asking
    prompt: Prompt
    names: Mapping[str, str]
    """Uid of a run to its name."""
    root: Path
    """The project's folder."""

    def ask(self, uid: RunId, book: Book, *, kept: frozenset[str] = frozenset()) -> None:
        """Ask about each, once; the first that nobody answers ends the asking.

        Args:
            uid: the run that has ended.
            book: what was answered before.
            kept: names of datasets that the run's snapshot holds already.
        """
        for each in met_by(self.datasets, uid, book, self.answers.user):
            if each.name not in kept and not self._ask(each):
                return

    def _ask(self, each: Changed) -> bool:
        """Ask about one dataset; tell whether somebody answered."""
        phrase = self._phrase(each)

        def lines() -> list[str]:
            said = dataset_lines(
                each.name, each.since(self.names), phrase, self.prompt.width, ascii_only=self.asking.ascii
            )
            return [*said[:-1], f"{said[-1]} "]

        word, by = self.asking.key(lines, ANSWERS, default="yes")
        answer = Answer(word)
        if answer is Answer.LATER:
            self.answers.note_dataset(each.id, answer, by)
            return by == "person"
        found = Errand(lambda progress: self.carrier.dataset(each, answer, progress, by), "keeping").carry_out(
            self.prompt
        )
        self.prompt.say(f"  {found.said}\n")
        if found.ok and answer in {Answer.YES, Answer.ALWAYS}:
            self._explain(each)
        return True

    def _phrase(self, each: Changed) -> str:
        """Say what changed; the tables are looked into by another process, for as long as a person would wait."""

        def look(_progress: Callable[[int, int, str], None]) -> str:
            self.datasets.change(each.name, each.before.digest, each.after.digest)
            return self.datasets.phrase(each.name, each.before.digest, each.after.digest)

        try:
            return Errand(look, f"looking at what changed in {each.name}").carry_out(
                self.prompt, abandon=True, seconds=_LOOK_S
            )
        except (CancelledError, ReproError):
            return ""

    def _explain(self, each: Changed) -> None:
        """Ask how it was changed, and note it as a command line when it is one, else as words."""
        text = read_line(self.prompt, HOW, self.asking.wait_s)
        if not text:
            return
        if (argv := to_be_run(text, self.root)) is not None:
            self._run(each, argv)
            return
        argv = as_command(text, self.root)
        self.datasets.explain(each.name, each.after.digest, argv=argv, note="" if argv else text)
        self.prompt.say(f"  noted as {'the command' if argv else 'a note'} that made this version\n")

    def _run(self, each: Changed, argv: tuple[str, ...]) -> None:
        """Run a command as `data transform` does; when it makes the very version that was asked about, it made that."""
        with self.prompt.lent():
            status = transformed(argv, each.name, self.root)
        same = self.datasets.now(each.name, read=True).digest == each.after.digest
        if status == 0 and same and argv[1:3] != _TRANSFORM:
            self.datasets.explain(each.name, each.after.digest, argv=argv)
            self.prompt.say("  it makes this very version: noted as the command that made it\n")


def to_be_run(text: str, root: Path) -> tuple[str, ...] | None:
    """Give the words of a command line that is to be run now, None for anything else.

    A whole line of `repro-tui data transform` is always meant to be run.
    """
    line = text.removeprefix(RUNS_IT)
    with contextlib.suppress(ValueError):  # a quote that is not closed: it is a note
        words = tuple(shlex.split(line))
        if words[1:3] == _TRANSFORM and Path(words[0]).name == "repro-tui":
            return words
    return (as_command(line, root) or None) if text.startswith(RUNS_IT) else None


def transformed(argv: Sequence[str], name: str, root: Path) -> int:
    """Run a command line on the terminal, recorded as what makes a dataset from what it was; give its exit status."""
    words = argv[3:] if tuple(argv[1:3]) == _TRANSFORM else ["--in", name, "--out", name, "--", *argv]
    command = [sys.executable, "-P", "-m", "repro_tui", *_TRANSFORM, "-C", str(root), *words]
    with open("/dev/tty", "r+b", buffering=0) as terminal:  # noqa: PTH123 - unbuffered both ways
        return subprocess.run(command, stdin=terminal, stdout=terminal, stderr=terminal, check=False).returncode


def met_by(datasets: Datasets, uid: RunId, book: Book, user: str) -> list[Changed]:
    """Give the changed datasets that a run has met and nobody was asked about."""
    found = unanswered(changed(datasets.all()), book, user)
    return [each for each in found if (each.after.run == uid or uid in each.after.runs) and book.about(each.id) is None]


def as_command(text: str, root: Path) -> tuple[str, ...]:
    """Give the words of a command line; nothing for a text that does not begin with a program or a file."""
    try:
        words = shlex.split(text)
    except ValueError:
        return ()
    if len(words) < 1 or not (shutil.which(words[0]) or (root / words[0]).is_file()):
        return ()
    return tuple(words)


def read_line(prompt: Prompt, label: str, seconds: float) -> str:
    """Read a line that the terminal gathers; empty when nothing is said in time, or for ctrl-c and ctrl-d."""
    prompt.say(label)
    try:
        prompt.by_line(on=True)
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            typed = prompt.read(min(left, 1.0))
            if prompt.resumed:
                prompt.resumed = False
                prompt.say(label)
            if typed:
                text = typed.decode("utf-8", "replace").rstrip("\r\n")
                if not text.isprintable() or not typed.endswith((b"\n", b"\r")):
                    prompt.say("\n")
                    return ""  # ctrl-c, or arrow keys that this simple line does not know
                return text.strip()
        prompt.say("\n")
    except Gone:
        prompt.say("\n")
    finally:
        with contextlib.suppress(Gone):
            prompt.by_line(on=False)
    return ""
