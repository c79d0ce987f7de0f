"""The first events of a supervisor's journal.

They are written while the command is being started, so that it need not wait for them; one that dies at once has a
run that says what it was all the same, because the keeper does not depend on it.
"""

from __future__ import annotations

from collections.abc import Callable

from repro_tui.capture.ledger import Ledger
from repro_tui.capture.prepare import Recording
from repro_tui.errors import StorageError
from repro_tui.journal.write import Writer, open_writer
from repro_tui.recorder.line import to_text
from repro_tui.source.secrets import redact_argv


def open_ledger(recording: Recording, warn: Callable[[str], None]) -> Ledger:
    """Begin the journal; a disk that is full by now costs the record, never the run."""
    identity = recording.identity
    writer: Writer | None = None
    try:
        writer = open_writer(
            recording.folder,
            run=recording.uid,
            role="supervisor",
            attempt=identity.attempt,
            rank=identity.rank,
            t=recording.started,
            layout=recording.layout,
        )
    except StorageError as error:
        warn(f"not recording: {error.message} {error.hint}")
    return Ledger(writer, warn)


def write_start(ledger: Ledger, recording: Recording) -> None:
    """Write what is known before anything has run."""
    options, identity = recording.options, recording.identity
    argv, names = redact_argv(recording.argv)
    relations = [{"role": "parent", "uid": identity.parent}] if identity.parent else []
    ledger.event(
        "start",
        name=recording.name,
        argv=[to_text(a) for a in argv],
        cwd=to_text(recording.cwd),
        root=to_text(str(recording.project.root)),
        user=recording.user,
        lineage=to_text(recording.lineage),
        relations=relations,
        output=list(recording.streams.names),
        series=to_text(recording.series),
        began=round(recording.began, 3),
    )
    for name in names:
        ledger.event("redacted", where="argv", what=name)
    for tag in options.tags:
        ledger.event("tag", tag=tag, on=True)
    if options.note:
        ledger.event("note", text=options.note)
    for path in (*options.data, *options.out):
        mode = "r" if path in options.data else "w"
        ledger.event("file", path=to_text(recording.inside(path)), mode=mode, by="declared", st=None)
