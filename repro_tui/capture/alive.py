"""Signs of life, and how often what was written must reach a network file system's server."""

from __future__ import annotations

import os
from pathlib import Path

HEARTBEAT_S = 15.0
"""Seconds between two touches of `alive.<writer>`."""
SYNC_S = 2.0
"""Seconds after which a live journal on a network file system is flushed: other hosts see nothing before."""

_NETWORK = (
    "nfs",
    "cifs",
    "smb",
    "lustre",
    "beegfs",
    "gpfs",
    "ceph",
    "afs",
    "9p",
    "fuse.",
    "glusterfs",
    "panfs",
    "orangefs",
)


def on_network(path: Path) -> bool:
    """Tell whether a path lies on a network file system; what cannot be told counts as local."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape").splitlines()
        where = os.path.realpath(path)
    except OSError:
        return False
    best, kind = "", ""
    for line in mounts:
        before, _, after = line.partition(" - ")
        point = before.split(" ")[4].encode("utf-8", "surrogateescape").decode("unicode_escape", "replace")
        inside = where == point or where.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, after.split(" ")[0]
    return kind.startswith(_NETWORK)
