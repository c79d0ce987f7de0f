"""Keeps what lies at a dataset's path as a snapshot of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

from repro_tui.domain.ids import Digest
from repro_tui.domain.progress import Progress
from repro_tui.domain.run import Coverage, FileFact
from repro_tui.domain.snapshot import PartKind, Taken
from repro_tui.errors import DamagedError, NotFoundError, StorageError
from repro_tui.fingerprint import Fingerprint, Fingerprinter
from repro_tui.journal.datasets import user_name
from repro_tui.journal.facts import canonical
from repro_tui.journal.layout import Layout
from repro_tui.recorder.line import to_text
from repro_tui.settings import Project
from repro_tui.snapshots.build import Builder
from repro_tui.snapshots.look import Lister, Looked, ReadBudget, found_of
from repro_tui.snapshots.parts import PartPlan, Plan
from repro_tui.snapshots.shelf import Shelf
from repro_tui.snapshots.where import full_path, to_name
from repro_tui.snapshots.written import snapshot_of
from repro_tui.store.store import Store


class DataKeeper:
    """Keeps versions of datasets of one project."""

    def __init__(self, project: Project, store: Store, shelf: Shelf) -> None:
        self._project = project
        self._layout = Layout.of(project)
        self._store = store
        self._shelf = shelf

    def keep(
        self, prints: Fingerprinter, name: str, path: str, expected: Digest | None, progress: Progress | None
    ) -> Taken:
        """Keep a dataset as it is now.

        Raises NotFoundError when nothing is there, StorageError when it is not the expected version or cannot be read.
        """
        begin = time.monotonic()
        full = full_path(path, self._project.root)
        now = self._now(prints, full, progress)
        if expected is not None and now.digest != expected:
            raise StorageError(
                f"{path} is not the version {expected[:11]} any more: it changed.",
                "Look at what lies there now with `repro-tui data status`.",
            )
        self._layout.create()
        fact = FileFact(path, "r", "in", digest=now.digest, size=now.size, files=now.files, coverage=now.coverage)
        plan = self._plan(Looked(fact, full, now), prints, name)
        with self._store.adder() as adder:
            manifest = {"repro_manifest": 1, "dataset": {"name": name, "path": path, "version": now.digest}}
            content = Builder(adder, self._project, plan, progress).document(canonical(manifest))
            if plan.partial:
                raise StorageError(
                    f"The dataset {name} cannot be kept: {plan.partial[0]}.", "Correct that, and try again."
                )
            content |= {"dataset": name, "version": now.digest}
            known = self._same(content)
            digest = known or adder.commit(content | _signed())
            added = 0 if known else adder.added
        return Taken(snapshot_of(digest, self._store.document(digest)), added, time.monotonic() - begin)

    def _now(self, prints: Fingerprinter, full: bytes, progress: Progress | None) -> Fingerprint:
        place = os.fsdecode(full)
        now = prints.check([place])[0]
        if now.size is None:
            raise NotFoundError(f"{to_name(full)} {now.why or 'is not there'}.", "Give the path of a file or a folder.")
        if now.coverage is Coverage.PENDING:
            now = prints.take([place], ReadBudget(progress, now.size, "reading"))[0]
        if now.digest is None:
            raise StorageError(f"{to_name(full)} cannot be kept: {now.why}.", "Correct that, and try again.")
        return now

    def _plan(self, looked: Looked, prints: Fingerprinter, name: str) -> Plan:
        plan = Plan()
        lines = {} if looked.now.files is None else Lister(prints, read=True).lines(looked.full)
        found, troubles = found_of(looked, self._project.root, self._project.settings.list("exclude"), lines)
        plan.partial += [f"{to_name(t.path)} {t.why}" for t in troubles if not t.why.startswith("is a ")]
        plan.parts.append(PartPlan(f"data:{name}", PartKind.DATA, name, found=tuple(found), digest=looked.now.digest))
        return plan

    def _same(self, content: Mapping[str, object]) -> Digest | None:
        """Find a snapshot that keeps this version already."""
        for row in self._shelf.rows():
            same = row.snapshot.dataset == content["dataset"] and row.snapshot.version == content["version"]
            if same and row.verified is not False and all(part.kept for part in row.snapshot.parts):
                try:
                    self._store.document(row.snapshot.digest)
                except (DamagedError, StorageError, NotFoundError):
                    continue
                return row.snapshot.digest
        return None


def _signed() -> dict[str, object]:
    return {"t": round(time.time(), 3), "user": to_text(user_name()), "host": os.uname().nodename}
