"""Sets keys of one section of a YAML file, and leaves every other character of it as it is.

The file is a person's: comments, order, quotes and line ends stay. Where a change could mean something else than was
asked (an anchor that is used elsewhere, a section that is no mapping) it is refused, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

from repro_tui.errors import UsageError

_WIDTH = 1_000_000
"""Characters a line, so that values stay on one."""


class _NotThatError(Exception):
    """The file is YAML, but not of the form that settings have."""


@dataclass(frozen=True, slots=True)
class _Edit:
    """Replaces the characters from `start` up to `end`."""

    start: int
    end: int
    text: str


def with_values(text: str, section: str, wanted: Mapping[str, object], where: str = "repro.yaml") -> str:
    """Give the text with keys of a top-level section set; a value of None takes the key out.

    Keys that are not named stay, and so do lines whose value is right already. Raises UsageError when the file cannot
    be changed without touching anything else.
    """
    try:
        before = yaml.safe_load(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        after = _expected(before, section, wanted)
        for edits in _ways(text, root, section, wanted):
            changed = _applied(text, edits)
            if _means(changed, after):
                return changed
    except _NotThatError as error:
        raise UsageError(f"{where} cannot be changed: {error}.", "Correct it, then try again.") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        said = " ".join(str(error).split())
        raise UsageError(f"{where} is no valid YAML: {said}", "Correct it, then try again.") from error
    raise UsageError(
        f"{where} cannot be changed without touching other lines of it.",
        f"Write this into it: {section}: {_flow({key: value for key, value in wanted.items() if value is not None})}",
    )


def _expected(before: object, section: str, wanted: Mapping[str, object]) -> dict[object, object]:
    """Say what the changed file must mean."""
    if before is not None and not isinstance(before, dict):
        raise _NotThatError("at its top a mapping of names to values is expected")
    old = (before or {}).get(section)
    if old is not None and not isinstance(old, dict):
        raise _NotThatError(f"{section} is no mapping of names to values")
    merged = {key: value for key, value in {**(old or {}), **wanted}.items() if value is not None or key not in wanted}
    return {**(before or {}), section: merged}


def _means(text: str, after: Mapping[object, object]) -> bool:
    """Tell whether a text means what it should; an empty section is the same as none."""
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        return False
    return isinstance(found, dict) and _without_empty(found) == _without_empty(after)


def _without_empty(mapping: Mapping[object, object]) -> list[str]:
    # As texts, so that a NaN in somebody's file equals itself and the order of keys counts too.
    return sorted(repr(pair) for pair in mapping.items() if pair[1] not in (None, {}))


def _applied(text: str, edits: Sequence[_Edit]) -> str:
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _ways(text: str, root: yaml.Node | None, section: str, wanted: Mapping[str, object]) -> Sequence[Sequence[_Edit]]:
    """Give ways to make the change, the least intrusive first; which of them are right is found by reading again."""
    present = {key: value for key, value in wanted.items() if value is not None}
    if not isinstance(root, yaml.MappingNode) or not root.value:
        return [] if root is not None and not _is_nothing(root) else [_appended(text, 0, section, present)]
    pairs = [(key, value) for key, value in root.value if getattr(key, "value", None) == section]
    if len(pairs) > 1:
        return []
    if not pairs and root.flow_style:
        at = root.end_mark.index - 1
        comma = "" if text[:at].rstrip().endswith((",", "{")) else ", "
        return [[_Edit(at, at, f"{comma}{section}: {_flow(present)}")]]
    if not pairs:
        column = root.value[0][0].start_mark.column
        end = _line_end(text, max(_leaf_end(root), 0))
        return [_appended(text, column, section, present), _inserted(text, end, column, section, present)]
    return _within(text, *pairs[0], wanted, present)


def _is_nothing(node: yaml.Node) -> bool:
    return (isinstance(node, yaml.ScalarNode) and node.value in {"", "~", "null"}) or (
        isinstance(node, yaml.MappingNode) and not node.value and not node.flow_style
    )


def _within(
    text: str, key: yaml.Node, value: yaml.Node, wanted: Mapping[str, object], present: Mapping[str, object]
) -> Sequence[Sequence[_Edit]]:
    """Change the section that is there."""
    column = key.start_mark.column + 2
    if isinstance(value, yaml.ScalarNode):
        if value.value not in {"", "~", "null"}:
            return []
        end = _line_end(text, value.end_mark.index)
        lines = [_Edit(end, end, _block(text, column, present, end))]
        return [[_Edit(value.start_mark.index, value.end_mark.index, ""), *lines], lines]
    if not isinstance(value, yaml.MappingNode):
        return []
    if value.flow_style or not value.value:
        raw = yaml.safe_load(text[value.start_mark.index : value.end_mark.index]) or {}
        merged = {name: what for name, what in {**raw, **wanted}.items() if what is not None}
        return [[_Edit(value.start_mark.index, value.end_mark.index, _flow(merged))]]
    return [_in_block(text, value, wanted)]


def _in_block(text: str, section: yaml.MappingNode, wanted: Mapping[str, object]) -> list[_Edit]:
    """Change single lines of a section in block style."""
    edits, seen = [], set()
    loader = yaml.SafeLoader("")
    for key, value in section.value:
        name = key.value
        if name not in wanted:
            continue
        seen.add(name)
        new, old = wanted[name], loader.construct_object(value, deep=True)
        end = max(_leaf_end(value), key.end_mark.index)
        if new is None:
            start = text.rfind("\n", 0, key.start_mark.index) + 1
            edits.append(_Edit(start, _line_end(text, end), ""))
        elif repr(old) != repr(new):
            start = value.start_mark.index
            if isinstance(value, yaml.CollectionNode) and not value.flow_style:
                start = text.index(":", key.end_mark.index) + 1  # its own indentation may not suffice for one line
            gap = " " if text[start - 1] == ":" else ""
            edits.append(_Edit(start, end, gap + _flow(new)))
    more = {name: value for name, value in wanted.items() if name not in seen and value is not None}
    if more:
        at = _line_end(text, max(_leaf_end(section), section.start_mark.index))
        edits.append(_Edit(at, at, _block(text, section.value[0][0].start_mark.column, more, at)))
    return edits


def _appended(text: str, column: int, section: str, present: Mapping[str, object]) -> list[_Edit]:
    return _inserted(text, len(text), column, section, present)


def _inserted(text: str, at: int, column: int, section: str, present: Mapping[str, object]) -> list[_Edit]:
    """Write a whole section at the beginning of a line."""
    newline = _newline(text)
    first = "" if not at or text[at - 1] == "\n" else newline
    head = f"{' ' * column}{section}:{newline}"
    return [_Edit(at, at, first + head + _block(text, column + 2, present, 0))]


def _block(text: str, column: int, values: Mapping[str, object], at: int) -> str:
    """Write keys and values, a line each; begins with a line end where the text before has none."""
    newline = _newline(text)
    first = newline if at and text[at - 1] != "\n" else ""
    return first + "".join(f"{' ' * column}{key}: {_flow(value)}{newline}" for key, value in values.items())


def _flow(value: object) -> str:
    """Write a value on one line."""
    plain = "\\" not in repr(value)  # written as they are, PyYAML reads some line ends of Unicode as blanks
    written = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=_WIDTH, allow_unicode=plain)
    return written.removesuffix("\n").removesuffix("\n...")


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _line_end(text: str, at: int) -> int:
    """Give the place after the end of the line that a place lies in."""
    if at and text[at - 1] == "\n":
        return at
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _leaf_end(node: yaml.Node) -> int:
    """Give the place after the last character of a node; PyYAML's own mark of a block lies behind its comments."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return max(map(_leaf_end, last)) if isinstance(last, tuple) else _leaf_end(last)
    return int(node.end_mark.index)
