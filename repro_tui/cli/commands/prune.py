"""Move to the trash what no rule of the policy keeps, after showing each snapshot with the verdict and the reason.

The policy stands under `retention:` in repro.yaml (docs/retention.md); without one nothing is removed.
What is in the trash can be brought back until it is emptied; only that gives the bytes back to the disk.
What is due there is emptied along with this.
Safe from cron: `prune --yes` asks nothing, and prints nothing when there is nothing to do.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from repro_tui.cli.call import Call
from repro_tui.cli.progress import shown
from repro_tui.cli.projects import named_project, opened
from repro_tui.cli.retention.asking import agreed
from repro_tui.cli.retention.documents import prune_document
from repro_tui.cli.retention.printing import count, print_decisions, print_emptied, print_plan, print_pruned
from repro_tui.cli.retention.runs import tidy_runs
from repro_tui.domain.ids import Digest
from repro_tui.domain.progress import Progress
from repro_tui.domain.retention import Decision, Emptied, EmptyPlan, Policy, Pruned, PrunePlan, Stock, Verdict
from repro_tui.domain.retention_decide import decide
from repro_tui.domain.retention_doubts import doubts
from repro_tui.domain.retention_text import parse_line, read_mapping
from repro_tui.errors import ChangedError, DamagedError, StorageError, UsageError
from repro_tui.ports import Workbench
from repro_tui.ports.retention import Retention

P = TypeVar("P")
D = TypeVar("D")

EXAMPLES = """\
examples:
  repro-tui prune --dry-run                          # what would go, and why
  repro-tui prune --policy 'keep_last=5 keep_daily=7'
  repro-tui prune --keep calm-heron --remove late-moth
  repro-tui prune --yes                              # from cron
  repro-tui prune --runs --dry-run                   # folders of old runs, by retention.runs
"""
_STOPPED = "Stopped: what was moved until then is in the trash, and `repro-tui trash undo` brings it back."


_ATTEMPTS = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `prune`."""
    parser.add_argument(
        "--policy", metavar="RULES", help="rules, or a YAML file with them, instead of those of repro.yaml"
    )
    parser.add_argument("--dry-run", action="store_true", help="only show what would be done; nothing is written")
    parser.add_argument("--yes", action="store_true", help="do it without a question")
    for word, what in (("keep", "keep this snapshot"), ("remove", "remove this snapshot")):
        parser.add_argument(
            f"--{word}", metavar="NAME", action="append", default=[], help=f"{what} whatever the rules say"
        )
    parser.add_argument(
        "--runs",
        action="store_true",
        help="the folders of old runs instead: compress journals, remove output of failed",
    )
    parser.add_argument("--json", action="store_true", help="as JSON (docs/formats/json.md); acts with --yes alone")


def execute(call: Call) -> int:
    """Show what would be done, ask, and do it."""
    options = call.options
    project = named_project(call)
    if options.dry_run:
        project = dataclasses.replace(project, readonly=True)
    if options.runs:
        return tidy_runs(call, project)
    with opened(project) as workbench:
        retention = workbench.retention
        policy = _policy(call, retention.policy())
        with shown(call.output, "looking") as progress:
            stock = retention.stock(progress)
            overrides = _overrides(call, workbench)
            decisions = decide(policy, stock, overrides)
            plan = retention.plan(stock, decisions, progress)
            due = retention.plan_emptying(progress=progress)
        idle = not plan.moves and not _clears(due)
        if not options.json and not (idle and options.yes and not call.output.terminal):
            _warn(call, policy, stock, decisions)
            _refuse(call, stock, decisions, overrides)
            print_decisions(call.output, stock, decisions)
            print_plan(call.output, plan, due)
        done = emptied = None
        if not idle and not options.dry_run and _may(call, plan, due):
            with shown(call.output, "pruning", _STOPPED) as progress:
                emptied, done = _carry_out(retention, _Work(policy, overrides, plan, due, options.yes), progress)
        if options.json:
            call.output.json(
                prune_document(
                    project,
                    policy=policy,
                    stock=stock,
                    decisions=decisions,
                    plan=plan,
                    due=due,
                    done=done,
                    emptied=emptied,
                )
            )
            return 0
        if emptied is not None:
            print_emptied(call.output, emptied)
        if done is not None:
            print_pruned(call.output, done)
    return 0


@dataclasses.dataclass(frozen=True, slots=True)
class _Work:
    """What was agreed to."""

    policy: Policy
    overrides: Mapping[Digest, Verdict]
    plan: PrunePlan
    due: EmptyPlan
    freely: bool
    """Nobody looked at the plan: what the policy says of what is there by now may be done."""


def _carry_out(retention: Retention, work: _Work, progress: Progress | None) -> tuple[Emptied | None, Pruned | None]:
    """Empty what is due, which makes room, then move; what cannot be emptied is told after the rest was moved."""
    emptied = trouble = done = None
    if _clears(work.due):
        try:
            emptied = _again(work.freely, retention.empty, work.due, retention.plan_emptying, progress)
        except (StorageError, DamagedError) as error:
            trouble = error

    def plan() -> PrunePlan:
        stock = retention.stock()
        return retention.plan(stock, decide(work.policy, stock, work.overrides))

    if work.plan.moves:
        wanted = plan() if _clears(work.due) else work.plan
        if not work.freely and wanted.moves != work.plan.moves:
            raise ChangedError("What is kept has changed meanwhile, so nothing more was done.", "Look again.")
        done = _again(work.freely, retention.prune, wanted, plan, progress)
    if trouble is not None:
        raise trouble
    return emptied, done


def _again(
    freely: bool,  # noqa: FBT001 - passed on from an option
    act: Callable[[P, Progress | None], D], plan: P, anew: Callable[[], P], progress: Progress | None
) -> D:  # fmt: skip
    """Carry out a plan; when others changed what it rests on and nobody looked at it, make it anew, a few times."""
    for _ in range(_ATTEMPTS if freely else 0):
        try:
            return act(plan, progress)
        except ChangedError:
            plan = anew()
    return act(plan, progress)


def _clears(due: EmptyPlan) -> bool:
    """Tell whether something goes for good: what is due, and what an earlier emptying has left."""
    return bool(due.trashed) or due.packs.frees > 0


def _warn(call: Call, policy: Policy, stock: Stock, decisions: Sequence[Decision]) -> None:
    """Say first what the policy does not do, though it may seem to."""
    if policy.empty:
        call.output.note("The policy is empty, so nothing is removed: see `retention:` in docs/retention.md.")
        return
    for sentence in doubts(policy, stock, decisions):
        call.output.note(f"{sentence[0].upper()}{sentence[1:]}.")


def _refuse(call: Call, stock: Stock, decisions: Sequence[Decision], overrides: Mapping[Digest, Verdict]) -> None:
    """Say of what was to be removed that nobody may remove it."""
    for candidate, decision in zip(stock.candidates, decisions, strict=True):
        if decision.fixed and overrides.get(decision.digest) is Verdict.REMOVE:
            call.output.note(f"{candidate.name} stays: {'; '.join(reason.words for reason in decision.reasons)}.")


def _may(call: Call, plan: PrunePlan, due: EmptyPlan) -> bool:
    """Ask whether to go on; what is due is gone for good, so its number is typed."""
    if call.options.json and not call.options.yes:
        return False
    if due.trashed:
        question = f"{count(len(due.trashed), 'snapshot')} in the trash will be gone for good."
        if not agreed(call.output, question, yes=call.options.yes, number=len(due.trashed)):
            return False
    if not plan.moves:
        return True
    return agreed(call.output, f"Move {count(len(plan.moves), 'snapshot')} to the trash?", yes=call.options.yes)


def _overrides(call: Call, workbench: Workbench) -> Mapping[Digest, Verdict]:
    """Give what was said of single snapshots."""
    found: dict[Digest, Verdict] = {}
    for names, verdict in ((call.options.remove, Verdict.REMOVE), (call.options.keep, Verdict.KEEP)):
        for name in names:
            digest = workbench.snapshots.find(name)
            if found.get(digest, verdict) is not verdict:
                raise UsageError(f"{name} is to be kept and to be removed.", "Say one of both.")
            found[digest] = verdict
    return found


def _policy(call: Call, known: Policy) -> Policy:
    """Give the policy of the command line, else that of repro.yaml."""
    said = call.options.policy
    if said is None:
        return known
    path = call.cwd / Path(said).expanduser()
    if "=" in said or not path.is_file():
        return parse_line(said)
    import yaml

    try:
        return read_mapping(yaml.safe_load(path.read_text("utf-8")), str(path))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError, ValueError) as error:
        said = " ".join(str(error).split())
        raise UsageError(f"{path} cannot be read as a policy: {said}", "See docs/retention.md.") from error
