"""Everything that is known about what a run used, as traits that can be compared one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from repro_tui.domain.run import Run
from repro_tui.domain.traits import Section, Trait, Traits
from repro_tui.domain.traits_code import code_traits, has_files
from repro_tui.domain.traits_data import data_traits, unknown_data
from repro_tui.domain.traits_environment import environment_traits, packages_of
from repro_tui.domain.traits_host import command_traits, determinism_traits, host_traits
from repro_tui.domain.traits_parameters import Seen, parameter_traits

Facts = Mapping[str, object]

NOT_ENDED = "its end was not seen"
"""Why nothing follows from what a run is not seen to have used."""


@dataclass(frozen=True, slots=True)
class Side:
    """A run with the documents that were read for it; a missing document is an empty mapping."""

    run: Run
    code: Facts
    environment: Facts
    host: Facts
    tree: Facts = field(default_factory=dict)
    patch: Facts = field(default_factory=dict)
    datasets: Mapping[str, str] = field(default_factory=dict)
    """Path of each declared dataset to its name."""
    unknown: Mapping[Section, str] = field(default_factory=dict)
    """What is not known besides, and why."""


def traits_of(side: Side) -> Traits:
    """Reduce a run and its documents to traits."""
    run = side.run
    if not run.argv:
        reason = run.unreadable or "its journal has no beginning"
        return Traits({}, {section: reason for section in Section if section is not Section.OUTCOME})
    found = {(trait.section, trait.name): trait for trait in _all(side)}
    return Traits(found, {**dict(_unknown(side)), **side.unknown})


def is_complete(run: Run) -> bool:
    """Tell whether a run could say all that it used: it ended by itself, or its interpreter took leave."""
    if not run.attempts:
        return False
    last = run.attempts[-1]
    return last.orderly or (bool(last.endings) and all(end.exit == 0 for end in last.endings))


def _all(side: Side) -> Iterator[Trait]:
    run, seen, complete = side.run, Seen.of(side.run), is_complete(side.run)
    yield from parameter_traits(run, seen)
    yield from code_traits(run, side.code, side.tree, side.patch, complete=complete)
    yield from data_traits(run, seen, side.datasets)
    yield from environment_traits(run, side.environment, complete=complete)
    yield from host_traits(side.host)
    yield from determinism_traits(run, side.environment)
    yield from command_traits(run, seen)


def _unknown(side: Side) -> Iterator[tuple[Section, str]]:
    """Say of which sections not everything is known; the weightier reason comes last, and stays."""
    run = side.run
    if run.attempts and run.ended is None and not run.attempts[-1].orderly:
        for section in (Section.PARAMETERS, Section.CODE, Section.DATA, Section.DETERMINISM):
            yield section, NOT_ENDED
    if run.unkept:
        yield Section.PARAMETERS, "not all of its parameters were kept"
    for section, facts, name in (
        (Section.CODE, side.code, "code"),
        (Section.ENVIRONMENT, side.environment, "environment"),
        (Section.HARDWARE, side.host, "host"),
    ):
        if name not in run.documents:
            yield section, f"its {section} was not recorded"
        elif not facts:
            yield section, f"the record of its {section} cannot be read"
    if side.code and not has_files(side.code, side.tree) and not run.sources:
        yield Section.CODE, "the list of its files was not recorded"
    python = side.environment.get("python")
    if isinstance(python, Mapping) and python.get("unavailable") and not packages_of(side.environment):
        yield Section.ENVIRONMENT, f"its packages are not known: {python['unavailable']}"
    if reason := unknown_data(run):
        yield Section.DATA, reason
