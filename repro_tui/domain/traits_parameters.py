"""Parameters as traits: which are inputs, which are seeds, and which only say where results go."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from repro_tui.domain.deciding import SEEDS, is_deciding
from repro_tui.domain.events import Scalar
from repro_tui.domain.paths import Places
from repro_tui.domain.run import NOT_SET, Coverage, Run
from repro_tui.domain.traits import Part, Section, Trait
from repro_tui.domain.traits_code import short
from repro_tui.domain.values import WRITTEN, as_text, number_of, show, token_of, typed
from repro_tui.domain.words import words

_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])")
_SEED_NAMES = frozenset({"random state", "rng", "seed everything", "pl global seed", "pythonhashseed"})
_NO_SEED = frozenset({"n", "num", "number", "count", "use", "fix", "max", "len", "length"})
_RUN_NAMES = frozenset(
    f"{thing} {word}" for thing in ("run", "exp", "experiment", "trial", "job", "wandb") for word in ("name", "id")
)
_NAMING = words(
    """
    name names tag tags id exp experiment run trial version suffix prefix label job title
    """
)
_PLACING = words(
    """
    out output outputs outdir result results save saving savedir log logs logdir logging ckpt checkpoint
    checkpoints dest destination target workdir work dump export artifacts report tensorboard tb o to write run
    runs exp experiment
    """
)
_CONTENT = words(
    """
    data dataset datasets input inputs model models arch architecture backbone net network task env environment
    config init pretrained weights resume from teacher student tokenizer load vocab base
    """
)
"""Names of parameters whose value is part of what is computed, although results may be filed by it."""


_MOST_NAMES = 8192
"""Names whose words are remembered: the runs of a project have most of theirs in common."""
_LEAST_EPOCH = 1e9
_DAY_S = 86_400
"""A number that lies as near to a run's beginning, as seconds since the epoch, is the time and no quantity."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a run was seen doing with paths: who reads a parameter's value as one is told by this."""

    places: Places
    written: frozenset[str]
    """Each output and every folder above one, from the project."""
    parts: frozenset[str]
    """The names that outputs and the folders above them have, from the project or the folder of the run on."""
    read: dict[str, bool]
    """Each input, and every folder above one, with whether all that was read there is known by its content."""
    configs: frozenset[str]
    """Configuration files whose values became parameters."""
    started: float = float("-inf")
    """When the run began, seconds since the epoch."""

    @classmethod
    def of(cls, run: Run) -> Seen:
        """Gather it."""
        files = [fact for fact in run.files if fact.role != "source"]
        outputs = [fact.path for fact in files if fact.role == "out" or fact.mode == "w"]
        outputs += run.saved
        read: dict[str, bool] = {}
        for fact in files:
            if fact.role == "in":
                known = fact.digest is not None and fact.coverage is not Coverage.PENDING
                for path in above(fact.path):
                    read[path] = read.get(path, True) and known
        for path, real in run.links.items():
            if real in read:
                read.setdefault(path, read[real])
        return cls(
            Places.of(run),
            frozenset(path for output in outputs for path in above(output)),
            frozenset(part for output in outputs for part in output.strip("/").split("/")[:-1]),
            read,
            frozenset(fact.path for fact in files if fact.role == "config" and fact.path in run.configs),
            run.started if run.started > _LEAST_EPOCH else float("-inf"),
        )


def above(path: str) -> Iterator[str]:
    """Give a path and the folders above it, except for the project's own and the file system's."""
    while path and path not in {".", "/", ".."}:
        yield path
        path = path.rpartition("/")[0]


def parameter_traits(run: Run, seen: Seen) -> Iterator[Trait]:
    """Give the parameters of a run."""
    told = _told(run)
    for name, param in run.params.items():
        if param.surrounds:
            yield from _variable(name, param.value, seen, told)
            continue
        value = typed(param.value) if param.source == "argv" else param.value
        quoted = isinstance(value, str) and value not in WRITTEN
        number = None if quoted else number_of(value)
        shown = as_text(str(value)) if quoted and number_of(value) is not None else show(value)
        yield Trait(Section.PARAMETERS, name, token_of(value), shown, part=part_of(name, value, seen), number=number)
    yield from _unread(run, seen)


def _variable(name: str, value: Scalar, seen: Seen, told: Mapping[tuple[str, ...], str]) -> Iterator[Trait]:
    """Give an environment variable that the script asked for, unless the switches tell of it.

    It is compared letter by letter: `1` and `1.0` are one number, and two texts to the script that reads them.
    A variable that became the value of a parameter, or was not set where there is such a parameter, decides by that.
    """
    plain = name.partition(".")[2]
    if is_deciding(plain) or plain in SEEDS:
        return
    parts = words_of(name)
    part = part_of(name, typed(value), seen)
    spelled = token_of(typed(value))
    heard = (told[parts[at:]] for at in range(len(parts)) if parts[at:] in told)
    if part is Part.INPUT and any(value is None or spelled == token for token in heard):
        part = Part.PLACE
    shown = NOT_SET if value is None else show(value)
    yield Trait(Section.PARAMETERS, name, token_of(value), shown, part=part, number=number_of(value))


def _told(run: Run) -> dict[tuple[str, ...], str]:
    """Give the values of all parameters but variables, by the words of their names."""
    if not any(param.surrounds for param in run.params.values()):
        return {}
    return {words_of(name): token_of(typed(p.value)) for name, p in run.params.items() if not p.surrounds}


def _unread(run: Run, seen: Seen) -> Iterator[Trait]:
    """Give the configuration files that were read and of which no value became a parameter: their content counts."""
    for fact in run.files:
        if fact.role == "config" and "r" in fact.mode and fact.path not in seen.configs and fact.digest is not None:
            text = f"{short(fact.digest)}, {fact.size or 0:,} bytes"
            yield Trait(Section.PARAMETERS, fact.path, fact.digest, text, basis=fact.coverage.value, digest=fact.digest)


def part_of(name: str, value: Scalar, seen: Seen) -> Part:
    """Say what part a parameter plays in the result."""
    parts = words_of(name)
    if is_seed(parts, value):
        return Part.SEED
    if parts == ("pid",) or (isinstance(value, int | float) and seen.started - _DAY_S < value < seen.started + _DAY_S):
        return Part.PLACE  # which process it was, and when
    if isinstance(value, str) and _is_place(parts, value, seen):
        return Part.PLACE
    if value in (None, "") and _PLACING & set(parts) and not _CONTENT & set(parts):
        return Part.PLACE  # nowhere: nothing is written
    return Part.INPUT


@lru_cache(_MOST_NAMES)
def words_of(name: str) -> tuple[str, ...]:
    """Split the last part of a nested name into words in lower case: `train.randomSeed` into `random`, `seed`."""
    return tuple(word.lower() for word in _WORDS.findall(name.rpartition(".")[2]))


def is_seed(parts: tuple[str, ...], value: Scalar) -> bool:
    """Tell whether a parameter is a seed: by a whole word of its name, and a value that can be one."""
    if isinstance(value, bool) or not _is_named_seed(parts):
        return False
    if isinstance(value, str):
        value = typed(value.strip("[]() ").replace(",", "").replace(" ", "") or "0")
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


@lru_cache(_MOST_NAMES)
def _is_named_seed(parts: tuple[str, ...]) -> bool:
    if not parts or _NO_SEED & set(parts):
        return False
    return parts[-1] in {"seed", "seeds"} or " ".join(parts) in _SEED_NAMES or parts[-2:] == ("random", "state")


def _is_place(parts: tuple[str, ...], value: str, seen: Seen) -> bool:
    """Tell whether a text only says where something lies, as far as that was seen."""
    if " ".join(parts) in _RUN_NAMES:
        return True
    path = seen.places.relative(value)
    if not path or path == ".":
        return False
    if path in seen.configs:
        return True
    if path in seen.read:
        return seen.read[path]
    mine = set(parts)
    if path in seen.written:
        return bool(mine & _PLACING) if "/" not in value else bool(mine & _PLACING) or not mine & _CONTENT
    return bool(mine & _NAMING) and bool(parts) and value in seen.parts


def led_by(run: Run, seen: Seen) -> dict[str, str]:
    """Give, for each path that a parameter leads to, the name of that parameter; else its place on the command line."""
    found: dict[str, str] = {}
    for name, param in sorted(run.params.items(), key=lambda item: (item[1].surrounds, item[0])):
        if isinstance(param.value, str) and (path := seen.places.relative(param.value)) in seen.read:
            found.setdefault(path, name)
            found.setdefault(run.links.get(path, path), name)
    words = [word for word in run.argv if not word.startswith("-")]
    for number, word in enumerate(words[2:], 1):
        if (path := seen.places.relative(word)) in seen.read:
            found.setdefault(path, f"argument {number}")
            found.setdefault(run.links.get(path, path), f"argument {number}")
    return found
