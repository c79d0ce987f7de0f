"""Stand-ins for functions that are observed, and the line of the script that called them."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_HERE = os.path.dirname(os.path.abspath(__file__))
_TOOL = os.path.dirname(_HERE) + os.sep
_STDLIB = os.path.dirname(os.__file__)
_PACKAGES = (os.sep + "site-packages" + os.sep, os.sep + "dist-packages" + os.sep)
_DEPTH = 400
_IMPORTS = "<frozen importlib"


def is_foreign(file: str) -> bool:
    """Tell whether a source file belongs to a library, the standard library or the recorder, not to the script."""
    if file.startswith(("<", _TOOL)):
        return True
    if any(mark in file for mark in _PACKAGES):
        return True
    return file.startswith(_STDLIB + os.sep)


def calling_line(depth: int = 2, *, near: bool = False) -> tuple[str, int, bool] | None:
    """Find the script's own line that led here: file, number, and whether it called without a library between.

    None when there is no such line: with `near` where a library called, and wherever the import of a library leads
    here, because what libraries do when they are imported is nothing that the script said.
    The file is empty when no code of a script is in sight, as under `python -m` of an installed program.
    """
    frame: FrameType | None = sys._getframe(depth)  # noqa: SLF001 - there is no cheaper public way to a caller
    direct = True
    for _ in range(_DEPTH):
        if frame is None:
            break
        file = frame.f_code.co_filename
        if not is_foreign(file):
            return os.path.abspath(file), frame.f_lineno, direct
        if file.startswith(_IMPORTS):
            return None
        direct = direct and file.startswith(_HERE)
        if near and not direct:
            return None
        frame = frame.f_back
    return None if near else ("", 0, False)


class Observed:
    """Stands in for a built-in function: calls it, then tells an observer.

    An instance and no function, because a built-in kept in a class is not bound to the instance, and a function is.
    """

    def __init__(self, original: Callable[..., object], tell: Callable[..., None], module: str) -> None:
        self.__wrapped__ = original
        self.__doc__ = original.__doc__
        self.__module__ = module  # where a pickle that names it is to look for it
        self._tell = tell

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Call the original, and tell the observer what it was called with."""
        result = self.__wrapped__(*args, **kwargs)
        try:
            self._tell(*args, **kwargs)
        except Exception:  # unknown signatures of foreign functions
            pass
        return result

    def __getattr__(self, name: str) -> object:
        """Answer as the original does."""
        if name == "__wrapped__":
            raise AttributeError(name)
        return getattr(self.__wrapped__, name)

    def __repr__(self) -> str:
        return repr(self.__wrapped__)

    def __reduce__(self) -> str:
        return str(self.__wrapped__.__name__)


def stand_in(original: Callable[..., object], tell: Callable[..., None], module: str = "") -> Callable[..., object]:
    """Give something that behaves as a function or built-in does, and tells an observer of each call."""
    if type(original).__name__ != "function":
        return Observed(original, tell, module or str(original.__module__))

    def call(*args: object, **kwargs: object) -> object:
        result = original(*args, **kwargs)
        try:
            tell(*args, **kwargs)
        except Exception:  # unknown signatures of foreign functions
            pass
        return result

    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(call, name, getattr(original, name, None))
    call.__dict__.update(getattr(original, "__dict__", {}))
    call.__wrapped__ = original  # type: ignore[attr-defined]
    return call


def replace(holder: object, name: str, tell: Callable[..., None]) -> None:
    """Put a stand-in where a module or class keeps a function; nothing happens where it has none."""
    original = getattr(holder, name, None)
    if callable(original):
        setattr(holder, name, stand_in(original, tell, getattr(holder, "__name__", "")))
