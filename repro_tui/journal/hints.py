"""What is told once: a hint that was shown is not shown again in this copy of the project."""

from __future__ import annotations

import os
from hashlib import blake2b

from repro_tui.journal.layout import Layout


def first_time(layout: Layout, hint: str) -> bool:
    """Tell whether a hint was not shown yet, and note that it is shown now.

    The note lies in the cache: losing it costs that the hint is shown once more. Where nothing can be written it is
    not shown at all, because it would be shown each time.
    """
    name = f"told-{blake2b(hint.encode('utf-8', 'surrogateescape'), digest_size=16).hexdigest()}"
    try:
        layout.cache.mkdir(mode=layout.folder_mode, exist_ok=True)
        os.close(os.open(layout.cache / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, layout.file_mode))
    except OSError:
        return False
    return True
