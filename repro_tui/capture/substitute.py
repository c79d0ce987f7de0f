"""What the front notes in place of a keeper that was killed: that it happened, and how the command ended."""

from __future__ import annotations

import os

from repro_tui.capture.ledger import Ledger
from repro_tui.capture.prepare import Recording
from repro_tui.errors import StorageError
from repro_tui.journal.write import open_writer


class Substitute:
    """A second writer of the same attempt, begun only when it is needed."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._ledger: Ledger | None = None

    def begin(self, pid: int) -> None:
        """Begin to write; the command `pid` goes on."""
        recording, identity = self._recording, self._recording.identity
        try:
            writer = open_writer(
                recording.folder,
                run=recording.uid,
                role="supervisor",
                attempt=identity.attempt,
                rank=identity.rank,
                layout=recording.layout,
            )
        except StorageError:
            return
        self._ledger = Ledger(writer, lambda _text: None)
        if pid:
            self._ledger.event("child", pid=pid, delay=0)
        hint = "The run itself is not affected; look for the kernel's out-of-memory messages."
        what = "the recording process was killed; samples and fingerprints end there"
        self._ledger.event("problem", where="supervise", what=what, hint=hint)

    def end(self, status: int) -> None:
        """Note how the command ended."""
        if self._ledger is None:
            return
        if os.WIFSIGNALED(status):
            self._ledger.event("end", signal=os.WTERMSIG(status))
        else:
            self._ledger.event("end", exit=os.WEXITSTATUS(status))
        self._ledger.close()
