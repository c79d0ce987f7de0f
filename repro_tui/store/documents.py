"""Snapshot documents: canonical JSON, named by its BLAKE3, written last and read with care."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from blake3 import blake3

from repro_tui.domain.ids import HEX, Digest
from repro_tui.errors import DamagedError, NotFoundError
from repro_tui.recorder.line import to_text
from repro_tui.store.durable import write_durably
from repro_tui.store.index import read_file
from repro_tui.store.places import DOCUMENT, NAME_DIGITS, Places, unreadable

VERSION = 1
KEY = "repro_snapshot"
_PREFIX = "b3:"
_MOST = 256 << 20


def canonical(value: Mapping[str, object]) -> bytes:
    """Encode so that equal documents have equal bytes: keys sorted, no spaces, UTF-8, names in the NUL encoding.

    Raises TypeError for what JSON does not know, ValueError for NaN and the infinities.
    """
    return json.dumps(
        _plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def _plain(value: object) -> object:
    match value:
        case Mapping():
            return {_plain(str(key)): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case str():
            return to_text(value) if not _is_text(value) else str(value)
    return value


def _is_text(value: str) -> bool:
    """Tell whether a text can be written as UTF-8; one that holds a NUL is in the NUL encoding already."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def write(places: Places, document: Mapping[str, object]) -> Digest:
    """Write a document durably under its name; raises StorageError."""
    raw = canonical({KEY: VERSION} | dict(document))
    digest = Digest(_PREFIX + blake3(raw).hexdigest())
    write_durably(places, places.document(digest), raw)
    return digest


def names(places: Places, folder: Path | None = None) -> list[Digest]:
    """List the documents by name: those of the snapshots, or of another folder such as the trash."""
    return [
        Digest(_PREFIX + entry.name.removesuffix(DOCUMENT)) for entry in places.documents(folder or places.snapshots)
    ]


def digest_of(path: Path) -> Digest:
    """Give the digest that a document's file is named by."""
    return Digest(_PREFIX + path.name.removesuffix(DOCUMENT))


def newest(places: Places, count: int) -> list[Digest]:
    """Give the snapshots' documents that were written last, the newest first."""
    times = {}
    for entry in places.documents(places.snapshots):
        with contextlib.suppress(FileNotFoundError):
            times[Digest(_PREFIX + entry.name.removesuffix(DOCUMENT))] = entry.stat().st_mtime_ns
    return sorted(times, key=times.__getitem__, reverse=True)[:count]


def is_document_name(digest: str) -> bool:
    """Tell whether a text can be the name of a document."""
    digits = digest.removeprefix(_PREFIX)
    return digest.startswith(_PREFIX) and len(digits) == NAME_DIGITS and HEX.issuperset(digits)


def read(places: Places, digest: Digest, folder: Path | None = None) -> Mapping[str, object]:
    """Read a document and compare it with its name; raises NotFoundError, DamagedError or StorageError."""
    if not is_document_name(digest):
        raise NotFoundError(f"{digest} is no name of a snapshot.", "List them with `repro-tui snapshots`.")
    path = (folder or places.snapshots) / places.document(digest).name
    try:
        if path.stat().st_size > _MOST:
            raise DamagedError(f"{path} is damaged: it is far too large.", "Run `repro-tui check`.")
        raw = read_file(path)
    except FileNotFoundError as error:
        raise NotFoundError(f"There is no snapshot {digest}.", "List them with `repro-tui snapshots`.") from error
    except OSError as error:
        raise unreadable(path, error) from error
    if _PREFIX + blake3(raw).hexdigest() != digest:
        raise DamagedError(
            f"{path} is damaged: its bytes do not match its name.", "Copy it again from where a copy of the store lies."
        )
    return _checked(path, raw)


def _checked(path: Path, raw: bytes) -> Mapping[str, object]:
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise DamagedError(f"{path} is no snapshot: it is not JSON.", "Move it away.") from error
    version = document.get(KEY) if isinstance(document, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise DamagedError(f"{path} is no snapshot: it does not say its version.", "Move it away.")
    if version > VERSION:
        raise DamagedError(
            f"{path} is from a newer version of repro-tui (format {version}, this one reads {VERSION}).",
            "Update repro-tui to read it.",
        )
    return {str(key): value for key, value in document.items()}


def blob_ids(names_: object) -> list[bytes]:
    """Read a list of blob names; raises ValueError for anything else."""
    if not isinstance(names_, list):
        raise ValueError("a list of blob names is expected")  # noqa: TRY004 - damage of a file, not of a program
    ids = []
    for name in names_:
        if not isinstance(name, str) or len(name) != NAME_DIGITS or not HEX.issuperset(name):
            raise ValueError(f"{name!r} is no name of a blob")
        ids.append(bytes.fromhex(name))
    return ids


def roots(document: Mapping[str, object], dropped: Iterable[str] = ()) -> Iterator[tuple[str, list[bytes], bool]]:
    """Give (name, blobs, whether they are a listing) of the manifest and of each part that is kept and not dropped.

    Raises DamagedError for a document that says it in no known form.
    """
    gone = frozenset(dropped)
    try:
        if "manifest" in document:
            yield "manifest", blob_ids(document["manifest"]), False
        parts = document.get("parts", [])
        if not isinstance(parts, list):
            raise ValueError("its parts are no list")  # noqa: TRY004 - damage of a file, not of a program
        for part in parts:
            if not isinstance(part, dict) or not isinstance(part.get("name"), str):
                raise ValueError("one of its parts has no name")  # noqa: TRY004 - the same
            if part["name"] not in gone and part.get("listing") is not None:
                yield part["name"], blob_ids(part["listing"]), True
    except ValueError as error:
        raise DamagedError(f"A snapshot's document is damaged: {error}.", "Run `repro-tui check`.") from error
