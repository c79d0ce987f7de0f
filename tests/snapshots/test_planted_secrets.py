"""Secrets of every kind, planted wherever code, configuration and arguments can hold one: none is in the store."""

from __future__ import annotations

import sys

from tests.capture.plants import BLOCKS, NAMED, VALUES
from tests.snapshots.projects import git, kept_bytes, record, service


def secret_part(value: str) -> str:
    return (
        value.split("@", maxsplit=1)[0].rpartition(":")[2] if value.startswith("postgres") else value.rpartition("/")[2]
    )


def plants():
    """Give each kind with a line that holds it, and what must not be found."""
    found = {kind: (f'KEY = "{value}"\n', secret_part(value)) for kind, value in VALUES.items()}
    found |= {name: (f'{name} = "{value}"\n', value) for name, value in NAMED.items()}
    found |= {kind: (block.format(value), value) for kind, (block, value) in BLOCKS.items()}
    return found


def test_no_planted_secret_is_in_the_store(tmp_path, capsys):
    folder = tmp_path / "project"
    folder.mkdir()
    found = plants()
    git(folder, "init", "-q")
    (folder / "train.py").write_text("import config_read\nopen('out.txt', 'w').write('done')\n")
    (folder / "config_read.py").write_text("open('settings.yaml').read()\n")
    (folder / "changed.py").write_text("X = 1\n")
    (folder / "clean.py").write_text("CLEAN = 'this is kept'\n")
    for number, (line, _) in enumerate(found.values()):
        (folder / f"committed_{number}.py").write_text(line)
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    (folder / ".gitignore").write_text("settings.yaml\n")
    lines = [line for line, _ in found.values()]
    (folder / "changed.py").write_text("X = 1\n" + "".join(lines))
    for number, line in enumerate(lines):
        (folder / f"untracked_{number}.py").write_text(line)
    (folder / "settings.yaml").write_text("".join(f"key_{n}: {value}\n" for n, value in enumerate(VALUES.values())))
    words = [word for name, value in NAMED.items() for word in (f"--{name}", value)]
    run = record(folder, sys.executable, "train.py", *words)
    taken = service(folder).take(run.uid).snapshot
    stored = kept_bytes(folder)
    leaked = [kind for kind, (_, secret) in found.items() if secret.encode() in stored]
    with capsys.disabled():
        print(f"\n{len(found)} kinds of secrets planted in commits, patches, files and arguments: {len(leaked)} stored")
    assert leaked == []
    assert b"this is kept" in stored
    assert len(found) >= 40
    withheld = {one.what for one in taken.left_out if one.kind == "withheld"}
    assert {f"committed_{number}.py" for number in range(len(found))} <= withheld
    assert taken.partial, "a run whose code is withheld in part is not said to be whole"
