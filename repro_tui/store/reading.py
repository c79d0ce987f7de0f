"""Reads blobs back, and believes nothing: the head is compared with the sidecar, the bytes with their name."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence

from blake3 import blake3

from repro_tui.errors import DamagedError, StorageError
from repro_tui.store.codec import unpack
from repro_tui.store.index import Where
from repro_tui.store.pack import HEAD, MOST_LENGTH
from repro_tui.store.places import Places

_MOST_OPEN = 8


class BlobReader:
    """Reads blobs from packs; any number of threads at once, each with its own open files."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._local = threading.local()

    def read(self, blob: bytes, places: Sequence[Where]) -> bytes:
        """Give a blob that lies in some places: from the first one where it is undamaged.

        Raises DamagedError that names the pack when it is damaged everywhere, StorageError when it cannot be read.
        """
        trouble: DamagedError | StorageError | None = None
        for where in places:
            try:
                return self._read(blob, where)
            except (DamagedError, StorageError) as error:
                trouble = trouble or error
        raise trouble or missing(blob)

    def _read(self, blob: bytes, where: Where) -> bytes:
        path = self._places.pack(where.pack)
        if max(where.stored, where.length) > MOST_LENGTH:
            raise DamagedError(f"{path} has a sidecar that no writer wrote.", "Run `repro-tui check`.")
        try:
            raw = os.pread(self._open(where.pack), HEAD.size + where.stored, where.offset)
        except FileNotFoundError as error:
            raise DamagedError(f"{path} is missing.", "Copy it again from where a copy of the store lies.") from error
        except OSError as error:
            raise StorageError(
                f"{path} cannot be read: {error.strerror}.", "Look at the disk, and at the file's permissions."
            ) from error
        try:
            return _checked(blob, where, raw)
        except ValueError as error:
            raise DamagedError(
                f"{path} is damaged: of blob {blob.hex()[:16]} at byte {where.offset}, {error}.",
                "Run `repro-tui check` to see which snapshots lose something.",
            ) from error

    def _open(self, pack: str) -> int:
        files = getattr(self._local, "files", None)
        if files is None:
            files = self._local.files = _Files()
        return files.get(self._places, pack)

    def forget(self) -> None:
        """Close this thread's files, so that packs that were replaced are opened anew."""
        self._local.files = None


class _Files:
    """The packs that one thread has open, the last used ones."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, int] = OrderedDict()

    def get(self, places: Places, pack: str) -> int:
        descriptor = self._open.get(pack)
        if descriptor is None:
            descriptor = self._open[pack] = os.open(places.pack(pack), os.O_RDONLY | os.O_CLOEXEC)
            if len(self._open) > _MOST_OPEN:
                os.close(self._open.popitem(last=False)[1])
        else:
            self._open.move_to_end(pack)
        return descriptor

    def __del__(self) -> None:
        for descriptor in self._open.values():
            with contextlib.suppress(OSError):
                os.close(descriptor)


def _checked(blob: bytes, where: Where, raw: bytes) -> bytes:
    """Compare what was read with all that is known of it; raises ValueError."""
    if raw[: HEAD.size] != HEAD.pack(blob, where.stored, where.length, where.codec):
        raise ValueError("the head is not what the sidecar says")
    if len(raw) != HEAD.size + where.stored:
        raise ValueError("the pack ends within it")
    data = unpack(where.codec, raw[HEAD.size :], where.length)
    if blake3(data).digest() != blob:
        raise ValueError("the bytes do not match its name")
    return data


def missing(blob: bytes) -> DamagedError:
    """Say that a blob is nowhere in the store."""
    return DamagedError(
        f"Blob {blob.hex()[:16]} is not in the store: a pack or its sidecar is missing or damaged.",
        "Run `repro-tui check`, and `repro-tui repair` to make sidecars again.",
    )
