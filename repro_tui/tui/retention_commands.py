"""The commands of pruning: the list with its verdicts, the policy beside it, and the trash."""

from __future__ import annotations

from repro_tui.tui.command import Command

PRUNING: tuple[Command, ...] = (
    # Prune
    Command("prune.override", ("space",), "override", "Keep it or remove it whatever the rules say.", footer=10),
    Command("prune.prune", ("enter",), "prune...", "Move to the trash what is to go, after a question.", footer=20),
    Command("prune.policy", ("tab",), "policy", "To the rules, and back.", "view", footer=30),
    Command("prune.undo", ("u",), "undo", "Bring back what was moved to the trash last.", footer=40),
    Command("prune.trash", ("T",), "trash", "Show what was removed and can be brought back.", "view", footer=50),
    Command("prune.empty", ("E",), "empty", "Empty the trash for good, after its number is typed."),
    Command("prune.filter", ("slash",), "filter", "List only lines with a text in name or reason.", "view", footer=60),
    Command("prune.sort", ("s",), "sort", "Choose what the lines are sorted by.", "view", footer=70),
    Command("prune.reverse", ("S",), "reverse", "Sort the other way round.", "view"),
    Command("prune.only", ("v",), "only changes", "List only what goes, or all.", "view"),
    Command("prune.parts", ("d",), "data only", "Give up only what the policy gives up, else its data."),
    Command("prune.rules", ("A",), "no overrides", "Take back all that was said line by line."),
    Command(
        "prune.folders", ("F",), "folders of runs...", "Compress journals of old runs, after a question of its own."
    ),
    Command("prune.refresh", ("R",), "refresh", "Read the store again now.", "view"),
    # Prune, the policy
    Command("policy.more", ("right", "l", "plus"), "more", "A greater number, or the next choice.", footer=10),
    Command("policy.less", ("left", "h", "minus"), "less", "A smaller number, or the choice before.", footer=20),
    Command("policy.write", ("enter",), "write", "Write the value of the rule.", footer=30),
    Command("policy.clear", ("backspace", "delete"), "clear", "Take the rule out.", footer=40),
    Command("policy.save", ("W",), "to repro.yaml", "Write the rules to repro.yaml, after a question.", footer=50),
    Command("policy.back", ("tab", "escape"), "back", "Back to the list.", "view", footer=60),
    # The trash
    Command("trash.undo", ("u", "enter"), "bring back", "Bring back what is under the cursor.", footer=10),
    Command("trash.undo_all", ("U",), "last prune", "Bring back all that was removed together.", footer=20),
    Command("trash.empty", ("E",), "empty", "Empty the trash for good, after its number is typed.", footer=30),
    Command("trash.refresh", ("R",), "refresh", "Read the store again now.", "view", footer=40),
)
