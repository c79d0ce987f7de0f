"""One document that cannot be read takes nothing with it: the rest is listed, pruned and brought back."""

from __future__ import annotations

import pytest

from repro_tui.domain.retention_decide import decide
from repro_tui.domain.retention_text import parse_line
from repro_tui.errors import DamagedError
from repro_tui.retention.service import RetentionService
from repro_tui.settings import open_project
from repro_tui.snapshots.service import SnapshotService
from repro_tui.store.store import Store
from tests.retention.kept import make_kept


@pytest.mark.parametrize("place", ["snapshots", "trash"])
def test_it_is_named_stays_and_only_deleting_for_good_is_refused(tmp_path, place):
    digests = make_kept(tmp_path, 5)
    project = open_project(tmp_path, {})
    service = RetentionService(project, lambda work: {})

    def prune(policy: str):
        stock = service.stock()
        return service.prune(service.plan(stock, decide(parse_line(policy), stock, {})))

    prune("keep_last=3 per=project")
    document = Store.of(project).places.document(digests[4 if place == "snapshots" else 0])
    path = document if place == "snapshots" else document.parent.parent / "trash" / document.name
    whole = path.read_bytes()
    path.write_bytes(whole[:50])
    service = RetentionService(project, lambda work: {})
    stock = service.stock()
    assert "cannot be read" in stock.damaged
    snapshots = SnapshotService(project)
    assert len(snapshots.rows()) == 3
    assert snapshots.usage().snapshots == 3
    assert service.usage()
    moved = prune("keep_last=1 per=project").moved
    assert digests[4] not in {move.digest for move in moved}
    with pytest.raises(DamagedError, match="Nothing is deleted for good now"):
        service.empty(service.plan_emptying(early=True))
    assert len(service.undo(service.trash())) == {"snapshots": 3, "trash": 3}[place]
    path.write_bytes(whole)
    assert service.stock().damaged == ""


def test_what_lies_in_the_trash_and_is_no_intent_is_passed_over(tmp_path):
    make_kept(tmp_path, 3)
    project = open_project(tmp_path, {})
    trash = Store.of(project).places.trash
    for number, content in enumerate((b'{"moves": [{"d": "../x"}], "t": 1e400}', b"\xff\x00{", b"[" * 100_000, b"{}")):
        (trash / f"removing-a-1-{number}").write_bytes(content)
    (trash / "removing-folder-1-9").mkdir()
    assert RetentionService(project, lambda work: {}).stock().trashed == ()
