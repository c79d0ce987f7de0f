"""Which switches leave a result to chance, for runs of the same inputs that did not give the same."""

from __future__ import annotations

from collections.abc import Mapping

from repro_tui.domain.case import Case
from repro_tui.domain.traits import Section, Trait

_WANTED: Mapping[str, bool] = {
    "torch.deterministic": True,
    "torch.cudnn.deterministic": True,
    "torch.cudnn.benchmark": False,
    "tensorflow.deterministic": True,
    "python.hash_randomization": False,
}
"""Switch to the position in which it leaves nothing to chance."""

_THREADS = ("torch.threads", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})
_MOST = 4


def open_switches(case: Case) -> list[str]:
    """Say what was open in either run, as far as it was recorded: `torch.deterministic off`, `no seed seen`."""
    known = {trait.name: trait for side in (case.after, case.before) for trait in side.traits.by_key.values()
             if trait.section in {Section.DETERMINISM, Section.ENVIRONMENT}}  # fmt: skip
    said = []
    if not case.before.result.seeds and not case.after.result.seeds:
        said.append("no seed was seen to be set")
    off = [switch for name, wanted in _WANTED.items() if (switch := _open(known.get(name), wanted))]
    said += [f"{', '.join(off)}"] if off else []
    threads = next((known[name] for name in _THREADS if name in known), None)
    if threads is not None and threads.number is not None and threads.number > 1:
        said.append(f"{threads.number:g} threads")
    return said[:_MOST]


def _open(trait: Trait | None, wanted: bool) -> str:  # noqa: FBT001 - the table's own column
    if trait is None:
        return ""
    text = trait.text.lower()
    if trait.name == "python.hash_randomization":
        return "PYTHONHASHSEED not set" if text in _TRUE else ""
    if wanted and text in _FALSE:
        return f"{trait.name} off"
    return f"{trait.name} on" if not wanted and text in _TRUE else ""
