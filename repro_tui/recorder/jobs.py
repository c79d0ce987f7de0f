"""Each job of a Hydra multirun is a run of its own, whose parent is the run that `repro-tui run` started.

What the script says and does while a job goes on is written to that job's journal.
"""

from __future__ import annotations

import os
import sys

from .line import to_text
from .person import user_name
from .session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from .imports import Wrappers

_STAMP = 16
"""Characters of a run folder's name before the run's own name: `20261123-101503-`."""
_PLACE = 3
"""Position of `job_subdir_key` among the arguments of `run_job`: only a multirun has one."""


def wrappers(session: Session) -> Wrappers:
    """Give what to do once Hydra's runner of jobs is imported."""
    return {"hydra.core.utils": lambda module: _wrap(module, session)}


def _wrap(module: ModuleType, session: Session) -> None:
    """Stand around `run_job`, which every launcher calls in the process that does the job."""
    original = module.run_job

    def run_job(*args: Any, **kwargs: Any) -> Any:
        subdir = kwargs.get("job_subdir_key", args[_PLACE] if len(args) > _PLACE else None)
        config = kwargs.get("config", args[1] if len(args) > 1 else None)
        job = None if subdir is None or session.job is not None else _begin(session, module, config)
        if job is None:
            return original(*args, **kwargs)
        error = "the job did not return"
        try:
            result = original(*args, **kwargs)
            error = _error_of(result)
            return result
        except BaseException as raised:
            error = type(raised).__name__
            raise
        finally:
            _finish(session, job, error)

    run_job.__doc__ = original.__doc__
    run_job.__qualname__ = original.__qualname__
    run_job.__module__ = original.__module__
    run_job.__wrapped__ = original  # type: ignore[attr-defined]
    module.run_job = run_job  # type: ignore[attr-defined] # the one that is replaced


def _begin(session: Session, module: ModuleType, config: Any) -> Session | None:
    """Make the job's run and have everything go there; None when that cannot be: the parent then has it all."""
    try:
        select = module.OmegaConf.select
        number = int(select(config, "hydra.job.num"))
        overrides = [str(word) for word in select(config, "hydra.overrides.task") or []]
        job = _open(session, number, overrides)
        session.event("job", uid=job.uid, folder=os.path.basename(job.folder))
        session.job = job
        _point_to(job)
        _afresh()
        from . import variables
        from .start import say_which

        say_which(job)
        variables.again()
        _write_config(job, module, config)
    except Exception as error:  # another version of Hydra, a folder that cannot be written
        session.job = None
        _point_to(session)
        session.problem(
            "hydra", "a job of the multirun has no run of its own", "%s: %s" % (type(error).__name__, error)
        )
        return None
    return job


def _open(session: Session, number: int, overrides: list[str]) -> Session:
    """Make the folder of a job and write how it began; a requeued multirun finds the folder of its first attempt."""
    from hashlib import sha256

    from .local import redacted

    folder = "%s.%d" % (session.folder, number)
    uid = sha256(("%s\0hydra\0%d" % (session.uid, number)).encode()).hexdigest()[:32]
    mode = os.stat(session.folder).st_mode & 0o7777
    for path in (folder, os.path.join(folder, "journal")):
        os.makedirs(path, mode, exist_ok=True)
    environment = {**session.environment, "REPRO_MAIN_PID": str(os.getpid())}
    job = Session(folder, uid, environment, session.root)
    job.script = session.script
    argv = [sys.executable or "python", *sys.argv[:1], *overrides]
    script = os.path.abspath(sys.argv[0]) if sys.argv and sys.argv[0] else ""
    job.event(
        "start",
        counted=True,
        important=True,
        name=to_text(os.path.basename(folder)[_STAMP:]),
        argv=[to_text(word) for word in redacted(argv)],
        cwd=to_text(os.getcwd()),
        root=to_text(session.root),
        user=user_name(),
        lineage=os.environ.get("REPRO_LINEAGE") or session.place(script),
        relations=[{"role": "parent", "uid": session.uid}],
        output=[],
        python=to_text(sys.executable or ""),
    )
    return job


def _point_to(session: Session) -> None:
    """Have programs that the script starts belong to a run."""
    os.environ["REPRO_RUN_DIR"] = session.folder
    os.environ["REPRO_RUN_UID"] = session.uid
    file = session.file
    if file is not None:
        os.environ["REPRO_WRITER"] = os.path.basename(file.path)


def _afresh() -> None:
    """Forget what was noted already: it was noted for another run."""
    from . import log, observe, seeds, state

    for part in (log, observe, seeds, state):
        part.afresh()


def _write_config(job: Session, module: ModuleType, config: Any) -> None:
    """Write the job's whole configuration as its parameters."""
    from .log import write_params
    from .values import flat

    try:
        values = module.OmegaConf.to_container(config, resolve=True)
    except Exception:  # an interpolation that has no value yet
        values = module.OmegaConf.to_container(config, resolve=False)
    values.pop("hydra", None)
    write_params(job, flat(values, "."), "hydra")


def _error_of(result: Any) -> str:
    """Give the exception that ended a job, which Hydra keeps in the value it returns; empty without one."""
    raised = getattr(result, "_return_value", None)
    if getattr(getattr(result, "status", None), "name", "COMPLETED") == "COMPLETED":
        return ""
    if not isinstance(raised, BaseException):
        return "the job failed"
    from .redaction import cut

    return to_text("%s: %s" % (type(raised).__name__, cut(" ".join(str(raised).split())[:500])))


def _finish(session: Session, job: Session, error: str) -> None:
    """Write how a job ended, and have everything go to its parent again."""
    try:
        from .state import note

        note(job)
        extra: dict[str, Any] = {"err": error} if error else {}
        job.event("bye", main=True, **extra)
        job.event("end", counted=True, exit=1 if error else 0)
    except Exception:  # a full disk: the job's state is then read from what it wrote before
        pass
    finally:
        session.job = None
        _point_to(session)
        _afresh()
