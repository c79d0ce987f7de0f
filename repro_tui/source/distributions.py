"""Names and places of Python distributions, as recording and keeping both need them."""

from __future__ import annotations

import re

from repro_tui.recorder.line import to_text
from repro_tui.source.secrets import redact_text

_SEPARATORS = re.compile(r"[-_.]+")
_USER = re.compile(r"(?<=://)[^/\s@]*@")


def normal(name: str) -> str:
    """Give a distribution's name in the form that all spellings share."""
    return _SEPARATORS.sub("-", name).lower()


def without_secret(url: str) -> str:
    """Cut user, password and anything that looks like a key out of a URL."""
    return to_text(redact_text(_USER.sub(lambda match: match[0] if match[0] == "git@" else "[redacted]@", url))[0])
