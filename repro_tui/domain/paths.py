"""Where the paths that a run speaks of lead, seen from its project."""

from __future__ import annotations

from dataclasses import dataclass

from repro_tui.domain.run import Run


@dataclass(frozen=True, slots=True)
class Places:
    """The folder of a run's project, and the folder in which it was started."""

    root: str
    cwd: str

    @classmethod
    def of(cls, run: Run) -> Places:
        """Take them from a run."""
        root = run.root.rstrip("/")
        return cls(root, run.cwd.rstrip("/") or root)

    def relative(self, path: str) -> str:
        """Name a path as journals name files: from the project where it lies inside, else absolute; empty for none."""
        if not path or "\n" in path or len(path) > 4096:  # noqa: PLR2004 - the longest path there is
            return ""
        full = normal(path if path.startswith("/") else f"{self.cwd}/{path}")
        if not self.root.startswith("/"):
            return normal(path)
        if full == self.root:
            return "."
        return full[len(self.root) + 1 :] if full.startswith(f"{self.root}/") else full


def normal(path: str) -> str:
    """Take `.`, `..` and doubled slashes out of a path."""
    if "/." not in path and "//" not in path and not path.startswith(".") and not path.endswith("/"):
        return path
    kept: list[str] = []
    for part in path.split("/"):
        if part == ".." and kept and kept[-1] != "..":
            kept.pop()
        elif part == ".." and path.startswith("/"):
            continue
        elif part not in {"", "."}:
            kept.append(part)
    return ("/" if path.startswith("/") else "") + "/".join(kept)


def lies_in(path: str, folder: str) -> bool:
    """Tell whether a path is a folder or lies below it."""
    return path == folder or path.startswith(f"{folder}/")
