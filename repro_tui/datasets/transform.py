"""A command that makes datasets out of others: what was there before it, what is after it, and what may be claimed."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass

from repro_tui.datasets.service import DatasetService
from repro_tui.domain.dataset import Making, Now, Source, Spec
from repro_tui.domain.dataset_specs import within
from repro_tui.domain.ids import Digest, RunId
from repro_tui.errors import NotFoundError, UsageError
from repro_tui.journal.datasets import user_name
from repro_tui.recorder.line import to_text
from repro_tui.source.secrets import redact_argv


@dataclass(frozen=True, slots=True)
class Made:
    """What became of one output."""

    name: str
    before: int | None
    """Number of the version that lay there before the command; None when nothing did, or it is not known."""
    after: int | None
    """The same after it."""
    digest: Digest | None
    claimed: bool
    """It is noted that the command made this version: it is another than before."""
    why: str = ""
    """Why nothing can be said of it."""
    change: str = ""
    """What the command changed, in a few words; empty when that is not known."""


class Transformation:
    """One command between datasets. Everything is checked, and nothing noted, before the command is run.

    Args:
        service: the project's datasets.
        root: the project's folder.
        cwd: what paths on the command line begin at.
        ins: names of datasets, or paths.
        outs: names of datasets; `NAME=PATH` declares one that the command will make.

    Raises:
        UsageError, NotFoundError: a name or a path is not what it should be.
    """

    def __init__(self, service: DatasetService, root: str, cwd: str, ins: Sequence[str], outs: Sequence[str]) -> None:
        if not outs:
            raise UsageError("--out is missing.", "Name the dataset that the command makes: --out train.")
        self._service = service
        self._root = root
        self._cwd = cwd
        self._ins = [self._input(name) for name in dict.fromkeys(ins)]
        self._outs = [self._output(text) for text in dict.fromkeys(outs)]
        self._sources: tuple[Source, ...] = ()
        self._before: dict[str, Now] = {}

    @property
    def data(self) -> tuple[str, ...]:
        """Absolute paths that the command reads."""
        return tuple(self._service.place(path) for _, path in self._ins)

    @property
    def out(self) -> tuple[str, ...]:
        """Absolute paths that it makes."""
        return tuple(self._service.place(spec.path) for spec in self._outs)

    @property
    def lineage(self) -> str:
        """What its runs are compared by: the runs that made the same datasets."""
        return "data " + " ".join(sorted(spec.name for spec in self._outs))

    def begin(self) -> None:
        """Declare what is new, and see what there is before the command: its bytes may be gone after it."""
        for spec in self._outs:
            self._service.expect(spec)
            self._before[spec.name] = self._service.now(spec.name, read=True)
            self._service.look_into(spec.name)
        self._sources = tuple(self._source(spec, path) for spec, path in self._ins)

    def end(self, run: RunId, argv: Sequence[str], note: str, status: int) -> tuple[Made, ...]:
        """See what there is after the command, and note what it made; `status` is its exit status."""
        plain = tuple(to_text(word) for word in redact_argv(argv)[0])
        making = Making(time.time(), user_name(), plain, note, self._sources, status, run)
        return tuple(self._outcome(spec, making) for spec in self._outs)

    def _outcome(self, spec: Spec, making: Making) -> Made:
        before, after = self._before[spec.name], self._service.now(spec.name, read=True)
        changed = after.digest is not None and after.digest != before.digest
        if after.digest is not None and changed:
            self._service.note_making(spec.name, after.digest, making)
        why = after.why if after.digest is None else ""
        words = self._change(spec.name, before.digest, after.digest) if changed else ""
        return Made(spec.name, before.same_as, after.same_as, after.digest, changed, why, words)

    def _change(self, name: str, before: Digest | None, after: Digest | None) -> str:
        if before is None or after is None:
            return ""
        self._service.look_into(name)
        return self._service.phrase(name, before, after)

    def _input(self, text: str) -> tuple[Spec | None, str]:
        """Understand a name, or else a path."""
        for spec in self._service.specs():
            if spec.name == text:
                return spec, spec.path
        full = os.path.join(self._cwd, text)  # noqa: PTH118 - a text with surrogates
        if not os.path.lexists(full):
            raise NotFoundError(
                f"{text} is no dataset and no path.",
                "See `repro-tui data list`, or give a file or folder that is there.",
            )
        path = within(to_text(os.path.abspath(full)), to_text(self._root))  # noqa: PTH100 - the same
        return next((spec for spec in self._service.specs() if spec.path == path), None), path

    def _output(self, text: str) -> Spec:
        name, equals, path = text.partition("=")
        if not equals:
            return self._service.spec(name)
        full = os.path.abspath(os.path.join(self._cwd, path))  # noqa: PTH100, PTH118 - the same
        return self._service.expected(Spec(name, to_text(full)))

    def _source(self, spec: Spec | None, path: str) -> Source:
        if spec is not None:
            return Source(spec.name, self._service.now(spec.name, read=True).digest, spec.path)
        return Source("", self._service.digest_at(path), path)
