"""Facts documents: canonical JSON in a zstd frame, named by the BLAKE3 of the JSON (docs/formats/journal.md)."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from repro_tui.domain.ids import HEX, Digest
from repro_tui.domain.missing import Unavailable
from repro_tui.errors import DamagedError, StorageError
from repro_tui.journal.layout import Layout

MAX_DOCUMENT = 256 * 1024 * 1024
"""Bytes of JSON that a reader unpacks at most, so that a hostile frame cannot fill the memory."""
_HEX_DIGITS = 64
_LEVEL = 3


def canonical(document: Mapping[str, object]) -> bytes:
    """Encode a document so that equal documents have equal bytes: keys sorted, no spaces, UTF-8.

    NaN and the infinities become their texts, lone surrogates the NUL encoding of journal.md. Raises TypeError for
    values that JSON does not know.
    """
    return json.dumps(
        _plain(document), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def _plain(value: object) -> object:
    """Replace what JSON cannot hold by what the format says stands for it."""
    match value:
        case Mapping():
            return {_text(str(key)): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case str():
            return _text(value)
        case float() if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 - NaN is unlike itself
            return {float("inf"): "Infinity", float("-inf"): "-Infinity"}.get(value, "NaN")
    return value


def _text(value: str) -> str:
    """Encode what is no UTF-8; a name in the NUL encoding already must not be encoded again."""
    from repro_tui.recorder.line import to_text

    try:
        value.encode()
    except UnicodeEncodeError:
        return to_text(value)
    return value


def digest_of(raw: bytes) -> Digest:
    """Name bytes by their BLAKE3."""
    from blake3 import blake3

    return Digest(f"b3:{blake3(raw).hexdigest()}")


def write_document(layout: Layout, document: Mapping[str, object]) -> Digest:
    """Store a document durably and give its digest; storing it again does nothing.

    The bytes are on the disk under their name before this returns, so the event that names them may be written.
    Raises StorageError when the disk is full or the folder cannot be written.
    """
    raw = canonical(document)
    digest = digest_of(raw)
    target = layout.document(digest)
    if _is_whole(target, digest):
        return digest
    layout.check_writable()
    try:
        layout.make_folder(target.parent)
        _write_durably(target, _compress(raw), layout.file_mode)
    except OSError as error:
        raise StorageError(
            f"{target} cannot be written: {error.strerror}.", "Free some space or give write permission there."
        ) from error
    return digest


def read_document(layout: Layout, digest: Digest) -> Mapping[str, object] | Unavailable:
    """Read a document and check it against its name.

    Gives Unavailable when it is not there (yet), or when `digest` is no name of a document; raises DamagedError when
    its bytes are not what its name says.
    """
    algorithm, _, digits = digest.partition(":")
    if algorithm != "b3" or len(digits) != _HEX_DIGITS or not HEX.issuperset(digits):
        return Unavailable("the journal names no valid document")
    path = layout.document(digest)
    try:
        packed = path.read_bytes()
    except FileNotFoundError:
        return Unavailable("the document is not in facts/ (was the folder copied in part?)")
    except OSError as error:
        return Unavailable(f"{path} cannot be read: {error.strerror}")
    damaged = DamagedError(f"{path} is damaged: its bytes do not match its name.", "Copy it again from where it came.")
    try:
        raw = _decompress(packed)
        if digest_of(raw) != digest:
            raise damaged
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise damaged from error
    return document if isinstance(document, dict) else Unavailable("the document is no JSON object")


def _is_whole(target: Path, digest: Digest) -> bool:
    """Tell whether the document is there already and undamaged; a damaged one is written again."""
    try:
        return digest_of(_decompress(target.read_bytes())) == digest
    except (OSError, ValueError):
        return False


def _compress(raw: bytes) -> bytes:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd.compress(raw, _LEVEL)


def _decompress(packed: bytes) -> bytes:
    """Unpack one frame, bounded; raises ValueError for anything else."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    unpacker = zstd.ZstdDecompressor()
    try:
        raw = unpacker.decompress(packed, MAX_DOCUMENT)
    except (zstd.ZstdError, EOFError) as error:
        raise ValueError(str(error)) from error
    if not unpacker.eof or unpacker.unused_data:
        raise ValueError("not one whole frame")
    return raw


def _write_durably(target: Path, data: bytes, mode: int) -> None:
    """Write beside the target, flush, rename, flush the folder: at every instant the name means whole bytes or none."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with open(descriptor, "wb", buffering=0) as stream:  # noqa: PTH123 - pathlib cannot open with modes
            os.fchmod(descriptor, mode)
            view = memoryview(data)
            while view:
                view = view[stream.write(view) :]
            os.fsync(descriptor)
        temporary.rename(target)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
