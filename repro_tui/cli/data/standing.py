"""`watch: always`: the versions that a run used are kept when it has ended, without asking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro_tui.capture.ending import Ended
from repro_tui.capture.outcome import say
from repro_tui.journal.layout import Layout, journals_in
from repro_tui.journal.sealed import blocks_of
from repro_tui.settings import Project

if TYPE_CHECKING:  # imported only where something is to be kept
    from repro_tui.datasets.service import DatasetService

_ALWAYS = b'"watch":"always"'


def keep_always(ended: Ended, project: Project) -> None:
    """Keep what is to be kept always; what cannot be kept is said, and changes nothing else."""
    if ended.rank or not _may_be_wanted(project):
        return
    from repro_tui.bootstrap import open_services
    from repro_tui.datasets.reads import read_run
    from repro_tui.datasets.service import DatasetService
    from repro_tui.domain.dataset import Watch
    from repro_tui.errors import ReproError

    service = open_services(project).datasets
    assert isinstance(service, DatasetService), "a run has ended in the project itself"
    try:
        reads = read_run(ended.folder)
        used = {read.path: read.digest for read in reads.inputs} if reads else {}
        for spec in service.specs():
            digest = used.get(spec.path)
            version = service.known(spec.name, digest) if digest and spec.watch is Watch.ALWAYS else None
            if version is None or version.snapshot is not None:
                continue
            try:
                _keep(service, spec.name, version.number, told=ended.told)
            except ReproError as error:
                say(f"{spec.name} v{version.number} is not kept: {error.message} {error.hint}")
    finally:
        service.close()


def _keep(service: DatasetService, name: str, number: int, *, told: bool) -> None:
    """Keep one version, if it is still what lies there."""
    if service.now(name, read=True).same_as != number:
        say(f"{name} v{number} is not kept: something else lies there by now")
        return
    service.checkpoint(name)
    if told:
        say(f"{name} v{number} is kept")


def _may_be_wanted(project: Project) -> bool:
    """Tell whether any dataset was ever to be kept always; most projects say so at once."""
    if any(record.get("watch") == "always" for record in project.settings.records("datasets").values()):
        return True
    for path in journals_in(Layout.of(project).project_journal):
        try:
            if _ALWAYS in b"".join(blocks_of(path)):
                return True
        except OSError:
            continue
    return False
