"""Lists of words, as `domain.words` reads them."""

from repro_tui.domain.words import words

__all__ = ["words"]
