"""Lines of a journal and the file they are appended to (docs/formats/journal.md, "A file").

Both sides write with it: the recorder in the user's interpreter, the supervisor and the annotations in ours.
The `json` package is not used, because importing it costs the user's process more than everything else here.
"""

from __future__ import annotations

import os
import time

try:
    from _json import encode_basestring as _quoted
except ImportError:  # other implementations of Python have no such module
    from json.encoder import encode_basestring as _quoted

TYPE_CHECKING = False  # `typing` costs import time in the user's process; type checkers know this name
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LINE_LIMIT = 1 << 20
"""Bytes of a line, its line end included, above which it is refused."""

_POINT_LIMIT = 1 << 19
"""Characters at which a row of values is split: four times that, the worst case in UTF-8, is what a line may hold."""

_HEX = frozenset("0123456789abcdef")
_SURROGATE, _HIGH = 0xDC00, 0x80
_HIGH_DESCRIPTOR = 700


def to_text(name: str) -> str:
    """Write a name, which may hold bytes that are no UTF-8 as surrogates, in the journal's reversible NUL encoding."""
    if name.isascii() and "\0" not in name:
        return name
    raw = name.replace("\0", "\0" + "00")
    try:
        raw.encode()
    except UnicodeEncodeError:
        return "".join(c if not 0xD800 <= ord(c) < 0xE000 else _escaped(c) for c in raw)  # noqa: PLR2004 - surrogates
    return raw


def _escaped(surrogate: str) -> str:
    """Write one surrogate as the bytes that it stands for."""
    code = ord(surrogate) - _SURROGATE
    raw = bytes((code,)) if _HIGH <= code <= 0xFF else surrogate.encode("utf-8", "surrogatepass")  # noqa: PLR2004 - a byte
    return "".join("\0%02x" % byte for byte in raw)


def from_text(text: str) -> str:
    """Give the name that `to_text` wrote; a NUL that begins no code is kept as it is."""
    if "\0" not in text:
        return text
    first, *rest = text.split("\0")
    pieces = [first]
    for part in rest:
        if len(part) >= 2 and _HEX.issuperset(part[:2]):  # noqa: PLR2004 - two hex digits a byte
            byte = int(part[:2], 16)
            pieces.append(chr(_SURROGATE + byte if byte >= _HIGH else byte) + part[2:])
        else:
            pieces.append("\0" + part)
    return "".join(pieces)


def quoted(text: str) -> str:
    """Write a text as JSON; what cannot be UTF-8 takes the NUL encoding."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            text = to_text(text)
    return _quoted(str(text))


def number(value: float) -> str:
    """Write an int or float as JSON; NaN and the infinities are texts."""
    if value != value:  # noqa: PLR0124 - only NaN differs from itself
        return '"NaN"'
    if value in (float("inf"), float("-inf")):
        return '"Infinity"' if value > 0 else '"-Infinity"'
    return float.__repr__(value) if isinstance(value, float) else _integer(value)


def _integer(value: int) -> str:
    """Write an integer exactly, or as a hexadecimal text where Python refuses so many digits."""
    try:
        return int.__repr__(value)
    except ValueError:
        return '"' + hex(value) + '"'


def dumps(value: object) -> str:
    """Write a value as compact JSON; objects that JSON does not know are written as their text."""
    if isinstance(value, str):
        return quoted(value)
    if value is None or value is True or value is False:
        return "null" if value is None else ("true" if value else "false")
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, dict):
        return "{" + ",".join([quoted(str(k)) + ":" + dumps(v) for k, v in value.items()]) + "}"
    if isinstance(value, (list, tuple, set, frozenset)):
        return "[" + ",".join([dumps(v) for v in value]) + "]"
    return quoted(str(value))


def encode(event: Mapping[str, object]) -> bytes:
    """Give the line of an event, with its line end."""
    return (dumps(event if isinstance(event, dict) else dict(event)) + "\n").encode()


def points(step: float, t: float, values: Mapping[str, float], source: str = "") -> Iterator[bytes]:
    """Give the line of a row of metric values; a row of very many is split into several lines of the same step."""
    head = '{"s":%s,"t":%.3f,"m":{' % (number(step), t)
    tail = "}%s}\n" % (',"f":' + quoted(to_text(source)) if source else "")
    cells: list[str] = []
    length = 0
    for name, value in values.items():
        cell = quoted(to_text(name)) + ":" + number(value)
        if cells and length + len(cell) > _POINT_LIMIT // 2:
            yield (head + ",".join(cells) + tail).encode()
            cells, length = [], 0
        cells.append(cell)
        length += len(cell) + 1
    if cells:
        yield (head + ",".join(cells) + tail).encode()


class JournalFile:
    """One writer's append-only file: one `write(2)` a line, no buffer, and a new line after a torn one.

    Forked processes go on writing through the same descriptor. Every method that writes raises OSError when the
    line could not be written in full; the next line then begins with a line end, so that a torn one spoils only itself.
    """

    def __init__(self, path: str | os.PathLike[str], header: Mapping[str, object] | None, mode: int = 0o600) -> None:
        self.path = os.fspath(path)
        self._header = b"" if header is None else encode(header)
        self._mode = mode
        self._fd = -1
        self._identity: tuple[int, int] | None = None
        self.broken = False
        """The last write was short: the next line is to begin with a line end."""
        self.open()

    def open(self) -> None:
        """Open the file, once more where the script closed our descriptor; raises OSError."""
        fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), self._mode)
        stat = os.fstat(fd)
        if stat.st_mode & 0o777 != self._mode and stat.st_size == 0:
            os.fchmod(fd, self._mode)  # the umask takes the group's bits away, which `shared: group` needs
        self._identity = (stat.st_dev, stat.st_ino)
        self._fd = _moved_up(fd)
        if stat.st_size == 0:
            self._begin()
        elif not _ends_with_newline(self.path, stat.st_size):
            self.broken = True

    @property
    def fd(self) -> int:
        """The descriptor, -1 when closed."""
        return self._fd

    def _begin(self) -> None:
        """Write the header; a file without one is of no use, so that its descriptor is given back."""
        try:
            self.write(self._header)
        except OSError:
            self.close()
            raise

    def ours(self) -> bool:
        """Tell whether the descriptor still is our file: a script may have closed it, and its number be another's."""
        try:
            stat = os.fstat(self._fd)
        except OSError:
            return False
        return (stat.st_dev, stat.st_ino) == self._identity

    def write(self, line: bytes) -> None:
        """Append one encoded line; raises OSError when it was not written in full, ValueError above the limit."""
        if len(line) > LINE_LIMIT:
            raise ValueError(f"a line of {len(line)} bytes is above the limit of {LINE_LIMIT}")
        if self.broken:
            line = b"\n" + line
        try:
            written = os.write(self._fd, line)
        except OSError:
            self.broken = True
            raise
        self.broken = written != len(line)
        if self.broken:
            raise OSError(28, "only a part of the line was written; the disk is full or a limit was reached", self.path)

    def event(self, kind: str, /, **fields: object) -> None:
        """Append an event of a kind; `t` is now where the fields do not give it."""
        t = fields.pop("t", None)
        at = round(time.time(), 3) if t is None else t
        self.write(encode({"k": kind, "t": at, **fields}))

    def point(self, step: float, t: float, values: Mapping[str, float], source: str = "") -> None:
        """Append a row of metric values, read from `source` when the script did not log it itself."""
        for line in points(step, t, values, source):
            self.write(line)

    def close(self) -> None:
        """Close the descriptor, if it still is ours."""
        if self._fd >= 0 and self.ours():
            os.close(self._fd)
        self._fd = -1


def _moved_up(fd: int) -> int:
    """Move a descriptor to a high number, which a script that closes what it does not know will not be given again."""
    target = _HIGH_DESCRIPTOR
    while target < _HIGH_DESCRIPTOR + 64:
        try:
            os.fstat(target)
        except OSError:
            break
        target += 1
    else:
        return fd
    try:
        os.dup2(fd, target, inheritable=False)
    except OSError:
        return fd
    os.close(fd)
    return target


def _ends_with_newline(path: str, size: int) -> bool:
    """Tell whether a file that is continued ends with a whole line."""
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    except OSError:
        return False
    try:
        os.lseek(fd, size - 1, os.SEEK_SET)
        return os.read(fd, 1) == b"\n"
    finally:
        os.close(fd)
