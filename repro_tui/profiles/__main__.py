"""The process that looks into data for another one: a request as JSON comes in, the answer as JSON goes out."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from repro_tui.domain.dataset import Spec, Watch
from repro_tui.profiles.child import limits
from repro_tui.profiles.document import list_from_document, to_document
from repro_tui.recorder.line import from_text

_NICE = 19
_MEMORY = 4 * 1024**3
"""Bytes of data that the process may hold; DuckDB keeps to far less, this is for when it does not."""


def main() -> int:
    """Read one request, answer it, end."""
    with contextlib.suppress(OSError):
        os.nice(_NICE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answer = _answer(json.loads(sys.stdin.buffer.read()))
    sys.stdout.write(json.dumps(answer))
    return 0


def _answer(request: Mapping[str, Any]) -> Mapping[str, object]:
    budget = limits(float(request["seconds"]))
    root, files = _side(request["a"])
    if request["do"] == "overlap":
        from repro_tui.profiles.shared import overlap

        found = overlap(root, files, *_side(request["b"]), other=request["other"], key=request["key"], budget=budget)
        return {} if found is None else asdict(found)
    from repro_tui.profiles.survey import profile

    spec = request["spec"]
    return to_document(profile(root, files, Spec(**{**spec, "watch": Watch(spec["watch"])}), budget=budget))


def _side(side: Mapping[str, Any]) -> tuple[Path, Any]:
    files = list_from_document(side)
    return Path(from_text(side["root"])), files or ()


if __name__ == "__main__":
    sys.exit(main())
