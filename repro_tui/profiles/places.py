"""Files of a dataset: where one lies on the disk, what it is called for a person, and which form its name promises."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path, PurePath

from repro_tui.domain.dataset import Spec
from repro_tui.domain.profile import FileLine
from repro_tui.recorder.line import from_text

_FORMS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".npy": "npy",
    ".npz": "npz",
}
_LOOSE = {".txt": "csv", ".data": "csv", ".dat": "csv", "": "csv"}
"""What is taken for a table only when the dataset is declared to be one."""
_PACKED = {".gz": "gzip", ".zst": "zstd"}
_TEXT_FORMS = {"csv", "tsv", "jsonl"}


@dataclass(frozen=True, slots=True)
class Place:
    """One file that is to be looked into."""

    name: str
    """As in the file list."""
    path: Path
    """On the disk, with surrogates for bytes that are no UTF-8."""
    form: str
    packing: str
    """`gzip`, `zstd` or empty."""
    size: int

    @property
    def shown(self) -> str:
        """Its name for a sentence."""
        return self.name


class UnfitError(Exception):
    """A file cannot be looked into; the text is a fragment for a person: `is not there any more`."""


def form_of(path: str, kind: str) -> tuple[str, str]:
    """Give form and packing by the end of a name, empty where it is no table; `kind` is that of the dataset."""
    if kind in {"images", "files"}:
        return "", ""
    name = PurePath(path.lower())
    packing = _PACKED.get(name.suffix, "")
    end = PurePath(name.stem).suffix if packing else name.suffix
    form = _FORMS.get(end) or (_LOOSE.get(end, "") if kind == "table" else "")
    return (form, packing) if not packing or form in _TEXT_FORMS else ("", "")


def places_of(root: Path, files: Sequence[FileLine], spec: Spec) -> list[Place]:
    """Give the files that promise to be tables, in the order of their names. `root` may itself be the one file."""
    found = []
    for line in sorted(files, key=lambda line: line.path):
        form, packing = form_of(line.path if line.path not in {"", "."} else root.name, spec.kind)
        if form:
            found.append(Place(line.path or root.name, locate(root, line.path), form, packing, line.size))
    return found


def drawn(places: Sequence[Place], most: int) -> list[Place]:
    """Give some of very many files, by the hashes of their names, so that two versions give the same ones."""
    limit = 1 << 64
    kept = list(places)
    if len(places) > most:
        marks = {place.name: _mark(place.name) for place in places}
        while len(kept) > most:
            limit >>= 1
            kept = [place for place in kept if marks[place.name] < limit]
    return kept


def _mark(name: str) -> int:
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def locate(root: Path, name: str) -> Path:
    """Give the path of a file of a file list; a dataset that is one file lists it by its own name or by none."""
    inner = from_text(name)
    if inner in {"", "."} or (PurePath(inner).name == root.name and root.is_file()):
        return root
    return root / inner


def check(place: Place) -> int:
    """Give a file's size now; raises UnfitError when it is no file that could be read to an end."""
    if ".." in PurePath(place.name).parts or PurePath(place.name).is_absolute():
        raise UnfitError("leads out of the dataset")
    try:
        info = place.path.stat()
    except FileNotFoundError:
        raise UnfitError("is not there any more") from None
    except (OSError, ValueError) as error:
        raise UnfitError(f"cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if not stat.S_ISREG(info.st_mode):
        raise UnfitError("is no regular file")
    if not os.access(place.path, os.R_OK):
        raise UnfitError("cannot be read: Permission denied")
    if not info.st_size:
        raise UnfitError("is empty")
    return info.st_size
