"""What becomes of the folders of runs that ended long ago, as plain values; asked apart from the snapshots."""

from __future__ import annotations

from dataclasses import dataclass, field

from repro_tui.domain.ids import RunId
from repro_tui.domain.retention import Reason


@dataclass(frozen=True, slots=True)
class FolderPolicy:
    """What becomes of the folders of runs that ended long ago; asked apart from the snapshots."""

    compress_after: float = 0.0
    """Seconds after a run's end after which its journals and output are compressed, readable as before; 0 for never."""
    remove_failed_after: float = 0.0
    """Seconds after which the output logs of failed and died runs go; the journals stay. 0 for never."""


COMPRESS = "compress"
REMOVE_OUTPUT = "remove-output"


@dataclass(frozen=True, slots=True)
class FolderMove:
    """What would be done with the folder of one run."""

    run: RunId
    name: str
    action: str
    """`compress` or `remove-output`."""
    reason: Reason
    files: tuple[str, ...]
    """Names within the folder."""
    size: int
    """Bytes of these files now."""
    frees: int
    """Bytes that the disk gets back; of compressing an estimate."""
    folder: str = ""
    """Name of the run's folder; a run has several after a merge of two copies of a project."""


@dataclass(frozen=True, slots=True)
class FolderPlan:
    """What would be done with the folders of runs."""

    moves: tuple[FolderMove, ...]
    frees: int
    stamp: str
    left: tuple[str, ...] = ()
    """What is old enough and stays as it is, and why, as sentences."""
    policy: FolderPolicy = field(default_factory=FolderPolicy)

    @property
    def removes(self) -> int:
        """Count the files that would be gone for good."""
        return sum(len(move.files) for move in self.moves if move.action == REMOVE_OUTPUT)


@dataclass(frozen=True, slots=True)
class Tidied:
    """What was done with the folders of runs."""

    moves: tuple[FolderMove, ...]
    """Those that were carried out."""
    freed: int
    """Bytes."""
    stopped: bool = False
    left: tuple[str, ...] = ()
    """What could not be done, and why, as sentences."""
    seconds: float = 0.0
