"""Which key is an answer, and which was meant for something else: decided from bytes and moments alone.

An answer is one key, pressed by itself: nothing came within a moment before it, and nothing follows it at once. So a
command that is being typed, a paste, an arrow key and a late reply of the terminal answer nothing. A word of the
question that is typed out with the enter key is an answer too.
"""

from __future__ import annotations

from dataclasses import dataclass, field

GUARD_S = 0.3
"""Seconds after the question appears in which nobody can have read it: what comes then was meant for something else."""
QUIET_S = 0.25
"""Seconds without a further byte that make one key a key by itself; who types on is faster."""
PAUSE_S = 0.6
"""Seconds of silence after which a key counts again, when the ones before were meant for something else."""

ENTER = frozenset({b"\r", b"\n"})
ESCAPE = b"\x1b"
LATER = "later"


@dataclass(slots=True)
class Keystrokes:
    """What was typed since the question was shown."""

    answers: dict[bytes, str]
    """Lower-case letter to the answer's word."""
    stops: frozenset[bytes] = frozenset()
    """Bytes that mean "leave me alone" at once: what ctrl-c, ctrl-d and ctrl-\\ send on this terminal."""
    default: str = ""
    """What the enter key alone answers; nothing when empty."""
    shown: float = 0.0
    """When the question appeared, in seconds on any clock."""
    _burst: bytes = b""
    _chunks: int = 0
    _last: float = field(default=float("-inf"))
    _deaf_until: float = field(default=float("-inf"))

    def feed(self, typed: bytes, now: float) -> str:
        """Take what was typed; gives the answer when it need not be waited for, else nothing."""
        if typed in self.stops:
            return LATER if now >= self.shown + GUARD_S else ""  # pressed again and again it is heard at last
        if now < self.shown + GUARD_S or now < self._deaf_until:
            self._ignore(now)
            return ""
        self._burst += typed
        self._chunks += 1
        self._last = now
        if self._chunks > 1 and self._burst[-1:] in ENTER and (word := self._word()):
            return word  # a letter or a word with the enter key: nothing more is to come
        if len(self._burst) > len("details") + 1:
            self._ignore(now)
        return ""

    def settle(self, now: float) -> str:
        """Give the answer of keys after which nothing has come for a moment, if they are one."""
        if not self._burst or now - self._last < QUIET_S:
            return ""
        word = self._word()
        if not word:
            self._ignore(self._last)
        self._burst, self._chunks = b"", 0
        return word

    def due(self, now: float) -> float | None:
        """Give the seconds until it is worth asking again; None while nothing was typed."""
        return max(self._last + QUIET_S - now, 0.0) if self._burst else None

    def _ignore(self, now: float) -> None:
        self._burst, self._chunks = b"", 0
        self._deaf_until = max(self._deaf_until, now + PAUSE_S)

    def _word(self) -> str:
        """Read the keys so far as an answer."""
        typed = self._burst
        if typed in ENTER:
            return self.default
        if typed == ESCAPE:
            return LATER
        plain = typed.rstrip(b"\r\n")
        if len(typed) - len(plain) > 1:
            return ""
        key = plain.lower()
        if key in self.answers:
            return self.answers[key]
        return key.decode() if key != typed.lower() and key.decode("ascii", "replace") in self.answers.values() else ""
