"""The datasets of one project: declared, looked at, compared, kept."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from repro_tui.datasets.looking import Looker
from repro_tui.domain.dataset import Dataset, Making, Now, Proposal, Source, Spec, Version, Watch
from repro_tui.domain.dataset_specs import check_name, read_specs, within
from repro_tui.domain.ids import Digest
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.run import Coverage
from repro_tui.errors import NotFoundError, StorageError, UsageError
from repro_tui.fingerprint import Fingerprint
from repro_tui.journal.datasets import DatasetLedger, user_name
from repro_tui.journal.layout import Layout
from repro_tui.recorder.line import from_text, to_text
from repro_tui.settings import Project

if TYPE_CHECKING:  # "did it change?" is asked in a hurry: what only some questions need is imported by them
    from repro_tui.datasets.explaining import Explainer
    from repro_tui.datasets.reads import RunReader
    from repro_tui.domain.profile import DataChange
    from repro_tui.domain.progress import Progress
    from repro_tui.domain.snapshot import Taken
    from repro_tui.ports import Snapshots


class DatasetService:
    """Implements `ports.Datasets`. Opening it touches no file; `snapshots` is called when something is to be kept."""

    def __init__(self, project: Project, snapshots: Callable[[], Snapshots]) -> None:
        self._project = project
        self._snapshots = snapshots
        layout = Layout.of(project)
        self._home = project.home
        self._ledger = DatasetLedger(layout)
        self._looker = Looker(project)
        self._layout = layout

    @cached_property
    def _runs(self) -> RunReader:
        from repro_tui.datasets.reads import RunReader

        return RunReader(self._layout)

    @cached_property
    def _explainer(self) -> Explainer:
        from repro_tui.datasets.explaining import Explainer

        return Explainer(self._ledger, self._looker)

    # What there is

    def all(self) -> Sequence[Dataset]:
        """Give the declared datasets with their versions and the runs that used them, by name."""
        from repro_tui.datasets.uses import with_runs

        declared = self._declared()
        datasets, paths = self._ledger.ask(
            lambda fold: (
                found := fold.datasets(declared),
                {each.spec.name: fold.paths(each.spec.name) for each in found},
            )
        )
        return with_runs(datasets, paths, self._runs.runs(), self._ledger.listing) if datasets else ()

    def versions(self) -> Sequence[Dataset]:
        """Give the same without the runs, which is quicker."""
        declared = self._declared()
        return self._ledger.ask(lambda fold: fold.datasets(declared))

    def specs(self) -> Sequence[Spec]:
        """Give what is declared, by name."""
        declared = self._declared()
        return self._ledger.ask(lambda fold: fold.specs(declared))

    def spec(self, name: str) -> Spec:
        """Find a declared dataset by name; raises NotFoundError."""
        specs = self.specs()
        found = next((spec for spec in specs if spec.name == name), None)
        if found is not None:
            return found
        names = ", ".join(spec.name for spec in specs)
        hint = f"There are: {names}." if names else "Declare one: repro-tui data add NAME PATH."
        raise NotFoundError(f"There is no dataset {name!r}.", hint)

    def run_names(self) -> dict[str, str]:
        """Give the name of each run by its uid."""
        return {run.uid: run.name for run in self._runs.runs()}

    def proposals(self) -> Sequence[Proposal]:
        """Give paths that runs were seen reading and that are not declared, the most read first."""
        from repro_tui.datasets.proposing import propose

        specs = self.specs()
        found = propose(self._runs.runs(), [spec.path for spec in specs], [spec.name for spec in specs])
        return tuple(each for each in found if os.path.lexists(self._looker.place(each.path)))

    # Declaring

    def add(self, spec: Spec) -> Dataset:
        """Declare a dataset in the project's journal, and note its first version.

        A dataset of the journal whose path is gone may be declared anew where it lies now, with its history.

        Raises:
            UsageError: the name or the path is taken, or there is nothing that could be a dataset.
        """
        check_name(spec.name)
        spec = replace(spec, path=within(spec.path, to_text(str(self._project.root))), declared="journal")
        self._check_path(spec.path)
        for other in self.specs():
            if other.name == spec.name and (
                other.declared != "journal" or os.path.lexists(self._looker.place(other.path))
            ):
                raise UsageError(
                    f"There is a dataset {spec.name} already: {other.path}.",
                    "Choose another name."
                    if other.declared == "journal"
                    else "It is declared in repro.yaml: change it there.",
                )
            if other.path == spec.path and other.name != spec.name:
                raise UsageError(f"{spec.path} is the dataset {other.name} already.", "A path has one name.")
        self._ledger.declare(spec)
        self.now(spec.name, read=True)
        self.look_into(spec.name)
        return next(dataset for dataset in self.all() if dataset.spec.name == spec.name)

    def expected(self, spec: Spec) -> Spec:
        """Say how a dataset that a command will make would be declared; its path need not be there.

        Raises UsageError when its name or path is taken by another one.
        """
        check_name(spec.name)
        spec = replace(spec, path=within(spec.path, to_text(str(self._project.root))), declared="journal")
        for other in self.specs():
            if spec.name == other.name and spec.path == other.path:
                return other
            if spec.name == other.name or spec.path == other.path:
                raise UsageError(f"{other.path} is the dataset {other.name} already.", "A path has one name.")
        return spec

    def expect(self, spec: Spec) -> None:
        """Declare a dataset that a command will make, if it is not declared yet."""
        if spec not in self.specs():
            self._ledger.declare(spec)

    def place(self, path: str) -> str:
        """Give the absolute path of what journals call so."""
        return self._looker.place(path)

    def digest_at(self, path: str) -> Digest | None:
        """Give the digest of what lies at a path that is no dataset; None when it cannot be read."""
        return self._looker.digest(Spec("", path))

    def remove(self, name: str) -> None:
        """Take a declaration back; what is known of its versions stays. Raises UsageError for one of repro.yaml."""
        spec = self.spec(name)
        if spec.declared != "journal":
            raise UsageError(f"{name} is declared in repro.yaml.", "Take it out there.")
        self._ledger.declare(spec, on=False)

    def watch(self, name: str, watch: Watch) -> None:
        """Say whether to be asked when it changes."""
        self._ledger.write("watch", name=self.spec(name).name, watch=str(watch))

    # Looking

    def now(self, name: str, *, read: bool = False, progress: Progress | None = None) -> Now:
        """Say what lies there now: from the stat cache; with `read`, what changed is hashed and noted as a version."""
        spec = self.spec(name)
        found = self._looker.glance(spec)
        version = self._ledger.known(name, found.digest) if found.digest else None
        why = found.why
        if read and found.size is not None and (version is None or version.listing is None):
            listed = self._looker.read(spec, progress)
            found, why = listed.fingerprint, listed.fingerprint.why
            if found.digest is not None:
                try:
                    self._ledger.note_version(spec, found.digest, found.coverage, listed.files)
                except StorageError as error:
                    why = f"it cannot be noted: {error.message}"
                version = self._ledger.known(name, found.digest)
        return Now(
            digest=found.digest,
            files=_count(found),
            size=found.size or 0,
            coverage=found.coverage,
            same_as=version.number if version else None,
            why=why,
            notes=found.notes,
        )

    def known(self, name: str, digest: Digest) -> Version | None:
        """Give a version by its digest, None when nobody has seen it; without the runs that used it."""
        return self._ledger.known(name, digest)

    def version(self, name: str, digest: Digest) -> Version:
        """Give the same; raises NotFoundError."""
        found = self.known(name, digest)
        if found is None:
            raise NotFoundError(f"{name} has no version {digest}.", f"See `repro-tui data log {name}`.")
        return found

    # Explaining

    def change(
        self, name: str, before: Digest, after: Digest, progress: Progress | None = None
    ) -> DataChange | Unavailable:
        """Explain what changed between two versions; the one that lies there now is looked into if it was not yet."""
        spec, specs = self.spec(name), self.specs()
        for version in (after, before):
            self._explainer.look_into(spec, version, progress)
        self._explainer.compare_rows(specs, spec, after)
        return self._explainer.change(specs, spec, before, after)

    def phrase(self, name: str, before: Digest, after: Digest) -> str:
        """Say the change in a few words, from what is known; empty when nothing can be said."""
        return self._explainer.phrase(self.specs(), self.spec(name), before, after)

    def look_into(self, name: str, progress: Progress | None = None) -> None:
        """Note what the tables of the version that lies there now hold, if nobody has looked yet."""
        spec = self.spec(name)
        if (digest := self._looker.digest(spec)) is not None:
            self._explainer.look_into(spec, digest, progress)
            self._explainer.compare_rows(self.specs(), spec, digest)

    def explain(self, name: str, version: Digest, *, argv: Sequence[str] = (), note: str = "") -> None:
        """Note how a version was made, by a command line or in words; what was known of it besides stays."""
        from repro_tui.source.secrets import redact_argv

        known = self.version(name, version)
        made = known.made
        sources = made.of if made else self._before(name, known)
        self.note_making(
            name,
            version,
            Making(
                t=time.time(),
                user=user_name(),
                argv=tuple(redact_argv(argv)[0]) if argv else (made.argv if made else ()),
                note=note or (made.note if made else ""),
                of=sources,
                exit=made.exit if made and not argv else None,
                run=made.run if made and not argv else None,
            ),
        )

    def note_making(self, name: str, version: Digest, making: Making) -> None:
        """Note how a version was made, as it is said; secrets must have been cut out of the command line."""
        self._ledger.write(
            "made",
            name=name,
            d=version,
            of=[{"name": source.name, "d": source.digest, "path": source.path} for source in making.of],
            argv=[to_text(word) for word in making.argv],
            note=making.note,
            exit=making.exit,
            uid=making.run or "",
        )

    # Keeping

    def checkpoint(self, name: str, progress: Progress | None = None) -> Taken:
        """Keep the version that lies there now; one that is kept already is not kept again."""
        from repro_tui.domain.snapshot import Snapshot, Taken

        now = self.now(name, read=True, progress=progress)
        if now.digest is None:
            raise StorageError(f"{name} cannot be kept: {now.why}.", f"See `repro-tui data status {name}`.")
        known = self._ledger.known(name, now.digest)
        if known is not None and known.snapshot is not None:
            kept = self._snapshots().snapshot(known.snapshot)
            if isinstance(kept, Snapshot) and kept.parts and all(part.kept for part in kept.parts):
                return Taken(kept, 0, 0.0)
        expected = now.digest if now.coverage is Coverage.FULL else None
        if known is None or known.profile is None:
            self.look_into(name, progress)
        taken = self._snapshots().keep_data(name, self.spec(name).path, expected, progress)
        self._ledger.write("kept", name=name, d=now.digest, snapshot=taken.snapshot.digest)
        return taken

    def close(self) -> None:
        """Give back the descriptors."""
        self._ledger.close()

    # Parts

    def _declared(self) -> tuple[Spec, ...]:
        return read_specs(self._project.settings.records("datasets"), to_text(str(self._project.root)))

    def _before(self, name: str, version: Version) -> tuple[Source, ...]:
        """Give the version that was there before, as what a version was made from."""
        spec = self.spec(name)
        for dataset in self.versions():
            if dataset.spec.name == name:
                older = [each for each in dataset.versions if each.number == version.number - 1]
                return tuple(Source(name, each.digest, spec.path) for each in older)
        return ()

    def _check_path(self, path: str) -> None:
        """Raise UsageError for a path where no dataset can be."""
        place = self._looker.place(path)
        shown = from_text(path)
        try:
            mode = os.stat(place).st_mode  # noqa: PTH116 - a text with surrogates
        except FileNotFoundError as error:
            hint = "Check its spelling; a command can make it: repro-tui data transform --out NAME=PATH -- CMD."
            if os.path.islink(place):  # noqa: PTH114 - the same
                raise UsageError(f"{shown} is a link to something that is not there.", hint) from error
            if set(shown) & set("*?["):
                hint = "A dataset is one file or one folder with all that is in it; patterns are not understood."
            raise UsageError(f"{shown} is not there.", hint) from error
        except OSError as error:
            raise UsageError(f"{shown} cannot be looked at: {error.strerror}.", "Check its permissions.") from error
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise UsageError(f"{shown} is no file or folder.", "A dataset is a file, or a folder of files.")
        home = str(self._home)
        if place == home or place.startswith(home + "/") or path == ".":
            raise UsageError(f"{shown} cannot be a dataset.", "Choose the file or folder that holds the data.")


def _count(found: Fingerprint) -> int:
    if found.size is None:
        return 0
    return 1 if found.files is None else found.files
