"""Images and recordings sorted into folders that are their classes: `train/cat/1.png`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from repro_tui.domain.data_change import suffix_of
from repro_tui.domain.profile import FileLine, TableProfile
from repro_tui.profiles.labels import MOST_CLASSES

_MEDIA = frozenset(
    (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".wav", ".flac", ".mp3", ".ogg",
     ".mp4", ".avi", ".dcm")
)  # fmt: skip
_LEAST_MEDIA = 0.5
"""Share of such files below which folders are not taken for classes, unless the dataset is declared as images."""


def classes_of_folders(files: Sequence[FileLine], kind: str) -> list[TableProfile]:
    """Count the files of each class, as a table in which each file is a row; nothing when folders are no classes."""
    if kind not in {"auto", "images"}:
        return []
    media = [line.path for line in files if suffix_of(line.path) in _MEDIA]
    classes = Counter(path.rpartition("/")[0].rpartition("/")[2] for path in media)
    if not 2 <= len(classes) <= MOST_CLASSES or "" in classes or len(media) < 2 * len(classes):  # noqa: PLR2004 - two at least
        return []
    if kind == "auto" and len(media) < len(files) * _LEAST_MEDIA:
        return []
    counted = dict(sorted(classes.items(), key=lambda item: (-item[1], item[0])))
    return [TableProfile("images", "images", len(media), len(media), (), "folder", counted)]
