"""What keys do to a snapshot, in the list and on its page: restore, verify, pin, copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual import on
from textual.message import Message

from repro_tui.domain.ids import Digest
from repro_tui.domain.snapshot import Report, SnapshotRow
from repro_tui.domain.view import Annotation
from repro_tui.tui.messages import Say
from repro_tui.tui.render import ages, numbers
from repro_tui.tui.render.snapshots import restore_name
from repro_tui.tui.render.text import clean
from repro_tui.tui.screens.restoring import WORTH_SAYING, Restoring, Wanted
from repro_tui.tui.snapshot_lines import name_of


def verified_report(name: str, report: Report) -> tuple[str, list[str]]:
    """Say what a verification found."""
    figures = f"{report.files:,} file{'s' * (report.files != 1)}, {numbers.size(report.read)}"
    took = f" in {ages.duration(report.seconds)}" if report.seconds >= WORTH_SAYING else ""
    if report.ok:
        noted = ["", *report.done] if report.done else []
        return f"{name} is as it was kept", [f"{figures} were read{took} and every byte was compared.", *noted]
    lines = [f"{figures} were read{took}.", ""]
    lines += [f"{damage.what}: {damage.why}" for damage in report.damages]
    return f"{name} is damaged", [*lines, "", "`repro-tui repair` mends what can be mended and names what is lost."]


class SnapshotActions(Restoring):
    """The part of a screen that acts on one snapshot."""

    @dataclass
    class Done(Message):
        """Something was written down."""

        text: str

    @property
    def chosen(self) -> SnapshotRow | None:
        """Give the snapshot that keys act on."""
        raise NotImplementedError

    @property
    def versions(self) -> Mapping[Digest, str]:
        """Give the names of dataset versions."""
        raise NotImplementedError

    def changed(self) -> None:
        """Show what is otherwise by now."""
        raise NotImplementedError

    def _readable(self) -> SnapshotRow | None:
        row = self.chosen
        if row is not None and not row.snapshot.parts and row.why:
            self.warn(f"It cannot be read: {clean(row.why)}")
            return None
        return row

    def _called(self, row: SnapshotRow) -> str:
        return clean(name_of(row.snapshot, self.versions))

    def action_restore(self) -> None:
        """Restore the snapshot, after asking where to."""
        if row := self._readable():
            self.ask_restore(Wanted(self._called(row), row.snapshot.digest, row.snapshot.parts))

    def action_verify(self) -> None:
        """Read everything that the snapshot needs, and compare."""
        row = self.chosen
        if row is None:
            return
        name, digest, snapshots = self._called(row), row.snapshot.digest, self.shell.workbench.snapshots

        def tell(report: Report) -> None:
            self.report(*verified_report(name, report))
            self.changed()

        self.carry_out(f"Verifying {name}", lambda progress: snapshots.verify(digest, progress), tell)

    def action_pin(self) -> None:
        """Pin the run of the snapshot, or unpin it; the snapshot itself where it keeps a version of a dataset."""
        row = self._readable()
        if row is None:
            return
        snapshot, name, pinned, workbench = row.snapshot, self._called(row), row.pinned, self.shell.workbench

        def pin() -> Message:
            if snapshot.run is None:
                workbench.snapshots.pin(snapshot.digest, on=not pinned)
            else:
                workbench.annotate((snapshot.run,), Annotation(pinned=not pinned))
            return self.Done(f"{'unpinned' if pinned else 'pinned'} {name}")

        self.errands.ask("pin", pin)

    @on(Done)
    def _tell_done(self, message: Done) -> None:
        self.post_message(Say(message.text))
        self.changed()

    def action_copy(self) -> None:
        """Ask what of the snapshot to copy."""
        row = self.chosen
        if row is None:
            return
        texts = {
            "digest": row.snapshot.digest,
            "run": row.snapshot.run or "",
            "name": self._called(row),
            "restore": f"repro-tui restore {restore_name(row.snapshot, self.versions)} DIR",
        }
        self.ask_copy(texts)
