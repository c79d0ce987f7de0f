"""The fold: a run is the sum of all its events, whatever their order, grouping and repetition.

`RunFold` takes headers and events as they come and gives the run whenever it is asked. It never raises for what an
event holds: an event that is not what the format says is counted, named in a problem, and changes nothing else.
What has no natural limit is bounded (the limits are below); a problem says so, and the journal keeps everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from operator import attrgetter

from repro_tui.domain.command_line import is_explained
from repro_tui.domain.events import Event, Header, Scalar
from repro_tui.domain.fold_attempts import AttemptFold
from repro_tui.domain.fold_files import MAX_FILES, FileFold
from repro_tui.domain.fold_kept import MAX_SNAPSHOTS, KeptFold
from repro_tui.domain.foreign import MAX_NAME, ForeignError, digest, flag, flat, mapping, scalar, text, texts, whole
from repro_tui.domain.ids import Digest, RunId, is_run_id
from repro_tui.domain.registers import Registers
from repro_tui.domain.run import REMOVED, Document, Omission, Param, Problem, Relation, Run, Seed

MAX_PARAMS = 10_000
"""Parameters that are kept of one run, of each source."""
MAX_FACTS = 10_000
"""Sources, libraries, flags, declared outputs, omissions that are kept of one run."""
MAX_FEW = 1_000
"""Tags, problems, seeds, documents, relations and arguments' output files that are kept of one run."""
MAX_ARGV = 10_000
_TRUST = ("log", "argparse", "click", "argv", "hydra", "env", "env:child")

# The methods are looked up by name: bound ones, kept in each fold, would make it a cycle that only the collector frees.
_TAKES: Mapping[str, attrgetter[Callable[[Event], None]]] = {
    kind: attrgetter(method)
    for kind, method in {
        "start": "_start", "python": "_python", "params": "_param", "doc": "_doc",
        "file": "_files.see", "print": "_files.fingerprint", "save": "_save", "seed": "_seed",
        "flags": "_flag", "libs": "_libs", "source": "_source", "link": "_link", "problem": "_problem",
        "redacted": "_omit", "withheld": "_omit", "left_out": "_omit", "removed": "_removed",
        "tag": "_tag", "note": "_word", "pin": "_word", "name": "_word",
        "answer": "_kept.answer", "snapshot": "_kept.taken", "verified": "_kept.verified", "dropped": "_kept.dropped",
        "child": "_attempts.child", "end": "_attempts.end", "bye": "_attempts.bye",
    }.items()
}  # fmt: skip


class RunFold:
    """Everything that was said about one run so far. Put anything in, in any order, as often as you like."""

    def __init__(self, uid: RunId) -> None:
        self.uid = uid
        self._attempts = AttemptFold()
        self._files = FileFold()
        self._kept = KeptFold()
        self._start_said: Registers[str, Run] = Registers(1)
        self._outputs: Registers[str, bool] = Registers(MAX_FEW)
        self._relations: Registers[tuple[str, str], bool] = Registers(MAX_FEW)
        self._words: Registers[str, str | bool] = Registers(8)
        self._tags: Registers[str, bool] = Registers(MAX_FEW)
        self._params: Registers[tuple[str, str], Scalar] = Registers(4 * MAX_PARAMS)
        self._cut: Registers[str, bool] = Registers(MAX_FEW)
        self._parsed: Registers[str, int] = Registers(1)
        self._documents: Registers[str, Document] = Registers(MAX_FEW)
        self._flags: Registers[str, Scalar] = Registers(MAX_FACTS)
        self._libraries: Registers[str, str] = Registers(MAX_FACTS)
        self._modules: Registers[str, bool] = Registers(MAX_FACTS)
        self._sources: Registers[str, Digest] = Registers(MAX_FACTS)
        self._links: Registers[str, str] = Registers(MAX_FEW)
        self._saved: Registers[str, bool] = Registers(MAX_FACTS)
        self._seeds: Registers[tuple[str, str, str], float] = Registers(MAX_FEW)
        self._omissions: Registers[tuple[str, str], Omission] = Registers(MAX_FACTS)
        self._problems: Registers[tuple[str, str], Problem] = Registers(MAX_FEW)
        self._refused: Registers[tuple[str, int], str] = Registers(MAX_FEW)
        self._unreadable = ""
        self._interpreters: Registers[str, str] = Registers(1)
        self._run: Run | None = None

    def add_header(self, header: Header) -> None:
        """Take the first line of a journal."""
        self._run = None
        self._attempts.add_header(header)

    def add(self, event: Event) -> None:
        """Take an event. Kinds that are not known change nothing but the last sign of the attempt."""
        self._run = None
        self._attempts.sign(event.attempt, event.t)
        take = _TAKES.get(event.kind)
        if take is None:
            return
        try:
            take(self)(event)
        except ForeignError as error:
            self._refused.put((event.writer, event.position), (0,), f"{event.kind}.{error}")

    def sign(self, attempt: int, t: float) -> None:
        """Take the time of a row of values: it is a sign of life like any event."""
        self._run = None
        self._attempts.sign(attempt, t)

    def unreadable(self, reason: str) -> None:
        """Say that a journal of the run cannot be read, and why."""
        self._run = None
        self._unreadable = max(self._unreadable, reason)

    @property
    def refused(self) -> int:
        """Events that were not what the format says, at most `MAX_FEW`."""
        return len(self._refused)

    def run(self) -> Run:
        """Give the run as it is known now."""
        if self._run is None:
            self._run = self._folded()
        return self._run

    # What an event says

    def _start(self, event: Event) -> None:
        body = event.body
        said = Run(
            self.uid,
            name=text(body, "name", "", MAX_NAME),
            argv=texts(body, "argv", MAX_ARGV),
            cwd=text(body, "cwd", ""),
            root=text(body, "root", ""),
            user=text(body, "user", "", MAX_NAME),
            lineage=text(body, "lineage", ""),
            python=text(body, "python", ""),
        )
        for name in texts(body, "output", MAX_FEW):
            if _is_file_name(name):
                self._outputs.put(name, 0, True)
        for role, uid in _relations(body.get("relations")):
            self._relations.put((role, uid), 0, True)
        self._start_said.put("", event.order, said)
        self._attempts.start(event)

    def _python(self, event: Event) -> None:
        if flag(event.body, "main"):
            self._interpreters.put("", (event.attempt, event.writer, event.position), text(event.body, "exe", ""))

    def _param(self, event: Event) -> None:
        source = text(event.body, "src", "log")
        for name, value in flat(mapping(event.body, "v")):
            self._params.put((source, name), event.order, value)
        self._cut.put(source, event.order, flag(event.body, "cut"))
        words = whole(event.body, "words")
        if words is not None:
            self._parsed.put("", event.order, words)

    def _doc(self, event: Event) -> None:
        section, name = text(event.body, "sec", limit=MAX_NAME), digest(event.body, "d")
        if name is None:
            raise ForeignError("d")
        said = Document(section, name, mapping(event.body, "v"), whole(event.body, "size") or 0)
        self._documents.put(section, event.order, said)

    def _save(self, event: Event) -> None:
        for path in texts(event.body, "paths", MAX_FACTS):
            self._saved.put(path, (0,), True)

    def _seed(self, event: Event) -> None:
        body = event.body
        call = (text(body, "lib", limit=MAX_NAME), str(scalar(body.get("v"))), text(body, "at", ""))
        self._seeds.merge(call, event.t, min)

    def _flag(self, event: Event) -> None:
        for name, value in flat(mapping(event.body, "v")):
            self._flags.put(name, event.order, value)

    def _libs(self, event: Event) -> None:
        for name, value in flat(mapping(event.body, "v")):
            self._libraries.put(name, event.order, str(value))
        for name in texts(event.body, "m", MAX_FACTS):
            self._modules.put(name, (0,), value=True)

    def _source(self, event: Event) -> None:
        name = digest(event.body, "d")
        if name is None:
            raise ForeignError("d")
        self._sources.put(text(event.body, "path"), (event.t, str(event.writer), event.position), name)

    def _link(self, event: Event) -> None:
        self._links.put(text(event.body, "path"), event.order, text(event.body, "to"))

    def _problem(self, event: Event) -> None:
        said = Problem(text(event.body, "where", ""), text(event.body, "what"), text(event.body, "hint", ""))
        self._problems.put((said.where, said.what), event.order, said)

    def _omit(self, event: Event) -> None:
        body = event.body
        if event.kind == "redacted":
            said = Omission("redacted", text(body, "what"), text(body, "where", ""))
        else:
            said = Omission(event.kind, text(body, "path"), text(body, "why", ""), whole(body, "size") or 0)
        self._omissions.put((said.kind, said.what), event.order, said)

    def _removed(self, event: Event) -> None:
        """Take files of the run's folder that were given up, with who said so and why."""
        body = event.body
        user = text(body, "user", "", MAX_NAME)
        why = "; ".join(filter(None, (text(body, "why", ""), f"by {user}" if user else "")))
        sizes = mapping(body, "files")
        for name, size in list(sizes.items())[:MAX_FEW]:
            if _is_file_name(name):
                said = Omission(REMOVED, name, why, size if isinstance(size, int) and size > 0 else 0)
                self._omissions.put((said.kind, said.what), (event.t, str(event.writer), event.position), said)

    def _tag(self, event: Event) -> None:
        self._tags.put(text(event.body, "tag", limit=MAX_NAME), event.order, flag(event.body, "on"))

    def _word(self, event: Event) -> None:
        key = {"note": "text", "pin": "on", "name": "name"}[event.kind]
        said = flag(event.body, key) if event.kind == "pin" else text(event.body, key)
        self._words.put(event.kind, event.order, said)

    # The sum

    def _folded(self) -> Run:
        attempts, started = self._attempts.attempts()
        latest = self._start_said.get("") or Run(self.uid)
        latest = replace(latest, parsed=self._parsed.get(""))
        params = self._trusted(from_words=not is_explained(latest))
        return replace(
            latest,
            name=str(self._words.get("name") or latest.name),
            python=latest.python or self._interpreters.get("") or "",
            started=started,
            output=tuple(sorted((name for name, _ in self._outputs.items()), key=_by_stream)),
            relations=tuple(Relation(role, RunId(uid)) for (role, uid), _ in self._relations.items()),
            attempts=attempts,
            params=dict(sorted(params.items())[:MAX_PARAMS]),
            configs=self._configs(),
            unkept=self._unkept(len(params)),
            files=tuple(self._files.facts()),
            saved=tuple(path for path, _ in self._saved.items()),
            links=dict(self._links.items()),
            seeds=tuple(Seed(*call) for call, _ in sorted(self._seeds.items(), key=_by_time)),
            flags=dict(self._flags.items()),
            libraries=dict(self._libraries.items()),
            modules=frozenset(name for name, _ in self._modules.items()),
            sources=dict(self._sources.items()),
            documents=dict(self._documents.items()),
            omissions=tuple(self._omissions.values()),
            problems=(*self._problems.values(), *self._limits(len(params))),
            tags=frozenset(tag for tag, on in self._tags.items() if on),
            note=str(self._words.get("note") or ""),
            pinned=bool(self._words.get("pin")),
            answers=self._kept.answers(),
            snapshots=self._kept.snapshots(),
            unreadable=self._unreadable,
        )

    def _trusted(self, *, from_words: bool) -> dict[str, Param]:
        """Give each parameter from the source that is trusted most.

        What the words of the command line look like is no parameter where its parser told what they mean.
        """
        found: dict[str, Param] = {}
        for (source, name), value in sorted(self._params.items(), key=lambda item: _trust(item[0][0])):
            if source == "argv" and not from_words:
                continue
            found.setdefault(name, Param(value, source))
        return found

    def _configs(self) -> dict[str, dict[str, Scalar]]:
        """Give what each configuration file said, whatever was said of the same names elsewhere.

        One of which not everything was kept is left out: it counts by its content.
        """
        cut = {source for source, is_cut in self._cut.items() if is_cut}
        found: dict[str, dict[str, Scalar]] = {}
        for (source, name), value in self._params.items():
            kind, _, path = source.partition(":")
            if kind == "file" and source not in cut:
                found.setdefault(path, {})[name] = value
        return found

    def _unkept(self, params: int) -> bool:
        """Tell whether parameters are missing of which no file can speak instead."""
        cut = any(is_cut and not source.startswith("file:") for source, is_cut in self._cut.items())
        return cut or params > MAX_PARAMS or (params > 0 and self._params.overflowed)

    def _limits(self, params: int) -> Iterable[Problem]:
        """Say which limits were reached, and how many events were not understood."""
        if count := len(self._refused):
            some = ", ".join(sorted(set(self._refused.values()))[:3])
            more = "at least " if self._refused.overflowed else ""
            yield Problem("journal", f"{more}{count} events are not what the format says ({some}) and were left out")
        over = {
            f"{MAX_PARAMS:,} parameters": params > MAX_PARAMS or (params > 0 and self._params.overflowed),
            f"{MAX_FILES:,} files": self._files.overflowed,
            f"{MAX_FEW:,} tags": self._tags.overflowed,
            f"{MAX_FEW:,} seed calls": self._seeds.overflowed,
            f"{MAX_FEW:,} problems": self._problems.overflowed,
            f"{MAX_FACTS:,} omissions": self._omissions.overflowed,
            f"{MAX_FACTS:,} source files": self._sources.overflowed,
            f"{MAX_FACTS:,} libraries": self._libraries.overflowed or self._modules.overflowed,
            f"{MAX_SNAPSHOTS:,} snapshots": self._kept.overflowed,
        }
        for what, is_over in over.items():
            if is_over:
                yield Problem("journal", f"there are more than {what}; the rest is in the journal only")


def fold(uid: RunId, headers: Iterable[Header], events: Iterable[Event]) -> Run:
    """Give the run that these headers and events tell of."""
    gathered = RunFold(uid)
    for header in headers:
        gathered.add_header(header)
    for event in events:
        gathered.add(event)
    return gathered.run()


def _relations(raw: object) -> Iterable[tuple[str, str]]:
    """Read the relations to other runs; raises ForeignError."""
    if raw is None:
        return
    if not isinstance(raw, list):
        raise ForeignError("relations")
    for item in raw[:MAX_FEW]:
        if isinstance(item, Mapping) and is_run_id(uid := text(item, "uid", "")):
            yield text(item, "role", "", MAX_NAME), uid


def _is_file_name(name: str) -> bool:
    """Tell whether a text names a file in the run's folder, and nothing outside of it."""
    return bool(name) and "/" not in name and "\0" not in name and name not in {".", ".."}


def _by_stream(name: str) -> tuple[bool, bool, str]:
    """Order output files: what the terminal showed, standard output, the rest."""
    return (not name.startswith("output"), not name.startswith("stdout"), name)


def _by_time(item: tuple[tuple[str, str, str], float]) -> tuple[float, tuple[str, str, str]]:
    """Order seed calls by when they were first made."""
    return (item[1], item[0])


def _trust(source: str) -> tuple[int, str]:
    """Order the sources of parameters by how much they are trusted, most first."""
    return (_TRUST.index(source) if source in _TRUST else len(_TRUST), source)
