"""How data differs between two runs: a declared dataset by its versions, an input by what was recorded of its path."""

from __future__ import annotations

from collections.abc import Mapping

from repro_tui.domain.comparison import NOW
from repro_tui.domain.data_change import compare
from repro_tui.domain.ids import Digest
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.profile import DataChange, FileLine
from repro_tui.domain.run import Coverage, FileFact, Run
from repro_tui.domain.traits_data import named_inputs
from repro_tui.domain.traits_parameters import Seen
from repro_tui.ports import Datasets


def data_change(datasets: Datasets, before: Run, after: Run, name: str) -> DataChange | Unavailable:
    """Explain how a dataset, or an input by its path, differs between two runs."""
    specs = datasets.specs()
    spec = next((each for each in specs if each.name == name), None)
    names = {each.path: each.name for each in specs}
    facts = [_fact(run, name, names) for run in (before, after)]
    if facts == [None, None]:
        return Unavailable(f"neither run was seen reading {name}")
    known = [_known(fact, run) for fact, run in zip(facts, (before, after), strict=True)]
    for each in known:
        if isinstance(each, Unavailable):
            return each
    digests = [fact.digest if fact is not None else None for fact in facts]
    if spec is not None and digests[0] is not None and digests[1] is not None:
        return datasets.change(name, digests[0], digests[1])
    if any(fact is not None and fact.files is not None for fact in facts):
        return _folder(name, facts)
    return compare(_listed(facts[0]), _listed(facts[1]), digests=(digests[0] or Digest(""), digests[1] or Digest("")))


def _fact(run: Run, name: str, names: Mapping[str, str]) -> FileFact | None:
    """Find an input by what it is called in a comparison, or by its path."""
    named = dict(named_inputs(run, Seen.of(run), names))
    others = (fact for fact in run.files if fact.path == name and fact.role in {"in", "config", ""})
    return named.get(name) or next(others, None)


def _known(fact: FileFact | None, run: Run) -> Unavailable | None:
    """Say why nothing can be told of one side."""
    if fact is None or (fact.digest is not None and fact.coverage is not Coverage.PENDING):
        return None
    when = "it is not read yet" if run.uid == NOW else f"{run.name or run.uid[:8]} has no digest of it"
    return Unavailable(f"{fact.path} cannot be compared: {when}")


def _listed(fact: FileFact | None) -> list[FileLine]:
    """Give an input as a list of one file."""
    return [] if fact is None else [FileLine(fact.path.rpartition("/")[2], fact.size or 0, fact.digest)]


def _folder(name: str, facts: list[FileFact | None]) -> DataChange | Unavailable:
    """Say of a folder what can be said without its list of files, which is kept of declared datasets alone."""
    if facts[0] is not None and facts[1] is not None and facts[0].digest == facts[1].digest:
        digest = facts[0].digest or Digest("")
        return compare((), (), digests=(digest, digest))
    sizes = [
        f"{fact.files or 0:,} files, {fact.size or 0:,} bytes" if fact is not None else "not read" for fact in facts
    ]
    return Unavailable(
        f"{name} is a folder whose list of files was not kept ({sizes[0]}; then {sizes[1]});"
        f" declare it to see what changes: repro-tui data add NAME {name}"
    )
