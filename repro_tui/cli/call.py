"""What a command is given: its options and the world around it, so that it reads neither by itself."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from repro_tui.cli.output import Output


@dataclass(frozen=True, slots=True)
class Call:
    """One call of `repro-tui`."""

    options: argparse.Namespace
    environment: Mapping[str, str]
    cwd: Path
    output: Output
