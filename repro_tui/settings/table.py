"""Every setting that `repro.yaml` may have: one table makes the defaults, the checks and docs/settings.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Value = str | int | float | bool | tuple[str, ...] | Mapping[str, str] | Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of the table."""

    name: str
    """Key in repro.yaml, dotted where nested: `metrics.stdout`."""
    default: Value
    doc: str
    kind: str = "text"
    """`text`, `size` (bytes, `2GB` is understood), `seconds` (`10m`), `age` (`30d`), `number`, `flag`, `list`,
    `choice a|b`, `map`, `records` (a map of maps), `rule …` (a rule of retention)."""


TABLE: tuple[Setting, ...] = (
    Setting("name", "", "Name of the project in the header; the folder's name when empty."),
    Setting(
        "home", "", "Where `.repro/` lies when not beside repro.yaml, for example on a scratch disk; REPRO_HOME wins."
    ),
    Setting(
        "shared", "no", "`group`: members of the folder's group may read and write what is recorded.", "choice no|group"
    ),
    Setting(
        "data", (), "Folders or files that are data, besides what a run is seen to read inside the project.", "list"
    ),
    Setting("out", (), "Folders or files that a run's results go to.", "list"),
    Setting("exclude", (), "Glob patterns of files that are neither code nor data.", "list"),
    Setting("code.limit", 1_000_000, "A single untracked or source file above this size is left out, by name.", "size"),
    Setting("code.total", 50_000_000, "All untracked files together are left out above this size.", "size"),
    Setting(
        "hash.metadata_above", 20_000_000_000, "A data set above this size is fingerprinted by metadata only.", "size"
    ),
    Setting("hash.max_files", 10_000, "Above this many files a run's reads are recorded as folders.", "number"),
    Setting("hash.while_running", 200_000_000, "Bytes a second that may be hashed while the script runs.", "size"),
    Setting(
        "metrics.stdout",
        (),
        "Regular expressions with named groups; numbers found in the output become metrics.",
        "list",
    ),
    Setting("metrics.files", (), "Glob patterns of metric files, besides those that are recognised.", "list"),
    Setting(
        "metrics",
        {},
        "Which way a metric is better, where its name does not tell: `metrics: {score: {better: up}}`; up or down."
        " The first one named is what results are compared by.",
        "records",
    ),
    Setting("env.allow", (), "Further environment variables to record, by name or `PREFIX_*`.", "list"),
    Setting(
        "secrets.allow", (), "Source files that may be recorded although something in them looks like a secret.", "list"
    ),
    Setting(
        "datasets",
        {},
        "Declared datasets: `train: {path: data/train, kind: auto, watch: never, label: y, key: id}`;"
        " watch is never, ask or always.",
        "records",
    ),
    Setting(
        "snapshot.ask",
        "ask",
        "What a run on a terminal does when it has ended: ask, always (keep without asking), never, later (ask in the"
        " dashboard), key (only when p is pressed).",
        "choice ask|always|never|later|key",
    ),
    Setting(
        "snapshot.unattended",
        "later",
        "The same for a run without a terminal (nohup, Slurm, CI).",
        "choice later|always|never",
    ),
    Setting("snapshot.always_below", 0, "Keep without asking when fewer bytes than this are new.", "size"),
    Setting("snapshot.wait", 60.0, "Seconds that the question on the terminal waits for an answer.", "seconds"),
    Setting("snapshot.failed", "no", "`yes`: also ask after failed runs and runs without outputs.", "choice no|yes"),
    Setting("snapshot.data", "yes", "What a snapshot does with the data of its run.", "choice yes|link|no"),
    Setting("snapshot.data_limit", 20_000_000_000, "A dataset above this size is linked instead of kept.", "size"),
    Setting("snapshot.output_limit", 2_000_000_000, "An output above this size is left out, by name.", "size"),
    Setting("snapshot.wheels", "no", "`yes`: keep the wheels of all packages too.", "choice no|yes"),
    Setting("retention.keep_last", "", "Of each lineage the last so many snapshots are kept.", "rule number"),
    Setting("retention.keep_hourly", "", "Of each of so many hours that have snapshots the last.", "rule number"),
    Setting("retention.keep_daily", "", "The same for days, in local time.", "rule number"),
    Setting("retention.keep_weekly", "", "The same for weeks that begin on Monday.", "rule number"),
    Setting("retention.keep_monthly", "", "The same for months.", "rule number"),
    Setting("retention.keep_yearly", "", "The same for years.", "rule number"),
    Setting("retention.keep_within", "", "All that are at most this much older than the newest: `30d`.", "rule age"),
    Setting("retention.keep_tags", "", "All of runs with one of these tags.", "rule list"),
    Setting(
        "retention.keep_best",
        "",
        "The best by a metric: `[{metric: acc, n: 3, per: lineage}]`, or `acc:3`.",
        "rule list",
    ),
    Setting("retention.keep_cited", "", "`yes`: what was exported or stands in `paper`.", "rule yes|no"),
    Setting("retention.keep_verified", "", "`yes`: what a replay has rebuilt (level 3 and above).", "rule yes|no"),
    Setting("retention.keep_parents", "", "`yes`: what something kept was made from.", "rule yes|no"),
    Setting(
        "retention.keep_failed",
        "",
        "Of failed runs the last so many; they then count for no rule that counts. Without it they are like others.",
        "rule number",
    ),
    Setting(
        "retention.max_size",
        "",
        "Bytes that the store may have; above it the least valuable go although a rule keeps them, never a pinned one.",
        "rule size",
    ),
    Setting("retention.per", "", "Within what the rules count; `lineage` when not said.", "rule lineage|tag|project"),
    Setting(
        "retention.give_up",
        "",
        "What is given up of a snapshot that no rule keeps: `[data, wheels, outputs>100MB]`; all of it when not said.",
        "rule list",
    ),
    Setting("retention.grace", 604_800.0, "How long what was removed stays in the trash.", "age"),
    Setting("retention.hint_above", 0, "Point to pruning when the store is larger than this; 0 for never.", "size"),
    Setting(
        "retention.runs.compress_after",
        0.0,
        "Journals and output of runs that ended so long ago are compressed when asked; 0 for never.",
        "age",
    ),
    Setting(
        "retention.runs.remove_failed_after",
        0.0,
        "Output of failed runs that ended so long ago is removed when asked; 0 for never.",
        "age",
    ),
    Setting(
        "paper",
        (),
        "What is cited: names or uids of runs, tags, or snapshots. `retention.keep_cited` keeps it.",
        "list",
    ),
    Setting("sample_every", 5.0, "Seconds between two samples of processor, memory and GPU use.", "seconds"),
    Setting("keys", {}, "Command id to key, to move a key of the dashboard: `runs.sort: o`.", "map"),
    Setting("theme", "", "Name of a Textual theme for the dashboard; our own when empty."),
)
"""Every setting there is."""
