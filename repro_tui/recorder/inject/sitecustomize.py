"""The way into the user's interpreter: this folder stands first on PYTHONPATH under `repro-tui run`.

Any Python may be started there, so this file parses on 2.7 and does nothing below 3.9.
It stands in front of a `sitecustomize` of the user's own, and gives way to it: that one is run, and is what
`sys.modules` holds afterwards; where there is none, the import fails as if this file did not exist.
"""
# ruff: noqa: INP001, ANN001, ANN202 - it is found by its place on PYTHONPATH, and Python 2.7 has no annotations
# mypy: ignore-errors

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


def _is_here(entry):
    """Tell whether an entry of the module search path is this folder."""
    return isinstance(entry, str) and os.path.abspath(entry) == _HERE


def _begin():
    """Start the recorder under a private name, so that a script may have a module of any name."""
    if sys.version_info < (3, 9) or os.environ.get("REPRO_TUI") == "off" or not os.environ.get("REPRO_RUN_DIR"):
        return
    try:
        if "_repro_tui_recorder" not in sys.modules:
            package = sys.__class__("_repro_tui_recorder")
            package.__path__ = [os.path.dirname(_HERE)]
            package.__package__ = "_repro_tui_recorder"
            sys.modules["_repro_tui_recorder"] = package
            from _repro_tui_recorder.start import begin

            begin()
    except Exception:  # whatever is wrong with the recorder, the user's script is not to notice
        pass


def _run_the_hidden_one(myself):
    """Import the `sitecustomize` that this one hides; True when there is one."""
    entries = list(sys.path)
    sys.path[:] = [entry for entry in entries if not _is_here(entry)]
    shortened = list(sys.path)
    sys.modules.pop("sitecustomize", None)
    try:
        import sitecustomize  # noqa: F401 - its effects are what is wanted
    except ImportError as error:
        if getattr(error, "name", "sitecustomize") != "sitecustomize":
            raise
        return False
    finally:
        if sys.path == shortened:
            sys.path[:] = entries
        elif not any(_is_here(entry) for entry in sys.path):
            sys.path.insert(0, _HERE)
        if "sitecustomize" not in sys.modules:
            sys.modules["sitecustomize"] = myself
    return True


_myself = sys.modules.get("sitecustomize")
_begin()
if not _run_the_hidden_one(_myself):
    if sys.version_info < (3,):
        raise ImportError("No module named sitecustomize")
    raise ImportError("No module named 'sitecustomize'", name="sitecustomize")
