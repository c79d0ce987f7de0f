"""Takes a snapshot of a run: plans, keeps, makes the document, and tells of it in the run's journal."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.run import Run, State
from repro_tui.domain.snapshot import PartKind, Snapshot, Taken
from repro_tui.domain.state import state_of
from repro_tui.errors import NotFoundError, ReproError, StorageError, UsageError
from repro_tui.fingerprint import Fingerprinter
from repro_tui.journal.datasets import DatasetLedger, user_name
from repro_tui.journal.layout import Layout
from repro_tui.journal.liveness import Pulses
from repro_tui.journal.one_run import RunFinder, load_run
from repro_tui.recorder.line import to_text
from repro_tui.settings import Project
from repro_tui.snapshots.build import Builder
from repro_tui.snapshots.events import Teller
from repro_tui.snapshots.manifest import last_metrics, manifest_of
from repro_tui.snapshots.parts import Plan
from repro_tui.snapshots.planner import Planner, Wish, completed
from repro_tui.snapshots.scratch import scratch
from repro_tui.snapshots.written import event_parts, same_content, snapshot_of
from repro_tui.store.store import Store


@dataclass(frozen=True, slots=True)
class Subject:
    """A run that is to be kept."""

    run: Run
    folders: tuple[Path, ...]


def fingerprinter(project: Project) -> Fingerprinter:
    """Give what takes fingerprints as the recording took them, so that they can be compared."""
    settings = project.settings
    return Fingerprinter(
        Layout.of(project).cache / "stat",
        metadata_above=settings.number("hash.metadata_above"),
        exclude=settings.list("exclude"),
    )


class Taker:
    """Takes snapshots of one project's runs."""

    def __init__(self, project: Project, store: Store, finder: RunFinder, ledger: DatasetLedger) -> None:
        self._project = project
        self._layout = Layout.of(project)
        self._store = store
        self._finder = finder
        self._ledger = ledger
        self._planner = Planner(project, ledger)
        self._teller = Teller(self._layout)

    @property
    def planner(self) -> Planner:
        """Give what plans."""
        return self._planner

    def subject(self, uid: RunId) -> Subject:
        """Load a run; raises NotFoundError, and UsageError while it runs."""
        folders = self._finder.folders(uid)
        if not folders:
            raise NotFoundError(f"There is no run {uid[:8]} in this project (any more).", "`repro-tui ls` lists them.")
        run = load_run(self._layout, uid, folders)
        if not _is_over(run):
            pulse = Pulses().look(run, folders, monotonic=time.monotonic(), now=time.time())
            if state_of(run, pulse) is State.RUNNING:
                raise UsageError(f"{run.name} is still running.", "Keep it when it has ended.")
        return Subject(run, tuple(folders))

    def take(self, uid: RunId, wish: Wish) -> Taken:
        """Keep a run. Raises what the store raises; nothing of it is left then."""
        begin = time.monotonic()
        subject = self.subject(uid)
        self._layout.create()
        with scratch(self._layout.cache) as folder:
            plan, known, digest, added = self._kept(subject, replace(wish, scratch=folder))
        snapshot = snapshot_of(digest, self._store.document(digest))
        if known is None or digest not in {kept.digest for kept in subject.run.snapshots}:
            self._tell(subject, snapshot, plan, added)
        self._note_versions(snapshot)
        return Taken(snapshot, added, time.monotonic() - begin)

    def _kept(self, subject: Subject, wish: Wish) -> tuple[Plan, Digest | None, Digest, int]:
        """Plan and keep; gives the plan, the equal snapshot that was there already, what to show, bytes added."""
        with fingerprinter(self._project) as prints:
            plan, documents = self._planner.plan(subject.run, subject.folders, wish, prints)
        manifest = manifest_of(completed(subject.run, plan), documents, last_metrics(list(subject.folders)))
        with self._store.adder() as adder:
            content = Builder(adder, self._project, plan, wish.progress).document(manifest)
            content |= {"run": str(subject.run.uid), "name": subject.run.name}
            known = self._same(subject.run, content)
            if known is not None:
                return plan, known, known, 0
            digest = adder.commit(content | self._signed())
            return plan, None, digest, adder.added

    def _signed(self) -> dict[str, object]:
        return {"t": round(time.time(), 3), "user": to_text(user_name()), "host": os.uname().nodename}

    def _same(self, run: Run, content: Mapping[str, object]) -> Digest | None:
        """Find a snapshot of the run that keeps the same, or the whole of what this one could keep in part only."""
        good = {k.digest for k in run.snapshots if k.verified is not False and not _gave_up(k.dropped, k.parts)}
        better = None
        for digest in sorted(good):
            try:
                document = self._store.document(digest)
            except ReproError:
                continue  # it is not there, or damaged: it is kept anew
            if same_content({k: v for k, v in document.items() if k != "repro_snapshot"}, content):
                return digest
            if content["partial"] and not document.get("partial") and _kinds(document) >= _kinds(content):
                better = digest
        return better

    def _tell(self, subject: Subject, snapshot: Snapshot, plan: Plan, added: int) -> None:
        uid, folders = subject.run.uid, subject.folders
        for fields in plan.completed:
            self._teller.tell(uid, folders, "print", **fields)
        try:
            self._teller.tell(
                uid,
                folders,
                "snapshot",
                d=snapshot.digest,
                parts=event_parts(snapshot.parts),
                size=snapshot.size,
                new=added,
                partial=list(snapshot.partial),
            )
        except StorageError as error:
            raise StorageError(
                f"The snapshot {snapshot.digest[:11]} is kept, but could not be noted: {error.message}", error.hint
            ) from error

    def _note_versions(self, snapshot: Snapshot) -> None:
        """Note of the datasets' versions that went into a snapshot that they are kept, unless they were before.

        The snapshot holds them whether or not this can be noted.
        """
        for part in snapshot.parts:
            name = part.name.removeprefix("data:")
            if part.kind is not PartKind.DATA or not part.kept or part.digest is None:
                continue
            with contextlib.suppress(StorageError):
                known = self._ledger.known(name, part.digest)
                if known is not None and known.snapshot is None:
                    self._ledger.write("kept", name=name, d=part.digest, snapshot=snapshot.digest)

    def pinned(self, digest: Digest, *, on: bool) -> None:
        """Tell that a person pinned a snapshot of no run, or unpinned it; raises StorageError."""
        self._teller.tell_project("pin", d=digest, on=on, user=to_text(user_name()))

    def verified(self, digest: Digest, run: RunId | None, *, ok: bool, why: str) -> None:
        """Tell what a full reading of a snapshot found; raises StorageError where nothing can be written."""
        if run is None:
            self._teller.tell_project("verified", d=digest, ok=ok, why=why)
            return
        self._teller.tell(run, self._finder.folders(run), "verified", d=digest, ok=ok, why=why)


def _is_over(run: Run) -> bool:
    latest = run.attempts[-1] if run.attempts else None
    return latest is not None and 0 < sum(w.role == "supervisor" for w in latest.writers) <= len(latest.endings)


def _kinds(document: Mapping[str, object]) -> frozenset[str]:
    """Give which kinds of parts a document has, linked ones apart."""
    parts = document.get("parts")
    listed = [part for part in parts if isinstance(part, Mapping)] if isinstance(parts, list) else []
    return frozenset(f"{part.get('kind')} linked" if "linked" in part else str(part.get("kind")) for part in listed)


def _gave_up(whole: bool, parts: Sequence[object]) -> bool:  # noqa: FBT001 - a fact, not an option
    return whole or any(getattr(part, "dropped", False) for part in parts)
