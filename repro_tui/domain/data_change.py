"""What changed between two versions of a dataset: files, tables, columns, classes. Decided here, read elsewhere.

Laws: nothing changed when both are equal; the change back has added and removed exchanged; order plays no part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from repro_tui.domain.data_words import phrase, summary_lines
from repro_tui.domain.ids import Digest
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.profile import DataChange, FileLine, Overlap, Profile, Renamed, TableChange, TypeCount
from repro_tui.domain.table_change import table_changes

__all__ = ["compare", "phrase", "summary_lines", "types_of"]

Seen = Profile | Unavailable | None
"""What the tables of a version hold, or why that is not known."""

_MAX_SUFFIX = 12


def compare(
    before: Sequence[FileLine],
    after: Sequence[FileLine],
    profile_before: Seen = None,
    profile_after: Seen = None,
    *,
    digests: tuple[Digest, Digest] = (Digest(""), Digest("")),
    overlaps: Sequence[Overlap] = (),
) -> DataChange:
    """Compare two versions of a dataset, by their file lists and, where they were looked into, their tables.

    Args:
        before: file list of the older version, in any order.
        after: file list of the newer one.
        profile_before: what the older one holds; without it only files are compared, and `unknown` says so.
        profile_after: what the newer one holds.
        digests: names of both versions.
        overlaps: rows that the newer version shares with other datasets, if that was counted.
    """
    added, removed, modified, renamed, doubtful = _files(before, after)
    touched = [line.path for line in (*added, *removed, *(pair[1] for pair in modified))]
    tables: tuple[TableChange, ...] = ()
    if isinstance(profile_before, Profile) and isinstance(profile_after, Profile):
        tables = table_changes(profile_before.tables, profile_after.tables, touched)
    return DataChange(
        before=digests[0],
        after=digests[1],
        added=tuple(added),
        removed=tuple(removed),
        modified=tuple(modified),
        renamed=tuple(renamed),
        tables=tables,
        types=_types(before, after),
        overlaps=tuple(overlaps),
        unknown=(*doubtful, *_unknown(profile_before, profile_after)),
        faults_before=_faults(profile_before),
        faults_after=_faults(profile_after),
    )


def types_of(files: Sequence[FileLine]) -> tuple[TypeCount, ...]:
    """Count files and bytes by the end of the name, the most bytes first."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for line in files:
        count = counts[suffix_of(line.path)]
        count[0] += 1
        count[1] += line.size
    found = (TypeCount(suffix, files, size) for suffix, (files, size) in counts.items())
    return tuple(sorted(found, key=lambda count: (-count.size, count.suffix)))


def suffix_of(path: str) -> str:
    """Give the end of a name that tells its type, in lower case: `.png`, `.csv.gz`; empty when there is none."""
    name = path.rpartition("/")[2].lower()
    stem, dot, last = name.rpartition(".")
    if not dot or not stem or len(last) > _MAX_SUFFIX or not last.isalnum():
        return ""
    inner = stem.rpartition(".")
    packed = last in {"gz", "zst", "bz2", "xz"} and inner[0] and inner[2].isalnum() and len(inner[2]) <= _MAX_SUFFIX
    return f".{inner[2]}.{last}" if packed else f".{last}"


def _files(
    before: Sequence[FileLine], after: Sequence[FileLine]
) -> tuple[list[FileLine], list[FileLine], list[tuple[FileLine, FileLine]], list[Renamed], list[str]]:
    """Sort the files into added, removed, modified and renamed ones, and say which cannot be told."""
    old, new = ({line.path: line for line in lines} for lines in (before, after))
    both = sorted(old.keys() & new.keys())
    modified = [(old[path], new[path]) for path in both if _differs(old[path], new[path])]
    unread = sum(1 for path in both if None in {old[path].digest, new[path].digest} and old[path] != new[path])
    gone = [old[path] for path in sorted(old.keys() - new.keys())]
    come = [new[path] for path in sorted(new.keys() - old.keys())]
    renamed = _renamed(gone, come)
    names = {pair.before for pair in renamed}, {pair.after for pair in renamed}
    doubtful = [f"{_files_word(unread)} not read: told apart by size and time only"] if unread else []
    return (
        [line for line in come if line.path not in names[1]],
        [line for line in gone if line.path not in names[0]],
        modified,
        renamed,
        doubtful,
    )


def _files_word(count: int) -> str:
    return "1 file was" if count == 1 else f"{count:,} files were"


def _differs(old: FileLine, new: FileLine) -> bool:
    """Compare by content and mode where both were read; else by size and, where both have one, by time."""
    if old.mode != new.mode or old.size != new.size:
        return True
    if old.digest is not None and new.digest is not None:
        return old.digest != new.digest
    return bool(old.mtime_ns and new.mtime_ns and old.mtime_ns != new.mtime_ns)


def _renamed(gone: Sequence[FileLine], come: Sequence[FileLine]) -> list[Renamed]:
    """Pair removed with added files of equal content, in the order of their names; empty files tell nothing."""
    waiting: dict[tuple[str, int], list[FileLine]] = defaultdict(list)
    for line in gone:
        if line.digest is not None and line.size:
            waiting[line.digest, line.size].append(line)
    for lines in waiting.values():
        lines.reverse()
    pairs = []
    for line in come:
        same = waiting.get((line.digest or "", line.size))
        if same:
            pairs.append(Renamed(same.pop().path, line.path))
    return sorted(pairs, key=lambda pair: (pair.before, pair.after))


def _types(before: Sequence[FileLine], after: Sequence[FileLine]) -> tuple[tuple[TypeCount, TypeCount], ...]:
    old, new = ({count.suffix: count for count in types_of(lines)} for lines in (before, after))
    pairs = (
        (old.get(suffix, TypeCount(suffix, 0, 0)), new.get(suffix, TypeCount(suffix, 0, 0)))
        for suffix in sorted(old.keys() | new.keys())
    )
    return tuple(pair for pair in pairs if pair[0] != pair[1])


def _faults(seen: Seen) -> tuple[str, ...]:
    return seen.faults if isinstance(seen, Profile) else ()


def _unknown(before: Seen, after: Seen) -> tuple[str, ...]:
    said = []
    for profile, which in ((before, "the version before"), (after, "this version")):
        if isinstance(profile, Unavailable):
            said.append(f"{which}: {profile.reason}")
        elif profile is None:
            said.append(f"{which} was not looked into")
    return tuple(said)
