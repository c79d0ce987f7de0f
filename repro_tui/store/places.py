"""Where everything lies in a store, and with which modes (docs/formats/store.md, "Where it lies")."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from repro_tui.domain.ids import HEX, Digest
from repro_tui.errors import StorageError

PACK, SIDECAR, DOCUMENT = ".pack", ".idx", ".json"
NAME_DIGITS = 64


@dataclass(frozen=True, slots=True)
class Places:
    """The paths below one `store/` folder. Building one touches no file."""

    folder: Path
    """The `store` folder, absolute."""
    file_mode: int = 0o600
    folder_mode: int = 0o700

    @property
    def packs(self) -> Path:
        """Kept bytes, many blobs a file."""
        return self.folder / "packs"

    @property
    def index(self) -> Path:
        """Sidecars of the packs."""
        return self.folder / "index"

    @property
    def snapshots(self) -> Path:
        """One document a snapshot."""
        return self.folder / "snapshots"

    @property
    def condemned(self) -> Path:
        """What somebody wants to delete."""
        return self.folder / "condemned"

    @property
    def trash(self) -> Path:
        """Documents that were removed and can be brought back."""
        return self.folder / "trash"

    @property
    def format(self) -> Path:
        """Which version of the format this is."""
        return self.folder / "format"

    @property
    def reserve(self) -> Path:
        """Room that is given up first when the disk is full."""
        return self.folder / "reserve"

    def pack(self, name: str) -> Path:
        """Give the place of a pack by its 64 digits."""
        return self.packs / name[:2] / f"{name}{PACK}"

    def sidecar(self, name: str) -> Path:
        """Give the place of a pack's sidecar."""
        return self.index / name[:2] / f"{name}{SIDECAR}"

    def document(self, digest: Digest) -> Path:
        """Give the place of a snapshot document: `snapshots/<64 hex>.json`."""
        return self.snapshots / f"{digest.partition(':')[2]}{DOCUMENT}"

    def listed(self, folder: Path, suffix: str) -> Iterator[os.DirEntry[str]]:
        """Give the files of `packs/` or `index/` that are named as they should be; none when there is no folder."""
        try:
            with os.scandir(folder) as entries:
                below = [entry.path for entry in entries if len(entry.name) == 2 and HEX.issuperset(entry.name)]  # noqa: PLR2004 - `ab`
        except FileNotFoundError:
            return
        except OSError as error:
            raise unreadable(folder, error) from error
        for path in sorted(below):
            yield from _named(Path(path), suffix)

    def sizes(self, folder: Path, suffix: str) -> dict[str, int]:
        """Give the sizes of the files of `packs/` or `index/`, by name; what is deleted meanwhile is not there."""
        found = {}
        for entry in self.listed(folder, suffix):
            with contextlib.suppress(FileNotFoundError):
                found[entry.name.removesuffix(suffix)] = entry.stat().st_size
        return found

    def documents(self, folder: Path) -> Iterator[os.DirEntry[str]]:
        """Give the files of `snapshots/` or `trash/` that are named as documents are."""
        yield from _named(folder, DOCUMENT)

    def make(self, folder: Path) -> None:
        """Make one folder with the store's mode (whatever the umask), and those above it as far as they are missing."""
        try:
            if not folder.parent.is_dir():
                self.make(folder.parent)
            folder.mkdir(mode=self.folder_mode)
            folder.chmod(self.folder_mode)
        except FileExistsError as error:
            if not folder.is_dir():
                raise StorageError(f"{folder} is in the way: it is no folder.", "Move it away.") from error
        except OSError as error:
            raise unwritable(folder, error) from error


def _named(folder: Path, suffix: str) -> Iterator[os.DirEntry[str]]:
    """Give the entries of one folder whose names are 64 hex digits and a suffix, in order."""
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if is_name(entry.name, suffix)]
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise unreadable(folder, error) from error
    yield from sorted(found, key=lambda entry: entry.name)


def is_name(text: str, suffix: str) -> bool:
    """Tell whether a file's name is 64 hex digits and a suffix."""
    stem = text.removesuffix(suffix)
    return len(stem) == NAME_DIGITS and len(text) == NAME_DIGITS + len(suffix) and HEX.issuperset(stem)


def unreadable(path: Path, error: OSError) -> StorageError:
    """Say that something of the store cannot be read."""
    return StorageError(f"{path} cannot be read: {error.strerror or error}.", "Give read permission there.")


def unwritable(path: Path, error: OSError) -> StorageError:
    """Say that something of the store cannot be written."""
    return StorageError(
        f"{path} cannot be written: {error.strerror or error}.",
        "Free some space or give write permission there; what was kept before is still whole.",
    )
