"""What a policy is told of a snapshot."""

from __future__ import annotations

from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.snapshot import Link, Part, PartKind, Snapshot
from repro_tui.retention.facts import Lineage, candidate

VERSION = Digest("b3:" + "1" * 64)


def told(*parts: Part):
    snapshot = Snapshot(Digest("b3:" + "0" * 64), 1.0, "ada", "node1", parts, RunId("2" * 32), "calm-heron-40")
    return candidate(snapshot, known=None, lineage=Lineage(()), pinned=False, cited=(), gone=(), own=0)


def test_data_that_is_only_linked_is_what_a_snapshot_was_made_from():
    """A version that was kept by itself may be the last copy of it, and `keep_parents` keeps that."""
    link = Link("data", VERSION, 10)
    found = told(Part("data:train", PartKind.DATA, 1, 10, VERSION, (link,)))
    assert found.parents == {VERSION}
    assert found.versions == frozenset()
    assert found.parts == ()


def test_data_that_it_holds_itself_is_no_parent():
    found = told(Part("data:train", PartKind.DATA, 1, 10, VERSION))
    assert found.parents == frozenset()
    assert found.versions == {VERSION}
