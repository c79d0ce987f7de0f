"""How far something is that takes long."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int, str], None]
"""Told (bytes done, bytes in all, what is being done) a few times a second by whatever takes long, from its own thread.

Where what is being done ends in the word for what is counted ("Removing snapshots"), these are counted in place of
bytes.

It may raise `CancelledError` to stop the work, which then leaves nothing behind."""
