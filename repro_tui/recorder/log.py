"""What a script may say of itself: `log`, `log_params`, `save`. They never raise and never wait."""

from __future__ import annotations

import os
from itertools import count
from os import write as _write
from time import time

from . import session as _process
from .line import points, quoted, to_text
from .values import flat, may_be_secret, numeric, scalar, tells_all, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .session import Session

_PLAIN = frozenset((float, int))
_TEMPLATES_LIMIT = 1000
_CHECK_EVERY, _STATE_EVERY = 1.0, 60.0

_rows = count()
_templates: dict[tuple[str, ...], str] = {}
_fd = -1
_next_check = 0.0
_last_check = 0.0
_next_state = 0.0


def log(*args: object, **values: object) -> None:
    """Write a row of metric values; `step` is a number, by default the count of rows that this process logged before.

    Values are numbers, or anything with `item()` or `__float__`; a mapping may be given as well as keywords.
    When the call returns, the row survives the death of the process.
    """
    try:
        now = time()
        if args or _fd < 0 or not _last_check <= now < _next_check:
            found = _begin_row(args, values, now)
            if found is None:
                return
            values = found
        row = next(_rows)
        step = values.pop("step", None)
        if step is None:
            step = row
        cells = values.values()
        template = _templates.get(tuple(values))
        if template is not None and _fd >= 0 and _PLAIN.issuperset(map(type, cells)) and type(step) in _PLAIN:
            total: float = sum(cells, step)  # type: ignore[call-overload]
            if total - total == 0.0:  # neither NaN nor infinite
                line = (template % (step, now, *cells)).encode()
                if _write(_fd, line) == len(line):
                    return
                _after_a_short_write()
                return
        _slow_row(step, row, now, values)
    except Exception as error:  # a full disk, a closed descriptor, a tensor that refuses: never the script's trouble
        _after(error, locals())


def _begin_row(args: tuple[object, ...], values: dict[str, object], now: float) -> dict[str, object] | None:
    """Find the run and the descriptor, look whether it still is ours, and take values given by position."""
    global _fd, _next_check, _last_check, _next_state
    for value in args:
        if isinstance(value, dict) or hasattr(value, "items"):
            values = {**dict(value), **values}  # type: ignore[call-overload]
        elif value is not None:
            values.setdefault("step", value)
    session = current()
    file = session.journal(important=True) if session is not None else None
    if session is None or file is None:
        _fd = -1
        return None
    if not _last_check <= now < _next_check:
        if not file.ours():
            file.open()
        _last_check, _next_check = now, now + _CHECK_EVERY
        if now >= _next_state or now < _next_state - 2 * _STATE_EVERY:
            _next_state = now + _STATE_EVERY
            _note_state()
    _fd = -1 if file.broken else file.fd  # a line of its own, after a torn one, is the slow way's business
    return values


def _slow_row(step: object, row: int, now: float, values: dict[str, object]) -> None:
    """Write a row whose names are new or whose values are no plain numbers."""
    session = current()
    file = session.journal(important=True) if session is not None else None
    if session is None or file is None:
        return
    at = numeric(step)
    if at is None or at != at or at - at != 0:  # noqa: PLR0124 - NaN and infinities are no steps
        session.problem("log", "step", f"a number is expected, {type(step).__name__} was given")
        at = row
    numbers: dict[str, float] = {}
    for name, value in flat(values, "/").items():
        plain = numeric(value)
        if plain is None:
            session.problem("log", name, f"a number is expected, {type(value).__name__} was given")
        else:
            numbers[name] = written(plain)
    if len(_templates) < _TEMPLATES_LIMIT and len(values) <= 100 and all(type(v) in _PLAIN for v in values.values()):  # noqa: PLR2004 - rows worth a template
        cells = ",".join([quoted(to_text(name)).replace("%", "%%") + ":%r" for name in values])
        _templates[tuple(values)] = '{"s":%r,"t":%.3f,"m":{' + cells + "}}\n"
    for line in points(at, now, numbers):
        file.write(line)


def _after_a_short_write() -> None:
    """Have the next line begin on a line of its own."""
    global _fd
    session = current()
    file = session.journal(important=True) if session is not None else None
    if file is not None:
        file.broken = True
    _fd = -1


def _after(error: Exception, _frame: dict[str, object]) -> None:
    """Forget the descriptor, so that the next row looks for it afresh."""
    global _fd, _next_check
    del error
    _fd, _next_check = -1, 0.0


def current() -> Session | None:
    """Give the run that this process belongs to, or begin a plain local one; None when there is neither."""
    if _process.active is None and _process.from_environment() is None:
        from .local import begin

        return begin()
    return _process.active


def afresh() -> None:
    """Begin anew: the next row belongs to another run."""
    global _rows, _fd, _next_check, _next_state
    _rows, _fd, _next_check, _next_state = count(), -1, 0.0, 0.0


def _note_state() -> None:
    """Note libraries, sources and flags, at the first row and every minute."""
    from .state import note

    session = current()
    if session is not None:
        note(session)


def log_params(*mappings: object, **values: object) -> None:
    """Write parameters, as keywords or as mappings; nested keys are joined with a dot. Never raises."""
    try:
        session = current()
        if session is None:
            return
        given: dict[str, object] = {}
        for mapping in (*mappings, values):
            given.update(_mapping(mapping, session))
        write_params(session, flat(given, "."), "log")
    except Exception:  # objects of the script's own may raise from anything that is asked of them
        pass


def _mapping(value: object, session: Session) -> dict[str, object]:
    """Take a mapping, a namespace or a data class apart."""
    if isinstance(value, dict):
        return value
    if hasattr(value, "items"):
        return dict(value.items())
    if hasattr(value, "__dict__"):
        return dict(vars(value))
    session.problem("log_params", type(value).__name__, "a mapping or keywords are expected")
    return {}


def write_params(session: Session, values: dict[str, object], source: str, words: int | None = None) -> None:
    """Write parameters of a source, without those that look like secrets, which are named instead.

    `words` says that they are all that so many words at the end of the command line said.
    """
    plain: dict[str, object] = {}
    for name, value in values.items():
        text, secret = scalar(value), False
        if not tells_all(value, text):
            words = None
        if may_be_secret(name, text):
            from .redaction import inside_json, is_secret

            inner = inside_json(text) if isinstance(text, str) else ""
            secret = is_secret(name, inner or text)
            if secret or inner:
                session.event("redacted", important=True, where="config", what=to_text(name))
            text = inner or text
        if not secret:
            plain[to_text(name)] = to_text(text) if isinstance(text, str) else text
    names = list(plain)
    for begin in range(0, len(names), 500):
        part = {name: plain[name] for name in names[begin : begin + 500]}
        known = {} if words is None else {"words": words}
        session.event("params", counted=True, important=True, src=source, v=part, **known)


def save(*paths: object) -> None:
    """Declare files or folders as outputs of the run. Never waits, never raises."""
    try:
        session = current()
        if session is None:
            return
        places = []
        for path in _each(paths):
            try:
                text = os.fsdecode(path)  # type: ignore[arg-type]
            except TypeError:
                session.problem("save", type(path).__name__, "a path is expected")
                continue
            places.append(session.place(os.path.abspath(text)))
        if places:
            session.event("save", important=True, paths=places)
    except Exception:  # a folder that is gone, an object that is no path: outputs are then not declared
        pass


def _each(paths: tuple[object, ...]) -> list[object]:
    """Open lists of paths."""
    return [p for path in paths for p in (path if isinstance(path, (list, tuple, set)) else (path,))]
