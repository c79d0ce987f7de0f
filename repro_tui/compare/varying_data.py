"""The inputs of many runs as columns, called by the parameter that leads to them where there is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from repro_tui.catalog.variation import UNSURE, Matrix, Value
from repro_tui.domain.case import Column
from repro_tui.domain.paths import normal
from repro_tui.domain.traits import Section

NOT_READ = "not read"
_LEAST = 2
_LEAST_SHARE = 0.05
"""Share of the runs that must have read an input before it says something that others did not."""


def data_columns(inputs: Matrix, leading: Mapping[str, Sequence[Value]], datasets: Mapping[str, str]) -> list[Column]:
    """Give one column for each input.

    Args:
        inputs: path to the digest that each run read there.
        leading: parameters that only say where something lies, with their values.
        datasets: path of each declared dataset to its name, which goes before that of a parameter.
    """
    by_path = {path: list(values) for path, values in inputs.values.items()}
    columns = [_led(name, values, by_path, inputs.texts, datasets) for name, values in leading.items()]
    found = [column for column in columns if column is not None]
    found += _by_path(by_path, inputs.texts, datasets)
    return [Column(c.section, c.name, [None if v == UNSURE else v for v in c.values], c.texts) for c in found]


def _led(
    name: str,
    values: Sequence[Value],
    by_path: dict[str, list[Value]],
    texts: Mapping[str, str],
    datasets: Mapping[str, str],
) -> Column | None:
    """Give what a parameter leads to, and take it out of what is called by its path."""
    paths = {value: normal(value) for value in set(values) if isinstance(value, str)}
    paths = {value: path for value, path in paths.items() if path in by_path and path not in datasets}
    if not paths:
        return None
    column: list[Value] = []
    told: dict[str, str] = {}
    for at, value in enumerate(values):
        path = paths.get(value) if isinstance(value, str) else None
        digest = by_path[path][at] if path is not None else None
        column.append(digest)
        if path is not None and isinstance(digest, str) and digest != UNSURE:
            told.setdefault(digest, f"{path} {texts[digest].partition(',')[0]}" if len(paths) > 1 else texts[digest])
            by_path[path][at] = UNSURE  # it is told here
    return Column(Section.DATA, name, column, told)


def _by_path(
    by_path: Mapping[str, Sequence[Value]], texts: Mapping[str, str], datasets: Mapping[str, str]
) -> Iterator[Column]:
    for path, values in by_path.items():
        reading = sum(value is not None and value != UNSURE for value in values)
        if not reading:
            continue
        telling = reading >= max(_LEAST, _LEAST_SHARE * len(values))
        shown = [NOT_READ if value is None and telling else value for value in values]
        yield Column(Section.DATA, datasets.get(path, path), shown, texts)
