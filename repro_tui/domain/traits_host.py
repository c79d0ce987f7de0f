"""The machine, the switches that steer arithmetic and chance, and what is left of the command line, as traits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from repro_tui.domain.command_line import bare, head_of, is_explained, program_of
from repro_tui.domain.deciding import SEEDS, deciding
from repro_tui.domain.events import Scalar
from repro_tui.domain.run import Run
from repro_tui.domain.traits import Part, Section, Trait
from repro_tui.domain.traits_parameters import Seen, words_of
from repro_tui.domain.values import number_of, show, token_of

Facts = Mapping[str, object]
_MOST_SEEDS = 8


def host_traits(host: Facts) -> Iterator[Trait]:
    """Give what of a machine decides arithmetic."""
    cpu = host.get("cpu")
    if isinstance(cpu, Mapping):
        yield from _facts(("cpu", cpu.get("model")), ("cores", cpu.get("usable")))
        flags = cpu.get("flags")
        if isinstance(flags, list | tuple):
            yield from _facts(("cpu features", " ".join(sorted(map(str, flags)))))
    else:
        yield from _facts(("cpu", cpu))
    limits = host.get("limits")
    if isinstance(limits, Mapping):
        yield from _facts(("cores allowed", limits.get("cores")))
    yield from _facts(("gpu", _cards(host)), ("driver", host.get("driver")), ("cuda", host.get("cuda")))


def _facts(*pairs: tuple[str, object]) -> Iterator[Trait]:
    for name, value in pairs:
        if value not in (None, "") and isinstance(value, str | int | float):
            number = float(value) if isinstance(value, int | float) else None
            yield Trait(Section.HARDWARE, name, token_of(value), show(value), number=number)


def _cards(host: Facts) -> str:
    """Name the GPUs: `2x NVIDIA A100 (108 multiprocessors)`."""
    cards = host.get("gpus", host.get("gpu"))
    if isinstance(cards, str):
        return cards
    names = []
    for card in cards if isinstance(cards, list | tuple) else ():
        facts = card if isinstance(card, Mapping) else {"name": card}
        units = f" ({facts['multiprocessors']} multiprocessors)" if facts.get("multiprocessors") else ""
        parts = facts.get("mig")
        cut = ", ".join(str(p.get("name")) for p in parts if isinstance(p, Mapping)) if isinstance(parts, list) else ""
        names.append(f"{facts.get('name') or facts.get('model') or 'GPU'}{units}{f' in {cut}' if cut else ''}")
    return ", ".join(f"{names.count(name)}x {name}" for name in dict.fromkeys(names))


def determinism_traits(run: Run, environment: Facts) -> Iterator[Trait]:
    """Give the switches that steer arithmetic and chance, and the seeds that were set."""
    variables = environment.get("variables")
    outside = {str(k): str(v) for k, v in variables.items()} if isinstance(variables, Mapping) else {}
    known: dict[str, object] = {**deciding(outside), **{n: outside[n] for n in SEEDS & outside.keys()}, **run.flags}
    for name, value in sorted(known.items()):
        scalar = value if isinstance(value, str | int | float | bool) else None
        part = Part.SEED if name in SEEDS else Part.INPUT
        yield Trait(Section.DETERMINISM, name, token_of(scalar), show(scalar), part=part, number=number_of(scalar))
    for library, values in seeds_of(run).items():
        shown = ", ".join(values[:_MOST_SEEDS])
        more = f" and {len(values) - _MOST_SEEDS:,} more" if len(values) > _MOST_SEEDS else ""
        yield Trait(Section.DETERMINISM, f"{library} seed", json.dumps(values), shown + more, part=Part.SEED)


def seeds_of(run: Run) -> dict[str, list[str]]:
    """Give the seeds that each library was given; where a call stands in the code does not count."""
    found: dict[str, set[str]] = {}
    for seed in run.seeds:
        found.setdefault(seed.library, set()).add(seed.value)
    return {library: sorted(values) for library, values in sorted(found.items())}


def command_traits(run: Run, seen: Seen) -> Iterator[Trait]:
    """Give what of a command line no parameter tells: the program, and words that nobody named."""
    if run.argv:
        program, rest = rest_of_command(run, seen)
        typed = rest_of_command(replace(run, sources={}), seen)[0] if "-m" in run.argv else program
        yield Trait(Section.COMMAND, "command", json.dumps([*program, *rest]), " ".join([*typed, *rest]))


def rest_of_command(run: Run, seen: Seen) -> tuple[list[str], list[str]]:
    """Take parameters, places and data out of a command line: gives its program, and the words that are left, sorted.

    The order of options says nothing, so words that no parameter explains are put in order.
    """
    run = replace(run, argv=bare(run.argv))
    if is_explained(run):
        return head_of(run.argv[: len(run.argv) - (run.parsed or 0)], seen.places, run.sources), []
    names = {
        "_".join(words_of(spelling)): isinstance(param.value, bool)
        for name, param in run.params.items()
        if not param.surrounds
        for spelling in (name, name.replace(".", "_"))
    }
    values = {text for p in run.params.values() if not p.surrounds for text in _spellings(p.value)}
    program = program_of(run.argv)
    rest: list[str] = []
    takes = False
    for word in run.argv[len(program) :]:
        option, equals, _ = word.partition("=")
        key = "_".join(words_of(option.lstrip("-+").replace(".", "_")))
        if word.startswith("-") and not _is_number(word):
            takes = key in names and not names[key] and not equals
            if key not in names:
                rest.append(word)
        elif takes:
            takes = False
        elif word not in values and not (equals and key in names):
            rest.append(_replaced(word, seen))
    return head_of(program, seen.places, run.sources), sorted(rest)


def _spellings(value: Scalar) -> Iterator[str]:
    """Give the words that a value may have been typed as: those of a list stand apart on a command line."""
    yield from {show(value), str(value)}
    if isinstance(value, str) and value.startswith("["):
        try:
            items = json.loads(value)
        except (ValueError, RecursionError):
            return
        yield from (str(item) for item in items)


def _replaced(word: str, seen: Seen) -> str:
    """Give a word by what it leads to: results and data are compared by themselves, wherever they lie."""
    path = seen.places.relative(word)
    if path in seen.written and path not in seen.read:
        return "OUT"
    if path in seen.configs:
        return "CONFIG"
    return "IN" if seen.read.get(path) else word


def _is_number(word: str) -> bool:
    return number_of(word) is not None
