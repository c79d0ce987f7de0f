"""Which files are a run's: those of the project, of the declared folders, and data that lies elsewhere."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .session import Session

_SYSTEM = ("/proc/", "/sys/", "/dev/", "/usr/", "/lib", "/etc/", "/run/", "/var/", "/bin/", "/sbin/", "/opt/", "/snap/")
_NEVER = ("/proc/", "/sys/", "/dev/")
_PARTS = (
    "/site-packages/", "/dist-packages/", "/__pycache__/", "/.git/", "/.repro/", "/.venv/", "/node_modules/",
    "/.mypy_cache/", "/.ruff_cache/", "/.pytest_cache/", "/.ipynb_checkpoints/", "/.tox/",
)  # fmt: skip
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
        temporary = os.environ.get("TMPDIR", "/tmp")  # noqa: S108 - nothing is written there, it is only recognised
        self._temporary = (temporary.rstrip("/") + "/", "/tmp/", "/var/tmp/", "/dev/shm/")  # noqa: S108 - named, not used
        self._cwd = ""
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
        if path.startswith((*_SYSTEM, *self._python, *self._temporary)):
            return self._by_another_name(path)
        if "/." in path:
            return None
        real = self._by_another_name(path)
        if real is not None:
            return real
        return path if mode else None

    def holds_more(self, folder: str) -> bool:
        """Tell whether a folder holds the project or a person's home, and so cannot stand for the files read in it."""
        return any(place.startswith(folder.rstrip("/") + "/") for place in self._dwellings)

    def _by_another_name(self, path: str) -> str | None:
        """Give the path inside the project that a symbolic link leads to, None when it leads elsewhere."""
        real = os.path.realpath(path)
        return real if real != path and self.root_of(real) else None
