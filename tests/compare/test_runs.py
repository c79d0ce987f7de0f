"""Runs side by side, and a run against what lies there now, over projects that were really recorded."""

from __future__ import annotations

import shutil

import pytest

from repro_tui.bootstrap import open_services
from repro_tui.datasets.service import DatasetService
from repro_tui.domain.comparison import NOW
from repro_tui.domain.filter_text import parse
from repro_tui.domain.ids import RunId
from repro_tui.domain.missing import Unavailable
from repro_tui.domain.profile import DataChange
from repro_tui.domain.run import State
from repro_tui.domain.traits import Part, Section
from repro_tui.errors import NotFoundError, UsageError
from repro_tui.settings import open_project
from tests.compare.projects import HELPER, commit, make_project, opened, train, write

DATA = "datasets:\n  digits: {path: data}\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A baseline, its twin, another seed, another rate, other data, other code."""
    folder = make_project(tmp_path_factory.mktemp("runs") / "digits")
    train(folder, "base")
    train(folder, "twin")
    train(folder, "seed", "--seed", "1")
    train(folder, "rate", "--lr", "0.2")
    write(folder, "data/train.csv", "x,label\n1,a\n2,b\n3,c\n")
    train(folder, "data")
    write(folder, "helper.py", HELPER.replace("step + 1", "step + 2"))
    commit(folder, "decay more slowly")
    train(folder, "code")
    return folder


@pytest.fixture(scope="module")
def session(project):
    with opened(project) as session:
        yield session


def uids(session, *names):
    return [RunId(NOW) if name == "now" else session.find(name) for name in names]


def differing(session, *names, baseline=0):
    comparison = session.comparisons.compare(uids(session, *names), baseline=baseline)
    return {(row.section, row.name): row for row in comparison.differing if row.part is not Part.PLACE}


def test_a_twin_differs_in_nothing(session):
    assert differing(session, "base", "twin") == {}
    assert session.comparisons.compare(uids(session, "base", "twin")).notes == ()


def test_a_seed_is_a_seed_and_a_rate_is_an_input(session):
    seed = differing(session, "base", "seed")
    assert seed[Section.PARAMETERS, "seed"].part is Part.SEED
    assert {row.part for key, row in seed.items() if key[0] is not Section.OUTCOME} == {Part.SEED}
    rate = differing(session, "base", "rate")
    assert [key for key in rate if key[0] is not Section.OUTCOME] == [(Section.PARAMETERS, "lr")]
    loss = rate[Section.OUTCOME, "loss"]
    assert [cell.text for cell in loss.cells] == ["0.02", "0.04"]
    assert (loss.cells[1].delta, loss.cells[1].better, loss.direction) == ("+0.02", False, "down")


def test_the_baseline_is_movable(session):
    row = differing(session, "base", "rate", baseline=1)[Section.OUTCOME, "loss"]
    assert (row.cells[0].delta, row.cells[1].delta) == ("-0.02", "")


def test_what_was_read_and_what_was_imported_are_rows(session):
    assert [key for key in differing(session, "rate", "data") if key[0] is Section.DATA] == [
        (Section.DATA, "data/train.csv")
    ]
    code = differing(session, "data", "code")
    assert [key for key in code if key[0] is Section.CODE] == [(Section.CODE, "helper.py")]


def test_eight_stand_side_by_side_and_nine_do_not(session):
    six = uids(session, "base", "twin", "seed", "rate", "data", "code")
    assert len(session.comparisons.compare([*six, RunId(NOW)]).columns) == 7
    for wrong in ([], six[:1], [six[0], six[0]], [*six, *(RunId(f"{n:032x}") for n in range(3))]):
        with pytest.raises(UsageError):
            session.comparisons.compare(wrong)
    with pytest.raises(UsageError):
        session.comparisons.compare(six[:2], baseline=2)
    with pytest.raises(UsageError):
        session.comparisons.compare([RunId(NOW)] * 2)
    with pytest.raises(NotFoundError):
        session.comparisons.compare([six[0], RunId("0" * 32)])


def test_now_is_equal_until_something_changes(project, tmp_path):
    folder = tmp_path / "digits"
    shutil.copytree(project, folder, symlinks=True)
    with opened(folder) as session:
        assert differing(session, "code", "now") == {}
        column = session.comparisons.compare(uids(session, "code", "now")).columns[1]
        assert (column.name, column.state) == ("now", None)
        write(folder, "helper.py", HELPER)
        write(folder, "data/train.csv", "x,label\n9,a\n")
        found = differing(session, "code", "now")
        assert set(found) == {(Section.CODE, "helper.py"), (Section.DATA, "data/train.csv")}
        assert differing(session, "now", "code").keys() == found.keys()
        (folder / "data/train.csv").unlink()
        comparison = session.comparisons.compare(uids(session, "code", "now"))
        assert "data/train.csv is not there now" in comparison.notes
        with pytest.raises(UsageError, match="no result"):
            session.comparisons.explain(*uids(session, "code", "now"))


def test_a_changed_variable_and_another_interpreter_are_noticed(project, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setenv("PATH", "/nowhere")
    with opened(project) as session:
        comparison = session.comparisons.compare(uids(session, "code", "now"))
    assert (Section.DETERMINISM, "OMP_NUM_THREADS") in {(row.section, row.name) for row in comparison.differing}
    assert any("python3 is not on the PATH here" in note for note in comparison.notes)


def test_data_is_explained_by_path_and_by_its_dataset(project, tmp_path):
    with opened(project) as session:
        change = session.comparisons.data(*uids(session, "rate", "data"), "data/train.csv")
        assert isinstance(change, DataChange)
        assert [(before.size, after.size) for before, after in change.modified] == [(16, 20)]
        assert isinstance(session.comparisons.data(*uids(session, "base", "twin"), "data/other.csv"), Unavailable)
        same = session.comparisons.data(*uids(session, "base", "twin"), "data/train.csv")
        assert isinstance(same, DataChange)
        assert (same.modified, same.added, same.removed) == ((), (), ())
    folder = make_project(tmp_path / "declared")
    write(folder, "repro.yaml", DATA)
    train(folder, "first")
    _look_into(folder, "digits")
    write(folder, "data/train.csv", "x,label\n1,a\n2,b\n3,c\n4,d\n")
    train(folder, "second")
    _look_into(folder, "digits")
    with opened(folder) as session:
        data = {key: row for key, row in differing(session, "first", "second").items() if key[0] is Section.DATA}
        assert list(data) == [(Section.DATA, "digits")]
        assert "+2 rows" in data[Section.DATA, "digits"].note
        change = session.comparisons.data(*uids(session, "first", "second"), "digits")
        assert isinstance(change, DataChange)
        assert [table.after.rows for table in change.tables if table.after] == [4]
        explanation = session.comparisons.explain(*uids(session, "first", "second"))
        assert explanation.candidates[0].name == "digits"
        assert "+2 rows" in explanation.candidates[0].words


def _look_into(folder, name):
    """Note what a version holds, which a recorder may still be about to do."""
    service = open_services(open_project(folder, {})).datasets
    assert isinstance(service, DatasetService)
    service.now(name, read=True)
    service.look_into(name)


def test_a_case_is_explained_from_the_history(session):
    twins = session.comparisons.explain(*uids(session, "base", "twin"))
    assert twins.same_inputs
    assert twins.finding == "identical"
    rate = session.comparisons.explain(*uids(session, "base", "rate"))
    assert (rate.metric, rate.values) == ("loss", (0.02, 0.04))
    assert rate.candidates[0].name == "lr"
    assert rate.parting is not None
    assert rate.parting.step == 0
    code = session.comparisons.explain(*uids(session, "data", "code"))
    assert code.candidates[0].name == "helper.py"
    assert "` to `" in code.candidates[0].words


def test_the_outcome_that_is_asked_for_must_have_been_logged(session):
    explanation = session.comparisons.explain(*uids(session, "base", "data"), metric="rows")
    assert explanation.values == (3.0, 4.0)
    with pytest.raises(UsageError, match="'nothing'") as caught:
        session.comparisons.explain(*uids(session, "base", "data"), metric="nothing")
    assert "loss" in caught.value.hint
    with pytest.raises(UsageError):
        session.comparisons.explain(*uids(session, "base", "base"))
    with pytest.raises(UsageError):
        session.comparisons.varies(parse(""), metric="nothing")


def test_a_declared_metric_is_the_outcome_and_has_its_direction(project, tmp_path):
    folder = tmp_path / "digits"
    shutil.copytree(project, folder, symlinks=True)
    write(folder, "repro.yaml", "metrics:\n  rows: {better: up}\n")
    with opened(folder) as session:
        both = uids(session, "base", "data")
        explanation = session.comparisons.explain(*both)
        assert (explanation.metric, explanation.direction) == ("rows", "up")
        row = differing(session, "base", "data")[Section.OUTCOME, "rows"]
        assert (row.direction, row.cells[1].better) == ("up", True)
        assert session.comparisons.varies(parse("")).metric == "rows"


def test_what_varies_is_told_over_all_runs_and_over_a_filter(session):
    variation = session.comparisons.varies(parse(""))
    assert (variation.metric, variation.runs) == ("loss", 6)
    assert {(each.section, each.name) for each in variation.varied} >= {
        (Section.PARAMETERS, "lr"),
        (Section.PARAMETERS, "seed"),
        (Section.DATA, "data/train.csv"),
        (Section.CODE, "code"),
    }
    assert session.comparisons.varies(parse("name:base")).runs == 1
    assert session.comparisons.varies(parse("name:nobody")).runs == 0


def test_a_run_that_goes_on_is_compared_by_what_is_known(tmp_path, project):
    folder = tmp_path / "digits"
    shutil.copytree(project, folder, symlinks=True)
    with opened(folder) as session:
        run = session.run(session.find("rate"))
        journal = next(f for f in (folder / ".repro" / "runs").iterdir() if f.name.endswith("rate")) / "journal"
        for path in journal.iterdir():
            lines = [line for line in path.read_bytes().splitlines(keepends=True) if b'"k":"end"' not in line]
            path.write_bytes(b"".join(line for line in lines if b'"k":"bye"' not in line))
    shutil.rmtree(folder / ".repro" / "cache", ignore_errors=True)
    with opened(folder) as session:
        both = uids(session, "base", "rate")
        assert session.state(both[1]) in {State.RUNNING, State.SILENT, State.DIED}
        comparison = session.comparisons.compare(both)
        rows = {(row.section, row.name): row for row in comparison.differing}
        assert (Section.PARAMETERS, "lr") in rows
        assert any(run.name in note for note in comparison.notes)
        assert not session.comparisons.explain(*both).same_inputs


def test_missing_documents_claim_nothing(tmp_path, project):
    folder = tmp_path / "digits"
    shutil.copytree(project, folder, symlinks=True)
    shutil.rmtree(folder / ".repro" / "facts")
    with opened(folder) as session:
        comparison = session.comparisons.compare(uids(session, "base", "code"))
        assert not [row for row in comparison.differing if row.section is Section.ENVIRONMENT]
        assert any("cannot be" in note for note in comparison.notes)
        explanation = session.comparisons.explain(*uids(session, "base", "twin"))
        assert not explanation.same_inputs
        change = session.comparisons.code(*uids(session, "base", "code"))
        assert all(patch.lines or patch.why for patch in change.files)
