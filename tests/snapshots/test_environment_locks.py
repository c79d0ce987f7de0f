"""A lock where every file is known by its hash, a plain record that says why it is none, wheels made again."""

from __future__ import annotations

import sys
import tomllib
import zipfile
from importlib.metadata import distribution

from packaging.pylock import Pylock

from repro_tui.snapshots.env_facts import EnvironmentFacts, Package
from repro_tui.snapshots.env_hashes import Artifact, read_lock
from repro_tui.snapshots.env_local import is_recorded
from repro_tui.snapshots.env_lock import Known, direct, make_lock
from repro_tui.snapshots.env_repack import repack
from repro_tui.snapshots.toml_text import dumps

HASH = "a" * 64
WHEEL = "numpy-2.0-cp311-cp311-linux_x86_64.whl"


def facts(*packages, conda=0, unavailable=""):
    return EnvironmentFacts(sys.executable, "3.11.7", "", (), packages, conda, (), unavailable)


def package(name="numpy", version="2.0", origin="index"):
    return Package(name, version, origin, "pip", None)


UV = f"""\
version = 1
[[package]]
name = "NumPy"
version = "2.0"
source = {{ registry = "https://index.example/simple" }}
sdist = {{ url = "https://index.example/numpy-2.0.tar.gz", hash = "sha256:{"b" * 64}", size = 9 }}
wheels = [{{ url = "https://index.example/{WHEEL}", hash = "sha256:{HASH}", size = 10 }}]
"""
POETRY = f'[[package]]\nname = "numpy"\nversion = "2.0"\nfiles = [{{file = "{WHEEL}", hash = "sha256:{HASH}"}}]\n'
REQUIREMENTS = f"numpy==2.0 \\\n    --hash=sha256:{HASH}\nother>=1\n"


def test_lock_files_tell_hashes():
    for name, text, url in (
        ("uv.lock", UV, f"https://index.example/{WHEEL}"),
        ("poetry.lock", POETRY, ""),
        ("requirements.txt", REQUIREMENTS, ""),
    ):
        first = read_lock(name, text.encode())["numpy", "2.0"][0]
        assert (first.sha256, first.url) == (HASH, url)
    for foreign in (b"\xff\xfe", b"[[package]]\nname = 3\n", b"package = 7\n", b"= ="):
        assert read_lock("uv.lock", foreign) == {}


def test_a_lock_is_valid_and_names_each_file_by_its_hash():
    known = read_lock("uv.lock", UV.encode())
    git = package("tool", "1.0", f"git https://host.example/tool {'c' * 40}")
    archive = package("lib", "3.1", f"archive https://host.example/lib-3.1.zip sha256:{HASH}")
    local = package("mine", "0.1", "editable /src/mine")
    every = facts(package(), git, archive, local)
    lock = make_lock(every, Known(known | direct(every.packages), {}, {local.key: "archives/mine-0.1"}))
    assert lock.name == "pylock.toml"
    read = Pylock.from_dict(tomllib.loads(lock.text))
    names = {entry.name: entry for entry in read.packages}
    assert names["numpy"].wheels[0].hashes == {"sha256": HASH}
    assert names["tool"].vcs.commit_id == "c" * 40
    assert names["lib"].archive.hashes == {"sha256": HASH}
    assert names["mine"].directory.editable


def test_what_is_not_known_is_no_lock_and_says_so():
    hashed = {("numpy", "2.0"): [Artifact("", HASH)]}
    lock = make_lock(facts(package(), package("rare", "1")), Known(hashed))
    assert lock.name == "packages.txt"
    assert lock.text.startswith("# This is no lock")
    assert "--with-wheels" in lock.text
    assert f"numpy==2.0 --hash=sha256:{HASH}" in lock.text
    assert lock.unknown == ("numpy==2.0", "rare==1")
    for other in (facts(conda=3), facts(unavailable="no Python was seen")):
        assert make_lock(other, Known({})).name == "packages.txt"


def test_a_version_that_is_none_makes_no_lock():
    odd = package(version="not a version")
    stored = {odd.key: ("wheels/x.whl", HASH, 1)}
    assert make_lock(facts(odd), Known({}, stored)).name == "packages.txt"


def test_a_wheel_made_of_what_is_installed_is_the_same_each_time(tmp_path):
    installed = distribution("packaging")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, two = repack(installed, tmp_path / "a"), repack(installed, tmp_path / "b")
    assert one.name == two.name == f"packaging-{installed.version}-py3-none-any.whl"
    assert one.read_bytes() == two.read_bytes()
    with zipfile.ZipFile(one) as wheel:
        names = set(wheel.namelist())
        assert wheel.testzip() is None
    assert "packaging/pylock.py" in names
    assert not any(name.endswith((".pyc", "INSTALLER")) for name in names)
    assert not is_recorded(package("packaging", installed.version), installed)


def test_toml_is_read_back_as_it_was_written():
    document = {
        "a": 1,
        "b c": 'quote " and \\ and \n',
        "d": [1, 2],
        "t": [{"x": {"y": True}, "z": [{"k": "v"}]}, {"x": 2}],
    }
    assert tomllib.loads(dumps(document)) == document
