"""Letters and phrases: what changed between two runs, and nothing that is not known."""

from __future__ import annotations

from dataclasses import replace

from repro_tui.domain.changes import UNKNOWN, letters, phrases
from repro_tui.domain.ids import Digest, RunId
from repro_tui.domain.level import level_of
from repro_tui.domain.prints import imported_print, input_prints
from repro_tui.domain.run import Attempt, Coverage, Document, Ending, FileFact, Omission, Param, Run
from repro_tui.domain.traits_of import Side

DOCS = {s: Document(s, Digest(f"b3:{s}"), {"content": s}) for s in ("code", "environment", "host")}


def run(**fields) -> Run:
    return Run(RunId("a" * 32), **{"argv": ("python", "train.py"), "documents": DOCS, **fields})


def data(digest, coverage=Coverage.FULL, path="train.csv"):
    return FileFact(path, "r", "in", digest=digest and Digest(digest), size=10, coverage=coverage)


def side(of: Run, **documents) -> Side:
    return Side(of, documents.get("code", {}), documents.get("environment", {}), documents.get("host", {}))


def test_the_same_run_changed_nothing():
    assert letters(input_prints(run()), input_prints(run())) == "····"
    assert phrases(side(run()), side(run())) == ()
    assert letters(None, input_prints(run())) == UNKNOWN


def test_each_letter_has_its_cause():
    before = run(files=(data("b3:1"),), params={"lr": Param(0.1, "log")})
    code = {**DOCS, "code": Document("code", Digest("b3:x"), {"content": "other"})}
    host = {**DOCS, "host": Document("host", Digest("b3:x"), {"content": "other"})}
    cases = {
        "C···": run(files=before.files, params=before.params, documents=code),
        "·D··": run(files=(data("b3:2"),), params=before.params),
        "··P·": run(files=before.files, params={"lr": Param(0.05, "log")}),
        "···E": run(files=before.files, params=before.params, documents=host),
    }
    for expected, after in cases.items():
        assert letters(input_prints(before), input_prints(after)) == expected


def test_a_package_that_neither_run_imported_lights_no_letter():
    def ran(content: str, used: str):
        summary = {"content": content, "used": f"{imported_print(['numpy'])}:{used}"}
        documents = {**DOCS, "environment": Document("environment", Digest("b3:e"), summary)}
        ended = (Attempt(1, 0.0, endings=(Ending(1.0, exit=0),), orderly=True),)
        return input_prints(replace(run(documents=documents), modules=frozenset({"numpy"}), attempts=ended))

    assert letters(ran("a", "1"), ran("b", "1")) == "····"
    assert letters(ran("a", "1"), ran("b", "2")) == "···E"
    assert letters(ran("a", "1"), input_prints(run())) == "···E"
    assert letters(ran("a", "1"), ran("a", "2")) == "····"


def test_what_is_not_known_is_not_claimed():
    known, pending = run(files=(data("b3:1"),)), run(files=(data(None, Coverage.PENDING),))
    assert letters(input_prints(known), input_prints(pending)) == "····"
    assert letters(input_prints(known), input_prints(Run(RunId("b" * 32)))) == "····"
    assert letters(input_prints(known), input_prints(run(files=(data("b3:m", Coverage.METADATA),)))) == "····"


def test_phrases_name_the_change():
    before = run(files=(data("b3:1"),), params={"lr": Param(0.1, "log"), "old": Param(True, "log")})
    after = run(
        files=(data("b3:2"), data("b3:3", path="more.csv")),
        params={"lr": Param(0.05, "log"), "new": Param("", "log")},
        documents={**DOCS, "environment": Document("environment", Digest("b3:e"), {"content": "other"})},
    )
    said = phrases(
        side(before, environment={"packages": {"numpy": "2.4.5"}}),
        side(after, environment={"packages": [{"name": "numpy", "version": "2.4.6"}]}),
    )
    assert said == (
        "more.csv b3:3, 10 bytes (new)",
        "train.csv: other content of the same size",
        "lr 0.1 to 0.05 (÷2)",
        'new "" (new)',
        "old true (gone)",
        "numpy 2.4.5 to 2.4.6",
    )


def test_many_changes_are_counted():
    before = run(params={f"p{i}": Param(i, "log") for i in range(9)})
    after = run(params={f"p{i}": Param(i + 1, "log") for i in range(9)})
    assert phrases(side(before), side(after))[-1] == "6 more parameters changed"


def test_a_level_of_one_needs_command_code_environment_and_data():
    assert level_of(run()).number == 1
    for lacking, word in (
        (run(argv=()), "command"),
        (run(documents={}), "code"),
        (run(files=(data(None, Coverage.PENDING),)), "train.csv"),
        (run(omissions=(Omission("withheld", "keys.py", "a secret"),)), "secrets.allow"),
        (run(omissions=(Omission("left_out", "big.bin", "too large"),)), "code.limit"),
        (run(unreadable="newer format"), "newer format"),
    ):
        level = level_of(lacking)
        assert level.number == 0
        assert word in level.why


def test_data_that_was_read_but_not_yet_fingerprinted_is_not_called_changed():
    """A live run's inputs are known by name before they are known by content."""
    read = FileFact("data.csv", "r")
    known = FileFact("data.csv", "r", role="in", digest=Digest("b3:" + "1" * 64), coverage=Coverage.FULL)
    before = input_prints(Run(RunId("a" * 32), argv=("python",), files=(known,)))
    after = input_prints(Run(RunId("b" * 32), argv=("python",), files=(read,)))
    assert after.data is None
    assert "D" not in letters(before, after)
