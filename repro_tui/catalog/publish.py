"""Private copies and the published file: who owns what, how one becomes the other, and what killed sessions left."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

_FICLONE = 0x40049409
"""ioctl that makes a copy share its blocks with the original (Btrfs, XFS, bcachefs)."""
_DEAD_ELSEWHERE_S = 14 * 86400.0
"""A private file of another host or boot that nobody touched for so long has no owner any more."""
_BLOCK = 1 << 20


def private_folder(environment: Mapping[str, str], needed: int, *, is_local: bool) -> Path | None:
    """Choose a folder for a private copy, and make it; None when there is no room anywhere.

    Args:
        environment: for XDG_CACHE_HOME and HOME.
        needed: bytes that must be free.
        is_local: whether the cache folder's file system is a local one; else only the temporary folder is tried.
    """
    cache = environment.get("XDG_CACHE_HOME") or (environment.get("HOME") and f"{environment['HOME']}/.cache")
    places = [Path(cache) / "repro-tui"] if cache and is_local and Path(cache).is_absolute() else []
    places.append(Path(tempfile.gettempdir()) / f"repro-tui-{os.getuid()}")
    for place in places:
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = place.lstat()
            # In a shared temporary folder the name may have been taken by somebody else.
            if found.st_uid != os.getuid() or not place.is_dir() or place.is_symlink():
                continue
            place.chmod(0o700)
            if shutil.disk_usage(place).free > needed and os.access(place, os.W_OK | os.X_OK):
                return place
        except OSError:
            continue
    return None


def private_name() -> str:
    """Name a private file by its owner: host, boot, pid namespace, pid, start of the process, and a random end."""
    return f"{_host()}-{_boot()}-{_namespace()}-{os.getpid()}-{_started(os.getpid())}-{secrets.token_hex(4)}.duckdb"


def clean(folder: Path, now: float) -> int:
    """Delete the private files of sessions that are no more, and give their number. Never raises."""
    count = 0
    for path in _private_files(folder):
        if not _is_owned(path, now):
            with contextlib.suppress(OSError):
                path.unlink()
                count += 1
            shutil.rmtree(path.with_suffix(".tmp"), ignore_errors=True)
    return count


def copy_private(published: Path, private: Path) -> bool:
    """Copy the published file to a private one (0600), sharing blocks where the file system can."""
    try:
        _copy(published, private, 0o600)
    except OSError:
        with contextlib.suppress(OSError):
            private.unlink()
        return False
    return True


def publish(private: Path, published: Path, mode: int, folder_mode: int) -> bool:
    """Put a checkpointed private file in the place of the published one; False when that is refused.

    The catalog can be built again, so a full disk or a read-only folder is no trouble of the user's.
    """
    temporary = published.with_name(f".catalog-{secrets.token_hex(8)}.tmp")
    try:
        published.parent.mkdir(mode=folder_mode, exist_ok=True)
        _copy(private, temporary, mode, durable=True)
        temporary.replace(published)
        descriptor = os.open(published.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        return False
    return True


def clean_cache(cache: Path, now: float, older_than_s: float = 3600.0) -> None:
    """Delete publications that were never finished. One that is being written is younger than an hour."""
    with contextlib.suppress(OSError), os.scandir(cache) as entries:
        for entry in entries:
            if entry.name.startswith(".catalog-") and entry.name.endswith(".tmp"):
                with contextlib.suppress(OSError):
                    if now - entry.stat(follow_symlinks=False).st_mtime > older_than_s:
                        Path(entry.path).unlink()


def _copy(source: Path, target: Path, mode: int, *, durable: bool = False) -> None:
    """Copy a file under a new name with a mode; raises OSError, also when the disk fills up."""
    reading = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        writing = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        try:
            os.fchmod(writing, mode)
            if not _share(reading, writing):
                while block := os.read(reading, _BLOCK):
                    view = memoryview(block)
                    while view:
                        view = view[os.write(writing, view) :]
            if durable:
                os.fsync(writing)
        finally:
            os.close(writing)
    finally:
        os.close(reading)


def _share(reading: int, writing: int) -> bool:
    """Let the copy share the original's blocks; False where the file system cannot."""
    try:
        import fcntl

        fcntl.ioctl(writing, _FICLONE, reading)
    except (OSError, ImportError):
        return False
    return True


def _private_files(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            # A session may die between removing its file and removing the log beside it.
            names = [e.name for e in entries if e.name.endswith((".duckdb", ".duckdb.wal"))]
    except OSError:
        return
    for name in names:
        yield folder / name


def _is_owned(path: Path, now: float) -> bool:
    """Tell whether the session that a file is named for may still be there."""
    parts = path.stem.rsplit("-", 5)
    if len(parts) != 6 or not parts[3].isdigit():  # noqa: PLR2004 - the six parts of `private_name`
        return True  # no name of ours
    host, boot, namespace, pid, started, _ = parts
    if host != _host() or (boot == _boot() and namespace != _namespace()):
        try:
            return now - path.stat().st_mtime < _DEAD_ELSEWHERE_S
        except OSError:
            return True
    return boot == _boot() and _started(int(pid)) == started


def _host() -> str:
    return "".join(c if c.isalnum() else "_" for c in os.uname().nodename)


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip().replace("-", "")[:12]
    except (OSError, UnicodeDecodeError):
        return "0"


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        return "0"


def _started(pid: int) -> str:
    """Give when a process began, in ticks since the boot, so that a pid that is used again is told apart; 0 if none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return "0" if not _exists(pid) or Path("/proc/self/stat").exists() else "1"
    return text.rpartition(")")[2].split()[19]


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
