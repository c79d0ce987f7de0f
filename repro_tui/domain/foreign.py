"""Reading fields that a stranger may have written: the right type, within bounds, or a `ForeignError`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping

from repro_tui.domain.events import Scalar
from repro_tui.domain.ids import HEX, Digest

MAX_TEXT = 4096
"""Characters of a text that are kept: of a path, a parameter's value, a problem."""
MAX_NAME = 512
_MAX_ITEMS = 100_000
_MAX_DEPTH = 12
_MAX_BITS = 4096
_DIGITS = 64
_LATEST = 1e12
"""Seconds since the epoch beyond which nothing is believed."""


class ForeignError(ValueError):
    """A field has not the type that the format gives it."""


def text(body: Mapping[str, object], key: str, default: str | None = None, limit: int = MAX_TEXT) -> str:
    """Give a text field; the default when it is absent, an error when there is none."""
    raw = body.get(key, default)
    if raw is None and default is not None:
        return default
    if not isinstance(raw, str):
        raise ForeignError(key)
    return raw if len(raw) <= limit else raw[: limit - 1] + "…"


def whole(body: Mapping[str, object], key: str) -> int | None:
    """Give a whole number of at most 63 bits, None when it is absent or null."""
    raw = body.get(key)
    if raw is None:
        return None
    if not isinstance(raw, int) or isinstance(raw, bool) or not -(2**63) < raw < 2**63:
        raise ForeignError(key)
    return raw


def flag(body: Mapping[str, object], key: str) -> bool:
    """Give a boolean field."""
    raw = body.get(key, False)
    if not isinstance(raw, bool):
        raise ForeignError(key)
    return raw


def seconds(body: Mapping[str, object], key: str) -> float:
    """Give a moment in seconds since the epoch, 0 when it is absent, null or no finite number."""
    raw = body.get(key)
    if raw is None:
        return 0.0
    if not isinstance(raw, int | float) or isinstance(raw, bool):
        raise ForeignError(key)
    return float(raw) if abs(raw) < _LATEST and math.isfinite(raw) else 0.0


def texts(body: Mapping[str, object], key: str, limit: int) -> tuple[str, ...]:
    """Give a list of texts, at most so many; what is no text in it is left out."""
    raw = body.get(key, [])
    if not isinstance(raw, list | tuple):
        raise ForeignError(key)
    return tuple(
        item if len(item) <= MAX_TEXT else item[: MAX_TEXT - 1] + "…" for item in raw[:limit] if isinstance(item, str)
    )


def mapping(body: Mapping[str, object], key: str) -> Mapping[str, object]:
    """Give an object field."""
    raw = body.get(key, {})
    if not isinstance(raw, Mapping):
        raise ForeignError(key)
    return raw


def digest(body: Mapping[str, object], key: str) -> Digest | None:
    """Give a digest field, None when it is absent or null."""
    raw = body.get(key)
    if raw is None:
        return None
    algorithm, _, digits = raw.partition(":") if isinstance(raw, str) else ("", "", "")
    if algorithm not in {"b3", "sha256"} or len(digits) != _DIGITS or not HEX.issuperset(digits):
        raise ForeignError(key)
    return Digest(f"{algorithm}:{digits}")


def scalar(raw: object) -> Scalar:
    """Give a parameter's value: a scalar as it is, anything else as JSON text; texts are cut at a limit."""
    if isinstance(raw, int) and raw.bit_length() > _MAX_BITS:
        return hex(raw)[:MAX_TEXT]  # Python refuses to print so many decimal digits
    if raw is None or isinstance(raw, bool | int):
        return raw
    if isinstance(raw, float):
        return raw if math.isfinite(raw) else {math.inf: "Infinity", -math.inf: "-Infinity"}.get(raw, "NaN")
    if not isinstance(raw, str):
        try:
            raw = json.dumps(raw, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=str)
        except (TypeError, ValueError, RecursionError) as error:
            raise ForeignError("value") from error
    return raw if len(raw) <= MAX_TEXT else raw[: MAX_TEXT - 1] + "…"


def flat(values: Mapping[str, object], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Scalar]]:
    """Give names and values of an object, nested keys joined with dots."""
    for count, (key, value) in enumerate(values.items()):
        if count >= _MAX_ITEMS:
            return
        name = f"{prefix}{key}"[:MAX_NAME]
        if isinstance(value, Mapping) and value and depth < _MAX_DEPTH:
            yield from flat(value, f"{name}.", depth + 1)
        else:
            yield name, scalar(value)
