"""The patch from the code of one run to that of another, as text."""

from __future__ import annotations

from collections.abc import Iterable

from repro_tui.cli.compare.grid import safe
from repro_tui.cli.output import Output
from repro_tui.domain.comparison import CodeChange, ExactPatch, FilePatch
from repro_tui.tui.render.text import shorten

_STYLES = {"+": ("green",), "-": ("red",), "@": ("cyan",)}


def print_commits(output: Output, names: tuple[str, str], change: CodeChange) -> None:
    """Print the commits between two runs, and what is not known of their code."""
    title = f"code of {safe(output, names[0])} to {safe(output, names[1])}"
    output.line(output.style(shorten(title, output.width, ascii_only=output.ascii), "bold"))
    for said, commits in (("only in the later", change.commits), ("only in the earlier", change.back)):
        for commit in commits:
            room = output.width - len(said) - 4
            output.line(
                f"  {output.style(said, 'dim')}  {shorten(safe(output, commit), room, ascii_only=output.ascii)}"
            )
    if change.why:
        output.line(f"  {safe(output, change.why)}")


def print_patch(output: Output, change: CodeChange) -> None:
    """Print how each file differs, for a person: what a terminal must not be given is shown with signs."""
    if not change.files:
        output.line(_none(change))
    for file in change.files:
        _print_file(output, file)


def _none(change: CodeChange) -> str:
    return "  no file differs" if not change.why else "  no file is known to differ"


def print_exact(output: Output, change: CodeChange, patches: Iterable[ExactPatch]) -> None:
    """Print a patch byte by byte; lines between the files are nothing to `git apply`."""
    count = left_out = 0
    for count, patch in enumerate(patches, 1):  # noqa: B007 - the last number is how many there were
        left_out += bool(patch.why)
        if patch.why:
            output.line(f"not in this patch: {safe(output, patch.path)}: {safe(output, patch.why)}")
        output.exact(patch.content)
    if not count:
        output.line(_none(change))
    if left_out:
        output.note(f"{left_out:,} file{' is' if left_out == 1 else 's are'} not in the patch, which says why.")


def _print_file(output: Output, file: FilePatch) -> None:
    unused = "" if file.used else " (not used, as far as was seen)"
    counted = f": {file.why}" if file.why else f": +{file.added} -{file.removed}"
    output.line(output.style(f"{safe(output, file.path)}{safe(output, counted)}{unused}", "bold"))
    for line in file.lines:
        output.line(output.style(safe(output, line), *_STYLES.get(line[:1], ())))
