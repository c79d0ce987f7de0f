"""A calendar of 300 snapshots in a real restic repository, and what restic keeps of it by many policies.

`python tests/domain/restic_calendar.py` makes the repository (some minutes) and writes `restic_keeps.json` beside this
file. Both sides see the same moments in the same time zone; a snapshot is told by its second and its tag.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

RECORD = Path(__file__).with_name("restic_keeps.json")
ZONE = "Europe/Berlin"
RULE_OF_ZONE = "CET-1CEST,M3.5.0,M10.5.0/3"
"""The same zone for machines without a time zone database."""
TAGS = ("", "", "", "", "paper", "thesis", "sweep")
ALL_RULES = (
    "keep_last=7 keep_hourly=24 keep_daily=31 keep_weekly=12 keep_monthly=24 keep_yearly=5 keep_within=1d"
    " keep_tags=thesis"
)
POLICIES = (
    *("keep_last=1", "keep_last=5", "keep_last=299", "keep_last=300", "keep_last=1000"),
    *("keep_hourly=1", "keep_hourly=24", "keep_hourly=500", "keep_daily=1", "keep_daily=7", "keep_daily=400"),
    *("keep_weekly=1", "keep_weekly=4", "keep_weekly=53", "keep_weekly=300", "keep_monthly=1", "keep_monthly=12"),
    *("keep_monthly=100", "keep_yearly=1", "keep_yearly=3", "keep_yearly=10"),
    *("keep_within=12h", "keep_within=2d", "keep_within=30d", "keep_within=10000d"),
    *("keep_tags=paper", "keep_tags=paper,thesis", "keep_tags=absent keep_last=1"),
    *("keep_last=3 keep_daily=7", "keep_daily=7 keep_weekly=4 keep_monthly=12 keep_yearly=10"),
    *("keep_last=5 keep_daily=7 keep_weekly=4 keep_tags=paper", "keep_hourly=10 keep_yearly=2 keep_within=3d"),
    *("keep_weekly=10 keep_monthly=3", "keep_last=2 keep_hourly=3 keep_daily=4 keep_weekly=5 keep_monthly=6"),
    ALL_RULES,
)


def calendar() -> list[tuple[float, str]]:
    """Give 300 moments with tags: clusters and gaps, changes of the clock, leap days, ends of years, equal seconds."""
    zone, draw = ZoneInfo(ZONE), random.Random(300)
    moments: list[float] = []

    def local(*parts: int, fold: int = 0) -> float:
        return datetime(*parts, tzinfo=zone, fold=fold).timestamp()

    for year, month, day in ((2022, 3, 27), (2023, 3, 26), (2022, 10, 30), (2023, 10, 29)):
        start = datetime(year, month, day, tzinfo=zone).timestamp()
        moments += [start + hour * 3600 + 600 for hour in range(-1, 6)]
    moments += [local(2023, 10, 29, 2, 30, fold=fold) for fold in (0, 1)]
    for year in (2018, 2019, 2020, 2021, 2022):
        moments += [local(year, 12, 31, 23, 59, 59), local(year + 1, 1, 1), local(year + 1, 1, 1, 0, 0, 1)]
        moments += [local(year, 12, 28 + day, 12) for day in range(3)] + [
            local(year + 1, 1, 3 + day, 9) for day in (0, 1)
        ]
    moments += [local(2020, 2, 28, 10), local(2020, 2, 29, 10), local(2020, 3, 1, 10), local(2024, 2, 29, 23, 59, 59)]
    moments += [local(2023, 5, 5, 5, 5, 5)] * 4 + [local(2024, 2, 29, 23, 59, 59)] * 2
    moments += [local(2019, 6, 1) + 86400 * 7 * week for week in range(30)]
    day = datetime(2023, 11, 1, tzinfo=zone)
    while len(moments) < 300:
        day += timedelta(hours=draw.choice((1, 1, 1, 2, 5, 11, 24, 26, 49)))
        moments.append(day.timestamp() + draw.randrange(3600))
    return [(float(int(moment)), draw.choice(TAGS)) for moment in sorted(moments)]


def restic(repository: Path, *arguments: str, zone: str = ZONE) -> str:
    """Run restic on a repository in a time zone, and give what it printed."""
    environment = {**os.environ, "TZ": zone, "RESTIC_PASSWORD": "x", "RESTIC_REPOSITORY": str(repository)}
    environment["RESTIC_CACHE_DIR"] = str(repository.with_name("cache"))
    done = subprocess.run(["restic", *arguments], env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def fill(repository: Path, snapshots: Iterable[tuple[float, str]]) -> None:
    """Make a repository with a snapshot at each moment.

    Each is taken in a zone of the offset that holds then, so that both hours of a clock set back can be named.
    """
    restic(repository, "init")
    content = repository.with_name("content")
    content.write_text("the same each time\n")
    for t, tag in snapshots:
        there = datetime.fromtimestamp(t, ZoneInfo(ZONE))
        offset = there.utcoffset()
        assert offset is not None
        zone = f"Etc/GMT-{int(offset.total_seconds()) // 3600}"
        tags = ("--tag", tag) if tag else ()
        restic(repository, "backup", "--time", f"{there:%Y-%m-%d %H:%M:%S}", *tags, str(content), zone=zone)


def keeps(repository: Path, policy: str) -> list[tuple[float, str]]:
    """Give what restic would keep by one of our policies, as (second, tag)."""
    found = json.loads(restic(repository, "forget", "--dry-run", "--json", "--group-by", "", *_options(policy)))
    return sorted(
        (datetime.fromisoformat(each["time"]).timestamp(), (each.get("tags") or [""])[0])
        for group in found
        for each in group["keep"] or ()
    )


def _options(policy: str) -> Sequence[str]:
    options: list[str] = []
    for rule in policy.split():
        name, _, value = rule.partition("=")
        option = "--" + name.replace("_", "-").replace("tags", "tag")
        for each in value.split(","):
            options += [option, each]
    return options


def main() -> None:
    """Make the record."""
    snapshots = calendar()
    with tempfile.TemporaryDirectory() as folder:
        repository = Path(folder) / "repository"
        fill(repository, snapshots)
        kept = {policy: keeps(repository, policy) for policy in POLICIES}
        version = restic(repository, "version").strip()
    marks = {policy: _marks(snapshots, found) for policy, found in kept.items()}
    record = {"restic": version, "zone": ZONE, "snapshots": snapshots, "kept": marks}
    lines = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in record.items() if key != "kept"]
    rules = ",\n".join(f"  {json.dumps(policy)}:\n   {json.dumps(text)}" for policy, text in marks.items())
    RECORD.write_text("{\n" + ",\n".join([*lines, f' "kept": {{\n{rules}\n }}']) + "\n}\n", "utf-8")


def _marks(snapshots: Sequence[tuple[float, str]], kept: Sequence[tuple[float, str]]) -> str:
    """Write a `#` for what is kept and a `.` for what is not, in the order of time; of equal ones the first."""
    left = list(kept)
    text = ""
    for snapshot in snapshots:
        text += "#" if snapshot in left else "."
        if snapshot in left:
            left.remove(snapshot)
    assert not left, "what restic keeps is in the calendar"
    return text


if __name__ == "__main__":
    main()
