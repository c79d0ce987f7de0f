"""What a project says about itself in `repro.yaml`: one table makes the defaults, the checks and docs/settings.md."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from repro_tui.errors import NotFoundError, UsageError

FILE_NAME = "repro.yaml"
HOME_NAME = ".repro"
READONLY_VARIABLE = "REPRO_TUI_READONLY"
"""Environment variable that says the same as `--readonly`, unless it is empty, 0, no or off."""

Value = str | int | float | bool | tuple[str, ...] | Mapping[str, str] | Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of the table."""

    name: str
    """Key in repro.yaml, dotted where nested: `metrics.stdout`."""
    default: Value
    doc: str
    kind: str = "text"
    """`text`, `size` (bytes, `2GB` is understood), `seconds` (`10m`), `number`, `flag`, `list`, `choice a|b`, `map`,
    `records` (a map of maps)."""


TABLE: tuple[Setting, ...] = (
    Setting("name", "", "Name of the project in the header; the folder's name when empty."),
    Setting(
        "home", "", "Where `.repro/` lies when not beside repro.yaml, for example on a scratch disk; REPRO_HOME wins."
    ),
    Setting(
        "shared", "no", "`group`: members of the folder's group may read and write what is recorded.", "choice no|group"
    ),
    Setting(
        "data", (), "Folders or files that are data, besides what a run is seen to read inside the project.", "list"
    ),
    Setting("out", (), "Folders or files that a run's results go to.", "list"),
    Setting("exclude", (), "Glob patterns of files that are neither code nor data.", "list"),
    Setting("code.limit", 1_000_000, "A single untracked or source file above this size is left out, by name.", "size"),
    Setting("code.total", 50_000_000, "All untracked files together are left out above this size.", "size"),
    Setting(
        "hash.metadata_above", 20_000_000_000, "A data set above this size is fingerprinted by metadata only.", "size"
    ),
    Setting("hash.max_files", 10_000, "Above this many files a run's reads are recorded as folders.", "number"),
    Setting("hash.while_running", 200_000_000, "Bytes a second that may be hashed while the script runs.", "size"),
    Setting(
        "metrics.stdout",
        (),
        "Regular expressions with named groups; numbers found in the output become metrics.",
        "list",
    ),
    Setting("metrics.files", (), "Glob patterns of metric files, besides those that are recognised.", "list"),
    Setting(
        "metrics",
        {},
        "Which way a metric is better, where its name does not tell: `metrics: {score: {better: up}}`; up or down."
        " The first one named is what results are compared by.",
        "records",
    ),
    Setting("env.allow", (), "Further environment variables to record, by name or `PREFIX_*`.", "list"),
    Setting(
        "secrets.allow", (), "Source files that may be recorded although something in them looks like a secret.", "list"
    ),
    Setting(
        "datasets",
        {},
        "Declared datasets: `train: {path: data/train, kind: auto, watch: never, label: y, key: id}`;"
        " watch is never, ask or always.",
        "records",
    ),
    Setting(
        "snapshot.ask",
        "ask",
        "What a run on a terminal does when it has ended: ask, always (keep without asking), never, later (ask in the"
        " dashboard), key (only when p is pressed).",
        "choice ask|always|never|later|key",
    ),
    Setting(
        "snapshot.unattended",
        "later",
        "The same for a run without a terminal (nohup, Slurm, CI).",
        "choice later|always|never",
    ),
    Setting("snapshot.always_below", 0, "Keep without asking when fewer bytes than this are new.", "size"),
    Setting("snapshot.wait", 60.0, "Seconds that the question on the terminal waits for an answer.", "seconds"),
    Setting("snapshot.failed", "no", "`yes`: also ask after failed runs and runs without outputs.", "choice no|yes"),
    Setting("snapshot.data", "yes", "What a snapshot does with the data of its run.", "choice yes|link|no"),
    Setting("snapshot.data_limit", 20_000_000_000, "A dataset above this size is linked instead of kept.", "size"),
    Setting("snapshot.output_limit", 2_000_000_000, "An output above this size is left out, by name.", "size"),
    Setting("snapshot.wheels", "no", "`yes`: keep the wheels of all packages too.", "choice no|yes"),
    Setting("sample_every", 5.0, "Seconds between two samples of processor, memory and GPU use.", "seconds"),
    Setting("keys", {}, "Command id to key, to move a key of the dashboard: `runs.sort: o`.", "map"),
    Setting("theme", "", "Name of a Textual theme for the dashboard; our own when empty."),
)
"""Every setting there is."""

DEFAULTS: Mapping[str, Value] = {setting.name: setting.default for setting in TABLE}

_UNITS = {
    "": 1,
    "b": 1,
    "k": 10**3,
    "kb": 10**3,
    "m": 10**6,
    "mb": 10**6,
    "g": 10**9,
    "gb": 10**9,
    "t": 10**12,
    "tb": 10**12,
}
_UNITS |= {"kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_NUMBER = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-zA-Z]*)\s*")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one project, checked."""

    values: Mapping[str, Value]

    def text(self, name: str) -> str:
        """Give a `text` or `choice` setting."""
        return str(self.values.get(name, DEFAULTS[name]))

    def number(self, name: str) -> int:
        """Give a `size` (bytes) or `number` setting."""
        value = self.values.get(name, DEFAULTS[name])
        return int(value) if isinstance(value, int | float) else 0

    def seconds(self, name: str) -> float:
        """Give a `seconds` setting."""
        value = self.values.get(name, DEFAULTS[name])
        return float(value) if isinstance(value, int | float) else 0.0

    def list(self, name: str) -> tuple[str, ...]:
        """Give a `list` setting."""
        value = self.values.get(name, DEFAULTS[name])
        return value if isinstance(value, tuple) else ()

    def map(self, name: str) -> Mapping[str, str]:
        """Give a `map` setting."""
        value = self.values.get(name, DEFAULTS[name])
        return {key: text for key, text in value.items() if isinstance(text, str)} if isinstance(value, Mapping) else {}

    def records(self, name: str) -> Mapping[str, Mapping[str, str]]:
        """Give a `records` setting."""
        value = self.values.get(name, DEFAULTS[name])
        return {key: m for key, m in value.items() if isinstance(m, Mapping)} if isinstance(value, Mapping) else {}


@dataclass(frozen=True, slots=True)
class Project:
    """A directory with `.repro/` (and, if wanted, a hand-written `repro.yaml`)."""

    root: Path
    """The project's folder, absolute."""
    home: Path
    """Its `.repro`, absolute; may lie elsewhere and need not exist yet."""
    settings: Settings
    readonly: bool = False
    """Nothing of it may be written: `--readonly`."""

    @property
    def name(self) -> str:
        """Name the project."""
        return self.settings.text("name") or self.root.name


def parse_size(text: str) -> int:
    """Read `2GB`, `64 MiB` or `1000` as bytes; raises ValueError."""
    match = _NUMBER.fullmatch(text)
    if not match or match[2].lower() not in _UNITS:
        raise ValueError(f"{text!r} is no size; write 500MB or 2GB")
    return int(float(match[1]) * _UNITS[match[2].lower()])


def parse_seconds(text: str) -> float:
    """Read `90`, `15s`, `10m`, `2h`, `3d` as seconds; raises ValueError."""
    match = _NUMBER.fullmatch(text)
    if not match or match[2].lower() not in _SECONDS:
        raise ValueError(f"{text!r} is no duration; write 15s, 10m, 2h or 3d")
    return float(match[1]) * _SECONDS[match[2].lower()]


def _flatten(raw: Mapping[object, object], known: Mapping[str, Setting], prefix: str = "") -> dict[str, object]:
    """Join nested keys with dots, only as far down as the settings that are known go.

    A branch that leads to no setting is not entered, so aliases that multiply (a "billion laughs" file) cost nothing.
    """
    flat: dict[str, object] = {}
    for key, value in raw.items():
        name = f"{prefix}{key}"
        leads_on = any(other.startswith(f"{name}.") for other in known)
        if leads_on and isinstance(value, Mapping):
            flat |= _flatten(value, known, f"{name}.")
            if name in known and (own := {k: v for k, v in value.items() if f"{name}.{k}" not in known}):
                flat[name] = own
        else:
            flat[name] = value
    return flat


def _plain_text(raw: object) -> str:
    """Write a YAML value as text; `no` and `yes` without quotes are what a person meant by them."""
    if raw is None:
        return ""
    return ("yes" if raw else "no") if isinstance(raw, bool) else str(raw)


def _mapping(raw: object, *, deep: bool) -> Value:
    """Read a map of texts, or a map of those; raises ValueError."""
    if not isinstance(raw, Mapping):
        raise ValueError("a mapping of names to texts is expected")  # noqa: TRY004 - as the table's other checks
    if not deep:
        return {str(k): str(v) for k, v in raw.items()}
    if not all(isinstance(v, Mapping) for v in raw.values()):
        raise ValueError("a mapping of names to mappings is expected")
    return {str(k): {str(a): _plain_text(b) for a, b in v.items()} for k, v in raw.items()}


def _checked(setting: Setting, raw: object) -> Value:
    """Turn a raw YAML value into the setting's kind; raises ValueError with what was expected."""
    kind, _, choices = setting.kind.partition(" ")
    if kind == "list":
        items = [raw] if isinstance(raw, str) else raw
        if not isinstance(items, list) or not all(isinstance(i, str | int | float) for i in items):
            raise ValueError("a list of texts is expected")
        return tuple(str(i) for i in items)
    if kind in {"map", "records"}:
        return _mapping(raw, deep=kind == "records")
    if kind == "size":
        return parse_size(str(raw))
    if kind == "seconds":
        return parse_seconds(str(raw))
    if kind == "number":
        if not isinstance(raw, int) or isinstance(raw, bool):
            raise ValueError("a whole number is expected")
        return raw
    text = _plain_text(raw)
    if choices and text not in choices.split("|"):
        raise ValueError(f"one of {', '.join(choices.split('|'))} is expected")
    return text


def parse_settings(text: str, where: str = FILE_NAME) -> Settings:
    """Read the text of a repro.yaml; raises UsageError that names the key. Unknown keys are ignored."""
    import yaml

    try:
        raw = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:  # ValueError: a date such as 2026-99-99
        said = " ".join(str(error).split())
        raise UsageError(
            f"{where} is no valid YAML: {said}", "Correct it, or move it away to use the defaults."
        ) from error
    if raw is None:
        return Settings({})
    if not isinstance(raw, Mapping):
        raise UsageError(f"{where} must be a mapping of settings.", "See docs/settings.md for an example.")
    known = {setting.name: setting for setting in TABLE}
    values: dict[str, Value] = {}
    for name, value in _flatten(raw, known).items():
        if name not in known:
            continue
        try:
            values[name] = _checked(known[name], value)
        except ValueError as error:
            raise UsageError(f"{where}: {name} is {value!r}, but {error}.", f"{name}: {known[name].doc}") from error
    settings = Settings(values)
    _check_datasets(settings, where)
    _check_metrics(settings, where)
    return settings


def _check_metrics(settings: Settings, where: str) -> None:
    """Say at once what is wrong with a declared metric; raises UsageError that names the key."""
    for name, record in settings.records("metrics").items():
        if record.get("better", "up") not in {"up", "down"}:
            raise UsageError(
                f"{where}: metrics.{name}.better is {record['better']!r}, but up or down is expected.",
                f"metrics: {{{name}: {{better: up}}}}",
            )


def _check_datasets(settings: Settings, where: str) -> None:
    """Say at once what is wrong with a declared dataset; raises UsageError that names the key."""
    if "datasets" not in settings.values:
        return
    from repro_tui.domain.dataset_specs import read_specs

    try:
        read_specs(settings.records("datasets"))
    except UsageError as error:
        raise UsageError(f"{where}: {error.message}", error.hint) from error


def open_project(root: Path, environment: Mapping[str, str]) -> Project:
    """Read a folder as a project, whether or not `.repro/` exists in it yet; raises UsageError for a bad repro.yaml."""
    root = root.resolve()
    file = root / FILE_NAME
    try:
        settings = parse_settings(file.read_text("utf-8"), str(file)) if file.is_file() else Settings({})
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}", "Correct its permissions or encoding (UTF-8).") from error
    home = environment.get("REPRO_HOME") or settings.text("home")
    readonly = environment.get(READONLY_VARIABLE, "") not in {"", "0", "no", "off"}
    return Project(root, (root / home).resolve() if home else root / HOME_NAME, settings, readonly)


def find_project(start: Path, environment: Mapping[str, str]) -> Project:
    """Find the project that a folder lies in: the nearest one upwards with `.repro/` or `repro.yaml`.

    A path to a `.repro` folder itself is understood too. Raises NotFoundError when there is none.
    """
    start = start.resolve()
    if start.name == HOME_NAME and start.is_dir():
        start = start.parent
    for folder in (start, *start.parents):
        if (folder / HOME_NAME).is_dir() or (folder / FILE_NAME).is_file():
            return open_project(folder, environment)
    raise NotFoundError(
        f"There is no project in {start} or above it.",
        "Record a first run with `repro-tui run -- python train.py`, or see `repro-tui demo`.",
    )
