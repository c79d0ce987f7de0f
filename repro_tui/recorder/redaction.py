"""Tells what is a secret by its name or its form, for everything that writes values down: here and in the supervisor.

A false alarm costs a parameter, so words of machine learning and digests must pass; a miss costs a leak.
"""

from __future__ import annotations

import re

from .secret_kinds import KINDS, announces_secret

REDACTED = "[redacted]"
"""What stands where a secret was."""

# Texts and not compiled expressions: most scripts never need them, and `re` keeps those that were used.
_PLACEHOLDER = (
    r"(?i)^(?:[x*.#_\-?\s]+|<.*>|\[.*\]|\$\{?[\w:.-]+\}?.*|\{\{?.*\}?\}|%\(?\w+\)?s?|your[-_ ].*|my[-_ ].*(?:here|key)|"
    r".*(?:example|placeholder|changeme|change[-_]me|insert|redacted|dummy|replace[-_]?me|"
    r"here$|not[-_ ]?set|-?goes-here).*|"
    r"none|null|nil|true|false|yes|no|on|off|auto|default|required|optional|basic|digest|env|prompt|string|str|text|"
    r"password|passwd|secret|token|key|api[-_ ]?key|oauth2?|noauth|n/a|unset|undefined)$"
)
_DENIED = r"(?i)KEY|TOKEN|SECRET|PASS|CRED|AUTH|COOKIE"
_OPAQUE = r"(?=\S*\d)(?=\S*[A-Za-z])[^\s/.]{12,}"
_VALUE = r"[\"']?(?P<value>[^\s\"'&;,]{4,2000})"
_NAMED = r"(?<![\w.])(?P<name>[A-Za-z_][\w.\-]{1,80})[\"']?\s{0,3}[=:]\s{0,3}" + _VALUE
_OPTION = r"(?<!\S)--?(?P<name>[A-Za-z_][\w.\-]{1,80})\s{1,3}" + _VALUE
_NAMED_LIMIT = 20_000
_NUMBER = r"[-+]?[\d_]*\.?\d+(?:[eE][-+]?\d+)?"


def is_secret(name: str, value: object) -> bool:
    """Tell whether a value is a secret by the name it stands under, or by its own form."""
    if isinstance(value, bool) or value is None:
        return False
    text = str(value)
    return by_name(name, text) or bool(spans(text))


def holds_secret(name: str, text: str) -> bool:
    """Tell whether a variable's value is a secret, or holds one under a name of its own, as JSON or options do.

    Variables are where secrets are kept, so a long value of letters and digits is one already under part of a name.
    """
    if is_secret(name, text) or inside_json(text):
        return True
    if re.search(_DENIED, name) and re.fullmatch(_OPAQUE, text):
        return True
    return any(
        by_name(match["name"], match["value"])
        for form in (_NAMED, _OPTION)
        for match in re.finditer(form, text[:_NAMED_LIMIT])
    )


def cut(text: str) -> str:
    """Cut out of a text what is a secret by its form."""
    pieces, position = [], 0
    for start, end, _ in sorted(spans(text)):
        if end > position:
            pieces += [text[position : max(start, position)], REDACTED]
            position = end
    return "".join([*pieces, text[position:]])


def inside_json(value: str) -> str:
    """Redact names inside of a list or mapping that was flattened to JSON text; empty when there is nothing to cut."""
    if value[:1] not in "[{" or len(value) < 2:  # noqa: PLR2004 - "[" alone
        return ""
    import json

    try:
        tree = json.loads(value)
    except (ValueError, RecursionError):
        return ""
    cut = _redact_tree("", tree)
    return json.dumps(cut, ensure_ascii=False, separators=(",", ":")) if cut != tree else ""


def _redact_tree(name: str, tree: object) -> object:
    if isinstance(tree, dict):
        return {key: _redact_tree(str(key), value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_redact_tree(name, value) for value in tree]
    return REDACTED if is_secret(name, tree) else tree


def by_name(name: str, text: str) -> bool:
    """Judge a value by its name, sparing placeholders, and for doubtful names also numbers and short words."""
    strength = announces_secret(name)
    text = text.strip()
    if not strength or not text or re.match(_PLACEHOLDER, text) or text == REDACTED:
        return False
    if strength == "strong":
        return not (name.upper() in {"PWD", "OLDPWD"} or (text.startswith(("/", "./", "~/")) and "/" in text[1:]))
    return len(text) >= 6 and not re.fullmatch(_NUMBER, text) and not text.startswith(("/", "./", "~/"))  # noqa: PLR2004 - shorter is a word


def spans(text: str) -> list[tuple[int, int, str]]:
    """Find values that are secrets by their form: start, end, kind."""
    found = []
    for kind in KINDS:
        if not any(hint in text for hint in kind.hints):
            continue
        for match in kind.pattern.finditer(text):
            start, end = match.span("secret" if "secret" in kind.pattern.groupindex else 0)
            if not re.match(_PLACEHOLDER, text[start : min(end, start + 200)]):
                found.append((start, end, kind.name))
    return found
