"""Requests that any screen or widget may make, in the imperative; the app carries them out."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from repro_tui.domain.ids import Digest, RunId


@dataclass
class OpenRun(Message):
    """Open a run's own screen."""

    uid: RunId


@dataclass
class CompareRuns(Message):
    """Put runs side by side."""

    uids: tuple[RunId, ...]
    """The baseline first; `now` stands for what lies there."""


@dataclass
class AskTag(Message):
    """Ask for tags to add to runs or to take away."""

    uids: tuple[RunId, ...]


@dataclass
class AskNote(Message):
    """Ask for a note on runs."""

    uids: tuple[RunId, ...]
    note: str = ""
    """The note that is there already."""


@dataclass
class AskKeep(Message):
    """Ask whether to keep a reproducible package of runs."""

    runs: tuple[tuple[RunId, str], ...]
    """Uid and name."""


@dataclass
class AskMaking(Message):
    """Ask how a version of a dataset was made."""

    dataset: str
    version: Digest


@dataclass
class TogglePin(Message):
    """Pin runs, or unpin them when all of them are pinned."""

    uids: tuple[RunId, ...]
    pinned: bool = False
    """Whether all of them are pinned now."""


@dataclass
class AskCopy(Message):
    """Ask what of a run to copy to the clipboard."""

    uid: RunId


@dataclass
class Say(Message):
    """Show a short sentence in the footer for a moment."""

    text: str


@dataclass
class Refresh(Message):
    """Read the journals again now."""
