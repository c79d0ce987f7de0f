"""`prune --runs`: the folders of runs that ended long ago, asked apart from the snapshots."""

from __future__ import annotations

from collections.abc import Sequence

from repro_tui.cli.call import Call
from repro_tui.cli.output import Output
from repro_tui.cli.progress import shown
from repro_tui.cli.projects import opened
from repro_tui.cli.retention.asking import agreed
from repro_tui.cli.retention.documents import folders_document
from repro_tui.cli.retention.printing import count, print_table
from repro_tui.domain.retention_words import age_text
from repro_tui.domain.tidying import COMPRESS, REMOVE_OUTPUT, FolderMove, FolderPlan, FolderPolicy, Tidied
from repro_tui.errors import UsageError
from repro_tui.settings import Project
from repro_tui.tui.render.numbers import size

_STOPPED = "Stopped: each file is whole, sealed or not; calling it again goes on."
_WORDS = {COMPRESS: "compress", REMOVE_OUTPUT: "remove output"}
_OTHERS = ("policy", "keep", "remove")


def tidy_runs(call: Call, project: Project) -> int:
    """Show what would be done with the folders, ask, and do it."""
    options = call.options
    for name in _OTHERS:
        if getattr(options, name):
            raise UsageError(
                f"--{name} speaks of snapshots, and --runs of the folders of runs.",
                "The rules for folders stand in repro.yaml, under retention.runs.",
            )
    with opened(project) as workbench:
        retention = workbench.retention
        with shown(call.output, "looking") as progress:
            plan = retention.plan_folders(progress)
        quiet = not plan.moves and options.yes and not call.output.terminal
        if not options.json and not quiet:
            _print_plan(call.output, plan)
        done = None
        if plan.moves and not options.dry_run and _may(call, plan):
            with shown(call.output, "tidying", _STOPPED) as progress:
                done = retention.tidy_folders(plan, progress)
    if options.json:
        call.output.json(folders_document(project, plan, done))
    elif done is not None:
        _print_done(call.output, done)
    return 0


def _may(call: Call, plan: FolderPlan) -> bool:
    """Ask whether to go on; output that is removed is gone for good, so the number of its files is typed."""
    if call.options.json and not call.options.yes:
        return False
    if plan.removes:
        question = f"{count(plan.removes, 'file')} of output will be gone for good."
        return agreed(call.output, question, yes=call.options.yes, number=plan.removes)
    folders = sum(move.action == COMPRESS for move in plan.moves)
    return agreed(call.output, f"Compress what is in {count(folders, 'folder')}?", yes=call.options.yes)


def _print_plan(output: Output, plan: FolderPlan) -> None:
    """Print a line a folder, and what is freed."""
    if plan.policy == FolderPolicy():
        output.note("The policy says nothing of the folders of runs: see `retention.runs` in docs/retention.md.")
        return
    if not plan.moves:
        output.line(f"Nothing is to be done with the folders of runs ({_policy_words(plan.policy)}).")
    else:
        rows = [
            (move.name, _WORDS[move.action], count(len(move.files), "file"), size(move.size), size(move.frees),
             f"{move.reason.words}; {move.folder}")
            for move in plan.moves
        ]  # fmt: skip
        print_table(output, ("run", "", "files", "size", "frees", "because, where"), rows, {3, 4})
        output.line(_told(plan.moves) + f"; frees about {size(plan.frees)} at once.")
    for sentence in plan.left:
        output.note(sentence)


def _told(moves: Sequence[FolderMove]) -> str:
    """Say in words what would be done."""
    compressed = [move for move in moves if move.action == COMPRESS]
    removed = [move for move in moves if move.action == REMOVE_OUTPUT]
    said = []
    if compressed:
        said.append(f"compresses {count(sum(len(m.files) for m in compressed), 'file')} (read as before)")
    if removed:
        said.append(f"removes {count(sum(len(m.files) for m in removed), 'file')} of output for good")
    sentence = " and ".join(said)
    return sentence[0].upper() + sentence[1:]


def _policy_words(policy: FolderPolicy) -> str:
    """Write the policy as a person reads it."""
    said = []
    if policy.compress_after:
        said.append(f"compress after {age_text(policy.compress_after)}")
    if policy.remove_failed_after:
        said.append(f"remove the output of failed ones after {age_text(policy.remove_failed_after)}")
    return ", ".join(said)


def _print_done(output: Output, done: Tidied) -> None:
    """Print what was done."""
    stopped = "Stopped: " if done.stopped else ""
    folders = len({move.folder for move in done.moves})
    output.line(f"{stopped}{count(folders, 'folder')} tidied, {size(done.freed)} freed.")
    for sentence in done.left:
        output.note(sentence)
