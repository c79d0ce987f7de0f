"""Who runs this interpreter, by the name that the supervisor writes too: a question is for its own user alone."""

from __future__ import annotations

import os


def user_name() -> str:
    """Give the name that `getpass.getuser` gives, without its imports; an arbitrary uid in a container has none."""
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        name = os.environ.get(variable)
        if name:
            return name
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        return str(os.getuid())
