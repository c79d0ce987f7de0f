"""Why something is left out of a snapshot, as short as a question can say it; details give the whole sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable

from repro_tui.domain.snapshot import LeftOut
from repro_tui.tui.render.numbers import size
from repro_tui.tui.render.text import clean, shorten

_LIMIT = re.compile(r"^(?:larger than|above) [a-z_.]+ \(([0-9,]{1,24}) bytes\)(.*)$", re.DOTALL)
_WITHHELD = "something like a secret: "
_MOST_NAMES, _MOST_GROUPS = 3, 3
_NAME_CELLS = 40


def short_reason(why: str) -> str:
    """Say a reason in a few words: `limit 2 GB`, `Hugging Face token in line 1`."""
    words = clean(why)
    if found := _LIMIT.match(words):
        linked = ", linked" if "linked" in found[2] else ""
        return f"limit {size(int(found[1].replace(',', '') or 0))}{linked}"
    return words.removeprefix(_WITHHELD).partition("; allow it with")[0]


def largest_first(items: Iterable[LeftOut]) -> list[LeftOut]:
    """Order what is left out by how much it is: what is large is what one wants to know of."""
    return sorted(items, key=lambda item: -item.size)


def omitted(items: Iterable[LeftOut], *, more: str = "", inside: bool = False) -> str:
    """Name things of one kind, those with the same reason together: `checkpoints/ 38 GB (limit 2 GB)`.

    Args:
        items: what is left out.
        more: what to add where not all are named: ` (d)`, the key that shows them.
        inside: the size of a single thing goes beside its reason: `checkpoints/ (38 GB, limit 2 GB)`.
    """
    groups: dict[str, list[LeftOut]] = {}
    for item in largest_first(items):
        groups.setdefault(short_reason(item.why), []).append(item)
    texts = [_group(why, members, inside=inside) for why, members in groups.items()]
    rest = sum(len(members) for members in list(groups.values())[_MOST_GROUPS:])
    hidden = rest or any(len(members) > _MOST_NAMES for members in groups.values())
    text = ", ".join(texts[:_MOST_GROUPS]) + (f" and {rest:,} more" if rest else "")
    return f"{text}{more}" if hidden else text


def _group(why: str, members: list[LeftOut], *, inside: bool) -> str:
    if inside and len(members) == 1 and members[0].size and why:
        return f"{_name(members[0])} ({_size(members[0])}, {why})"
    named = ", ".join(f"{_name(item)} {_size(item)}".rstrip() for item in members[:_MOST_NAMES])
    rest = f" and {len(members) - _MOST_NAMES:,} more" if len(members) > _MOST_NAMES else ""
    return f"{named}{rest}" + (f" ({why})" if why else "")


def _name(item: LeftOut) -> str:
    return shorten(clean(item.what), _NAME_CELLS, keep="end")


def _size(item: LeftOut) -> str:
    return size(item.size) if item.size else ""
