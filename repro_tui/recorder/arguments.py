"""Parameters that a script reads from its command line: what `argparse` or Click made of it, and Hydra's overrides."""

from __future__ import annotations

import os
import sys

from .callers import is_foreign

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from .imports import Wrappers
    from .session import Session


def wrappers(session: Session) -> Wrappers:
    """Give what to do once a library that reads command lines is imported."""
    if session.worker:
        return {}
    return {
        "argparse": lambda module: _argparse(module, session),
        "click.core": lambda module: _click(module, session),
        "hydra": lambda module: _hydra(module, session),
    }


def _argparse(module: ModuleType, session: Session) -> None:
    """Have the namespace noted that the outermost parser gives; sub-parsers are part of it."""
    parser = module.ArgumentParser
    original = parser.parse_known_args
    inside = [0]

    def parse_known_args(self: object, args: object = None, namespace: object = None) -> object:
        inside[0] += 1
        try:
            result = original(self, args, namespace)
        finally:
            inside[0] -= 1
        if not inside[0]:
            try:
                if _is_the_scripts(args):
                    whole = not result[1] and (args is None or list(args) == sys.argv[1:])  # type: ignore[call-overload]
                    _note(session, result[0], whole=whole and _tells_all(self))
            except Exception:  # values of the script's own types
                pass
        return result

    parse_known_args.__doc__ = original.__doc__
    parse_known_args.__qualname__ = original.__qualname__
    parse_known_args.__module__ = original.__module__
    parse_known_args.__wrapped__ = original  # type: ignore[attr-defined]
    parser.parse_known_args = parse_known_args


def _is_the_scripts(args: object) -> bool:
    """Tell whether it is the script's command line that was read, not one that a library made up or its own tool's."""
    script = sys.argv[0] if sys.argv else ""
    own = script in {"", "-c", "-m"} or not (
        is_foreign(os.path.abspath(script)) or os.path.abspath(script).startswith(os.path.join(sys.prefix, "bin"))
    )
    whole = args is None or (isinstance(args, (list, tuple)) and list(args) == sys.argv[1:])
    return (own and whole) or _called_directly()


def _called_directly() -> bool:
    """Tell whether the script's own code called the parser, with nothing but argparse in between."""
    frame = sys._getframe(2)  # noqa: SLF001 - there is no cheaper public way to a caller
    while frame is not None and os.path.basename(frame.f_code.co_filename) in {"argparse.py", "arguments.py"}:
        frame = frame.f_back  # type: ignore[assignment]
    return frame is not None and not is_foreign(frame.f_code.co_filename)


def _tells_all(parser: Any) -> bool:
    """Tell whether everything that can be said to a parser leaves a value: not a sub-command that nobody named."""
    return all(
        action.dest != "==SUPPRESS=="
        and all(map(_tells_all, choices.values() if isinstance(choices := action.choices, dict) else ()))
        for action in parser._actions  # noqa: SLF001 - there is no public way to them, and this one is as old as argparse
        if type(action).__name__ not in {"_HelpAction", "_VersionAction"}
    )


def _note(session: Session, namespace: object, *, whole: bool) -> None:
    """Write the parsed values; a sub-command's function is named, a parser's own objects are not written."""
    from .log import write_params

    given = vars(namespace)
    values = {k: v for k, v in given.items() if not k.startswith("_")}
    if values and "hydra_help" not in values:  # Hydra's own options; the script's parameters are its overrides
        whole = whole and len(values) == len(given)
        write_params(session, values, "argparse", _words(session) if whole else None)


def _words(session: Session) -> int | None:
    """Count the words that were read; None in a process that the command did not start as its first."""
    return len(sys.argv) - 1 if session.main else None


def _click(module: ModuleType, session: Session) -> None:
    """Have the options noted that a command of the script was given, each group and its sub-command by itself."""
    command = module.Command
    original = command.make_context

    def make_context(self: object, *args: object, **kwargs: object) -> object:
        context = original(self, *args, **kwargs)
        try:
            if _is_the_scripts(None) and context.params:
                from .log import write_params

                write_params(session, dict(context.params), "click", _words(session) if _is_whole(context) else None)
        except Exception:  # values of the script's own types
            pass
        return context

    make_context.__doc__ = original.__doc__
    make_context.__qualname__ = original.__qualname__
    make_context.__module__ = original.__module__
    make_context.__wrapped__ = original  # type: ignore[attr-defined]
    command.make_context = make_context


def _is_whole(context: Any) -> bool:
    """Tell whether a single command read all words, and gave each of its options to the script."""
    command = getattr(context, "command", None)
    if command is None:
        return False
    hidden = (option for option in command.params if not option.expose_value and not option.is_eager)
    return context.parent is None and not context.args and not hasattr(command, "commands") and not any(hidden)


def _hydra(module: ModuleType, session: Session) -> None:
    """Write Hydra's `key=value` overrides, which stand on the command line without dashes."""
    del module
    from .log import write_params

    values: dict[str, object] = {}
    for word in sys.argv[1:]:
        name, equals, value = word.partition("=")
        if equals and not name.startswith("-"):
            values[name.lstrip("+~")] = _typed(value)
    if values:
        write_params(session, values, "hydra")


def _typed(text: str) -> object:
    """Read a value of the command line by its form, as the supervisor does with those that it sees itself."""
    bare = text.strip()
    words = {"true": True, "false": False, "null": None, "none": None}
    if bare.lower() in words:
        return words[bare.lower()]
    if len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "\"'":
        return bare[1:-1]
    if "_" in bare or bare.lstrip("+-")[:1] not in {*"0123456789."}:
        return text
    try:
        return float(bare) if any(mark in bare for mark in ".eE") else int(bare)
    except ValueError:
        return text
