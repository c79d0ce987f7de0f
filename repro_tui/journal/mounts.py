"""What kind of file system a folder is on: the kernel sends no events for what other hosts write."""

from __future__ import annotations

import re
from pathlib import Path

NETWORK = frozenset(
    {
        "9p", "acfs", "afs", "auristorfs", "beegfs", "ceph", "cifs", "coda", "cvmfs", "daos", "davfs", "drvfs", "gfs2",
        "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs3", "nfs4", "ocfs2", "orangefs", "panfs", "prl_fs", "pvfs2",
        "quobyte", "smb", "smb2", "smb3", "smbfs", "sshfs", "vboxsf", "virtiofs", "vmhgfs", "wekafs", "webdav",
    }
)  # fmt: skip
"""Types, as /proc/self/mountinfo names them, on which other hosts write unseen; besides these every `fuse.*`."""
MOUNTINFO = Path("/proc/self/mountinfo")
_ESCAPE = re.compile(r"\\([0-7]{3})")
_FIELDS = 5


def filesystem_of(folder: Path, mountinfo: Path = MOUNTINFO) -> str:
    """Give the type of the file system that a folder lies on, empty when the system does not tell.

    The folder need not exist: what counts is where it would be made.
    """
    try:
        table = mountinfo.read_text("utf-8", "surrogateescape")
    except OSError:
        return ""
    target = folder.resolve()
    best, found = -1, ""
    for line in table.splitlines():
        place, _, kind = line.partition(" - ")
        fields = place.split(" ")
        if len(fields) < _FIELDS or not kind:
            continue
        point = Path(_ESCAPE.sub(lambda match: chr(int(match[1], 8)), fields[4]))
        depth = len(point.parts)
        if depth >= best and (point == target or point in target.parents):
            best, found = depth, kind.split(" ")[0]
    return found


def is_network(kind: str) -> bool:
    """Tell whether other hosts may write to a file system of this type."""
    return kind in NETWORK or kind.startswith("fuse.") or kind == "fuse"
