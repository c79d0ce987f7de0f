"""The fold of what the project's journal says of datasets: the same whatever the order, grouping and repetition.

Put events in as they come and ask for the datasets whenever they are wanted. An event whose fields have other types
than the format gives them changes nothing. Versions are numbered in the order in which they were first seen; a merge
with another copy of the project may put one in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING

from repro_tui.domain.dataset import Dataset, Making, Source, Spec, Version, Watch
from repro_tui.domain.events import Event
from repro_tui.domain.foreign import MAX_NAME, ForeignError, digest, flag, text, texts, whole
from repro_tui.domain.ids import Digest, RunId, is_run_id
from repro_tui.domain.registers import Registers
from repro_tui.domain.run import Coverage

if TYPE_CHECKING:  # most questions are not about tables
    from repro_tui.domain.profile import Overlap

MAX_DATASETS = 1_000
MAX_VERSIONS = 10_000
"""Versions of all datasets together."""
_MAX_ARGV = 1_000
_MAX_SOURCES = 100
_MAX_FAULTS = 10

Key = tuple[str, str]
"""Name of a dataset and digest of a version."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A version as one event tells of it."""

    order: tuple[float, str, int]
    """Time, writer, position: the first one counts."""
    user: str
    files: int
    size: int
    coverage: Coverage
    run: RunId | None


@dataclass(frozen=True, slots=True)
class _Profiled:
    doc: Digest
    rows: int | None
    faults: tuple[str, ...]


# The methods are looked up by name, as in `fold`.
_TAKES: Mapping[str, attrgetter[Callable[[Event], None]]] = {
    kind: attrgetter(method)
    for kind, method in {
        "dataset": "_dataset", "watch": "_watched", "version": "_version_seen", "profile": "_profile",
        "made": "_made", "kept": "_keep", "overlap": "_overlap",
    }.items()
}  # fmt: skip


class DatasetFold:
    """Everything that was said about datasets so far."""

    def __init__(self) -> None:
        self._specs: Registers[str, Spec | None] = Registers(MAX_DATASETS)
        self._watches: Registers[str, Watch] = Registers(MAX_DATASETS)
        self._answers: Registers[str, Watch] = Registers(MAX_DATASETS)
        self._versions: Registers[Key, _Seen] = Registers(MAX_VERSIONS)
        self._paths: Registers[tuple[str, str], bool] = Registers(MAX_VERSIONS)
        self._listings: Registers[Key, Digest] = Registers(MAX_VERSIONS)
        self._profiles: Registers[Key, _Profiled] = Registers(MAX_VERSIONS)
        self._makings: Registers[Key, Making] = Registers(MAX_VERSIONS)
        self._kept: Registers[Key, Digest] = Registers(MAX_VERSIONS)
        self._overlaps: Registers[tuple[Key, Key], tuple[int, int, bool]] = Registers(MAX_VERSIONS)

    def add(self, event: Event) -> None:
        """Take an event; kinds that are not about datasets change nothing."""
        take = _TAKES.get(event.kind)
        if take is None:
            return
        try:
            take(self)(event)
        except ForeignError:
            return

    def specs(self, declared: Iterable[Spec] = ()) -> tuple[Spec, ...]:
        """Give the datasets that are declared, by name; what repro.yaml says wins over the journal.

        A `watch` event wins over repro.yaml; over a `dataset` event only when it is newer.
        """
        found = {name: spec for name, spec in self._specs.items() if spec is not None}
        for name, spec in found.items():
            found[name] = replace(spec, watch=self._watches.get(name) or spec.watch)
        for spec in declared:
            found[spec.name] = replace(spec, watch=self._answers.get(spec.name) or spec.watch)
        return tuple(found[name] for name in sorted(found))

    def datasets(self, declared: Iterable[Spec] = ()) -> tuple[Dataset, ...]:
        """Give the declared datasets with their versions, newest first, by name."""
        specs = self.specs(declared)
        versions: dict[str, list[tuple[Digest, _Seen]]] = {spec.name: [] for spec in specs}
        for (name, found), seen in self._versions.items():
            if name in versions:
                versions[name].append((Digest(found), seen))
        paths: dict[str, str] = {}
        problems: dict[str, tuple[str, ...]] = {}
        for spec in specs:
            if (other := paths.setdefault(spec.path, spec.name)) != spec.name:
                problems[spec.name] = (f"lies at the same path as {other}",)
        return tuple(
            Dataset(spec, self._numbered(spec.name, versions[spec.name]), problems.get(spec.name, ())) for spec in specs
        )

    def kept(self) -> tuple[str, ...]:
        """Give the names of the datasets of which a version was kept by itself, declared or not."""
        return tuple(sorted({str(name) for (name, _), _ in self._kept.items()}))

    def paths(self, name: str) -> frozenset[str]:
        """Give the paths at which a dataset was declared or seen, now and before."""
        return frozenset(path for (owner, path), _ in self._paths.items() if owner == name)

    def known(self, name: str, version: Digest) -> Version | None:
        """Give what is known of one version, None when nobody has seen it."""
        seen = self._versions.get((name, version))
        if seen is None:
            return None
        place = (seen.order[0], version)
        before = sum(1 for (n, d), s in self._versions.items() if n == name and (s.order[0], d) < place)
        return self._version(name, version, before + 1, seen)

    def overlaps(self, name: str, version: Digest) -> tuple[Overlap, ...]:
        """Give the rows that a version is known to share with versions of other datasets."""
        from repro_tui.domain.profile import Overlap

        found: list[Overlap] = []
        for (one, two), (rows, of, sampled) in self._overlaps.items():
            if one == (name, version):
                found.append(Overlap(two[0], rows, of, sampled))
        return tuple(found)

    def overlap(self, one: Key, two: Key) -> Overlap | None:
        """Give the rows that one version shares with another, None while they were not compared."""
        from repro_tui.domain.profile import Overlap

        known = self._overlaps.get((one, two))
        return None if known is None else Overlap(two[0], *known)

    def _numbered(self, name: str, seen: list[tuple[Digest, _Seen]]) -> tuple[Version, ...]:
        seen.sort(key=lambda item: (item[1].order[0], item[0]))
        found = [self._version(name, digest_, number, fact) for number, (digest_, fact) in enumerate(seen, 1)]
        return tuple(reversed(found))

    def _version(self, name: str, version: Digest, number: int, seen: _Seen) -> Version:
        key = (name, version)
        profile = self._profiles.get(key)
        return Version(
            number=number,
            digest=version,
            t=seen.order[0],
            user=seen.user,
            files=seen.files,
            size=seen.size,
            coverage=seen.coverage,
            listing=self._listings.get(key),
            profile=profile.doc if profile else None,
            rows=profile.rows if profile else None,
            faults=profile.faults if profile else (),
            run=seen.run,
            made=self._makings.get(key),
            snapshot=self._kept.get(key),
        )

    # One method a kind of event; each may raise ForeignError.

    def _dataset(self, event: Event) -> None:
        body = event.body
        name = text(body, "name", limit=MAX_NAME)
        if not flag({"on": body.get("on", True)}, "on"):
            self._specs.put(name, event.order, None)
            return
        watch = _watch(body, Watch.NEVER)
        spec = Spec(
            name=name,
            path=text(body, "path"),
            kind=text(body, "form", "auto", MAX_NAME),
            watch=watch,
            label=text(body, "label", "", MAX_NAME),
            key=text(body, "key", "", MAX_NAME),
            declared="journal",
        )
        self._specs.put(name, event.order, spec)
        self._paths.put((name, spec.path), 0, True)
        self._watches.put(name, event.order, watch)

    def _watched(self, event: Event) -> None:
        name = text(event.body, "name", limit=MAX_NAME)
        watch = _watch(event.body, None)
        self._watches.put(name, event.order, watch)
        self._answers.put(name, event.order, watch)

    def _version_seen(self, event: Event) -> None:
        body = event.body
        word = text(body, "cov", "full")
        run = text(body, "run", "")
        seen = _Seen(
            order=(event.t, str(event.writer), event.position),
            user=text(body, "user", "", MAX_NAME),
            files=max(whole(body, "files") or 0, 0),
            size=max(whole(body, "size") or 0, 0),
            coverage=Coverage(word) if word in set(Coverage) else Coverage.PENDING,
            run=RunId(run) if is_run_id(run) else None,
        )
        self._versions.merge(_key(body), seen, _first)
        if path := text(body, "path", ""):
            self._paths.put((text(body, "name", limit=MAX_NAME), path), 0, True)
        if (listing := digest(body, "list")) is not None:
            self._listings.put(_key(body), seen.order, listing)

    def _profile(self, event: Event) -> None:
        doc = digest(event.body, "doc")
        if doc is None:
            raise ForeignError("doc")
        found = _Profiled(doc, whole(event.body, "rows"), texts(event.body, "faults", _MAX_FAULTS))
        self._profiles.put(_key(event.body), event.order, found)

    def _made(self, event: Event) -> None:
        body = event.body
        run = text(body, "uid", "")
        making = Making(
            t=event.t,
            user=text(body, "user", "", MAX_NAME),
            argv=texts(body, "argv", _MAX_ARGV),
            note=text(body, "note", ""),
            of=_sources(body),
            exit=whole(body, "exit"),
            run=RunId(run) if is_run_id(run) else None,
        )
        self._makings.put(_key(body), event.order, making)

    def _keep(self, event: Event) -> None:
        snapshot = digest(event.body, "snapshot")
        if snapshot is None:
            raise ForeignError("snapshot")
        self._kept.put(_key(event.body), (event.t, str(event.writer), event.position), snapshot)

    def _overlap(self, event: Event) -> None:
        body = event.body
        sides = [_key(side) if isinstance(side := body.get(which), Mapping) else None for which in ("a", "b")]
        rows, of = whole(body, "rows"), whole(body, "of")
        if sides[0] is None or sides[1] is None or rows is None or of is None:
            raise ForeignError("overlap")
        value = (rows, of, flag(body, "sampled"))
        self._overlaps.put((sides[0], sides[1]), (event.t, str(event.writer), event.position), value)


def _first(one: _Seen, two: _Seen) -> _Seen:
    """Of two tellings of a version the first one counts."""
    return min(one, two, key=lambda seen: (seen.order, repr(seen)))


def _key(body: Mapping[str, object]) -> Key:
    found = digest(body, "d")
    if found is None:
        raise ForeignError("d")
    return (text(body, "name", limit=MAX_NAME), found)


def _watch(body: Mapping[str, object], default: Watch | None) -> Watch:
    word = text(body, "watch", None if default is None else default.value)
    try:
        return Watch(word)
    except ValueError as error:
        raise ForeignError("watch") from error


def _sources(body: Mapping[str, object]) -> tuple[Source, ...]:
    raw = body.get("of", [])
    if not isinstance(raw, list | tuple):
        raise ForeignError("of")
    return tuple(
        Source(text(item, "name", "", MAX_NAME), digest(item, "d"), text(item, "path", ""))
        for item in raw[:_MAX_SOURCES]
        if isinstance(item, Mapping)
    )
