"""Which files are a run's: those of the project, of the declared folders, and data that lies elsewhere.

What is temporary or the system's is none of them, unless the command line names it.
"""

from __future__ import annotations

import os
import sys

from .session import command_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .session import Session

_SYSTEM = ("/proc/", "/sys/", "/dev/", "/usr/", "/lib", "/etc/", "/run/", "/var/", "/bin/", "/sbin/", "/opt/", "/snap/")
_NEVER = ("/proc/", "/sys/", "/dev/")
_PARTS = (
    "/site-packages/", "/dist-packages/", "/__pycache__/", "/.git/", "/.repro/", "/.venv/", "/node_modules/",
    "/.mypy_cache/", "/.ruff_cache/", "/.pytest_cache/", "/.ipynb_checkpoints/", "/.tox/",
)  # fmt: skip
_TEMPORARY = ("/tmp/", "/var/tmp/", "/dev/shm/")  # noqa: S108 - nothing is written there, they are only recognised
_LONGEST = 4096
_CODE = (".py", ".pyc", ".pyi", ".pyd", ".so", ".pth", ".pxd", ".cu", ".cuh", ".o")


class Places:
    """Decides by path alone, so that a file that is none of the run's costs little."""

    def __init__(self, session: Session) -> None:
        declared = session.environment.get("REPRO_DATA", "")
        self._root = session.root + "/"
        self._named = frozenset(os.path.abspath(p) for p in declared.split(os.pathsep) if p)
        self._declared = tuple(p + "/" for p in self._named)
        self._home = os.path.dirname(os.path.dirname(session.folder)) + "/"
        prefixes = {sys.prefix, sys.base_prefix, os.path.dirname(os.__file__)} - {"/", "/usr"}
        self._python = tuple(p + "/" for p in prefixes)
        self._temporary = (os.environ.get("TMPDIR", "/tmp").rstrip("/") + "/", *_TEMPORARY)  # noqa: S108 - the same
        self._cwd = ""
        self._near = _around(self._root, self._temporary)
        self._scratch = tuple(place for place in self._temporary if place.startswith(self._near or place + "/"))
        self._typed: tuple[str, ...] | None = None
        self._dwellings = (self._root, os.path.expanduser("~") + "/")

    def moved(self) -> None:
        """Forget the working folder."""
        self._cwd = ""

    def root_of(self, path: str) -> bool:
        """Tell whether an absolute path lies in the project or in a declared folder, and is not the tool's own."""
        inside = path.startswith(self._root) or (
            bool(self._declared) and (path.startswith(self._declared) or path in self._named)
        )
        return inside and not path.startswith(self._home)

    def of(self, path: str, mode: str) -> str | None:
        """Give the absolute path of a file that is the run's, None for any other."""
        if not path.startswith("/"):
            self._cwd = self._cwd or os.getcwd()
            path = self._cwd + "/" + path
        if "/." in path or "//" in path:
            path = os.path.normpath(path)
        if path.endswith(_CODE) or path.startswith(_NEVER) or path.startswith(self._home):
            return None
        if any(part in path for part in _PARTS):
            return None
        if self.root_of(path):
            return path
        return self._outside(path, mode)

    def _outside(self, path: str, mode: str) -> str | None:
        """Decide about a file elsewhere: data are noted, what is the system's, hidden or temporary is not."""
        if (path + "/").startswith((*_SYSTEM, *self._python, *self._temporary)):
            if not path.startswith(self._python) and (self._lies_near(path) or self._is_typed(path)):
                return path if mode else None
            return self._by_another_name(path)
        if "/." in path:
            return None
        real = self._by_another_name(path)
        if real is not None:
            return real
        return path if mode else None

    def _lies_near(self, path: str) -> bool:
        """Tell whether a file lies beside a project that lies among temporary files itself."""
        return bool(self._near) and path.startswith(self._near) and not path.startswith(self._scratch)

    def _is_typed(self, path: str) -> bool:
        """Tell whether the command line names a file, or a folder above it that is not all of the system's."""
        if self._typed is None:
            self._typed = tuple(_typed(command_line()[1:]))
        return any(path == word or path.startswith(word + "/") for word in self._typed)

    def holds_more(self, folder: str) -> bool:
        """Tell whether a folder holds the project or a person's home, and so cannot stand for the files read in it."""
        return any(place.startswith(folder.rstrip("/") + "/") for place in self._dwellings)

    def _by_another_name(self, path: str) -> str | None:
        """Give the path inside the project that a symbolic link leads to, None when it leads elsewhere."""
        real = os.path.realpath(path)
        return real if real != path and self.root_of(real) else None


def _around(root: str, temporary: tuple[str, ...]) -> str:
    """Give the folder among temporary ones in which a project lies with what belongs to it; empty for none."""
    above = next((place for place in temporary if root.startswith(place)), "")
    first, slash, rest = root[len(above) :].partition("/")
    near = above + first + slash
    return near if above and rest and near not in temporary else ""


def _typed(words: list[str]) -> list[str]:
    """Give the paths that words of a command line may name, alone or behind a `=`."""
    said = [part for word in words for part in (word, word.partition("=")[2]) if "/" in part and len(part) < _LONGEST]
    paths = {os.path.abspath(part) for part in said if not part.startswith("-")}
    wide = (*_SYSTEM, *_TEMPORARY)
    return sorted(path for path in paths if path != "/" and not any(place.startswith(path + "/") for place in wide))
