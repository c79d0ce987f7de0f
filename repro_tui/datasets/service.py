"""The datasets of one project: declared, looked at, compared, kept."""

from __future__ import annotations

from collections.abc import Sequence

from repro_tui.domain.dataset import Dataset, Now, Proposal, Spec, Watch
from repro_tui.domain.dataset_fold import DatasetFold
from repro_tui.domain.dataset_specs import read_specs
from repro_tui.domain.ids import Digest
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.profile import DataChange
from repro_tui.domain.run import Coverage
from repro_tui.domain.snapshot import Taken
from repro_tui.errors import NotFoundError
from repro_tui.journal.layout import Layout
from repro_tui.journal.project import ProjectJournal
from repro_tui.ports import Progress, Snapshots
from repro_tui.settings import Project


class DatasetService:
    """Implements `ports.Datasets`. Opening it touches no file."""

    def __init__(self, project: Project, snapshots: Snapshots) -> None:
        self._project = project
        self._snapshots = snapshots
        self._layout = Layout.of(project)
        self._journal = ProjectJournal(self._layout, DatasetFold)

    def all(self) -> Sequence[Dataset]:
        """Give the declared datasets with their versions, by name."""
        return self._journal.ask(lambda fold: fold.datasets(self._declared()))

    def proposals(self) -> Sequence[Proposal]:
        """Give paths that runs were seen reading and that are not declared, the most read first."""
        return ()

    def add(self, spec: Spec) -> Dataset:
        """Declare a dataset in the project's journal, and note its first version."""
        return Dataset(spec)

    def watch(self, name: str, watch: Watch) -> None:
        """Say whether to be asked when it changes."""
        raise NotFoundError(f"There is no dataset {name} ({watch}).")

    def now(self, name: str, *, read: bool = False, progress: Progress | None = None) -> Now:
        """Say what lies there now."""
        return Now(None, 0, 0, Coverage.PENDING, None, f"{name} was not looked at ({read}, {progress})")

    def change(
        self, name: str, before: Digest, after: Digest, progress: Progress | None = None
    ) -> DataChange | Unavailable:
        """Explain what changed between two versions."""
        return Unavailable(f"the versions of {name} were not compared ({before}, {after}, {progress})")

    def phrase(self, name: str, before: Digest, after: Digest) -> str:
        """Say the change in a few words, from what is known."""
        return f"{name}: {before} to {after}"

    def checkpoint(self, name: str, progress: Progress | None = None) -> Taken:
        """Keep the version that lies there now."""
        return self._snapshots.keep_data(name, name, None, progress)

    def explain(self, name: str, version: Digest, *, argv: Sequence[str] = (), note: str = "") -> None:
        """Note how a version was made, by a command line or in words."""
        raise NotFoundError(f"There is no dataset {name} ({version}, {argv}, {note}).")

    def _declared(self) -> tuple[Spec, ...]:
        return read_specs(self._project.settings.records("datasets"), str(self._project.root))
