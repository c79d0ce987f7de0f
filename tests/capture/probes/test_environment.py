"""The environment probe lists what is installed and where it came from, and records no private variable."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sys
import venv
from importlib.metadata import distributions
from pathlib import Path

import pytest

from repro_tui.capture.probes import InterpreterFacts, after_imports, find_interpreter, probe_environment
from repro_tui.capture.probes.container import container
from repro_tui.capture.probes.packages import list_conda, list_packages
from repro_tui.domain.missing import Unavailable
from repro_tui.settings import Project, Settings
from repro_tui.source.distributions import normal
from tests.capture.plants import NAMED, VALUES

HERE = InterpreterFacts(sys.executable, "3.11.7", sys.prefix, sys.base_prefix, tuple(sys.path))


def install(site: Path, name: str, version: str, **files: str) -> None:
    """Lay down the metadata of a distribution as an installer does."""
    folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nVersion: 9\nName: prose\n"
    )
    for file, content in files.items():
        (folder / {"direct": "direct_url.json", "record": "RECORD", "installer": "INSTALLER"}[file]).write_text(content)


def test_every_distribution_is_listed_as_importlib_does():
    expected = {normal(d.metadata["Name"]): d.version for d in reversed(list(distributions()))}
    assert {normal(str(p["name"])): p["version"] for p in list_packages(sys.path)} == expected


def test_origins_are_told_apart(tmp_path):
    site = tmp_path / "site-packages"
    origins = {
        "plain": (None, "index"),
        "vcs": ({"url": "https://github.com/a/b.git", "vcs_info": {"vcs": "git", "commit_id": "abc123"}},
                "git https://github.com/a/b.git abc123"),
        "edit": ({"url": "file:///home/me/lib", "dir_info": {"editable": True}}, "editable /home/me/lib"),
        "local": ({"url": "file:///home/me/lib", "dir_info": {}}, "path /home/me/lib"),
        "wheel": ({"url": "file:///tmp/x-1-py3-none-any.whl", "archive_info": {"hashes": {"sha256": "00ff"}}},
                  "archive file:///tmp/x-1-py3-none-any.whl sha256:00ff"),
        "broken": ("{not json", "unknown: direct_url.json is damaged"),
        "odd": ([1], "unknown: direct_url.json is damaged"),
    }  # fmt: skip
    for name, (direct, _) in origins.items():
        text = direct if isinstance(direct, str) else json.dumps(direct)
        install(site, name, "1.0", **({} if direct is None else {"direct": text}), installer="uv\n", record="a,b,1\n")
    found = {str(p["name"]): p for p in list_packages([str(site)])}
    assert {name: p["origin"] for name, p in found.items()} == {name: origin for name, (_, origin) in origins.items()}
    assert found["plain"]["installer"] == "uv"
    assert str(found["plain"]["record"]).startswith("b3:")
    assert found["plain"]["version"] == "1.0"


def test_a_token_in_an_origin_is_redacted(tmp_path):
    url = f"https://{VALUES['github']}@github.com/a/b.git"
    install(tmp_path, "x", "1", direct=json.dumps({"url": url, "vcs_info": {"vcs": "git", "commit_id": "1"}}))
    assert VALUES["github"] not in str(list_packages([str(tmp_path)]))


def test_the_first_of_a_name_on_the_path_wins_and_damaged_ones_are_passed_over(tmp_path):
    install(tmp_path / "a", "Some_Package", "2")
    install(tmp_path / "b", "some-package", "1")
    (tmp_path / "b" / "hollow-1.dist-info").mkdir()
    (tmp_path / "b" / "binary-1.dist-info").mkdir()
    (tmp_path / "b" / "binary-1.dist-info" / "METADATA").write_bytes(b"\xff\xfe\0" * 100)
    found = list_packages([str(tmp_path / "a"), str(tmp_path / "b"), str(tmp_path / "missing"), ""])
    assert [(p["name"], p["version"]) for p in found] == [("Some_Package", "2")]


def test_content_ignores_when_where_and_by_whom_but_not_what(tmp_path):
    for place in ("one", "two"):
        install(tmp_path / place / "site-packages", "lib", "1", installer=place, record=place)
    one, two = (
        probe_environment(InterpreterFacts("/x", "3.11.7", f"/{p}", "", (str(tmp_path / p / "site-packages"),)),
                          {"LANG": p, "SLURM_JOB_ID": p, "CUDA_VISIBLE_DEVICES": p, "OMP_NUM_THREADS": "4"})
        for p in ("one", "two")
    )  # fmt: skip
    assert one.summary["content"] == two.summary["content"]
    install(tmp_path / "two" / "site-packages", "other", "1")
    path = (str(tmp_path / "two" / "site-packages"),)
    more = probe_environment(InterpreterFacts("/x", "3.11.7", "/p", "", path), {"OMP_NUM_THREADS": "4"})
    threads = probe_environment(InterpreterFacts("/x", "3.11.7", "/p", "", path), {"OMP_NUM_THREADS": "8"})
    assert len({one.summary["content"], more.summary["content"], threads.summary["content"]}) == 3


def test_only_allowed_variables_are_recorded_and_secrets_among_them_redacted():
    allowed = {"CUDA_VISIBLE_DEVICES": "0", "OMP_NUM_THREADS": "4", "PYTHONHASHSEED": "0", "LANG": "C.UTF-8",
               "TOKENIZERS_PARALLELISM": "false", "CONDA_DEFAULT_ENV": "x"}  # fmt: skip
    private = {
        "HOME": "/home/me",
        "SSH_AUTH_SOCK": "/x",
        "AWS_PROFILE": "me",
        "TF_VAR_db": "swordfish",
        "MY_NAME": "me",
    }
    tricky = {"CUDA_API_TOKEN": "swordfish1", "SLURM_JWT": VALUES["jwt"], "MKL_SECRET": "swordfish2",
              "JAX_PROXY": VALUES["url"], "HYDRA_KEY": "swordfish3"}  # fmt: skip
    found = probe_environment(
        HERE, {**allowed, **private, **tricky, **NAMED, **{f"X_{k}": v for k, v in VALUES.items()}}
    )
    assert found.document["variables"] == {**allowed, **dict.fromkeys(tricky, "[redacted]")}
    assert {o.what for o in found.omissions} == set(tricky)
    assert "swordfish" not in str(found)
    assert all(value not in str(found) for value in (*NAMED.values(), *VALUES.values()))


def test_further_variables_can_be_allowed_by_the_project_and_lock_files_are_named(tmp_path):
    (tmp_path / "uv.lock").write_text("version = 1\n")
    (tmp_path / "requirements-dev.txt").write_text("pytest\n")
    project = Project(tmp_path, tmp_path / ".repro", Settings({"env.allow": ("MY_*",)}))
    found = probe_environment(HERE, {"MY_FLAG": "1", "MY_PASSWORD": "swordfish"}, project)
    assert found.document["variables"] == {"MY_FLAG": "1", "MY_PASSWORD": "[redacted]"}
    assert [lock["path"] for lock in found.document["locks"]] == ["requirements-dev.txt", "uv.lock"]


def test_a_shell_script_has_no_packages_and_says_why(tmp_path):
    found = probe_environment(find_interpreter(["bash", "run.sh"]), {})
    assert "no Python interpreter was seen" in found.problems[0].what
    assert found.problems[0].hint
    assert found.summary["packages"] == 0


def test_conda_packages_are_listed_without_credentials(tmp_path):
    meta = tmp_path / "conda-meta"
    meta.mkdir()
    record = {
        "name": "numpy",
        "version": "1.26",
        "build": "py311_0",
        "channel": "https://me:swordfish@c.org/t/x",
        "md5": "0f",
    }
    (meta / "numpy-1.26-py311_0.json").write_text(json.dumps({**record, "files": ["a"] * 1000}))
    (meta / "broken.json").write_text("{")
    (meta / "history").write_text("")
    (found,) = list_conda(tmp_path)
    assert (found["name"], found["build"], found["digest"]) == ("numpy", "py311_0", "md5:0f")
    assert "swordfish" not in str(found)
    assert list_conda(tmp_path / "nowhere") == []


def test_containers_are_told_by_their_hints(tmp_path):
    assert container({}, tmp_path)["kind"] == ""
    (tmp_path / ".dockerenv").touch()
    assert container({}, tmp_path)["kind"] == "docker"
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".containerenv").write_text('engine="podman"\nimage="docker.io/x:1"\nimageid="abc"\n')
    assert container({}, tmp_path) == {"kind": "podman", "image": "docker.io/x:1", "digest": "abc"}
    assert container({"APPTAINER_CONTAINER": "/x.sif"}, tmp_path)["image"] == "/x.sif"


@pytest.fixture(scope="module")
def other(tmp_path_factory) -> Path:
    """Make an environment without pip."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, symlinks=True)
    return folder


def test_an_interpreter_is_asked_from_outside_when_it_could_not_speak(other, tmp_path):
    script = tmp_path / "tool"
    script.write_text(f"#!{other}/bin/python\n")
    script.chmod(0o755)
    exe = str(other / "bin" / "python")
    for argv in ([exe, "-I", "x.py"], ["env", "A=1", exe, "x.py"], ["srun", "-n", "2", exe, "x.py"], [str(script)]):
        found = find_interpreter(argv)
        assert isinstance(found, InterpreterFacts), argv
        assert (found.prefix, found.asked) == (str(other), True)
        assert found.version == ".".join(map(str, sys.version_info[:3]))
    assert find_interpreter([exe, "-I", "-O", "x.py", "-B"]).flags == ("-I", "-O")
    relative = find_interpreter(["python", "x.py"], {"PATH": str(other / "bin")})
    assert isinstance(relative, InterpreterFacts)


def test_an_interpreter_that_hangs_fails_or_is_missing_is_a_reason(tmp_path):
    for body, why in (("sleep 100", "within"), ("exit 3", "could not be asked"), ("echo hello", "could not be asked")):
        fake = tmp_path / "python3"
        fake.write_text(f"#!/bin/sh\n{body}\n")
        fake.chmod(0o755)
        found = find_interpreter([str(fake), "x.py"], timeout_s=0.3 if "sleep" in body else 10)
        assert isinstance(found, Unavailable)
        assert why in found.reason
    assert isinstance(find_interpreter(["/nonexistent/python", "x.py"]), Unavailable)
    assert isinstance(find_interpreter([]), Unavailable)


def test_a_journals_event_is_read_whatever_it_holds():
    event = {"exe": "/x", "path": ["/a", 3, "/b"], "flags": "-I -O", "version": None}
    found = InterpreterFacts.from_event(event)
    assert (found.path, found.flags, found.version) == (("/a", "/b"), ("-I", "-O"), "")


def test_what_was_used_of_an_environment_is_told_apart_from_what_only_lies_there(tmp_path):
    def found(tag: str, **versions: str):
        site = tmp_path / tag / "site-packages"
        for name, version in versions.items():
            record = f"{name}/__init__.py,sha256={version},1\n"
            install(site, name, version, record=record if name != "driver" else record + "driver/libx.so,sha256=a,1\n")
        return probe_environment(InterpreterFacts("python", "3.11.7", "", "", (str(site),)), {})

    def used_of(finding, modules: set[str]) -> str:
        return str(after_imports(finding, modules).summary["used"])

    first = found("first", used="1.0", idle="1.0", driver="1.0")
    other_idle = found("other_idle", used="1.0", idle="2.0", driver="1.0", further="1.0")
    assert first.summary["content"] != other_idle.summary["content"]
    assert used_of(first, {"used"}) == used_of(other_idle, {"used"})
    assert used_of(first, {"used"}).partition(":")[2] == used_of(first, {"used", "re"}).partition(":")[2]
    assert used_of(first, {"used", "idle"}) != used_of(other_idle, {"used", "idle"})
    for tag, changed in (("other_used", {"used": "2.0"}), ("other_driver", {"driver": "2.0"})):
        versions = {"used": "1.0", "idle": "1.0", "driver": "1.0"} | changed
        assert used_of(first, {"used"}) != used_of(found(tag, **versions), {"used"})


def test_a_package_that_was_edited_in_place_is_another_one(tmp_path):
    site = tmp_path / "site-packages"
    lines = []
    for name, text in (("core.py", "x = 1\n"), ("touched.py", "y = 1\n"), ("gone.py", "")):
        file = site / "lib" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        lines.append(f"lib/{name},sha256={digest},{len(text)}")
    install(site, "lib", "1.0", record="\n".join([*lines, "lib-1.0.dist-info/RECORD,,"]) + "\n")
    (site / "lib" / "gone.py").unlink()
    later = (site / "lib-1.0.dist-info" / "RECORD").stat().st_mtime_ns + 10**9

    def looked(modules: set[str]):
        found = after_imports(
            probe_environment(InterpreterFacts("python", "3.11.7", "", "", (str(site),)), {}), modules
        )
        (package,) = found.document["packages"]
        return found.summary["used"], found.summary["content"], package.get("edited_files")

    os.utime(site / "lib" / "touched.py", ns=(later, later))
    before = looked({"lib"})
    assert before[2] is None
    (site / "lib" / "core.py").write_text("x = 2\n")
    os.utime(site / "lib" / "core.py", ns=(later, later))
    after = looked({"lib"})
    assert after[2] == ["lib/core.py"]
    assert before[0] != after[0]
    assert before[1] != after[1]
    assert looked({"other"})[2] is None
    (site / "lib" / "core.py").write_text("x = 3000\n")
    assert len({before[0], after[0], looked({"lib"})[0]}) == 3
