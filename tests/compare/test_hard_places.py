"""Projects that lie at hard places: below a repository's top, with odd names, moved, without git, with submodules."""

from __future__ import annotations

import os
import shutil

from repro_tui.domain.comparison import NOW
from repro_tui.domain.ids import RunId
from repro_tui.domain.traits import Section
from tests.compare.projects import HELPER, TRAIN, code_between, commit, make_project, opened, patches, train, write
from tests.snapshots.projects import git


def test_a_project_below_the_top_of_its_repository(tmp_path):
    top = tmp_path / "mono"
    folder = top / "exp" / "digits"
    make_project(folder, with_git=False)
    write(top, "lib/shared.py", "SCALE = 1\n")
    write(folder, "train.py", "import sys\nsys.path.insert(0, '../../lib')\nimport shared\n" + TRAIN)
    write(top, ".gitignore", ".repro/\n__pycache__/\ndata/\n")
    git(top, "init", "-q")
    commit(top, "begin")
    train(folder, "first")
    write(top, "lib/shared.py", "SCALE = 2\n")
    write(folder, "helper.py", HELPER.replace("step + 1", "step + 2"))
    train(folder, "second")
    commit(top, "scale")
    train(folder, "third")
    change = code_between(folder, "first", "second")
    assert [(patch.path, patch.used, patch.added) for patch in change.files] == [
        ("../../lib/shared.py", True, 1),
        ("helper.py", True, 1),
    ]
    assert code_between(folder, "second", "third").files == ()
    assert code_between(folder, "third", "now").files == ()
    assert len(code_between(folder, "now", "first").files) == 2


def test_names_that_are_no_text(tmp_path):
    folder = make_project(tmp_path / "digits")
    names = [b"caf\xe9.py", b'quo"te.py', b"two words.py", b"new\nline.py", "größe.py".encode()]
    for number, name in enumerate(names):
        _put(folder, name, b"X = %d\n" % number)
    commit(folder, "odd names")
    train(folder, "first")
    for number, name in enumerate(names):
        _put(folder, name, b"X = %d\n" % (number + 1))
    _put(folder, b"n\xe9w.py", b"Y = 1\n")
    train(folder, "second")
    found = patches(code_between(folder, "first", "second"))
    assert len(found) == 6
    assert {patch.added for patch in found.values()} == {1}
    assert [patch.why for patch in found.values() if patch.why] == []
    with opened(folder) as session:
        both = [session.find("second"), RunId(NOW)]
        assert [row.name for row in session.comparisons.compare(both).differing if row.section is Section.CODE] == []


def _put(folder, name, content):
    with open(os.fsencode(folder) + b"/" + name, "wb") as file:  # noqa: PTH123 - a name that is no text
        file.write(content)


def test_a_project_that_was_moved(tmp_path):
    folder = make_project(tmp_path / "old" / "digits")
    train(folder, "first")
    write(folder, "helper.py", HELPER.replace("step + 1", "step + 2"))
    train(folder, "second")
    moved = tmp_path / "new"
    shutil.move(folder, moved)
    found = code_between(moved, "first", "second").files
    assert [(patch.path, patch.used, patch.added) for patch in found] == [("helper.py", True, 1)]
    assert code_between(moved, "second", "now").files == ()


def test_without_git_on_the_machine_what_was_recorded_is_still_told(tmp_path, monkeypatch):
    folder = make_project(tmp_path / "digits")
    train(folder, "first")
    write(folder, "helper.py", HELPER.replace("step + 1", "step + 2"))
    write(folder, "extra.py", "X = 1\n")
    train(folder, "second")
    monkeypatch.setenv("PATH", str(tmp_path))
    change = code_between(folder, "first", "second")
    found = patches(change)
    assert found["extra.py"].added == 1
    assert found["helper.py"].lines == ()
    assert "git" in found["helper.py"].why


def test_a_submodule_and_a_merge(tmp_path):
    library = tmp_path / "library"
    library.mkdir()
    write(library, "lib.py", "A = 1\n")
    git(library, "init", "-q")
    commit(library, "begin")
    folder = make_project(tmp_path / "digits")
    git(folder, "submodule", "add", "-q", str(library), "vendor")
    write(folder, "train.py", "import vendor.lib\n" + TRAIN)
    commit(folder, "vendor")
    train(folder, "first")
    write(folder, "vendor/lib.py", "A = 2\n")
    train(folder, "dirty")
    commit(folder / "vendor", "two")
    commit(folder, "move the submodule on")
    train(folder, "second")
    found = patches(code_between(folder, "first", "dirty"))
    assert (found["vendor/lib.py"].added, found["vendor/lib.py"].used) == (1, True)
    assert code_between(folder, "dirty", "second").files == ()
    assert patches(code_between(folder, "second", "first"))["vendor/lib.py"].lines[1:] == ("-A = 2", "+A = 1")


def test_links_modes_and_a_file_that_became_a_folder(tmp_path):
    folder = make_project(tmp_path / "digits")
    write(folder, "thing.py", "A = 1\n")
    (folder / "link.py").symlink_to("helper.py")
    commit(folder, "begin")
    train(folder, "first")
    (folder / "thing.py").unlink()
    write(folder, "thing.py/inner.py", "B = 1\n")
    (folder / "link.py").unlink()
    (folder / "link.py").symlink_to("train.py")
    (folder / "train.py").chmod(0o755)
    train(folder, "second")
    found = patches(code_between(folder, "first", "second"))
    assert found["thing.py"].removed == 1
    assert found["thing.py/inner.py"].added == 1
    assert found["link.py"].lines == (
        "@@ -1 +1 @@",
        "-helper.py",
        "\\ No newline at end of file",
        "+train.py",
        "\\ No newline at end of file",
    )
    assert "train.py" not in found
    assert code_between(folder, "second", "now").files == ()


def test_a_repository_without_a_commit(tmp_path):
    folder = make_project(tmp_path / "digits", with_git=False)
    write(folder, ".gitignore", ".repro/\n__pycache__/\ndata/\n")
    git(folder, "init", "-q")
    train(folder, "first")
    write(folder, "helper.py", HELPER.replace("step + 1", "step + 2"))
    commit(folder, "begin")
    train(folder, "second")
    change = code_between(folder, "first", "second")
    assert [(patch.path, patch.added) for patch in change.files] == [("helper.py", 1)]
    assert (change.commits, change.back) == ((), ())


def test_configuration_that_changed_is_read_anew_for_now(tmp_path):
    folder = make_project(tmp_path / "digits")
    script = TRAIN + "import json\nheld = json.load(open('config.json'))\nlog(9, loss=held['decay'])\n"
    write(folder, "train.py", script)
    write(folder, "config.json", '{"decay": 0.5, "old": 1}')
    commit(folder, "configure")
    train(folder, "first")
    write(folder, "config.json", '{"decay": 0.25, "new": 2}')
    with opened(folder) as session:
        comparison = session.comparisons.compare([session.find("first"), RunId(NOW)])
    rows = {row.name: [cell.text for cell in row.cells] for row in comparison.differing}
    assert rows == {"decay": ["0.5", "0.25"], "old": ["1", ""], "new": ["", "2"]}
