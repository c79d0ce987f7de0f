"""Small rooms: a file has one subject, a function one thought."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "repro_tui"

FILE_LINES = 400
FUNCTION_LINES = 60

LONG_FILES: dict[str, str] = {}
"""Path to the reason why it may be longer than FILE_LINES."""

LONG_FUNCTIONS: dict[str, str] = {}
"""`path:name` to the reason why it may be longer than FUNCTION_LINES."""


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def own_tests() -> list[Path]:
    return sorted((ROOT / "tests").rglob("*.py"))


def functions(path: Path):
    """Give each function's name and its lines of code, docstring included."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_files_are_short():
    long = {
        relative(path): n
        for path in [*sources(), *own_tests()]
        if (n := len(path.read_text("utf-8").splitlines())) > FILE_LINES
    }
    assert {path: n for path, n in long.items() if path not in LONG_FILES} == {}


def test_functions_are_short():
    long = {
        f"{relative(path)}:{name}": lines
        for path in sources()
        for name, lines in functions(path)
        if lines > FUNCTION_LINES and f"{relative(path)}:{name}" not in LONG_FUNCTIONS
    }
    assert long == {}


def test_exceptions_are_still_needed():
    """A reason that is no longer needed is taken out of the list."""
    for path in LONG_FILES:
        assert len((ROOT / path).read_text("utf-8").splitlines()) > FILE_LINES, path
    for place in LONG_FUNCTIONS:
        path, name = place.rsplit(":", 1)
        assert any(n == name and lines > FUNCTION_LINES for n, lines in functions(ROOT / path)), place


def test_the_typical_function_is_a_few_lines(record_property, capsys):
    sizes = sorted(lines for path in sources() for _, lines in functions(path))
    median, p90 = statistics.median(sizes), sizes[int(len(sizes) * 0.9)]
    record_property("functions", f"{len(sizes)}, median {median}, p90 {p90}")
    with capsys.disabled():
        print(f"\n{len(sizes)} functions: median {median}, 90 % at most {p90}, longest {sizes[-1]} lines")
    assert median <= 12
    assert p90 <= 30


def test_no_mark_says_that_something_is_unfinished():
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
    found = [relative(path) for path in [*sources(), *own_tests()] if marks.search(path.read_text("utf-8"))]
    assert found == []


def test_every_noqa_says_why():
    """A rule that is set aside is set aside for a reason that stands beside it."""
    bare = re.compile(r"#\s*noqa(?::\s*[A-Z0-9, ]+)?\s*$")
    found = [
        f"{relative(path)}:{number}"
        for path in sources()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if bare.search(line)
    ]
    assert found == []


def test_no_module_is_named_after_nothing():
    banned = {"utils", "util", "helpers", "helper", "manager", "common", "base", "misc", "handler", "handlers"}
    assert [relative(path) for path in sources() if path.stem in banned] == []


def committed() -> list[Path]:
    """Give the files under version control; in an unpacked archive, all of them that are text."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    names = done.stdout.decode("utf-8", "surrogateescape").split("\0") if done.returncode == 0 else []
    return [path for name in names if name and (path := ROOT / name).is_file()] or [*sources(), *own_tests()]


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("a path of one machine", r"(?<![\w.])/(?:work|home/[a-z]+|root|Users/[A-Z]?[a-z]+)/(?!\.\.\.)\w"),
        (
            "the address of a registry",
            r"https?://(?:pypi\.org|files\.pythonhosted\.org|[\w.-]*(?:mirror|artifactory|nexus)[\w.-]*)",
        ),
    ],
)
def test_nothing_that_is_committed_names(what, pattern):
    search = re.compile(pattern)
    found = []
    for path in committed():
        if path == Path(__file__) or path.suffix in {".png", ".csv", ".zst"}:
            continue
        text = path.read_text("utf-8", errors="replace")
        found += [f"{relative(path)}: {match[0]}" for match in search.finditer(text) if not _invented(match[0])]
    assert found == [], what


def _invented(text: str) -> bool:
    """Tell whether a path belongs to somebody in an example."""
    return bool(re.match(r"/(?:home|Users)/(?:ada|bo|me|user|someone|you|local|net|u)/", text))
