"""Makes projects with any number of kept runs, by the formats alone: no script runs, and nothing waits for a disk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from blake3 import blake3

from repro_tui.domain.ids import Digest
from repro_tui.settings import open_project
from repro_tui.store.adder import Adder
from repro_tui.store.documents import canonical
from repro_tui.store.entry import Entry
from repro_tui.store.store import Store
from tests.benchmarks.make_project import BEGAN, Size, make_project, uid_of
from tests.store.keeping import random_bytes

OWN = 3_000
"""Bytes of its own that each snapshot has at least."""
SHARED = 5_000
"""Bytes of data that ten of them share."""
EXTRA = 1_000_000
"""Where the numbers of dataset versions begin, as seeds and identities."""


def make_kept(folder: Path, runs: int, versions: int = 0) -> list[Digest]:
    """Write runs, each with a snapshot: results of its own, data that ten share; every tenth run failed.

    Args:
        folder: where the project is made.
        runs: how many.
        versions: of a dataset, that are kept by themselves.

    Returns:
        The snapshots in the order they were made; those of the versions come last.
    """
    make_project(folder, Size(runs, params=3, metrics=2, steps=3, packages=3))
    store = Store.of(open_project(folder, {}))
    with store.adder() as adder:
        fields = [_of_run(adder, n) for n in range(runs)] + [_of_version(adder, n) for n in range(versions)]
        adder.commit({"repro_snapshot": 1, **fields[0]} if fields else {"parts": []})
    made = []
    for document in fields:
        raw = canonical({"repro_snapshot": 1, **document})
        digest = Digest(f"b3:{blake3(raw).hexdigest()}")
        store.places.document(digest).write_bytes(raw)
        made.append(digest)
    for n, journal in enumerate(sorted((folder / ".repro" / "runs").glob("*/journal"))):
        _write_journal(journal, f"{n:016x}", uid_of(n), [_snapshot_event(made[n], fields[n])])
    if versions:
        of_versions = zip(fields[runs:], made[runs:], strict=True)
        _write_journal(folder / ".repro/project/journal", "f" * 16, "", list(_version_events(of_versions)))
    return made


def _of_run(adder: Adder, n: int) -> dict[str, object]:
    parts = [
        _part(adder, "code", "code", f"print({n // 7})\n".encode()),
        _part(adder, "environment", "environment", f"packages of {n // 5}".encode()),
        _part(adder, "outputs", "outputs", random_bytes(OWN, n)),
        _part(adder, "data:train", "data", random_bytes(SHARED, EXTRA * 2 + n // 10)),
    ]
    return _fields(adder, parts, BEGAN + 60.0 * n + 70) | {"run": uid_of(n), "name": f"amber-otter-{n + 1}"}


def _of_version(adder: Adder, n: int) -> dict[str, object]:
    part = _part(adder, "data", "data", random_bytes(SHARED, EXTRA + n))
    part["digest"] = f"b3:{blake3(random_bytes(SHARED, EXTRA + n)).hexdigest()}"
    return _fields(adder, [part], BEGAN + 3_600.0 * n) | {"dataset": "scans", "version": part["digest"]}


def _fields(adder: Adder, parts: list[dict[str, object]], t: float) -> dict[str, object]:
    manifest = [blob.hex() for blob in adder.put(json.dumps({"repro_manifest": 1, "t": t}).encode())]
    signed = {"t": t, "user": "ada", "host": "gpu07", "partial": [], "left_out": []}
    return {**signed, "manifest": manifest, "parts": parts}


def _part(adder: Adder, name: str, kind: str, content: bytes) -> dict[str, object]:
    blobs = adder.put(content)
    digest = blake3(content).digest()
    entry = Entry(f"{name}.bin".encode(), "f", 0o644, len(content), 0, digest, tuple(blobs))
    listing = [blob.hex() for blob in adder.put_listing([entry])]
    return {"name": name, "kind": kind, "listing": listing, "files": 1, "size": len(content)}


def _snapshot_event(digest: Digest, document: dict[str, object]) -> dict[str, object]:
    raw = document["parts"]
    assert isinstance(raw, list)
    parts = [{key: part[key] for key in ("name", "kind", "files", "size")} | {"linked": False} for part in raw]
    return {"k": "snapshot", "t": document["t"], "c": 9, "d": digest, "parts": parts, "size": 1, "new": 1}


def _version_events(kept: Iterator[tuple[dict[str, object], Digest]]) -> Iterator[dict[str, object]]:
    yield {"k": "dataset", "t": BEGAN, "c": 1, "name": "scans", "path": "scans"}
    for document, digest in kept:
        version = {"name": "scans", "d": document["version"], "t": document["t"]}
        yield {"k": "version", **version, "path": "scans", "files": 1, "size": SHARED, "cov": "full", "user": "ada"}
        yield {"k": "kept", **version, "snapshot": digest}


def _write_journal(folder: Path, writer: str, run: str, events: list[dict[str, object]]) -> None:
    """Write what one person said."""
    folder.mkdir(parents=True, exist_ok=True)
    head = {"repro": 1, "writer": f"a{writer[1:]}", "run": run, "role": "person", "attempt": 0, "rank": 0}
    head |= {"host": "gpu07", "boot": "b" * 32, "pid": 1, "t": BEGAN}
    lines = [json.dumps(line, separators=(",", ":")) + "\n" for line in (head, *events)]
    (folder / f"{head['writer']}.jsonl").write_text("".join(lines))
