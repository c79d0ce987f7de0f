"""What looks like an error in a line of output: the same for the lines that stand out and for those that are found."""

from __future__ import annotations

import re

_ERRORS = re.compile(
    r"Traceback \(most recent call last\)|(?:Error|Exception)(?:\b\s*:(?!\s*[-+0-9.])|$)"
    r"|\b(?:ERROR|FATAL|CRITICAL)\b"
    r"|(?i:\berror:(?!\s*[-+0-9.])|\bout of memory\b|\bsegmentation fault\b|\bcore dumped\b|\bpanicked at\b"
    r"|\bfatal:|loss\b\W{0,5}(?:is )?\b(?:nan|inf)\b|\bnan\b.{0,20}\bloss\b)|^Killed\b",
)
_HINTS = (
    b"error", b"exception", b"traceback", b"fatal", b"critical", b"out of memory", b"segmentation", b"core dumped",
    b"panicked", b"nan", b"inf", b"killed",
)  # fmt: skip


def looks_like_error(line: str) -> bool:
    """Tell of a line of plain text whether it looks like an error; a metric named error that has a number does not."""
    return _ERRORS.search(line) is not None


def may_hold_error(raw: bytes) -> bool:
    """Tell of lower-case bytes whether a line in them may look like an error; never wrong when it says no."""
    return any(hint in raw for hint in _HINTS)
