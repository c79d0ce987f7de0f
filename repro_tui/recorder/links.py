"""Words of a command line that are symbolic links, or lie behind one: a script may open what they lead to instead."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .session import Session

_MOST = 500
_LONGEST = 4096


def note(session: Session, words: Iterable[str]) -> None:
    """Write where those words lead that name something behind a link; also behind an equals sign, as in `--data=x`."""
    for _, word in zip(range(_MOST), words):
        for text in {word, word.partition("=")[2]}:
            if text and len(text) < _LONGEST and not text.startswith("-") and "\0" not in text and os.path.exists(text):
                path, real = os.path.abspath(text), os.path.realpath(text)
                if path != real:
                    session.event("link", path=session.place(path), to=session.place(real))
