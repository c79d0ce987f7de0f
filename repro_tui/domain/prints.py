"""A run's inputs as a few digests, so that "equal but for the seed" and "ran before" are comparisons of two texts.

They are made from the run alone, without its documents, by the rules of its traits (docs/design/0016-traits.md).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from repro_tui.domain.programs import is_program
from repro_tui.domain.run import Coverage, Run
from repro_tui.domain.traits import Part, Trait
from repro_tui.domain.traits_code import is_alone
from repro_tui.domain.traits_data import data_traits, inputs_of, unknown_data
from repro_tui.domain.traits_host import command_traits, determinism_traits
from repro_tui.domain.traits_of import is_complete
from repro_tui.domain.traits_parameters import Seen, parameter_traits


@dataclass(frozen=True, slots=True)
class InputPrints:
    """What is compared of two runs; None where it is not known, and then nothing is claimed."""

    code: str | None
    """All programs of the project, used or not."""
    used: str | None
    """What was imported: before the colon stands which files those are, behind it what they hold."""
    data: str | None
    """Before the colon stands which inputs are known by metadata only: digests compare with the same beginning."""
    parameters: str | None
    """Inputs and seeds, without places."""
    environment: str | None
    """Packages and hardware together."""
    imported: str | None
    """The same with those packages alone that were used; None where it is not known which ones those are."""
    seeds: str | None
    """All seeds that were set, wherever that was seen; the same for all runs that set none."""
    inputs: str | None
    """Everything that can matter, without seeds and places; None as long as anything of it is not known."""
    exact: str | None
    """The same with the seeds: equal where the same was run again."""


def input_prints(run: Run) -> InputPrints:
    """Reduce a run to digests."""
    code, environment, host = (content_of(run, section) for section in ("code", "environment", "host"))
    around = around_of(run)
    if not run.argv:
        return InputPrints(code, None, None, None, around, None, None, None, None)
    seen = Seen.of(run)
    parameters = list(parameter_traits(run, seen))
    further = [*determinism_traits(run, {}), *command_traits(run, seen)]
    used, data = used_of(run), _data(run, seen)
    seeds = _tokens([*parameters, *further], Part.SEED)
    told = used or code
    imported = _surroundings(run)
    inputs = None
    if told and data and environment and host and not _is_open(run) and not run.unkept:
        rest = _tokens([*parameters, *further], Part.INPUT)
        inputs = digest_of([told, data, imported or environment, host, sorted(numerics_of(run)), rest])
    return InputPrints(
        code=code,
        used=used,
        data=data,
        parameters=digest_of([_tokens(parameters, Part.INPUT), _tokens(parameters, Part.SEED)]),
        environment=around,
        imported=digest_of([imported.partition(":")[2], host]) if imported and host else None,
        seeds=digest_of(seeds),
        inputs=inputs,
        exact=digest_of([inputs, seeds]) if inputs else None,
    )


def around_of(run: Run) -> str | None:
    """Give the digest of packages and hardware together; None when neither is known."""
    environment, host = content_of(run, "environment"), content_of(run, "host")
    return digest_of([environment or "", host or ""]) if environment or host else None


def content_of(run: Run, section: str) -> str | None:
    """Give the digest of what matters in a document, or of all of it where its probe named none."""
    document = run.documents.get(section)
    if document is None:
        return None
    content = document.summary.get("content")
    return content if isinstance(content, str) and content else document.digest


def imported_print(modules: Iterable[str]) -> str:
    """Digest the names of the installed modules that were imported."""
    return digest_of(sorted(modules))


def _surroundings(run: Run) -> str:
    """Give the digest of those packages that were used; empty where it is not known which ones those are.

    It was made of the modules that had been seen when the run ended, so it holds for a run that is known to have
    imported these and no others.
    """
    document = run.documents.get("environment")
    used = document.summary.get("used") if document is not None else None
    if not isinstance(used, str) or not run.modules or not is_complete(run):
        return ""
    return used if used.partition(":")[0] == imported_print(run.modules) else ""


def numerics_of(run: Run) -> Iterable[tuple[str, str]]:
    """Give what numeric libraries were built with: `numpy.blas`, `torch.cudnn`."""
    return ((name, value) for name, value in run.libraries.items() if "." in name)


_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


def digest_of(value: object) -> str:
    """Digest a value that JSON can hold."""
    return sha256(_encode(value).encode()).hexdigest()[:32]


def _tokens(traits: Iterable[Trait], part: Part) -> list[list[str]]:
    return sorted([t.section, t.name, t.token, t.basis] for t in traits if t.part is part)


def _is_open(run: Run) -> bool:
    """Tell whether a run may still be seen using something, or whether something it read is not known yet."""
    if run.attempts and run.ended is None and not run.attempts[-1].orderly:
        return True
    return any(fact.role == "config" and "r" in fact.mode and fact.digest is None for fact in run.files)


def used_of(run: Run) -> str | None:
    """Give a digest of the files that were imported, with those of which it is not seen when they are used."""
    document = run.documents.get("code")
    which = "unwatched" if is_alone(run) else "unseen"
    unseen = document.summary.get(which) if document is not None else None
    read = [f for f in run.files if "r" in f.mode and f.role not in {"in", "out"} and is_program(f.path)]
    if not isinstance(unseen, str) or not run.sources or not is_complete(run):
        return None
    beside = {fact.path: str(fact.digest or "") for fact in read if fact.path not in run.sources}
    if not all(beside.values()):
        return None  # a program was read of which no content is known, so only the whole of the code can be compared
    files = {**beside, **{path: str(digest) for path, digest in run.sources.items()}}
    return f"{digest_of(sorted(files))}:{digest_of([unseen, *sorted(files.items())])}"


def _data(run: Run, seen: Seen) -> str | None:
    """Give a digest of all inputs; None while one of them is pending, since nothing can be said then.

    What was fingerprinted by metadata only has another digest than the same bytes in full, so before the colon stands
    which inputs those are: only digests with the same beginning are compared.
    """
    going = run.ended is None and not (run.attempts and run.attempts[-1].orderly)
    if unknown_data(run) or (going and not any(True for _ in inputs_of(run))):
        return None
    traits = list(data_traits(run, seen, {}))
    partly = sorted(trait.name for trait in traits if trait.basis != Coverage.FULL)
    kind = f"partly {digest_of(partly)}" if partly else "full"
    return f"{kind}:{digest_of(sorted((trait.name, trait.token) for trait in traits))}"
