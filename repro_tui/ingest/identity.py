"""What a folder and a file say of a run before, or instead of, its journals."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from repro_tui.domain.ids import RunId, is_run_id
from repro_tui.domain.run import Run
from repro_tui.ingest.shelf import File
from repro_tui.journal.layout import JOURNAL_SUFFIX
from repro_tui.journal.lines import decode_object
from repro_tui.journal.sealed import head_of


def is_over(run: Run) -> bool:
    """Tell whether each supervisor of the latest attempt wrote its end: then no pulse has to be felt."""
    latest = run.attempts[-1] if run.attempts else None
    return latest is not None and 0 < sum(w.role == "supervisor" for w in latest.writers) <= len(latest.endings)


def name_of(file: File) -> str:
    """Give a journal's name without its ending: the writer's id."""
    return file.name.removesuffix(JOURNAL_SUFFIX)


def label_of(files: Iterable[File]) -> str:
    """Name a run by its folder when its journals do not: the label without the time."""
    folder = next((file.folder for file in files if file.folder), "")
    parts = folder.split("-", 2)
    return parts[2] if len(parts) == 3 and parts[0].isdigit() and parts[1].isdigit() else folder  # noqa: PLR2004 - date, time, name


def uid_in(path: Path) -> str:
    """Read which run a header of a newer format names."""
    try:
        fields = decode_object(head_of(path, 1 << 16).partition(b"\n")[0])
    except OSError:
        return ""
    uid = fields.get("run") if fields else None
    return uid if isinstance(uid, str) and is_run_id(uid) else ""


def made_up(folder: str) -> RunId:
    """Give a run that cannot be read an identity of its own, so that it can be listed with the reason."""
    return RunId(sha256(folder.encode("utf-8", "surrogateescape")).hexdigest()[:32])
