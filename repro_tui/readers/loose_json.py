"""JSON as programs write it: Python's `json` puts a number that is none there as the bare word `NaN`, which is no JSON.

That a loss became NaN is what its log is read for, so these words are kept as the numbers that they stand for.
"""

from __future__ import annotations

import json

import msgspec

_WORDS = "NaN", "Infinity"


def read(content: bytes | str) -> object:
    """Read a JSON text, `NaN` and the infinities as numbers; raises ValueError or RecursionError for anything else."""
    try:
        return msgspec.json.decode(content)
    except msgspec.DecodeError:
        text = content.decode("utf-8") if isinstance(content, bytes) else content
        if not any(word in text for word in _WORDS):
            raise
        return json.loads(text)
