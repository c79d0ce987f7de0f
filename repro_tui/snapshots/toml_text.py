"""Writes the small part of TOML that a lock file needs: the standard library only reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f"}
_SPACE, _DELETE = 0x20, 0x7F


def dumps(document: Mapping[str, object]) -> str:
    """Write a document: values first, then each list of tables with a head of its own. Raises TypeError."""
    lines = [f"{_key(key)} = {_value(value)}" for key, value in document.items() if not _is_tables(value)]
    for key, value in document.items():
        if isinstance(value, list) and _is_tables(value):
            for table in value:
                lines += ["", f"[[{_key(key)}]]"]
                lines += [f"{_key(inner)} = {_value(item, spread=True)}" for inner, item in table.items()]
    return "\n".join(lines) + "\n"


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _value(value: object, *, spread: bool = False) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return _text(value)
        case datetime():
            return value.isoformat()
        case Mapping():
            inner = ", ".join(f"{_key(str(key))} = {_value(item)}" for key, item in value.items())
            return f"{{{inner}}}"
        case list() | tuple() if spread and _is_tables(list(value)):
            return "[\n" + "".join(f"    {_value(item)},\n" for item in value) + "]"
        case list() | tuple():
            return f"[{', '.join(_value(item) for item in value)}]"
    raise TypeError(f"TOML has no {type(value).__name__}")


def _text(text: str) -> str:
    return '"' + "".join(_character(character) for character in text) + '"'


def _character(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    code = ord(character)
    return f"\\u{code:04x}" if code < _SPACE or code == _DELETE else character
