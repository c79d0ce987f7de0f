"""Values of a script as the journal knows them: numbers, scalars, and what is not to be written at all."""

from __future__ import annotations

from .line import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TEXT_LIMIT = 2000
"""Characters of a parameter's text that are kept."""

_DEPTH = 8
_LARGE = 1 << 63
_SHORTEST_SECRET = 8
_TELLING = ("pass", "pw", "secret", "cred", "key", "token", "auth", "bearer", "dsn", "webhook", "cookie", "otp")


def may_be_secret(name: str, value: object) -> bool:
    """Tell cheaply whether a parameter is worth a look by `redaction`, which needs modules that scripts may not have.

    No form of secret is shorter than eight characters, and no name announces one without one of these parts.
    """
    if isinstance(value, str) and len(value) >= _SHORTEST_SECRET:
        return True
    plain = name.lower()
    return any(part in plain for part in _TELLING)


def numeric(value: object) -> float | None:
    """Give a value as an int or float, None when it is no number; arrays of one element are numbers."""
    kind = type(value)
    if kind is float or kind is int:
        return value  # type: ignore[return-value]
    try:
        return _converted(value)
    except Exception:  # arrays of many elements, and whatever else foreign objects raise when they are asked
        return None


def _converted(value: Any) -> float | None:
    """Ask a foreign object for its number."""
    if value is None or isinstance(value, (str, bytes, complex)):
        return None
    if isinstance(value, (bool, int)):
        return int(value)
    found = value.item() if not isinstance(value, float) and hasattr(value, "item") else float(value)
    if isinstance(found, int):
        return int(found)
    return float(found) if isinstance(found, float) else None


def written(value: float) -> float:
    """Give a number as a journal's reader can take it: integers beyond 64 bits as floats."""
    if -_LARGE < value < _LARGE:
        return value
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def flat(values: object, joint: str, prefix: str = "", depth: int = 0) -> dict[str, object]:
    """Join the keys of nested mappings."""
    found: dict[str, object] = {}
    for key, value in list(values.items()):  # type: ignore[attr-defined]
        name = prefix + (key if isinstance(key, str) else str(key))
        if isinstance(value, dict) and value and depth < _DEPTH:
            found.update(flat(value, joint, name + joint, depth + 1))
        else:
            found[name] = value
    return found


def kept(text: str) -> str:
    """Cut a long text, and tell of the rest by a digest of the whole, so that two that begin alike are told apart."""
    if len(text) <= TEXT_LIMIT:
        return text
    from hashlib import sha256

    tail = "\u2026 sha256:" + sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return text[: TEXT_LIMIT - len(tail)] + tail


def scalar(value: object) -> object:
    """Write a parameter as text, number, truth value or null; lists become JSON text, other objects their text."""
    if value is None or isinstance(value, (bool, str)):
        return kept(str(value)) if isinstance(value, str) else value
    if isinstance(value, (int, float)):
        return int(value) if isinstance(value, int) else float(value)
    try:
        if isinstance(value, (list, tuple, set, frozenset, dict)):
            return kept(dumps(_plain(value, 0)))
        number = numeric(value) if hasattr(value, "item") else None
        return named(value) if number is None else number
    except Exception:  # a script's own object may raise when it is asked for its text
        return type(value).__name__


def tells_all(value: object, written: object) -> bool:
    """Tell whether what is written of a parameter is all of it: not cut off, not the kind of an object alone."""
    if isinstance(written, str) and len(written) >= TEXT_LIMIT:
        return False
    plain = value is None or isinstance(value, (bool, int, float, str, list, tuple, dict, set, frozenset))
    return plain or hasattr(value, "__qualname__") or hasattr(value, "__fspath__") or hasattr(value, "item")


def _plain(value: object, depth: int) -> object:
    """Take containers apart as far as JSON can say them."""
    if isinstance(value, dict) and depth < _DEPTH:
        return {str(k): _plain(v, depth + 1) for k, v in value.items()}
    if isinstance(value, (set, frozenset)):  # in an order of its own in each process
        value = sorted(value, key=lambda each: (str(type(each)), str(each)))
    if isinstance(value, (list, tuple)) and depth < _DEPTH:
        return [_plain(v, depth + 1) for v in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else named(value)


def named(value: object) -> str:
    """Name an object by what does not change from run to run: no memory address."""
    if isinstance(value, type) or hasattr(value, "__qualname__"):
        return "%s.%s" % (getattr(value, "__module__", "?"), value.__qualname__)
    text = str(value)
    if " at 0x" in text:
        return "%s.%s" % (type(value).__module__, type(value).__qualname__)
    return kept(text)
