"""Planted secrets, of every kind, everywhere at once: none of their bytes is stored, and each is said to be missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from backports import zstd

from tests.capture.conftest import wait_for
from tests.capture.plants import BLOCKS, NAMED, VALUES
from tests.cli.program import call

pytestmark = pytest.mark.e2e

SCRIPT = """\
import argparse, repro_tui, yaml_like
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
args, rest = parser.parse_known_args()
text = open("config.json").read()
import json
settings = json.loads(text)
repro_tui.log_params(settings, extra=rest)
repro_tui.log(step=0, loss=1.0)
raise RuntimeError("cannot log in with " + settings["value_0"])
"""


def stored(home: Path) -> bytes:
    """Give every byte below a project's records, documents unpacked."""
    found = []
    for path in sorted(home.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            found.append(zstd.decompress(content) if path.parent.parent.name == "facts" else content)
    return b"\0".join(found)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> Path:
    """Record one run of a project with secrets in its arguments, environment, configuration, patch and new files."""
    root = tmp_path_factory.mktemp("leaky") / "project"
    root.mkdir()
    (root / "train.py").write_text(SCRIPT)
    (root / "yaml_like.py").write_text("ready = True\n")
    for number, name in enumerate((*VALUES, *NAMED, *BLOCKS)):
        (root / f"tracked_{number}.py").write_text(f"# {name}\n")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "-q"], cwd=root, check=True)
    subprocess.run([*git, "add", "."], cwd=root, check=True)
    subprocess.run([*git, "commit", "-qm", "first"], cwd=root, check=True)
    config = {f"value_{number}": value for number, value in enumerate(VALUES.values())} | NAMED
    (root / "config.json").write_text(json.dumps(config))
    texts = [f'x = "{value}"\n' for value in VALUES.values()]
    texts += [f'{name} = "{value}"\n' for name, value in NAMED.items()]
    texts += [template.format(value) for template, value in BLOCKS.values()]
    for number, text in enumerate(texts):
        (root / f"tracked_{number}.py").write_text(text)
        (root / f"new_{number}.py").write_text(text)
    argv = [word for number, value in enumerate(VALUES.values()) for word in (f"--opt-{number}", value)]
    argv += [f"--{name.lower().replace('_', '-')}={value}" for name, value in NAMED.items()]
    environment = {f"CUDA_PLANT_{number}": value for number, value in enumerate(VALUES.values())} | NAMED
    done = call("run", "--", sys.executable, "train.py", "--lr", "0.1", *argv, cwd=root, **environment)
    assert done.returncode == 1
    home = root / ".repro"
    wait_for(
        lambda: not list(home.glob("runs/*/alive.*")) and b'"sec":"environment"' in stored(home), "the record's end"
    )
    return root


def secrets() -> dict[str, str]:
    return VALUES | NAMED | {name: value for name, (_, value) in BLOCKS.items()}


def test_no_secret_is_stored(recorded, record_property):
    """At least twenty kinds, each in up to five places; the script's output is kept verbatim: not looked at here."""
    for output in recorded.glob(".repro/runs/*/*.log"):
        output.write_bytes(b"")
    everything = stored(recorded / ".repro")
    planted = secrets()
    leaked = [name for name, value in planted.items() if value.encode() in everything]
    record_property("secrets", f"{len(planted)} kinds planted, {len(leaked)} stored")
    assert len(planted) >= 20
    assert leaked == []
    assert b'"lr":0.1' in everything


def test_each_is_shown_as_redacted_or_withheld(recorded):
    shown = json.loads(call("show", "@1", "--json", cwd=recorded).stdout)
    told = json.dumps(shown)
    for number in range(len(VALUES)):
        assert f"CUDA_PLANT_{number}" in told
        assert f"--opt-{number}" in told
    for number in range(len(secrets())):
        assert f"tracked_{number}.py" in told
        assert f"new_{number}.py" in told
    assert os.fspath(recorded)
