"""Files that the script opens, noted once each.

`open` and `os.open` are replaced; an audit hook would see more, but taxes every `id()` and `deepcopy`.
What is opened often must cost next to nothing: a path that was seen is recognised by one look into a set.
"""

from __future__ import annotations

import builtins
import io
import os
import stat

from .line import quoted
from .places import Places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from mmap import mmap
    from typing import Any

    from .session import Session

_SEEN_LIMIT = 20_000
_FILES_LIMIT = 10_000
_ELSEWHERE_LIMIT = 1000
"""Files outside the project and the declared folders that are noted one by one."""
_CONFIG_ENDINGS = (".yaml", ".yml", ".json", ".toml", ".ini", ".cfg", ".conf")
_CONFIG_SIZE = 1_000_000
_FAMILY_LIMIT = 1 << 21
_SLOTS = 1 << 14
_MASK = (1 << 63) - 1

_open = io.open
_os_open = os.open
_seen: set[object] = set()
_watch: Watch | None = None


class Watch:
    """What was noted already, by this process and by its forks."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.places = Places(session)
        self.noted: set[tuple[str, str]] = set()
        self.folders: set[tuple[str, str]] = set()
        self.written: set[str] = set()
        self.shared: mmap | None = None
        self.slots: memoryview | None = None
        self.stated = False
        self.elsewhere = 0
        self._family = ""
        self._family_read = 0

    def share(self) -> None:
        """Before the first fork, make the memory in which workers see what their siblings have noted."""
        if self.slots is None:
            try:
                from mmap import mmap

                self.shared = mmap(-1, _SLOTS * 8)
                self.slots = memoryview(self.shared).cast("q")
            except Exception:  # no memory, no module: workers then note the same file once each
                self.slots = None

    def new_to_all(self, key: tuple[str, str]) -> bool:
        """Tell whether no fork has noted this yet, and remember it."""
        if self.session.worker and self._in_family(*key):
            return False
        slots = self.slots
        if slots is None:
            return True
        number = hash(key) & _MASK or 1
        at = number % _SLOTS
        for place in range(at, at + 8):
            found = slots[place % _SLOTS]
            if found == number:
                return False
            if not found:
                slots[place % _SLOTS] = number
                return True
        return False  # the table is full: enough has been noted

    def _in_family(self, place: str, mode: str) -> bool:
        """Tell whether a spawned worker's family has noted a file, by the last part of the journal that they share."""
        file = self.session.journal(important=False)
        if file is None:
            return False
        fd = _os_open(file.path, os.O_RDONLY)
        try:
            begin = max(self._family_read, os.fstat(fd).st_size - _FAMILY_LIMIT)
            os.lseek(fd, begin, os.SEEK_SET)
            raw = os.read(fd, _FAMILY_LIMIT)
        finally:
            os.close(fd)
        self._family_read = begin + len(raw)
        self._family = (self._family + raw.decode("utf-8", "replace"))[-_FAMILY_LIMIT:]
        return '"path":%s,"mode":"%s"' % (quoted(self.session.place(place)), mode) in self._family

    def note(self, path: str, mode: str, fd: int = -1) -> None:
        """Note a path and how it was opened, unless it is none of the run's."""
        full = len(self.noted) >= _FILES_LIMIT
        crowded = self.elsewhere >= _ELSEWHERE_LIMIT
        if (full or crowded) and (path.rpartition("/")[0], mode) in self.folders:
            return
        if mode == "r" and path.endswith(".py"):
            self._note_program(path)
            return
        place = self.places.of(path, mode)
        if place is None or (place, mode) in self.noted:
            return
        facts = _facts(place, fd)
        if facts is not None and not stat.S_ISREG(facts.st_mode):
            return
        outside = not self.places.root_of(place)
        if full or (crowded and outside):
            self._note_folder(path, place, mode, outside=outside)
            return
        self.elsewhere += outside
        self.noted.add((place, mode))
        if mode != "r":
            self.written.add(place)
        if self.new_to_all((place, mode)):
            self._write(place, mode, facts)

    def _note_program(self, path: str) -> None:
        """Remember a source file that was opened, and perhaps executed, without being imported."""
        place = os.path.abspath(path)
        if self.places.root_of(place):
            self.session.programs.add(place)

    def _write(self, place: str, mode: str, facts: os.stat_result | None) -> None:
        """Write the event of a file."""
        fields: dict[str, Any] = {"st": None}
        if facts is not None and mode == "r":
            fields["st"] = [facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino]
        config = mode == "r" and place.endswith(_CONFIG_ENDINGS)
        if config and (facts is None or facts.st_size <= _CONFIG_SIZE):
            fields["cfg"] = True
        self.session.event("file", path=self.session.place(place), mode=mode, by="open", **fields)
        if not config and not self.stated:
            self._note_state()

    def _note_folder(self, path: str, place: str, mode: str, *, outside: bool) -> None:
        """Above the limit of files, note the folder instead."""
        self.folders.add((path.rpartition("/")[0], mode))
        folder = os.path.dirname(place)
        if (folder, mode) not in self.noted and not (outside and self.places.holds_more(folder)):
            self.noted.add((folder, mode))
            if self.new_to_all((folder, mode)):
                self.session.event("file", path=self.session.place(folder), mode=mode, by="open", st=None, dir=True)

    def _note_state(self) -> None:
        """Note sources and libraries at the first data file, for a script that never logs and is killed."""
        self.stated = True
        if not self.session.worker and not self.session.forked:
            from .state import note

            note(self.session)

    def moved(self, source: object, target: object) -> None:
        """Note the final name of a file that was written under a temporary one."""
        before, after = os.path.abspath(os.fsdecode(source)), os.path.abspath(os.fsdecode(target))  # type: ignore[arg-type]
        if before in self.written or self.places.root_of(after):
            self.note(after, "w")


def _facts(place: str, fd: int) -> os.stat_result | None:
    """Give what the system knows of a file, None when it is gone already."""
    try:
        return os.fstat(fd) if fd >= 0 else os.stat(place)
    except OSError:
        return None


def note(path: str, mode: str) -> None:
    """Note a file that was opened by other means than `open`."""
    if _watch is not None:
        _watch.note(path, mode)


def afresh() -> None:
    """Forget which files were noted: they are another run's now."""
    _seen.clear()
    watch = _watch
    if watch is not None:
        watch.noted.clear()
        watch.folders.clear()
        watch.written.clear()
        watch.stated = False
        watch.elsewhere = 0
        if watch.slots is not None:
            for place in range(_SLOTS):
                watch.slots[place] = 0


def _tell(file: object, mode: object, fd: int) -> None:
    """Note what was opened; called once a path and mode."""
    try:
        if len(_seen) >= _SEEN_LIMIT:
            _seen.clear()
        _seen.add((file, mode))
        if _watch is not None and not isinstance(file, int):
            _watch.note(os.fsdecode(file), _direction(mode), fd)  # type: ignore[arg-type]
    except Exception:  # an object that only pretends to be a path, a folder that is gone
        pass


def _direction(mode: object) -> str:
    """Say whether a mode reads, writes or both."""
    if isinstance(mode, int):
        access = mode & 3
        return "r" if access == os.O_RDONLY else ("w" if access == os.O_WRONLY or mode & os.O_TRUNC else "rw")
    text = str(mode)
    if "r" in text:
        return "rw" if "+" in text else "r"
    return "rw" if "a" in text and "+" in text else "w"


class _Opens:
    """Stands in for a built-in that opens files.

    An instance and no function, because a built-in kept in a class is not bound to the instance, and a function is.
    """

    def __init__(self, original: Callable[..., object], module: str) -> None:
        self.__wrapped__ = original
        self.__doc__ = original.__doc__
        self.__module__ = module  # where a pickle that names it is to look for it

    def __getattr__(self, name: str) -> object:
        """Answer as the original does."""
        return getattr(object.__getattribute__(self, "__wrapped__"), name)

    def __repr__(self) -> str:
        return repr(self.__wrapped__)

    def __reduce__(self) -> str:
        return "open"


class _FileOpens(_Opens):
    """Stands in for `open`."""

    def __call__(  # noqa: PLR0913, PLR0917 - the built-in's own parameters; passing them on by name costs twice as much
        self,
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,  # noqa: FBT001, FBT002 - the built-in's own
        opener: Any = None,
    ) -> object:
        """Open, and note what was opened if it is new."""
        opened = _open(file, mode, buffering, encoding, errors, newline, closefd, opener)
        try:
            if (file, mode) in _seen or (opener is not None and os.path.isdir(file)):
                return opened  # `tempfile` names a folder, and has its opener open a file in it by `os.open`
        except TypeError:  # a path that cannot be hashed
            pass
        _tell(file, mode, _descriptor(opened))
        return opened


class _DescriptorOpens(_Opens):
    """Stands in for `os.open`."""

    def __call__(self, path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        """Open, and note what was opened if it is new."""
        fd = _os_open(path, flags, mode, dir_fd=dir_fd)
        if dir_fd is None and (path, flags) not in _seen and not flags & _NO_FILES:
            _tell(path, flags, fd)
        return fd


_NO_FILES = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_PATH", 0)


def _descriptor(opened: object) -> int:
    """Give an opened file's descriptor, -1 where it has none."""
    try:
        return opened.fileno()  # type: ignore[attr-defined, no-any-return]
    except Exception:  # an opener of the script's own may give anything
        return -1


def install(session: Session) -> None:
    """Begin to note files."""
    global _watch
    _watch = Watch(session)
    opens, descriptor_opens = _FileOpens(_open, "io"), _DescriptorOpens(_os_open, "os")
    builtins.open = opens  # type: ignore[assignment]
    io.open = opens  # type: ignore[assignment]
    os.open = descriptor_opens
    os.supports_dir_fd.add(descriptor_opens)  # `shutil.rmtree` asks there whether it may work the safe way
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_watch.share)
    _follow_moves(_watch)
    _follow_folder_changes(_watch)


def _follow_moves(watch: Watch) -> None:
    """Have files that get their final name by a rename noted under it."""
    from .callers import Observed

    for name in ("rename", "replace"):
        original = getattr(os, name)
        setattr(os, name, Observed(original, lambda source, target, **_: watch.moved(source, target), "os"))
        os.supports_dir_fd.add(getattr(os, name)) if original in os.supports_dir_fd else None


def _follow_folder_changes(watch: Watch) -> None:
    """Forget relative paths when the working folder changes: they mean other files then."""
    from .callers import Observed

    def tell(*_args: object) -> None:
        _seen.clear()
        watch.places.moved()

    for name in ("chdir", "fchdir"):
        original = getattr(os, name, None)
        if original is not None:
            setattr(os, name, Observed(original, tell, "os"))
            if original in os.supports_fd:
                os.supports_fd.add(getattr(os, name))
