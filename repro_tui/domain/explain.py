"""Why two results differ, as far as the records tell: pure, and the same from whichever side it is asked.

Nothing is named as a cause unless it is the only difference, or runs that changed only that moved alike beyond noise.
"Ruled out" and "shown" hold where nothing else was changed: that effects depend on each other cannot be seen in pairs.
"""

from __future__ import annotations

from repro_tui.domain.case import Case, Points, Result
from repro_tui.domain.explain_advice import advice
from repro_tui.domain.explain_causes import candidates, kin_of
from repro_tui.domain.explain_noise import Kin, Verdict, judge
from repro_tui.domain.explain_noise import Kind as NoiseKind
from repro_tui.domain.explain_sentences import Told, paragraph
from repro_tui.domain.explanation import Explanation, Finding, Parting
from repro_tui.domain.parting import Curve, curve, earliest, part

_SETTINGS = frozenset({"lr", "learning_rate", "momentum", "weight_decay", "wd", "epoch", "step", "epochs", "steps"})


def explain(case: Case) -> Explanation:
    """Say how far apart two results are against the noise, what may be the cause, and where their curves part."""
    kin = kin_of(case)
    verdict = judge(case, kin)
    found = candidates(case, verdict)
    partings = _partings(case, verdict)
    own = next((parting for parting in partings if parting.metric == case.metric and parting.compared), None)
    parting = own if own is not None and own.beyond is not None else earliest(partings)
    return Explanation(
        before=case.before.result.uid,
        after=case.after.result.uid,
        metric=case.metric,
        direction=case.direction,
        values=(case.before.result.value, case.after.result.value),
        finding=verdict.finding,
        allowance=verdict.allowance,
        paragraph=paragraph(Told(case, verdict, found, parting, own)),
        candidates=found,
        parting=parting,
        same_inputs=kin is Kin.TWINS,
        advice=advice(case, verdict, found),
    )


def _partings(case: Case, verdict: Verdict) -> list[Parting]:
    """Find where curves part; beyond noise is said of the explained metric where its end is beyond too."""
    noise: tuple[Curve, ...] = ()
    judged: Curve | None = None
    own = next((pair for pair in case.curves if pair.metric == case.metric), None)
    by = verdict.by
    if own is not None and by is not None and by.kind is NoiseKind.DRAWS and verdict.finding is Finding.BEYOND:
        swapped = by is verdict.groups[1]
        judged = curve(own.before if swapped else own.after)
        mine = own.after if swapped else own.before
        noise = tuple(curve(points) for draw in by.draws if (points := _curve_of(case, draw, by.of, mine)) is not None)
    told = [pair for pair in case.curves if pair is own or not _is_setting(pair.metric, case)]
    return [part(pair, *((judged, noise) if pair is own else (None, ()))) for pair in told]


def _is_setting(metric: str, case: Case) -> bool:
    """Tell whether a curve only says again what was set, as a learning rate that is logged at each step."""
    name = metric.rpartition("/")[2].rpartition(".")[2].lower()
    return name in _SETTINGS or any(name == change.name.rpartition(".")[2].lower() for change in case.changes)


def _curve_of(case: Case, draw: Result, of: Result, mine: Points) -> Points | None:
    return mine if draw.uid == of.uid else case.repeat_curves.get(draw.uid)
