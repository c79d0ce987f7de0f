"""`data checkpoint` and `data note`: keep a version, and say how one was made."""

from __future__ import annotations

import shlex

from repro_tui.cli.call import Call
from repro_tui.cli.data.documents import head, version_document
from repro_tui.cli.data.progress import shown
from repro_tui.cli.data.words import find_version, opened_datasets, the_one
from repro_tui.cli.projects import named_project
from repro_tui.errors import UsageError
from repro_tui.tui.render.numbers import size


def checkpoint(call: Call) -> int:
    """Keep the version that lies there now."""
    project = named_project(call)
    name = call.options.name
    with opened_datasets(call, project) as service:
        service.spec(name)
        with shown(call.output) as progress:
            taken = service.checkpoint(name, progress)
        versions = next(each.versions for each in service.versions() if each.spec.name == name)
        version = next((each for each in versions if each.snapshot == taken.snapshot.digest), None)
        number = version.number if version else None
        if call.options.json:
            call.output.json(
                head(project)
                | {
                    "name": name,
                    "version": number,
                    "digest": version.digest if version else taken.snapshot.version,
                    "snapshot": taken.snapshot.digest,
                    "size": taken.snapshot.size,
                    "added": taken.added,
                    "seconds": taken.seconds,
                }
            )
            return 0
        added = (
            f"{size(taken.snapshot.size)}, the store grew by {size(taken.added)}" if taken.added else "it was already"
        )
        call.output.note(f"{name}{f' v{number}' if number else ''} is kept: {added}.")
        for left in taken.snapshot.left_out:
            call.output.note(f"  left out: {left.what} ({left.why})")
    return 0


def note(call: Call) -> int:
    """Say how a version was made."""
    options = call.options
    if not options.text.strip() and not options.command.strip():
        raise UsageError(
            "There is nothing to note.", 'Write it down: repro-tui data note train "removed blurred images".'
        )
    try:
        argv = shlex.split(options.command)
    except ValueError as error:
        raise UsageError(f"The command line is not understood: {error}.", "Close what you quote.") from error
    project = named_project(call)
    with opened_datasets(call, project) as service:
        dataset = the_one(service, options.name)
        version = find_version(service, dataset, options.of, service.run_names())
        service.explain(options.name, version, argv=argv, note=options.text)
        known = service.version(options.name, version)
        if options.json:
            call.output.json(head(project) | {"name": options.name} | version_document(known, {}))
        else:
            call.output.note(f"Noted for {options.name} v{known.number}.")
    return 0
