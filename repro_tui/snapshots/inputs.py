"""The data of a run: what of it is kept, what is linked, and what is not what the run used any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from blake3 import blake3

from repro_tui.domain.dataset import Spec
from repro_tui.domain.ids import Digest
from repro_tui.domain.profile import FileLine
from repro_tui.domain.run import Coverage, FileFact, Run
from repro_tui.domain.snapshot import DataChoice, LeftOut, Link, PartKind
from repro_tui.settings import Project
from repro_tui.snapshots.late import Recorded, note_changed
from repro_tui.snapshots.look import Lister, Looked, found_of, raw
from repro_tui.snapshots.parts import Given, PartPlan, Plan
from repro_tui.snapshots.where import full_path, restored, to_name
from repro_tui.store.entry import Found, Trouble


@dataclass(frozen=True, slots=True)
class Policy:
    """What a snapshot does with data."""

    choice: DataChoice
    """`yes`, `no` or `link`; never `ask`."""
    limit: int
    """Bytes above which data is linked; 0 for no limit."""

    @classmethod
    def of(cls, project: Project, choice: DataChoice) -> Policy:
        """Decide: what was asked for wins, else what repro.yaml says, within its limit."""
        settings = project.settings
        if choice is DataChoice.ASK:
            return cls(DataChoice(settings.text("snapshot.data")), settings.number("snapshot.data_limit"))
        return cls(choice, 0)

    def links(self, size: int) -> bool:
        """Tell whether data of a size is linked instead of kept."""
        return self.choice is DataChoice.LINK or bool(self.limit and size > self.limit)


@dataclass(slots=True)
class _Group:
    """The paths that become one part."""

    name: str
    label: str
    """Of the dataset, empty for paths that belong to none."""
    looked: list[Looked] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Count the bytes that are there now."""
        return sum(_size(each) for each in self.looked)

    @property
    def digest(self) -> Digest | None:
        """Give the identity of the content where one fingerprint speaks for all of it."""
        only = self.looked[0] if len(self.looked) == 1 else None
        return only.now.digest if only is not None and not only.why else None


def data_facts(run: Run, project: Project) -> list[FileFact]:
    """Give what the run read as data, without files that a folder in the list speaks for."""
    facts = [fact for fact in run.files if fact.role == "in"]
    full = {fact.path: full_path(fact.path, project.root) for fact in facts}
    folders = tuple(full[fact.path] + b"/" for fact in facts if fact.files is not None)
    return [fact for fact in facts if not full[fact.path].startswith(folders)] if folders else facts


@dataclass(frozen=True, slots=True)
class Inputs:
    """Sorts the data of one run into parts."""

    project: Project
    recorded: Recorded
    specs: Sequence[Spec]
    plan: Plan
    committed: Mapping[bytes, Given]
    """Files of the code by the paths at which they are restored: data may have been committed as it was read."""

    def parts(self, looked: Sequence[Looked], policy: Policy, lister: Lister) -> list[PartPlan]:
        """Make the parts; what is missing goes to the plan's lists."""
        if policy.choice is DataChoice.NO:
            why = "data is not to be kept (snapshot.data, --data)"
            self.plan.left_out += [LeftOut(each.fact.path, why, each.fact.size or 0) for each in looked]
            return []
        parts = []
        for group in self._groups(looked, policy):
            part = self._linked(group, policy) if policy.links(group.size) else self._kept(group, lister)
            if part is not None:
                parts.append(part)
        return parts

    def _groups(self, looked: Iterable[Looked], policy: Policy) -> list[_Group]:
        """Put paths together: those of a dataset, those of none that are kept; of none that are linked each alone."""
        places = [(full_path(spec.path, self.project.root), spec.name) for spec in self.specs]
        groups: dict[str, _Group] = {}
        for each in looked:
            label = next((n for p, n in places if each.full == p or each.full.startswith(p + b"/")), "")
            alone = not label and policy.links(_size(each))
            name = f"data:{label}" if label else f"data:./{each.fact.path}" if alone else "data"
            groups.setdefault(name, _Group(name, label)).looked.append(each)
        return [groups[name] for name in sorted(groups)]

    def _linked(self, group: _Group, policy: Policy) -> PartPlan | None:
        """Keep only digests and places; what is not there as it was is still known by its digest, and named."""
        links = []
        for each in group.looked:
            if each.why:
                self.plan.partial.append(f"{each.fact.path} {each.why}")
            digest = each.fact.digest or (each.now.digest if each.completed else None)
            coverage = Coverage.PENDING if digest is None else Coverage.FULL if each.completed else each.fact.coverage
            links.append(Link(to_name(each.full), digest, _size(each), each.fact.files, str(coverage)))
        if policy.choice is not DataChoice.LINK:
            why = f"above snapshot.data_limit ({policy.limit:,} bytes), linked by digest instead"
            self.plan.left_out.append(LeftOut(group.label or group.looked[0].fact.path, why, group.size))
        what = f"{group.label or group.looked[0].fact.path} linked"
        return PartPlan(group.name, PartKind.DATA, what, linked=tuple(links), digest=group.digest)

    def _kept(self, group: _Group, lister: Lister) -> PartPlan | None:
        found: list[Found] = []
        given: list[Given] = []
        for each in group.looked:
            unsure = each.why or each.now.coverage is Coverage.PENDING
            if unsure and (kept := self._committed(each)) is not None:
                given.append(kept)
            else:
                found += self._found(each, lister)
        files = sum(item.kind != "d" for item in found) + len(given)
        if not files and any(each.why for each in group.looked):
            return None
        count = self._rows(group) or f"{files:,} file{'' if files == 1 else 's'}"
        what = f"{group.label} {count}" if group.label else count
        return PartPlan(group.name, PartKind.DATA, what, tuple(given), tuple(found), digest=group.digest)

    def _committed(self, looked: Looked) -> Given | None:
        """Give a file that is gone or changed, where the code holds it with the very content that the run read."""
        given = self.committed.get(restored(looked.full, self.project.root))
        if given is None or given.is_link or given.size != looked.fact.size or looked.fact.files is not None:
            return None
        data = given.data
        if data is None and given.objects is not None:
            data = given.objects.read_one(given.oid)
        return given if data is not None and blake3(data).digest() == raw(looked.fact.digest) else None

    def _found(self, looked: Looked, lister: Lister) -> list[Found]:
        """List what is kept of one path; of a folder that changed, what is known to be still the same."""
        lines: Mapping[bytes, FileLine] = {}
        if looked.why:
            lines = self.recorded.lines(looked)
            if not lines:
                self.plan.partial.append(f"{looked.fact.path} {looked.why}")
                return []
        elif looked.now.files is not None:
            lines = lister.lines(looked.full)
        found, troubles = found_of(looked, self.project.root, self.project.settings.list("exclude"), lines)
        if looked.why:
            note_changed(self.plan, looked, found, lines)
        for trouble in troubles:
            self._note(trouble)
        return found

    def _note(self, trouble: Trouble) -> None:
        """Put what could not be listed to what is missing; pipes and devices are no data."""
        name = to_name(trouble.path)
        if trouble.why.startswith("is "):
            self.plan.left_out.append(LeftOut(name, trouble.why, trouble.size))
        else:
            self.plan.partial.append(f"{name} {trouble.why}")

    def _rows(self, group: _Group) -> str:
        """Say how many rows a dataset's version has, where somebody counted them."""
        rows = self.recorded.rows(group.label, group.digest) if group.label else None
        return f"{rows:,} rows" if rows is not None else ""


def _size(looked: Looked) -> int:
    return looked.now.size if looked.now.size is not None else looked.fact.size or 0
