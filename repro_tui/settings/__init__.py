"""What a project says about itself in `repro.yaml`, read and checked by the table of settings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from repro_tui.errors import NotFoundError, UsageError
from repro_tui.settings.table import TABLE, Setting, Value

if TYPE_CHECKING:  # what starts a run does not pay for what a prune needs
    from repro_tui.domain.retention import Policy
    from repro_tui.domain.tidying import FolderPolicy

FILE_NAME = "repro.yaml"
HOME_NAME = ".repro"
READONLY_VARIABLE = "REPRO_TUI_READONLY"
"""Environment variable that says the same as `--readonly`, unless it is empty, 0, no or off."""

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
    unknown: tuple[str, ...] = ()
    """Keys below `retention:` that this version does not know: nothing is removed while there is one."""

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

    def policy(self) -> Policy:
        """Give what is to be kept; raises UsageError for a rule that is not known."""
        from repro_tui.domain.retention_text import RULES, check_names, read_mapping

        where = f"{FILE_NAME}, retention"
        check_names(self.unknown, where)
        said = {rule: text for rule in RULES if (text := self.text(f"retention.{rule}"))}
        return read_mapping(said, where)

    def folder_policy(self) -> FolderPolicy:
        """Give what becomes of the folders of old runs."""
        from repro_tui.domain.tidying import FolderPolicy

        return FolderPolicy(
            self.seconds("retention.runs.compress_after"), self.seconds("retention.runs.remove_failed_after")
        )


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


def _age(text: str) -> float:
    from repro_tui.domain.retention_words import parse_age

    return parse_age(text)


_OF_TEXT: Mapping[str, Callable[[str], Value]] = {"size": parse_size, "seconds": parse_seconds, "age": _age}
"""Kind of a setting to what reads it from text."""


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
    if kind in _OF_TEXT:
        return _OF_TEXT[kind](str(raw))
    if kind == "rule":
        from repro_tui.domain.retention_text import rule_text

        return rule_text(setting.name.removeprefix("retention."), raw)
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
    unknown: list[str] = []
    for name, value in _flatten(raw, known).items():
        if name not in known:
            unknown += _unknown_rules(name, value, where)
            continue
        try:
            values[name] = _checked(known[name], value)
        except ValueError as error:
            raise UsageError(f"{where}: {name} is {value!r}, but {error}.", f"{name}: {known[name].doc}") from error
    settings = Settings(values, tuple(unknown))
    _check_datasets(settings, where)
    _check_metrics(settings, where)
    return settings


def _unknown_rules(name: str, value: object, where: str) -> list[str]:
    """Give the names below `retention:` that are not known; raises UsageError where it has no rules at all."""
    if name == "retention" and value is not None:
        raise UsageError(f"{where}: retention is {value!r}, but rules are expected.", "retention: {keep_last: 5}")
    return [name.removeprefix("retention.")] if name.startswith("retention.") and value is not None else []


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
