"""What a file or data set is, by content: stat cache, parallel BLAKE3, file lists, coverage."""

from repro_tui.fingerprint.budget import Budget, OutOfTimeError
from repro_tui.fingerprint.fingerprinter import Fingerprinter
from repro_tui.fingerprint.priority import become_idle
from repro_tui.fingerprint.untouched import is_untouched
from repro_tui.fingerprint.values import FileList, Fingerprint, Stat

__all__ = [
    "Budget",
    "FileList",
    "Fingerprint",
    "Fingerprinter",
    "OutOfTimeError",
    "Stat",
    "become_idle",
    "is_untouched",
]
