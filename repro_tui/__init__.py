"""repro-tui: what changed between runs, and whether you could get the result again.

This module is what a training script imports; it must load in any Python 3.9 or newer, whatever else is installed.
"""

__all__ = ["__version__", "log", "log_params", "save"]
__version__ = "0.1.0"


def __getattr__(name):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - runs on Python 3.9 without typing
    """Load the recorder at the first use of one of its functions."""
    if name in {"log", "log_params", "save"}:
        import importlib
        import sys

        # The one that already observes this process, where there is one, and not a second copy of it.
        package = "_repro_tui_recorder" if "_repro_tui_recorder" in sys.modules else "repro_tui.recorder"
        function = globals()[name] = getattr(importlib.import_module(package + ".log"), name)
        return function
    raise AttributeError(f"module 'repro_tui' has no attribute {name!r}")
