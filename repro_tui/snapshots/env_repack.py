"""Makes a wheel again of what is installed, file by file as its RECORD says, each compared with its hash there.

It is the same for the same installation, so that it is kept once, and it can be installed where no index has it.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path

from repro_tui.source.distributions import normal

LARGEST = 1 << 30
"""Bytes of an installation that is made a wheel of."""
_LEFT = frozenset({"INSTALLER", "REQUESTED", "RECORD", "RECORD.jws", "RECORD.p7s", "direct_url.json", "uv_cache.json"})
"""Files that an installer adds to the metadata."""
_WHEN = (1980, 1, 1, 0, 0, 0)


class RepackError(Exception):
    """No wheel can be made of an installation; the text says why."""


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    """In the wheel."""
    place: Path
    hashed: str


def repack(distribution: Distribution, folder: Path) -> Path:
    """Make a wheel in a folder; gives its path. Raises RepackError."""
    info = _info(distribution)
    tags = [line.partition(":")[2].strip() for line in _text(distribution, "WHEEL").splitlines() if line[:4] == "Tag:"]
    if not tags:
        raise RepackError("it was not installed from a wheel")
    name = normal(distribution.metadata["Name"]).replace("-", "_")
    tag = tags[0] if len(tags) == 1 else _joined(tags)
    target = folder / f"{name}-{distribution.version}-{tag}.whl"
    rows: list[tuple[str, str, int]] = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as wheel:
        total = 0
        for file in sorted(_files(distribution, info), key=_name):
            content = _content(file)
            total += len(content)
            if total > LARGEST:
                raise RepackError("it is too large")
            _add(wheel, file.name, content, program=os.access(file.place, os.X_OK))
            rows.append((file.name, f"sha256={_digest(content)}", len(content)))
        record = io.StringIO()
        writer = csv.writer(record, lineterminator="\n")
        writer.writerows([*rows, (f"{info}/RECORD", "", "")])
        _add(wheel, f"{info}/RECORD", record.getvalue().encode(), program=False)
    return target


def _info(distribution: Distribution) -> str:
    """Name the folder of the metadata."""
    record = _text(distribution, "RECORD")
    for line in record.splitlines():
        place = line.strip('"').partition(",")[0]
        if place.endswith(".dist-info/METADATA") and place.count("/") == 1:
            return place.rpartition("/")[0]
    raise RepackError("it has no list of its files")


def _text(distribution: Distribution, name: str) -> str:
    return distribution.read_text(name) or ""


def _files(distribution: Distribution, info: str) -> Iterator[_File]:
    base = Path(str(distribution.locate_file("")))
    scripts = {entry.name for entry in distribution.entry_points if entry.group in {"console_scripts", "gui_scripts"}}
    for row in csv.reader(io.StringIO(_text(distribution, "RECORD"))):
        if not row or row[0].endswith((".pyc", ".pyo")):
            continue
        path, hashed = row[0], row[1] if len(row) > 1 else ""
        inner = posixpath.normpath(path)
        if inner.startswith(f"{info}/") and inner.count("/") == 1 and inner.rpartition("/")[2] in _LEFT:
            continue
        name = _in_wheel(inner, info, scripts)
        if name:
            yield _File(name, base / path, hashed)


def _in_wheel(inner: str, info: str, scripts: set[str]) -> str:
    """Say where a file lies in the wheel; empty for a script that installers make by themselves."""
    if not inner.startswith(("../", "/")):
        return inner
    last = inner.rpartition("/")[2]
    data = info.removesuffix(".dist-info") + ".data"
    if "/bin/" in inner or "/Scripts/" in inner:
        return "" if last.removesuffix(".exe") in scripts else f"{data}/scripts/{last}"
    return f"{data}/data/{inner.lstrip('./')}"


def _content(file: _File) -> bytes:
    try:
        content = file.place.read_bytes()
    except OSError as error:
        raise RepackError(f"{file.name} cannot be read: {error.strerror}") from error
    kind, _, digits = file.hashed.partition("=")
    if kind == "sha256" and digits != _digest(content):
        raise RepackError(f"{file.name} was changed after it was installed")
    return content


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _add(wheel: zipfile.ZipFile, name: str, content: bytes, *, program: bool) -> None:
    entry = zipfile.ZipInfo(name, _WHEN)
    entry.external_attr = (0o100755 if program else 0o100644) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    wheel.writestr(entry, content)


def _joined(tags: list[str]) -> str:
    """Write several tags as a file name does: each part once, joined with dots."""
    columns = zip(*(tag.split("-") for tag in tags), strict=True)
    return "-".join(".".join(dict.fromkeys(column)) for column in columns)


def _name(file: _File) -> str:
    return file.name
