"""Which files are one table, and what it holds, whatever their form."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

from repro_tui.domain.profile import TableProfile
from repro_tui.profiles import arrays, delimited, json_lines, parquet
from repro_tui.profiles.array_header import Header
from repro_tui.profiles.connect import Bench, TooLongError
from repro_tui.profiles.heads import Head, head_of
from repro_tui.profiles.mending import mended
from repro_tui.profiles.places import Place, UnfitError, check

_MANY_ARRAYS = 10
"""Arrays of the same form from which on they are one table."""


@dataclass(frozen=True, slots=True)
class Group:
    """Files of the same form and columns: one table."""

    form: str
    columns: object
    """How they are read: a Head, the columns of a Parquet file, or the keys of JSON objects."""
    places: tuple[Place, ...]
    title: str = ""
    """What it is called: its file, or what its files have in common."""


class Tables:
    """Looks into the tables of one dataset, and notes what cannot be read."""

    def __init__(self, bench: Bench, label: str, problems: list[str]) -> None:
        self._bench = bench
        self._label = label
        self._problems = problems
        self.unread: list[TableProfile] = []
        """Tables that are there and could not be looked into: nobody may take them for gone."""

    def groups(self, places: Sequence[Place]) -> list[Group]:
        """Put together the files that are one table; what cannot be read is noted and left out."""
        together: dict[Hashable, list[Place]] = defaultdict(list)
        columns: dict[Hashable, object] = {}
        for place in places:
            try:
                check(place)
                key, how = self._columns(place)
            except UnfitError as error:
                self._leave(place.name, place.form, f"{place.shown} {error}")
                continue
            except TooLongError:
                self._leave(place.name, place.form, f"{place.shown} was not looked into: the time was over")
                continue
            together[place.form, place.packing != "", key].append(place)
            columns[place.form, place.packing != "", key] = how
        groups = [Group(files[0].form, columns[key], tuple(files)) for key, files in together.items()]
        return _titled([one for group in groups for one in _apart(group)])

    def _columns(self, place: Place) -> tuple[Hashable, object]:
        """Give what tells tables apart, and what is needed to read this one."""
        match place.form:
            case "csv" | "tsv":
                head = head_of(place)
                self._bearable(len(head.names))
                return head.key, head
            case "jsonl":
                keys = json_lines.keys_of(place)
                return keys, keys
            case "parquet":
                found = parquet.columns_of(self._bench, place)
                self._bearable(len(found))
                return found, found
            case "npy":
                header = arrays.header_at(place)
                return header.form, header
        return place.name, None

    def _bearable(self, columns: int) -> None:
        """Refuse a table of so many columns that looking at them would take all the memory."""
        most = self._bench.clock.budget.columns
        if columns > most:
            raise UnfitError(f"has {columns:,} columns, more than {most:,}")

    def describe(self, group: Group) -> Iterator[TableProfile]:
        """Describe one table; what cannot be described is noted."""
        title = group.title
        try:
            if group.form == "npz":
                yield from self._archive(group.places[0])
            else:
                yield self._mended(title, group)
        except TooLongError:
            self._leave(title, group.form, f"{title} was not read to its end: the time was over")
        except (ValueError, UnfitError) as error:
            self._leave(title, group.form, f"{title} cannot be read: {str(error).splitlines()[0]}")

    def _leave(self, title: str, form: str, problem: str) -> None:
        """Note a table that is there and cannot be described."""
        self._problems.append(problem)
        self.unread.append(TableProfile(title, form, 1, None, (), unread=True))

    def _mended(self, title: str, group: Group) -> TableProfile:
        """Describe a table, and when DuckDB refuses its files as a whole, those of them that it does not."""
        try:
            return self._described(title, group)
        except ValueError:
            if not isinstance(group.columns, Head) or self._bench.short:
                raise
        places, head = mended(self._bench, group.places, group.columns, self._problems)
        if not places:
            raise UnfitError("none of its files can be read")
        return self._described(title, replace(group, places=tuple(places), columns=head))

    def _archive(self, place: Place) -> Iterator[TableProfile]:
        """Describe each array of an archive."""
        for part in arrays.members(place):
            if isinstance(part, str):
                self._problems.append(part)
                continue
            try:
                yield arrays.describe(part.name, "npz", [part], self._label, self._bench.clock)
            except UnfitError as error:
                self._problems.append(f"{part.name} {error}")

    def _described(self, title: str, group: Group) -> TableProfile:
        match group.columns:
            case Head() as head:
                return delimited.describe(self._bench, title, group.places, head, self._label)
            case tuple() as columns if group.form == "parquet":
                return parquet.describe(self._bench, title, group.places, columns, self._label)
            case Header():
                parts = [arrays.part_of(place, arrays.header_at(place)) for place in group.places]
                return arrays.describe(title, "npy", parts, self._label, self._bench.clock)
            case tuple() as keys:
                return json_lines.describe(self._bench, title, group.places, keys, self._label)
        raise UnfitError("is of no known form")


def _apart(group: Group) -> list[Group]:
    """Take a few arrays of one form apart: `x_train.npy` and `x_test.npy` are two things, hundreds of them are one."""
    if group.form != "npy" or len(group.places) >= _MANY_ARRAYS:
        return [group]
    return [Group(group.form, group.columns, (place,)) for place in group.places]


def _titled(groups: Sequence[Group]) -> list[Group]:
    """Give each table a name of its own: of several with one pattern, that of the first file and how many there are."""
    titles = [pattern([place.name for place in group.places]) for group in groups]
    return [
        replace(
            group,
            title=title
            if titles.count(title) == 1
            else f"{group.places[0].name} and {len(group.places) - 1:,} like it",
        )
        for title, group in zip(titles, groups, strict=True)
    ]


def pattern(names: Sequence[str]) -> str:
    """Name a table: its file, or what its files have in common: `*.csv`, `train/*.csv`, `train/**/*.csv`."""
    if len(names) == 1:
        return names[0]
    folders = {name.rpartition("/")[0] for name in names}
    base = os.path.commonpath(folders) if "" not in folders else ""
    ends = {"".join(name.rpartition("/")[2].partition(".")[1:]) for name in names}
    end = ends.pop() if len(ends) == 1 else "." + names[0].rpartition(".")[2]
    inner = f"*{end}" if len(folders) == 1 else f"**/*{end}"
    return f"{base}/{inner}" if base else inner
