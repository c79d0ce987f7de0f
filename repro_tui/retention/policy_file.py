"""The policy in repro.yaml: read as it is now, and written back by a person who tried it out."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from repro_tui.domain.retention import Policy
from repro_tui.domain.retention_text import RULES, to_mapping
from repro_tui.domain.tidying import FolderPolicy
from repro_tui.errors import StorageError, UsageError
from repro_tui.retention.yaml_edit import with_values
from repro_tui.settings import FILE_NAME, parse_settings

_SECTION = "retention"
_FREE_GIVE = "Free some space or give write permission there."


def policy_in(root: Path) -> Policy:
    """Give the policy of a project; the empty one where there is no file. Raises UsageError, StorageError."""
    return parse_settings(_text(root / FILE_NAME), str(root / FILE_NAME)).policy()


def folder_policy_in(root: Path) -> FolderPolicy:
    """Give what a project says of the folders of its runs; nothing is done with them where it says nothing.

    Raises UsageError, StorageError.
    """
    return parse_settings(_text(root / FILE_NAME), str(root / FILE_NAME)).folder_policy()


def write_policy(root: Path, policy: Policy) -> None:
    """Write the rules that are others now; raises UsageError when that would touch other lines, StorageError."""
    path = (root / FILE_NAME).resolve()
    text = _text(path)
    before, after = policy_in(root), to_mapping(policy)
    wanted = {rule: after.get(rule) for rule in RULES if getattr(before, rule) != getattr(policy, rule)}
    if not wanted:
        return
    changed = with_values(text, _SECTION, wanted, str(path))
    if parse_settings(changed, str(path)).policy() != policy:
        raise UsageError(f"{path} cannot say this policy.", "Write it there by hand; docs/retention.md has examples.")
    if _text(path) != text:
        raise UsageError(f"{path} has just been changed by somebody else.", "Try again.")
    _replace(path, changed.encode())


def _text(path: Path) -> str:
    """Read the file, with its line ends as they are; empty when there is none."""
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(
            f"{path} cannot be read: {error}.", "Correct its permissions or encoding (UTF-8)."
        ) from error


def _replace(path: Path, data: bytes) -> None:
    """Write beside and rename, with the mode that the file had."""
    beside = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        mode = path.stat().st_mode & 0o7777 if path.exists() else None
        with beside.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if mode is not None:
            beside.chmod(mode)
        beside.rename(path)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}.", _FREE_GIVE) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
