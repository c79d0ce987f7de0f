"""Gathers what an explanation is made from: both runs, their repeats, and other runs that can tell."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from repro_tui.catalog import history
from repro_tui.catalog.connect import Catalog
from repro_tui.compare.outcome import is_clock, main_metric
from repro_tui.compare.records import Known, Records
from repro_tui.domain.case import Beside, Case, Pair, Points, Result, Witness, inputs_of
from repro_tui.domain.command_line import is_python, program_of
from repro_tui.domain.comparison import Direction
from repro_tui.domain.diff import diff
from repro_tui.domain.ids import RunId
from repro_tui.domain.run import Run, State
from repro_tui.domain.traits import Part, Traits
from repro_tui.domain.values import token_of
from repro_tui.errors import UsageError
from repro_tui.source.secrets import REDACTED

MOST_WITNESSES = 400
"""Other runs whose traits are read: the most alike of the lineage."""
_MOST_CURVES = 8
"""Metrics of both whose curves are read in full."""
MOST_REPEATS = 100
_OPEN = frozenset({"pending", "not kept"})
_NO_SEED = frozenset({token_of(None), json.dumps(["None"]), "text none", "text None"})
_MOST_NOISE_CURVES = 24
_MOST_NOISE_POINTS = 500_000
_MOST_BIT_POINTS = 3_000_000
"""Values that are hashed to tell which of the other runs are equal bit by bit."""

Logged = Mapping[RunId, Mapping[str, history.Logged]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be explained."""

    before: RunId
    after: RunId
    metric: str
    declared: Sequence[str]
    """Metrics that repro.yaml speaks of."""
    direction: Callable[[str], Direction]


def gather(records: Records, wanted: Wanted, shown: Sequence[str], here: frozenset[RunId] | None) -> Case:
    """Put a case together; raises UsageError for a metric that neither run logged."""
    uids = (wanted.before, wanted.after)
    near = records.ask(lambda catalog: history.nearest(catalog, uids, MOST_WITNESSES))
    equal = [uid for both in uids for uid in records.ask(_repeats(both)) if uid not in uids]
    near = list(dict.fromkeys([*equal, *near]))
    every = list(dict.fromkeys([*uids, *near]))
    runs = records.runs(every)
    logged = records.ask(lambda catalog: history.logged(catalog, every))
    metric = _metric(wanted, shown, logged)
    names = records.names()
    traits = {uid: records.traits(known, names) for uid, known in runs.items()}
    inputs = {uid: _inputs(each) for uid, each in traits.items()}
    alike = [
        [other for other in every if other != uid and inputs[uid] is not None and inputs[uid] == inputs.get(other)]
        for uid in uids
    ]
    bits = _bits(records, _bounded(list(dict.fromkeys([*uids, *alike[0], *alike[1], *near])), logged), runs, logged)

    def result(uid: RunId) -> Result:
        return result_of(runs[uid], logged[uid].get(metric), traits[uid], bits.get(uid, ""))

    return Case(
        before=Witness(result(wanted.before), traits[wanted.before]),
        after=Witness(result(wanted.after), traits[wanted.after]),
        changes=diff(traits[wanted.before], traits[wanted.after]),
        metric=metric,
        direction=wanted.direction(metric),
        repeats_before=[result(uid) for uid in alike[0]],
        repeats_after=[result(uid) for uid in alike[1]],
        others=[Witness(result(uid), traits[uid]) for uid in near if uid in runs],
        curves=_pairs(records, uids, metric, logged),
        repeat_curves=_noise(records, [*alike[0], *alike[1]], metric, logged),
        uncounted=sorted(name for name in logged[wanted.before].keys() | logged[wanted.after].keys() if is_clock(name)),
        beside=_beside(uids, metric, logged, shown, wanted.direction),
        metrics=(tuple(logged[wanted.before]), tuple(logged[wanted.after])),
        argv=(_argv(runs[wanted.before].run), _argv(runs[wanted.after].run)),
        variables=(_variables(runs[wanted.before].run), _variables(runs[wanted.after].run)),
        options=(_options(runs[wanted.before].run), _options(runs[wanted.after].run)),
        here=here,
    )


def _beside(
    uids: tuple[RunId, RunId], metric: str, logged: Logged, shown: Sequence[str], direction: Callable[[str], Direction]
) -> list[Beside]:
    """Give the other outcomes that both have, of which it is known which way is better."""
    before, after = logged[uids[0]], logged[uids[1]]
    names = [n for n in shown if n in before and n in after and n != metric and direction(n) and not is_clock(n)]
    pairs = [(name, before[name].value, after[name].value) for name in names]
    return [Beside(n, a, b, direction(n)) for n, a, b in pairs if a is not None and b is not None]


def _repeats(uid: RunId) -> Callable[[Catalog], list[RunId]]:
    return lambda catalog: history.repeats(catalog, uid, MOST_REPEATS)


def _inputs(traits: Traits) -> frozenset[tuple[object, ...]] | None:
    """Condense all that can decide a result, without seeds and places; None when not all of it is known."""
    found = inputs_of(traits)
    if traits.unknown or not found or any(not t.token or t.basis in _OPEN for t in found.values()):
        return None
    return frozenset((key, trait.token, trait.basis) for key, trait in found.items())


def _metric(wanted: Wanted, shown: Sequence[str], logged: Logged) -> str:
    """Choose the outcome; one that was asked for must have been logged by one of both."""
    before, after = logged[wanted.before], logged[wanted.after]
    if not wanted.metric:
        return main_metric(shown, wanted.declared, before.keys() & after.keys())
    if wanted.metric not in before and wanted.metric not in after:
        common = ", ".join(name for name in before if name in after)
        hint = f"Both logged: {common}." if common else "They share no metric."
        raise UsageError(f"Neither run logged {wanted.metric!r}.", hint)
    return wanted.metric


def result_of(known: Known, last: history.Logged | None, traits: Traits, bits: str) -> Result:
    """Say what a run gave."""
    run = known.run
    return Result(
        uid=run.uid,
        name=run.name or run.uid[:8],
        value=last.value if last is not None else None,
        step=last.step if last is not None else None,
        seeds=seeds_of(traits),
        bits=bits,
        started=run.started,
        state=known.state,
        points=last.points if last is not None else 0,
    )


def seeds_of(traits: Traits) -> str:
    """Give a token of all seeds; empty where none was set: `seed=None` leaves everything to chance."""
    seeds = (trait for trait in traits.by_key.values() if trait.part is Part.SEED and trait.token not in _NO_SEED)
    return "\n".join(sorted(f"{trait.section}/{trait.name}={trait.token}" for trait in seeds))


def _bounded(uids: Sequence[RunId], logged: Logged) -> list[RunId]:
    """Give as many runs, those first that matter most, as have no more values together than are read in a moment."""
    left = _MOST_BIT_POINTS
    chosen: list[RunId] = []
    for uid in uids:
        left -= sum(last.points for last in logged[uid].values())
        if left >= 0 or not chosen:
            chosen.append(uid)
    return chosen


def _bits(records: Records, uids: Sequence[RunId], runs: Mapping[RunId, Known], logged: Logged) -> Mapping[RunId, str]:
    """Give digests of all values of runs that have ended; how long something took does not count."""
    ended = [uid for uid in uids if runs[uid].state not in {State.RUNNING, State.SILENT}]
    clocks = [name for name in dict.fromkeys(name for uid in ended for name in logged[uid]) if is_clock(name)]
    return records.ask(lambda catalog: history.bits(catalog, ended, clocks)) if ended else {}


def _pairs(records: Records, uids: tuple[RunId, RunId], metric: str, logged: Logged) -> list[Pair]:
    """Read the curves of metrics that both logged, the explained one first."""
    common = [name for name in logged[uids[0]] if name in logged[uids[1]] and (name == metric or not is_clock(name))]
    common.sort(key=lambda name: name != metric)
    names = common[:_MOST_CURVES]
    found = records.ask(lambda catalog: history.curves(catalog, uids, names))
    return [
        Pair(name, Points(*found[name][uids[0]]), Points(*found[name][uids[1]]))
        for name in names
        if uids[0] in found[name] and uids[1] in found[name]
    ]


def _noise(records: Records, uids: Sequence[RunId], metric: str, logged: Logged) -> dict[RunId, Points]:
    """Read the explained curve of some repeats, for the noise at each step."""
    chosen: list[RunId] = []
    left = _MOST_NOISE_POINTS
    for uid in dict.fromkeys(uids):
        last = logged[uid].get(metric)
        if last is None or last.points > left or len(chosen) >= _MOST_NOISE_CURVES:
            continue
        left -= last.points
        chosen.append(uid)
    found = records.ask(lambda catalog: history.curves(catalog, chosen, [metric]))[metric] if chosen else {}
    return {uid: Points(*points) for uid, points in found.items()}


def _argv(run: Run) -> tuple[str, ...]:
    """Give a command line that can be typed again; nothing where a secret was taken out of it."""
    return () if any(REDACTED in word for word in run.argv) else run.argv


def _variables(run: Run) -> dict[str, str]:
    """Give the environment variables that a run asked for and had, as they are typed before a command."""
    found = {name.partition(".")[2]: param.value for name, param in run.params.items() if param.surrounds}
    return {name: value for name, value in found.items() if isinstance(value, str) and value != REDACTED}


def _options(run: Run) -> dict[str, str]:
    """Give what `argparse` made of all that stands behind the script, where the interpreter was started directly."""
    behind = len(run.argv) - len(program_of(run.argv)) if run.argv and is_python(run.argv[0]) else None
    if behind is None or run.parsed != behind:
        return {}
    parsed = {name: param.value for name, param in run.params.items() if param.source == "argparse"}
    plain = (str, int, float)
    return {
        name: f"{value}"
        for name, value in parsed.items()
        if isinstance(value, plain) and not isinstance(value, bool) and value not in {"", REDACTED}
    }
