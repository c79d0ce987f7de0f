"""The prune screen by its keys: verdicts that follow the rules, overrides, the question, undo, and what is refused."""

from __future__ import annotations

import threading

from repro_tui.domain.retention import GiveUp, Policy
from repro_tui.errors import StorageError, UsageError
from repro_tui.tui.modals.ask import ConfirmModal, PromptModal
from repro_tui.tui.modals.progress import ProgressModal
from repro_tui.tui.modals.report import ReportModal
from repro_tui.tui.prune_reading import make_verdicts
from repro_tui.tui.screens import prune
from repro_tui.tui.screens.prune import PruneScreen
from repro_tui.tui.screens.snapshots import SnapshotsScreen
from repro_tui.tui.screens.trash import TrashScreen
from tests.tui.driving import lines, text, until
from tests.tui.fake_retention import MB, FakeRetention, candidate, drawn
from tests.tui.pruning_places import RULES, at_prune, line_of, pruning, told, verdicts

SIZE = (120, 40)
SMALL = (80, 24)
DAY = 86_400


def is_open(pilot, kind):
    return lambda: isinstance(pilot.app.screen, kind)


async def test_each_line_says_its_verdict_and_why_and_the_pane_says_all_reasons():
    async with pruning().run_test(size=SMALL) as pilot:
        await at_prune(pilot, "j")
        names = ("amber-otter-41", "calm-heron-40", "wide-crane-38", "plain-wren-37")
        assert verdicts(pilot.app, names) == ["keep", "keep", "remove", "remove"]
        assert "failed, over keep failed 0" in line_of(pilot.app, "plain-wren-37 ")
        assert line_of(pilot.app, "calm-heron-40 ").startswith(">P")
        assert "calm-heron-40: keep: pinned; cited: paper; best 2 by acc" in text(pilot.app)


async def test_the_sum_says_the_date_on_which_bytes_are_freed_in_one_line():
    """Also where the terminal has 80 columns."""
    async with pruning().run_test(size=SMALL) as pilot:
        await at_prune(pilot)
        said = line_of(pilot.app, "moves")
        assert said.strip() == "moves 21 of 29; frees 3.6 GB when emptied (from 30 Nov, or now: E)"
        assert "impossible after: wide-crane-38 could no longer be replayed" in text(pilot.app)
        await pilot.resize_terminal(44, 10)
        await until(pilot, lambda: "from 30 Nov" in line_of(pilot.app, "moves"), "the short form")
        assert line_of(pilot.app, "moves").strip() == "moves 21 of 29; frees 3.6 GB from 30 Nov"


async def test_an_override_is_marked_counted_and_taken_back_by_the_same_key():
    async with pruning().run_test(size=SMALL) as pilot:
        await at_prune(pilot, "j", "j", "space")
        await until(pilot, lambda: "you said so" in line_of(pilot.app, "wide-crane-38 "), "the override")
        assert line_of(pilot.app, "wide-crane-38 ").startswith(">e")
        await until(pilot, lambda: "1 override (A takes it back)" in text(pilot.app), "the number")
        assert "moves 20 of 29" in text(pilot.app)
        await pilot.press("space")
        await until(pilot, lambda: "moves 21 of 29" in text(pilot.app), "as before")
        assert "override (" not in text(pilot.app)
        await pilot.press("space", "j", "d")
        await until(pilot, lambda: "2 overrides (A takes them back)" in text(pilot.app), "both")
        assert "loses data:train: you said so" in line_of(pilot.app, "plain-wren-37 ")
        await pilot.press("A")
        await until(pilot, lambda: "moves 21 of 29" in text(pilot.app), "none")
        await pilot.press("A")
        await until(pilot, lambda: "Nothing was overridden" in told(pilot), "the reason")


async def test_what_nobody_may_remove_says_why_it_stays():
    async with pruning().run_test(size=SMALL) as pilot:
        await at_prune(pilot, "j", "space")
        await until(pilot, lambda: "It stays whatever anybody says: pinned." in told(pilot), "the reason")
        assert "override (" not in text(pilot.app)


async def test_a_changed_number_shows_at_once_what_it_does_and_is_written_only_when_that_is_asked():
    fake = FakeRetention(drawn(), RULES)
    async with pruning(fake).run_test(size=SIZE) as pilot:
        await at_prune(pilot, "tab", "j", "j")
        assert verdicts(pilot.app, ("early-finch-24",)) == ["remove"]
        await pilot.press("right")
        await until(pilot, lambda: verdicts(pilot.app, ("early-finch-24",)) == ["keep"], "its effect")
        assert "moves 20 of 29" in text(pilot.app)
        assert "not in repro.yaml" in text(pilot.app)
        assert "(repro.yaml: 7)" in text(pilot.app)
        assert not fake.saved
        await pilot.press("W")
        await until(pilot, is_open(pilot, ConfirmModal), "the question")
        await pilot.press("n", "W")
        await until(pilot, is_open(pilot, ConfirmModal), "the question again")
        assert not fake.saved
        await pilot.press("y")
        await until(pilot, lambda: "the rules stand in repro.yaml" in text(pilot.app), "the word")
        assert fake.saved == [Policy(**{**_fields(RULES), "keep_daily": 8})]
        await until(pilot, lambda: "not in repro.yaml" not in text(pilot.app), "the head")
        await pilot.press("W")
        await until(pilot, lambda: "repro.yaml says this already" in told(pilot), "the reason")
        await pilot.press("left", "left", "backspace")
        await until(pilot, lambda: line_of(pilot.app, "> daily ").split()[-5:-4] != ["7"], "taken out")
        await pilot.press("tab", "q")
        await until(pilot, is_open(pilot, SnapshotsScreen), "out")


def _fields(policy):
    return {name: getattr(policy, name) for name in policy.__dataclass_fields__}


async def test_what_is_written_for_a_rule_is_checked_and_the_reason_stands_below_it():
    async with pruning().run_test(size=SMALL) as pilot:
        await at_prune(pilot, "tab", "j", "j", "enter")
        await until(pilot, is_open(pilot, PromptModal), "the field")
        await pilot.press("x", "enter")
        await until(pilot, lambda: "a whole number is expected" in text(pilot.app), "the reason")
        await pilot.press("backspace", "backspace", "3", "enter")
        await until(pilot, lambda: "daily 3" in text(pilot.app), "the number")
        await pilot.press("enter")
        await until(pilot, is_open(pilot, PromptModal), "the field again")
        await pilot.press("backspace", "enter")
        await until(pilot, lambda: "daily -" in text(pilot.app), "without the rule")


async def test_a_rule_without_a_first_step_asks_for_a_name_and_one_that_nobody_logged_is_said():
    async with pruning().run_test(size=SIZE) as pilot:
        await at_prune(pilot, "tab", *"jjjjjjjj", "backspace", "right")
        await until(pilot, is_open(pilot, PromptModal), "the field")
        await pilot.press(*"accuracy:2", "enter")
        await until(pilot, lambda: "no snapshot has the metric accuracy" in text(pilot.app), "the doubt")


async def test_pruning_asks_moves_and_can_be_undone():
    fake = FakeRetention(drawn(), RULES)
    async with pruning(fake).run_test(size=SMALL) as pilot:
        await at_prune(pilot, "enter")
        await until(pilot, is_open(pilot, ConfirmModal), "the question")
        assert "Move 21 snapshots to the trash?" in text(pilot.app)
        assert "from 30 Nov, or now by E" in text(pilot.app)
        await pilot.press("enter")
        await until(pilot, is_open(pilot, PruneScreen), "no")
        assert not fake.trashed
        await pilot.press("enter")
        await until(pilot, is_open(pilot, ConfirmModal), "the question")
        await pilot.press("y")
        await until(pilot, lambda: "21 snapshots in the trash until 30 Nov; u brings back" in text(pilot.app), "done")
        await until(pilot, lambda: "trash 3.6 GB (from 30 Nov, or now: E)" in text(pilot.app), "the title")
        await until(pilot, lambda: "Nothing is to go" in text(pilot.app), "nothing more")
        await pilot.press("enter")
        await until(pilot, lambda: "space says otherwise of a line" in told(pilot), "nothing to do")
        await pilot.press("u")
        await until(pilot, lambda: "moves 21 of 29" in text(pilot.app), "all of them back")
        assert not fake.trashed
        await pilot.press("u")
        await until(pilot, lambda: "nothing can be brought back" in told(pilot), "the reason")


async def test_the_question_waits_until_it_was_decided_by_the_rules_that_stand_there(monkeypatch):
    """A number that was changed a moment before must count."""
    gate = threading.Event()
    gate.set()

    def slowly(trial):
        gate.wait(30)
        return make_verdicts(trial)

    monkeypatch.setattr(prune, "make_verdicts", slowly)
    async with pruning().run_test(size=SIZE) as pilot:
        await at_prune(pilot)
        gate.clear()
        await pilot.press("tab", "j", "j", "right", "tab", "enter")
        assert isinstance(pilot.app.screen, PruneScreen)
        gate.set()
        await until(pilot, is_open(pilot, ConfirmModal), "the question")
        assert "Move 20 snapshots" in text(pilot.app)
        await pilot.press("n")
        gate.clear()
        await pilot.press("j", "j", "space", "enter", "T")
        await until(pilot, is_open(pilot, TrashScreen), "the trash")
        gate.set()
        await until(pilot, lambda: "The trash is empty." in text(pilot.app), "its words")
        await pilot.press("q")
        await until(pilot, lambda: "1 override" in text(pilot.app), "the list, and no question")
        assert isinstance(pilot.app.screen, PruneScreen)


async def test_it_is_decided_in_another_thread(monkeypatch):
    """Ten thousand snapshots would hold up the keys otherwise."""
    threads = []

    def noted(trial):
        threads.append(threading.get_ident())
        return make_verdicts(trial)

    monkeypatch.setattr(prune, "make_verdicts", noted)
    async with pruning().run_test(size=SMALL) as pilot:
        await at_prune(pilot)
    assert threads
    assert threading.get_ident() not in threads


async def test_emptying_asks_for_the_number_and_says_what_it_freed():
    fake = FakeRetention(drawn(), RULES)
    async with pruning(fake).run_test(size=SMALL) as pilot:
        await at_prune(pilot, "E")
        await until(pilot, lambda: "The trash is empty." in told(pilot), "the reason")
        await pilot.press("enter")
        await until(pilot, is_open(pilot, ConfirmModal), "the question")
        await pilot.press("y")
        await until(pilot, lambda: len(fake.trashed) == 21, "the trash")
        await until(pilot, is_open(pilot, PruneScreen), "the list")
        await pilot.press("E")
        await until(pilot, is_open(pilot, PromptModal), "the question")
        assert "21 could still be brought back, until 30 Nov." in text(pilot.app)
        await pilot.press("2", "enter")
        await until(pilot, lambda: "2 is not 21." in text(pilot.app), "the reason")
        assert len(fake.trashed) == 21
        await pilot.press("2", "1", "enter")
        await until(pilot, is_open(pilot, ReportModal), "the report")
        assert "21 snapshots gone for good, 3.6 GB given back to the disk." in text(pilot.app)
        assert not fake.trashed


async def test_a_stopped_prune_says_what_is_left_of_it():
    fake = FakeRetention(drawn(), RULES)
    fake.held = threading.Event()
    async with pruning(fake).run_test(size=SMALL) as pilot:
        await at_prune(pilot, "enter")
        await until(pilot, is_open(pilot, ConfirmModal), "the question")
        await pilot.press("y")
        await until(pilot, is_open(pilot, ProgressModal), "the panel")
        await until(pilot, lambda: "of 3 snapshots" in text(pilot.app), "what is counted")
        await pilot.press("escape")
        await until(pilot, lambda: "What was moved stays moved." in text(pilot.app), "the question")
        await pilot.press("y")
        await until(pilot, is_open(pilot, PruneScreen), "the list")


async def test_filter_sort_and_only_what_goes():
    async with pruning().run_test(size=SMALL) as pilot:
        await at_prune(pilot, "slash", *"failed")
        await until(pilot, lambda: "2 of 29   /failed" in text(pilot.app), "the two")
        await pilot.press("escape")
        await until(pilot, lambda: "newest first" in text(pilot.app), "all")
        await pilot.press("slash", *"zebra", "enter")
        await until(pilot, lambda: "No line matches." in text(pilot.app), "none")
        await pilot.press("slash", "ctrl+u", "enter")
        await until(pilot, lambda: "amber-otter-41" in text(pilot.app), "all again")
        await pilot.press("v")
        await until(pilot, lambda: "only what goes" in text(pilot.app), "the word")
        assert "amber-otter-41 " not in "\n".join(lines(pilot.app)[2:14])
        await pilot.press("v", "s", *"own", "enter")
        await until(pilot, lambda: "by own" in lines(pilot.app)[1], "the order")
        await pilot.press("g")
        await until(pilot, lambda: "wide-crane-38" in lines(pilot.app)[3], "the largest")
        await pilot.press("S", "g")
        await until(pilot, lambda: "the other way round" in text(pilot.app), "the other way")
        await until(pilot, lambda: " 2 MB" in lines(pilot.app)[3], "the smallest")


async def test_the_mouse_does_what_keys_do():
    async with pruning().run_test(size=SIZE) as pilot:
        screen = await at_prune(pilot)
        await pilot.click("#verdicts", offset=(10, 3), times=2)
        await until(pilot, lambda: line_of(pilot.app, "wide-crane-38 ").startswith(">e"), "the override")
        await pilot.click("#policy", offset=(6, 3), times=2)
        await until(pilot, is_open(pilot, PromptModal), "the field of a rule")
        assert "daily: " in text(pilot.app)
        await pilot.press("escape")
        await until(pilot, lambda: "to repro.yaml" in text(pilot.app), "the keys of the rules")
        await pilot.click("#verdicts", offset=(10, 2))
        await until(pilot, lambda: screen.focused.id == "verdicts", "the list")
        assert "space override" in text(pilot.app)


async def test_a_session_that_only_reads_refuses_at_the_key_with_the_reason():
    fake = FakeRetention(drawn(), RULES)
    fake.prune(fake.plan(fake.stock(), make_verdicts_of(fake)))
    fake.candidates.append(candidate(99, "slow-yak-2", 40 * DAY))
    fake.readonly = True
    async with pruning(fake).run_test(size=SIZE) as pilot:
        await at_prune(pilot)
        for keys in (("enter",), ("u",), ("E",), ("tab", "right", "W"), ("tab", "F"), ("T", "u"), ("U",), ("E",)):
            pilot.app.clear_notifications()
            await pilot.press(*keys)
            await until(pilot, lambda: "This session only reads (--readonly)" in told(pilot), "the reason")
            assert isinstance(pilot.app.screen, PruneScreen | TrashScreen)
    assert len(fake.trashed) == 21
    assert not fake.saved


def make_verdicts_of(fake):
    return [row.decision for row in make_verdicts(prune.Trial(RULES, {}, fake.stock())).rows]


async def test_what_does_not_work_is_said_and_the_list_is_read_again():
    """A plan is refused when somebody else was faster."""
    fake = FakeRetention(drawn(), RULES)
    async with pruning(fake).run_test(size=SMALL) as pilot:
        await at_prune(pilot, "enter")
        await until(pilot, is_open(pilot, ConfirmModal), "the question")
        fake.candidates.append(candidate(99, "new-gnu-42", 10))
        await pilot.press("y")
        await until(pilot, is_open(pilot, ReportModal), "the reason")
        assert "so nothing was done" in text(pilot.app)
        await pilot.press("escape")
        await until(pilot, lambda: "new-gnu-42" in text(pilot.app), "what is there now")
        assert not fake.trashed
        fake.error = StorageError("/s/snapshots cannot be read: Input/output error.", "Check the disk.")
        await pilot.press("R")
        await until(pilot, lambda: "Input/output error" in text(pilot.app), "the reason")
        assert "new-gnu-42" in text(pilot.app)


async def test_a_policy_that_cannot_be_understood_is_said():
    fake = FakeRetention(drawn(), RULES)

    def wrong():
        raise UsageError("repro.yaml: retention.keep_dayly is not known.", "keep_daily is meant?")

    fake.policy = wrong
    async with pruning(fake).run_test(size=SMALL) as pilot:
        await at_prune(pilot, "enter", "space", "tab", "right", seen="keep_dayly is not known")
        assert "R tries again" in text(pilot.app)


async def test_an_empty_policy_and_an_empty_store_say_what_to_do():
    async with pruning(FakeRetention(drawn())).run_test(size=SMALL) as pilot:
        await at_prune(pilot, seen="The policy is empty, so it removes nothing: tab to write one.")
        await pilot.press("v")
        await until(pilot, lambda: "Nothing is to go." in text(pilot.app), "the words")
    async with pruning(FakeRetention()).run_test(size=SMALL) as pilot:
        await at_prune(pilot, seen="Nothing is kept yet")
        for key in ("space", "d", "enter", "u", "E", "v", "s"):
            await pilot.press(key)
            await pilot.pause()
        assert "1 Runs" in text(pilot.app)


async def test_a_limit_that_cannot_be_reached_is_said_and_parts_are_named():
    policy = Policy(max_size=1 * MB, keep_last=1)
    async with pruning(FakeRetention(drawn(), policy)).run_test(size=SMALL) as pilot:
        await at_prune(pilot, seen="max size 1 MB is not reached")
    policy = Policy(keep_last=1, give_up=(GiveUp("data"),))
    async with pruning(FakeRetention(drawn(), policy)).run_test(size=SMALL) as pilot:
        await at_prune(pilot, "enter", seen="moves parts of 27")
        await until(pilot, lambda: "Move parts of 27 snapshots to the trash?" in text(pilot.app), "the question")


async def test_the_policy_takes_the_place_of_the_list_in_a_small_terminal():
    async with pruning().run_test(size=(60, 20)) as pilot:
        await at_prune(pilot, "tab")
        await until(pilot, lambda: "> last" in text(pilot.app), "the rules")
        assert "amber-otter-41 " not in text(pilot.app)
        await pilot.press("escape")
        await until(pilot, lambda: "amber-otter-41" in text(pilot.app), "the list")


async def test_hostile_names_do_no_harm():
    hostile = "\x1b[31mred\n[bold]\u202e漢字\x07"
    fake = FakeRetention([candidate(n, hostile, n * DAY, tags=frozenset({hostile})) for n in range(5)], RULES)
    fake.damaged = hostile
    async with pruning(fake).run_test(size=SMALL) as pilot:
        await at_prune(pilot, "j", "space", "enter", seen="漢字")
        await until(pilot, lambda: "Nothing is to go" in text(pilot.app) or "Move " in text(pilot.app), "the question")
        assert "\x1b" not in text(pilot.app)
        await pilot.press("y")
        await until(pilot, is_open(pilot, PruneScreen), "the list")
        await pilot.press("T")
        await until(pilot, is_open(pilot, TrashScreen), "the trash")
        assert "\x1b" not in text(pilot.app)
