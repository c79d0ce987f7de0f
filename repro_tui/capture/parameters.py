"""Parameters of a run: from the command line, and from configuration files that the script read.

Both are flat mappings with nested keys joined by dots and lists as JSON text, so that runs can be compared by name.
Values that are secrets are redacted here, before anybody else sees them.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from repro_tui.domain.events import Scalar
from repro_tui.recorder.line import to_text
from repro_tui.recorder.values import TEXT_LIMIT, kept
from repro_tui.source.secrets import REDACTED, redact_argv, redact_values
from repro_tui.source.words import words

CONFIG_SUFFIXES = (".yaml", ".yml", ".json", ".toml")
"""Endings of the files that `parse_config` reads."""

MAX_NAMES = 10_000
_MAX_DEPTH = 12
_MAX_TEXT = TEXT_LIMIT
_CUT = "…"
_MAX_ALIASES = 100
_MAX_NESTING = 100
_NUMBER = re.compile(r"[-+]?(?:\d[\d_]*)(?:\.\d*)?(?:[eE][-+]?\d+)?|[-+]?\.\d+(?:[eE][-+]?\d+)?")
_EXPONENT = re.compile(r"[-+]?\d{1,20}(?:\.\d{0,20})?[eE][-+]?\d{1,2}")
_INTEGER = re.compile(r"[-+]?\d[\d_]*")
_HYDRA = re.compile(r"(?:\+{1,2})?(?P<key>[A-Za-z_][\w.\-/@:]*)=(?P<value>.*)", re.DOTALL)
_OPTION = re.compile(r"--?(?P<key>[A-Za-z_][\w.\-/]*)(?:=(?P<value>.*))?", re.DOTALL)
_WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None}
_SPECIAL = {"nan": "NaN", "inf": "Infinity", "+inf": "Infinity", "infinity": "Infinity", "-inf": "-Infinity"}


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a command line says, by the source that a journal names."""

    options: Mapping[str, Scalar] = field(default_factory=dict)
    """`--key value`, `--key=value`, `--flag`, `--no-flag` (source `argv`)."""
    overrides: Mapping[str, Scalar] = field(default_factory=dict)
    """`key=value`, `+a.b=1`, `~x` (source `hydra`)."""
    redacted: tuple[str, ...] = ()
    """Names whose values were cut out."""


@dataclass(frozen=True, slots=True)
class Config:
    """What a configuration file says."""

    values: Mapping[str, Scalar] = field(default_factory=dict)
    redacted: tuple[str, ...] = ()
    """Names whose values were cut out."""
    why: str = ""
    """Why nothing, or not everything, was read: what was cut is not compared by its values then."""


def typed(text: str) -> Scalar:
    """Read a value as it was typed: numbers and booleans by their form, anything else stays text."""
    bare = text.strip()
    if _INTEGER.fullmatch(bare) and len(bare) <= 300:  # noqa: PLR2004 - beyond this no number is meant
        return int(bare) if not re.match(r"[-+]?0\d", bare) else text
    if len(bare) <= 300 and _NUMBER.fullmatch(bare):  # noqa: PLR2004 - the same
        value = float(bare)
        return value if math.isfinite(value) else text
    word = bare.lower()
    if word in _WORDS:
        return _WORDS[word]
    if word in _SPECIAL:
        return _SPECIAL[word]
    if len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "\"'":
        return kept(to_text(bare[1:-1]))
    return kept(to_text(text))


def parse_argv(argv: Sequence[str]) -> Parameters:
    """Read the parameters of a command line, after its program and script; secrets are redacted first."""
    cut, redacted = redact_argv(argv)
    arguments = script_arguments(cut)
    options: dict[str, Scalar] = {}
    overrides: dict[str, Scalar] = {}
    position = 0
    while position < len(arguments):
        argument = arguments[position]
        position += 1
        if argument == "--":
            continue
        option = _OPTION.fullmatch(argument)
        if option:
            values, position = _values(option["value"], arguments, position)
            _put(options, *_option(option["key"], values))
        elif argument.startswith("~") and re.fullmatch(r"~[A-Za-z_][\w./@]*(?:=.*)?", argument):
            _put(overrides, argument.partition("=")[0], True)
        elif match := _HYDRA.fullmatch(argument):
            _put(overrides, match["key"], typed(match["value"]))
    return Parameters(options, overrides, redacted)


def _values(attached: str | None, arguments: Sequence[str], position: int) -> tuple[list[str], int]:
    """Give the values of an option: the attached one, or all arguments up to the next option or override."""
    if attached is not None:
        return [attached], position
    values = []
    while position < len(arguments) and not _is_option(arguments[position]):
        if _HYDRA.fullmatch(arguments[position]):
            break
        values.append(arguments[position])
        position += 1
    return values, position


def _is_option(argument: str) -> bool:
    """Tell an option from a negative number."""
    return argument.startswith("-") and len(argument) > 1 and not _NUMBER.fullmatch(argument)


def _option(key: str, values: list[str]) -> tuple[str, Scalar]:
    """Name and type an option: without a value it is a flag, with several a list."""
    if not values:
        if key.startswith(("no-", "no_")) and len(key) > 3:  # noqa: PLR2004 - the prefix itself
            return key[3:], False
        return key, True
    if len(values) > 1:
        return key, kept(json.dumps([typed(value) for value in values], ensure_ascii=False))
    return key, typed(values[0])


def _put(values: dict[str, Scalar], key: str, value: Scalar) -> None:
    """Keep a value; an option that is given twice holds its last one, as argparse does it."""
    name = key if key.startswith("~") else key.lstrip("-").replace("-", "_")
    if name in values or len(values) < MAX_NAMES:
        values[name] = value


_LAUNCHERS = words(
    """
    env nice nohup time timeout srun mpirun mpiexec torchrun accelerate deepspeed uv poetry pixi pdm conda mamba
    micromamba taskset numactl stdbuf setsid chrt ionice xvfb-run run exec launch strace bash sh
    """
)
_SCRIPTS = (".py", ".sh", ".R", ".jl", ".ipynb", ".pyz")
_INTERPRETER = re.compile(r"(?:python|pypy)[\d.]*(?:-dbg|t)?")


_MODULES_THAT_LAUNCH = {"torch.distributed.run", "torch.distributed.launch", "accelerate.commands.launch"}


def script_arguments(argv: Sequence[str]) -> list[str]:
    """Give the arguments of the script: what follows the script, `-m module`, or else the program."""
    for position, argument in enumerate(argv):
        name = argument.rpartition("/")[2]
        if argument == "-m" and position + 1 < len(argv):
            if argv[position + 1] in _MODULES_THAT_LAUNCH:
                continue
            return list(argv[position + 2 :])
        if position and argument.endswith(_SCRIPTS) and not argument.startswith("-"):
            return list(argv[position + 1 :])
        if argument == "-c" and position and _INTERPRETER.fullmatch(argv[position - 1].rpartition("/")[2]):
            return list(argv[position + 2 :])
        if position == 0 and name not in _LAUNCHERS and not _INTERPRETER.fullmatch(name) and not _script_follows(argv):
            return list(argv[1:])
    return list(argv[1:])


def _script_follows(argv: Sequence[str]) -> bool:
    """Tell whether an interpreter stands further on, so that the words before it belong to a launcher."""
    return any(_INTERPRETER.fullmatch(argument.rpartition("/")[2]) for argument in argv[1:12])


def parse_config(path: Path, limit: int) -> Config:
    """Read a YAML, JSON or TOML file as flat parameters; `why` says what could not be read, and why."""
    try:
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except (OSError, ValueError) as error:
        return Config(why=f"cannot be read: {getattr(error, 'strerror', None) or error}")
    if len(raw) > limit:
        return Config(why=f"is larger than {limit} bytes")
    try:
        return _config(_parse(path.suffix.lower(), raw.decode("utf-8-sig")))
    except UnicodeDecodeError:
        return Config(why="is not UTF-8")
    except RecursionError:
        return Config(why="is nested too deeply")
    except ValueError as error:
        return Config(why=str(error).partition("\n")[0][:200] or "is damaged")


def _config(tree: object) -> Config:
    """Flatten a decoded file and cut its secrets out."""
    if not isinstance(tree, Mapping):
        return Config(why="holds no mapping of names to values")
    flat: dict[str, Scalar] = {}
    whole = _flatten(flat, "", tree, 0)
    values, redacted = redact_values(flat)
    scalars = {name: value for name, value in values.items() if value is None or isinstance(value, str | int | float)}
    if not whole:
        return Config(scalars, redacted, f"only the first {MAX_NAMES} names were kept")
    cut = next((name for name, value in scalars.items() if _is_cut(value)), "")
    return Config(scalars, redacted, f"{cut[:100]} is too long to be kept in full" if cut else "")


def _parse(suffix: str, text: str) -> object:
    """Decode by the file's ending; raises ValueError with the reason."""
    if suffix == ".json":
        return json.loads(text)
    if suffix == ".toml":
        import tomllib

        return tomllib.loads(text)
    if suffix in {".yaml", ".yml"}:
        return _yaml(text)
    raise ValueError(f"{suffix or 'a file without an ending'} is no configuration format")


def _yaml(text: str) -> object:
    """Read YAML of bounded depth and with few aliases: both are counted before anything is built from them."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        aliases = depth = 0
        for event in yaml.parse(text, Loader=loader):
            aliases += isinstance(event, yaml.AliasEvent)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if aliases > _MAX_ALIASES or depth > _MAX_NESTING:
                raise ValueError("refers to itself too often" if aliases > _MAX_ALIASES else "is nested too deeply")
        return next(iter(yaml.load_all(text, Loader=loader)), None)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise ValueError(f"is no valid YAML{where}: {getattr(error, 'problem', None) or 'damaged'}") from error


class _Budget:
    """Counts the nodes that were walked: shared references make a small file a large tree."""

    def __init__(self, nodes: int) -> None:
        self.left = nodes

    def spend(self) -> bool:
        self.left -= 1
        return self.left >= 0


def _flatten(flat: dict[str, Scalar], prefix: str, tree: object, depth: int) -> bool:
    """Join nested keys with dots; tells whether everything found room."""
    if isinstance(tree, Mapping) and tree and depth < _MAX_DEPTH:
        return all(
            len(flat) < MAX_NAMES and _flatten(flat, f"{prefix}.{key}" if prefix else str(key), value, depth + 1)
            for key, value in tree.items()
        )
    if not prefix:
        return True
    name = to_text(prefix)[:_MAX_TEXT]
    flat[name] = _scalar(tree)
    return len(flat) <= MAX_NAMES


def _scalar(value: object) -> Scalar:
    """Give a leaf: scalars as they are, NaN as text, lists and deep mappings as JSON text, dates as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        # YAML 1.1 reads `1e-3` as text; everybody who writes it means the number.
        return float(value) if _EXPONENT.fullmatch(value) else kept(to_text(value))
    if isinstance(value, list | tuple | set | Mapping):
        return _as_json(value)
    return kept(to_text(str(value)))


def _as_json(value: object) -> str:
    """Write a list as JSON text with its secrets redacted, cut where it becomes a data set or a bomb."""
    budget = _Budget(5_000)
    plain = _plain(value, budget)
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"), default=str)
    return kept(text) if budget.left >= 0 else text[: _MAX_TEXT - 1].ljust(_MAX_TEXT - 1) + _CUT


def _is_cut(value: object) -> bool:
    """Tell whether a value says nothing of what was cut off."""
    return isinstance(value, str) and len(value) == _MAX_TEXT and value.endswith(_CUT)


def _plain(value: object, budget: _Budget) -> object:
    """Copy a tree with texts that can be stored, and with what stands under a secret's name redacted."""
    if not budget.spend():
        return "…"
    if isinstance(value, Mapping):
        items, _ = redact_values({str(key): item for key, item in value.items()})
        return {to_text(key): item if item == REDACTED else _plain(item, budget) for key, item in items.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item, budget) for item in _first(value, budget.left)]
    if isinstance(value, str):
        return to_text(value)
    return value if value is None or isinstance(value, bool | int) else _scalar(value)


def _first(items: Iterable[object], count: int) -> Iterable[object]:
    """Give at most `count` items."""
    for number, item in enumerate(items):
        if number > count:
            return
        yield item
