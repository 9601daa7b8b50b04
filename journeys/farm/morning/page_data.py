"""What the page and the message are drawn from: a night in the order in which it is read in the morning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from journeys.farm.morning.causes import Group, groups_of, names_in
from journeys.farm.morning.rerun import Again
from journeys.farm.morning.since import History
from journeys.farm.night_record import CellRecord, NightRecord, TargetRecord
from journeys.farm.trends.record import TrendsRecord

STATUSES: Final = ("failed", "error", "inconclusive", "not run", "passed")
"""The gravest first."""


@dataclass(frozen=True)
class Section:
    """Groups that are read together; `id` names it in the page's address."""

    id: str
    title: str
    lead: str
    groups: Sequence[Group]

    @property
    def cells(self) -> int:
        """How many cells are in it."""
        return sum(len(group.cells) for group in self.groups)


@dataclass(frozen=True)
class TargetRow:
    """One target and how its cells ended; the name is a casting's where no target has it."""

    name: str
    about: str
    error: str
    counts: Counter[str]


class Morning:
    """A night as it is told in the morning."""

    def __init__(
        self, night: NightRecord, trends: TrendsRecord | None, *, command: Sequence[str] = ("journeys", "run")
    ) -> None:
        self.night = night
        self.trends = trends
        file = night.get("targets_file")
        words = (*command, "--targets-file", file) if file else command
        self.again = Again(words, {target["name"] for target in night["targets"]})
        self.history = History(night, trends)
        self.counts: Counter[str] = Counter(cell["status"] for cell in night["cells"])

    @cached_property
    def sections(self) -> list[Section]:
        """What did not pass, by cause: what broke, what nobody can tell, what is known to be flaky."""
        cells = self.night["cells"]
        unknown = [cell for cell in cells if cell["quarantine"] is None]
        sections = (
            ("broke", "What broke", "", [c for c in unknown if c["status"] in {"failed", "error"}]),
            (
                "inconclusive",
                "Inconclusive",
                "The machine was too slow to tell: neither passed nor failed.",
                [c for c in unknown if c["status"] == "inconclusive"],
            ),
            (
                "not-run",
                "Not run",
                "Nothing is known of these: the night ended before them, or their target could not be used.",
                [c for c in unknown if c["status"] == "not run"],
            ),
            (
                "quarantine",
                "In quarantine",
                "Known to be flaky: played all the same, and no reason for the night to fail.",
                [c for c in cells if c["quarantine"] is not None and c["status"] != "passed"],
            ),
        )
        names = names_in(self.night)
        return [
            Section(name, title, lead, groups_of(found, names=names))
            for name, title, lead, found in sections
            if found
        ]

    @cached_property
    def tried_again(self) -> list[CellRecord]:
        """Cells that passed, yet not at once."""
        return [
            cell
            for cell in self.night["cells"]
            if passed(cell) and (len(cell["attempts"]) > 1 or reopened(cell))
        ]

    @property
    def headline(self) -> str:
        """The night in one sentence."""
        cells = sum(self.counts.values())
        if not cells:
            return "Nothing was played"
        broke = next((section for section in self.sections if section.id == "broke"), None)
        if broke is not None:
            causes = counted(len(broke.groups), "thing")
            return f"{causes} broke, in {broke.cells:,} of {counted(cells, 'cell')}"
        if self.counts["passed"] == cells:
            return f"All {cells:,} cells passed" if cells > 1 else "The one cell passed"
        if not cells - self.counts["not run"]:
            return f"None of {counted(cells, 'cell')} was played"
        for status in ("not run", "inconclusive"):
            if number := self.counts[status]:
                return f"Nothing broke, yet {number:,} of {counted(cells, 'cell')} {_were(number)} {status}"
        return f"Nothing broke: {self.counts['passed']:,} of {counted(cells, 'cell')} passed"

    @property
    def alerts(self) -> list[str]:
        """What is wrong with the night itself, a sentence for each."""
        return list(self._alerts())

    @cached_property
    def targets(self) -> list[TargetRow]:
        """The targets and casts of the night, with how their cells ended; those with most trouble first."""
        counts: dict[str, Counter[str]] = {target["name"]: Counter() for target in self.night["targets"]}
        for cell in self.night["cells"]:
            counts.setdefault(cell["casting"], Counter())[cell["status"]] += 1
        known = {target["name"]: target for target in self.night["targets"]}
        rows = [
            TargetRow(
                name=name,
                about=_about(known.get(name)),
                error=known[name]["error"] if name in known else "",
                counts=of_target,
            )
            for name, of_target in counts.items()
            # A target that is only one of a cast's has no cells of its own.
            if of_target or known[name]["error"]
        ]
        return sorted(
            rows, key=lambda row: (not row.error, row.counts["passed"] - row.counts.total(), row.name)
        )

    def _alerts(self) -> Iterator[str]:
        night = self.night
        if night["error"]:
            yield f"Not the whole night: {night['error']}"
        elif len(night["shards"]) < night["shard_count"]:
            numbers = ", ".join(map(str, night["shards"]))
            yield f"Not the whole night: shard {numbers} of {night['shard_count']}"
        for target in night["targets"]:
            if target["error"]:
                yield f"{target['name']} could not be used: {target['error']}"
        for line in night["expired"]:
            yield f"Quarantine expired: {line}"
        for line in night.get("unmatched", ()):
            yield f"Quarantine: {line}"


def passed(cell: CellRecord) -> bool:
    """Whether a cell passed in the end."""
    return cell["status"] == "passed"


def reopened(cell: CellRecord) -> list[str]:
    """Return a line for each app that was opened anew in a cell's attempts."""
    records = (attempt["record"] for attempt in cell["attempts"])
    return [line for record in records if record is not None for line in record.get("reopened", ())]


def counted(number: int, what: str) -> str:
    """Return `1 cell`, `2,000 cells`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def duration_of(seconds: float) -> str:
    """Return how long something took: `4.2 s`, `12 min`, `7 h 5 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60:,} h {minutes % 60} min"


def _about(target: TargetRecord | None) -> str:
    if target is None:
        return "cast"
    devices = target["devices"]
    several = ", ".join(devices[:3]) + (f" and {len(devices) - 3} more" if len(devices) > 3 else "")
    return " · ".join(part for part in (target["platform"], target["provider"], several) if part)
