"""The machine that a run used, from the host probe's document: processor, memory, limits and graphics cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from repro_tui.domain.run import Document
from repro_tui.tui.render import numbers
from repro_tui.tui.render.lines import Line, fact, missing, wrapped
from repro_tui.tui.render.text import pad

Facts = Mapping[str, object]


def machine(document: Document | None, read: object, cells: int, *, full: bool = False) -> list[Line]:
    """Give the lines about the machine.

    Args:
        document: The host's document, None when the host was not looked at.
        read: Its content, as far as it could be read.
        cells: Room.
        full: All of it, with vector extensions and the cards' identities; else what one asks for first.
    """
    if document is None:
        return [missing("host", "the host was not looked at")]
    known = read if isinstance(read, Mapping) else {}
    lines = _processor(known.get("cpu"), cells, full=full)
    limits = known.get("limits")
    limit: Facts = limits if isinstance(limits, Mapping) else {}
    if cores := limit.get("cores"):
        lines.append(fact("core limit", str(cores).removesuffix(".0"), note="set by the container or job"))
    memory = known.get("memory")
    if isinstance(memory, Mapping):
        memory = memory.get("total")
    if size := _size(memory):
        lines.append(fact("memory", size))
    if size := _size(limit.get("memory")):
        lines.append(fact("memory limit", size, note="set by the container or job"))
    lines += _cards(known, full=full)
    if not lines:
        lines = [fact(str(key), str(value)) for key, value in document.summary.items() if key != "content"]
    return lines


def _size(value: object) -> str:
    """Write a number of bytes; empty when there is none."""
    return numbers.size(value) if value and isinstance(value, int | float) and not isinstance(value, bool) else ""


def _processor(cpu: object, cells: int, *, full: bool) -> list[Line]:
    if not isinstance(cpu, Mapping) or not cpu.get("model"):
        return []
    lines = [fact("processor", str(cpu["model"]), note=_cores(cpu))]
    flags = cpu.get("flags")
    if full and isinstance(flags, Sequence) and not isinstance(flags, str) and flags:
        words = wrapped(" ".join(map(str, flags)), cells - 14, "dim")
        lines += [((pad("extensions" if n == 0 else "", 14), "label"), *line) for n, line in enumerate(words)]
    return lines


def _cores(cpu: Facts) -> str:
    """Say how many cores there are, and how many of them the command might use."""
    physical, logical, usable = (cpu.get(key) for key in ("physical", "logical", "usable"))
    cores = physical or cpu.get("cores") or logical
    if not cores:
        return ""
    told = f"{cores} core{'' if cores == 1 else 's'}"
    if logical and logical != cores:
        told += f", {logical} threads"
    return told + (f", {usable} usable" if usable and usable != (logical or cores) else "")


def _cards(known: Facts, *, full: bool) -> list[Line]:
    cards = known.get("gpus")
    if not isinstance(cards, Sequence) or isinstance(cards, str) or not cards:
        reason = known.get("gpus_unavailable")
        return [missing("gpu", str(reason) if reason else "none")] if "gpus" in known else []
    lines: list[Line] = []
    for place, card in enumerate(cards):
        if isinstance(card, Mapping):
            lines += _card(card, place, many=len(cards) > 1, full=full)
    for key in ("driver", "cuda"):
        if known.get(key):
            lines.append(fact(key, str(known[key]), note="the newest that the driver knows" if key == "cuda" else ""))
    return lines


def _card(card: Facts, place: int, *, many: bool, full: bool) -> list[Line]:
    index = card.get("index", place)
    notes = [size] if (size := _size(card.get("memory"))) else []
    if card.get("multiprocessors"):
        notes.append(f"{card['multiprocessors']} SMs")
    if full and card.get("capability"):
        notes.append(f"capability {card['capability']}")
    if full and card.get("ecc") is not None:
        notes.append("ECC on" if card["ecc"] else "ECC off")
    label = f"gpu {index}" if many else "gpu"
    lines = [fact(label, str(card.get("name") or "unnamed"), note=", ".join(notes))]
    if full and card.get("uuid"):
        lines.append(fact("", str(card["uuid"]), "dim"))
    parts = card.get("mig")
    if isinstance(parts, Sequence) and not isinstance(parts, str):
        lines += [_part(part) for part in parts if isinstance(part, Mapping)]
    return lines


def _part(part: Facts) -> Line:
    """Describe a partition (MIG) of a card."""
    told = [f"{part.get('multiprocessors') or '?'} SMs", _size(part.get("memory"))]
    return fact("", f"part {part.get('name') or ''}".strip(), note=", ".join(filter(None, told)))
