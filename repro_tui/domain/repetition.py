"""Whether a run that has only begun repeats an earlier one: told from what it was seen using so far.

A run that has the command, code, environment, machine, parameters and seeds of an earlier one, and has read every input
of it with the same content, can do nothing else than the earlier one did, as far as its inputs decide that.
"""

from __future__ import annotations

from repro_tui.domain.prints import content_of, input_prints
from repro_tui.domain.run import Coverage, FileFact, Run
from repro_tui.domain.traits_data import inputs_of
from repro_tui.domain.traits_host import seeds_of

_SECTIONS = ("code", "environment", "host")


def could_repeat(own: Run, earlier: Run) -> bool:
    """Tell whether an earlier run was called as this one was, and all is known of it that a claim would rest on."""
    return (
        own.uid != earlier.uid
        and bool(own.argv)
        and (own.argv, own.cwd, own.lineage) == (earlier.argv, earlier.cwd, earlier.lineage)
        and input_prints(earlier).exact is not None
    )


def repeats_so_far(own: Run, earlier: Run) -> bool:
    """Tell whether a run that is going used all that the earlier one used, and nothing else.

    False also while that is not known yet. What was imported is not compared here: it is noted late, so whoever asks
    looks at the files.
    """
    return (
        all(content_of(own, s) is not None and content_of(own, s) == content_of(earlier, s) for s in _SECTIONS)
        and seeds_of(own) == seeds_of(earlier)
        and _agree(own, earlier)
        and _inputs(own) == _inputs(earlier)
        and None not in _inputs(own).values()
    )


def _agree(own: Run, earlier: Run) -> bool:
    """Tell whether no parameter or flag was seen that the earlier run had not, or had otherwise.

    What the earlier run asked of its surroundings, this one has to have been seen asking as well.
    """
    if any(param.surrounds and name not in own.params for name, param in earlier.params.items()):
        return False
    params = all(name in earlier.params and earlier.params[name].value == own.params[name].value for name in own.params)
    return params and all(name in earlier.flags and earlier.flags[name] == own.flags[name] for name in own.flags)


def _inputs(run: Run) -> dict[str, tuple[str, str] | None]:
    """Give what was read with what it held; None for what is not known."""
    configs = (fact for fact in run.files if fact.role == "config" and "r" in fact.mode)
    return {fact.path: _content(fact) for fact in (*inputs_of(run), *configs)}


def _content(fact: FileFact) -> tuple[str, str] | None:
    if fact.digest is None or fact.coverage is Coverage.PENDING:
        return None
    return fact.digest, fact.coverage.value
