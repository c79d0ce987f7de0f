"""Which files are programs and which steer them, by their names."""

from __future__ import annotations

from pathlib import PurePosixPath

from repro_tui.domain.programs import PROGRAMS, is_program
from repro_tui.source.words import words

__all__ = ["CONFIGS", "PROGRAMS", "is_config", "is_program"]

CONFIGS = words(
    """
    .yaml .yml .toml .json .cfg .ini .conf .env .properties .txt .xml
    """
)
"""Endings of files that are kept beside the programs when they are small."""


def is_config(path: str) -> bool:
    """Tell whether a file is a small text that steers programs."""
    name = path.rpartition("/")[2].lower()
    return PurePosixPath(name).suffix in CONFIGS or name.startswith(".env")
