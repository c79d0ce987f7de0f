"""What stands out in a log is what the key for the next error finds."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro_tui.domain.trouble import looks_like_error, may_hold_error

TROUBLE = (
    "Traceback (most recent call last):", "ValueError: bad", "torch.cuda.OutOfMemoryError: CUDA out of memory",
    "2026-11-23 ERROR trainer: lost", "error: no such file", "Segmentation fault (core dumped)", "loss: nan", "Killed",
    "KeyError", "thread 'main' panicked at src/main.rs", "RuntimeError",
)  # fmt: skip
FINE = ("error: 0.12", "val_error 0.3", "Error: 0.5", "ErrorRate 3", "no errors", "nanometres", "information", "")


@pytest.mark.parametrize("line", TROUBLE)
def test_what_looks_like_an_error(line):
    """Errors of Python, the shell, CUDA and other languages are seen, and not passed over before they are looked at."""
    assert looks_like_error(line)
    assert may_hold_error(line.lower().encode())


@pytest.mark.parametrize("line", FINE)
def test_a_metric_that_is_called_error_is_none(line):
    """Numbers and other words do not stand out."""
    assert not looks_like_error(line)


@given(st.text(st.sampled_from("ErrorExceptionTracebackKilledfatal: nanlossinf \t0")), st.text(max_size=3))
def test_no_line_is_passed_over_that_looks_like_an_error(text, rest):
    """The quick look never says no of a line that looks like an error."""
    line = text + rest
    assert not looks_like_error(line) or may_hold_error(line.lower().encode("utf-8", "replace"))


def test_a_long_word_takes_no_longer_than_its_length():
    """Four thousand letters without a space were gone through once for each of them."""

    def took(letters: int) -> float:
        began = time.perf_counter()
        for _ in range(20):
            looks_like_error("a" * letters)
        return time.perf_counter() - began

    assert min(took(40_000) for _ in range(5)) < 60 * max(1e-5, min(took(4_000) for _ in range(5)))
