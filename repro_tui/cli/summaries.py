"""The summaries of facts documents in words: one line each, the way one would say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Summary = Mapping[str, object]


def words(section: str, summary: Summary) -> str:
    """Say what a section's summary knows; a section from another version is listed as it is."""
    said = _SECTIONS[section](summary) if section in _SECTIONS else ""
    return said or ", ".join(f"{name} {value}" for name, value in summary.items() if _is_short(name, value))


def _code(summary: Summary) -> str:
    commit = _text(summary, "commit")
    if not commit:
        return f"{_count(summary, 'files', 'source file')}, no commit" if "files" in summary else ""
    branch = _text(summary, "branch")
    where = f"commit {commit[:12]}" + (f" on {branch}" if branch else "")
    open_changes = [
        _count(summary, "changed", "changed file") if summary.get("changed") else "",
        _count(summary, "untracked", "untracked file") if summary.get("untracked") else "",
    ]
    left = f", {_count(summary, 'left_out', 'file')} left out" if summary.get("left_out") else ""
    told = ", ".join(filter(None, open_changes)) or ("uncommitted changes" if summary.get("dirty") else "all committed")
    return f"{where}, {told}{left}"


def _patch(summary: Summary) -> str:
    told = _count(summary, "files", "file")
    added, removed = summary.get("added"), summary.get("removed")
    return f"{told}, +{added} -{removed}" if isinstance(added, int) and isinstance(removed, int) else told


def _environment(summary: Summary) -> str:
    python, container = _text(summary, "python"), _text(summary, "container")
    parts = [f"Python {python}" if python else "no Python was seen", _count(summary, "packages", "package")]
    if summary.get("conda"):
        parts.append(_count(summary, "conda", "conda package"))
    if container:
        parts.append(f"in {container}")
    return ", ".join(parts)


def _host(summary: Summary) -> str:
    parts = [_text(summary, "cpu"), _count(summary, "cores", "core")]
    parts.append(_text(summary, "gpus"))
    if summary.get("driver"):
        parts.append(f"driver {_text(summary, 'driver')}")
    return ", ".join(filter(None, parts))


def _job(summary: Summary) -> str:
    task = _text(summary, "array_task")
    return f"{_text(summary, 'scheduler')} job {_text(summary, 'job')}" + (f", task {task}" if task else "")


_SECTIONS: dict[str, Callable[[Summary], str]] = {
    "code": _code,
    "patch": _patch,
    "environment": _environment,
    "host": _host,
    "job": _job,
}


def _text(summary: Summary, name: str) -> str:
    value = summary.get(name)
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _count(summary: Summary, name: str, thing: str) -> str:
    value = summary.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return f"an unknown number of {thing}s"
    return f"{value:,} {thing}" + ("" if value == 1 else "s")


def _is_short(name: str, value: object) -> bool:
    """Tell whether a value of a summary says something to a person in a few cells."""
    return name != "content" and isinstance(value, str | int | float) and value != "" and len(str(value)) <= 60  # noqa: PLR2004 - a line's half
