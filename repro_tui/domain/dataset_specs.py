"""Datasets as `repro.yaml` declares them: which words are understood, and what is said about the others."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from repro_tui.domain.dataset import Spec, Watch
from repro_tui.errors import UsageError

KINDS = ("auto", "table", "images", "files")
KEYS = ("path", "kind", "watch", "label", "key")
_NAME = re.compile(r"\w[\w.+-]{0,63}")
_EXAMPLE = "datasets: {train: {path: data/train, watch: ask}}"


def check_name(name: str, where: str = "The name") -> str:
    """Give a dataset's name back; raises UsageError for one that could not be told from a version or a path."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{where} {name!r} is no name for a dataset.",
            "Use letters, digits, and . _ + - after the first sign; at most 64: train, test-v2.",
        )
    return name


def within(path: str, root: str) -> str:
    """Write a path as journals do: from the project's folder where it lies inside, else absolute."""
    full = posixpath.normpath(posixpath.join(root, path))
    if full == root:
        return "."
    return posixpath.relpath(full, root) if full.startswith(root.rstrip("/") + "/") else full


def read_specs(records: Mapping[str, Mapping[str, str]], root: str = "/") -> tuple[Spec, ...]:
    """Read what `datasets:` declares, in the order of the names.

    Args:
        records: name to keys and values, as texts.
        root: the project's folder, absolute: what relative paths begin at.

    Raises:
        UsageError: a name, a key or a value is not understood; it names the key.
    """
    specs = tuple(_spec(name, records[name], root) for name in sorted(records))
    owner: dict[str, str] = {}
    for spec in specs:
        if (other := owner.setdefault(spec.path, spec.name)) != spec.name:
            raise UsageError(
                f"datasets.{spec.name}.path is {spec.path}, and so is that of {other}.",
                "Declare each path once; a dataset may lie inside another.",
            )
    return specs


def _spec(name: str, record: Mapping[str, str], root: str) -> Spec:
    where = f"datasets.{check_name(name, 'datasets:')}"
    for key in record:
        if key not in KEYS:
            raise UsageError(f"{where}.{key} is not known.", f"A dataset has {', '.join(KEYS)}: {_EXAMPLE}")
    path = record.get("path", "")
    if not path.strip() or "\0" in path:
        raise UsageError(f"{where}.path is missing.", f"Say where the dataset lies: {_EXAMPLE}")
    return Spec(
        name=name,
        path=within(path, root),
        kind=_one_of(record, "kind", KINDS, "auto", where),
        watch=Watch(_one_of(record, "watch", tuple(Watch), Watch.NEVER, where)),
        label=record.get("label", ""),
        key=record.get("key", ""),
    )


def _one_of(record: Mapping[str, str], key: str, words: tuple[str, ...], default: str, where: str) -> str:
    word = record.get(key) or default
    if word not in words:
        raise UsageError(f"{where}.{key} is {word!r}.", f"It is one of {', '.join(words)}.")
    return word
