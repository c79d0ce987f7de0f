"""Tells whether this is a container, and of which image, from the hints that its kinds leave."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from repro_tui.recorder.line import to_text


def container(environment: Mapping[str, str], root: Path = Path("/")) -> dict[str, object]:
    """Give `kind` (`docker`, `podman`, `apptainer`, `kubernetes` or empty), `image`, `digest`, as far as to be had.

    Docker does not tell a container its image; where the image is not known, both stay empty.
    """
    image, digest, kind = "", "", ""
    for prefix in ("APPTAINER", "SINGULARITY"):
        if environment.get(f"{prefix}_CONTAINER") or environment.get(f"{prefix}_NAME"):
            kind = "apptainer"
            image = environment.get(f"{prefix}_CONTAINER") or environment[f"{prefix}_NAME"]
            break
    if not kind and (root / "run/.containerenv").is_file():
        kind = "podman"
        noted = _assignments(root / "run/.containerenv")
        image, digest = noted.get("image", ""), noted.get("imageid", "")
    if not kind and (root / ".dockerenv").exists():
        kind = "docker"
    if not kind and environment.get("KUBERNETES_SERVICE_HOST"):
        kind = "kubernetes"
    return {"kind": kind, "image": to_text(image), "digest": to_text(digest)}


def _assignments(file: Path) -> dict[str, str]:
    """Read `name="value"` lines."""
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines)
    return {name.strip(): value.strip().strip('"') for name, _, value in pairs}
