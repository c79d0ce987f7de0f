"""What a run read, as traits: one each declared dataset, one each other input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from repro_tui.domain.paths import lies_in
from repro_tui.domain.programs import is_program
from repro_tui.domain.run import Coverage, FileFact, Run
from repro_tui.domain.traits import Section, Trait
from repro_tui.domain.traits_code import short
from repro_tui.domain.traits_parameters import Seen, above, led_by


def data_traits(run: Run, seen: Seen, datasets: Mapping[str, str]) -> Iterator[Trait]:
    """Give the inputs of a run; `datasets` leads from the path of a declared one to its name."""
    for name, fact in named_inputs(run, seen, datasets):
        known = fact.digest is not None and fact.coverage is not Coverage.PENDING
        yield Trait(
            Section.DATA,
            name,
            str(fact.digest) if known else "",
            _text(fact, name),
            basis=fact.coverage.value,
            digest=str(fact.digest or ""),
        )


def named_inputs(run: Run, seen: Seen, datasets: Mapping[str, str]) -> Iterator[tuple[str, FileFact]]:
    """Give the inputs of a run with what they are called.

    An input that a parameter leads to is called by the parameter, so that a script given another file has another
    content of the same input, and the same file in another place is no difference at all.
    """
    led = led_by(run, seen)
    taken: set[str] = set()
    for fact in inputs_of(run):
        name = _name(fact, led, datasets)
        if name in taken:
            name = fact.path
        taken.add(name)
        yield name, fact


def inputs_of(run: Run) -> Iterator[FileFact]:
    """Give what was read, in the order of paths: files of a folder that counts as a whole are in it already."""
    facts = {fact.path: fact for fact in run.files if fact.role == "in"}
    folders = {path for path, fact in facts.items() if fact.files is not None and fact.digest is not None}
    for path in sorted(facts):
        if not any(folder in folders for folder in above(path.rpartition("/")[0])):
            yield facts[path]


def unknown_data(run: Run) -> str:
    """Say why not all data is known; empty when it is."""
    inputs = list(inputs_of(run))
    for fact in inputs:
        if fact.digest is None or fact.coverage is Coverage.PENDING:
            return f"{fact.path} is not hashed yet"
    unread = [f.path for f in run.files if "r" in f.mode and not f.role and not is_program(f.path)]
    lonely = next((path for path in unread if not inputs or _is_elsewhere(path, inputs)), "")
    if lonely:
        return f"{lonely} is known by name only"
    return ""


def _is_elsewhere(path: str, inputs: list[FileFact]) -> bool:
    """Tell whether a path lies outside of the project and of the folders that were hashed as a whole."""
    return path.startswith("/") and not any(lies_in(path, fact.path) for fact in inputs)


def _name(fact: FileFact, led: Mapping[str, str], datasets: Mapping[str, str]) -> str:
    for folder in above(fact.path):
        if folder in datasets:
            return datasets[folder] + _rest(fact.path, folder)
    for folder in above(fact.path):
        if folder in led:
            return led[folder] + _rest(fact.path, folder)
    return fact.path


def _rest(path: str, folder: str) -> str:
    assert lies_in(path, folder), "the folder is one above the path"
    return path[len(folder) :]


def _text(fact: FileFact, name: str) -> str:
    said = [] if name == fact.path else [fact.path]
    said.append(short(fact.digest) if fact.digest else "not hashed yet")
    if fact.files is not None:
        said.append(f"{fact.files:,} files")
    if fact.size is not None:
        said.append(f"{fact.size:,} bytes")
    if fact.coverage is Coverage.METADATA:
        said.append("by metadata only")
    return ", ".join(said)
