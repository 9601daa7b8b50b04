"""What the page and the message are drawn from: a night in the order in which it is read.

Also since when a cause has been there, and the commands that play again what did not pass.
"""

from __future__ import annotations

import shlex
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Final

from journeys.nightly.record import CellRecord, NightRecord, TargetRecord
from journeys.nightly.report.causes import Group, groups_of, names_in
from journeys.nightly.trends import CellTrend, Since, TrendsRecord
from journeys.timeline import format_count

STATUSES: Final = ("failed", "error", "inconclusive", "not run", "passed")
"""The gravest first."""

MAX_JOURNEYS: Final = 20
"""More than that on one line nobody reads, and not every shell takes."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MAX_NAMES = 3


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


class NightReport:
    """A night in the order in which people read of it."""

    def __init__(
        self, night: NightRecord, trends: TrendsRecord | None, *, command: Sequence[str] = ("journeys", "run")
    ) -> None:
        self.night = night
        self.trends = trends
        file = night.get("targets_file")
        words = (*command, "--targets-file", file) if file else command
        self.rerun = RerunCommands(words, {target["name"] for target in night["targets"]})
        self.history = CellHistory(night, trends)
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
    def retried_cells(self) -> list[CellRecord]:
        """Cells that passed, yet not at once."""
        return [
            cell
            for cell in self.night["cells"]
            if has_passed(cell) and (len(cell["attempts"]) > 1 or reopenings(cell))
        ]

    @property
    def headline(self) -> str:
        """The night in one sentence."""
        cells = sum(self.counts.values())
        if not cells:
            return "Nothing was played"
        broke = next((section for section in self.sections if section.id == "broke"), None)
        if broke is not None:
            causes = format_count(len(broke.groups), "thing")
            return f"{causes} broke, in {broke.cells:,} of {format_count(cells, 'cell')}"
        if self.counts["passed"] == cells:
            return f"All {cells:,} cells passed" if cells > 1 else "The one cell passed"
        if not cells - self.counts["not run"]:
            return f"None of {format_count(cells, 'cell')} was played"
        for status in ("not run", "inconclusive"):
            if number := self.counts[status]:
                were = "was" if number == 1 else "were"
                return f"Nothing broke, yet {number:,} of {format_count(cells, 'cell')} {were} {status}"
        return f"Nothing broke: {self.counts['passed']:,} of {format_count(cells, 'cell')} passed"

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
                about=_describe_target(known.get(name)),
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

    @property
    def alerts(self) -> list[str]:
        """What is wrong with the night itself, a sentence for each."""
        night, alerts = self.night, list[str]()
        if night["error"]:
            alerts.append(f"Not the whole night: {night['error']}")
        elif len(night["shards"]) < night["shard_count"]:
            numbers = ", ".join(map(str, night["shards"]))
            alerts.append(f"Not the whole night: shard {numbers} of {night['shard_count']}")
        return [
            *alerts,
            *(f"{one['name']} could not be used: {one['error']}" for one in night["targets"] if one["error"]),
            *(f"Quarantine expired: {line}" for line in night["expired"]),
            *(f"Quarantine: {line}" for line in night.get("unmatched", ())),
        ]


class CellHistory:
    """The trends of a night's cells, and what they say of the causes found in it."""

    def __init__(self, night: NightRecord, trends: TrendsRecord | None) -> None:
        self._night = night
        self._cells: Mapping[tuple[str, str], CellTrend] = {
            (trend["journey"], trend["casting"]): trend for trend in (trends["cells"] if trends else ())
        }
        self._nights = {row["id"]: row for row in (trends["nights"] if trends else ())}

    def trend_of(self, cell: CellRecord) -> CellTrend | None:
        """Return the trend of a cell; None where nothing is known of it."""
        return self._cells.get((cell["journey"], cell["casting"]))

    def describe_since(self, cells: Sequence[CellRecord]) -> str:
        """Return since when these cells have not passed; empty where no nights before are known."""
        cells = [cell for cell in cells if cell["status"] != "not run"]
        if not cells or not self._nights.keys() - {self._night["id"]}:
            return ""
        of_nights: dict[str, list[tuple[CellRecord, Since | None]]] = defaultdict(list)
        for cell in cells:
            trend = self.trend_of(cell)
            since = trend["since"] if trend is not None else None
            of_nights["" if since is None or self._is_this(since) else since["night"]].append((cell, since))
        tonight = of_nights.pop("", [])
        if not of_nights:
            if not any(self._was_played_before(cell) for cell, _ in tonight):
                return "played for the first time"
            return f"new tonight{self._passed_last(since for _, since in tonight)}"
        # The longest standing first.
        ordered = sorted(of_nights.values(), key=lambda found: _start_of(found[0][1]))
        first = ordered[0][0][1]
        nights = max((since["nights"] for _, since in ordered[0] if since is not None), default=1)
        text = f"since {day_of(_start_of(first))}, {format_count(nights, 'night')}"
        if len(ordered) == 1 and not tonight:
            return text + self._passed_last(since for _, since in ordered[0])
        text += f" on {_names(cell for cell, _ in ordered[0])}"
        if later := [cell for found in ordered[1:] for cell, _ in found]:
            text += f"; later on {_names(later)}"
        if tonight:
            text += f"; new tonight on {_names(cell for cell, _ in tonight)}"
        return text

    def _is_this(self, since: Since) -> bool:
        return since["night"] == self._night["id"]

    def _was_played_before(self, cell: CellRecord) -> bool:
        trend = self.trend_of(cell)
        return trend is not None and trend["played"] > 1

    def _passed_last(self, several: Iterable[Since | None]) -> str:
        """Say when all of them passed last, where that is one night."""
        nights = {
            (since["passed_last"], since["passed_revision"]) if since else ("", "") for since in several
        }
        night, revision = next(iter(nights)) if len(nights) == 1 else ("", "")
        if not night:
            return ""
        row = self._nights.get(night)
        day = f" on {day_of(row['started_at'])}" if row is not None else ""
        at = f" at {revision[:10]}" if revision else ""
        return f"; passed last{day}{at}" if day or at else ""


class RerunCommands:
    """Writes commands that begin with some words; whatever isn't one of the targets is a cast."""

    def __init__(self, words: Sequence[str], targets: Collection[str]) -> None:
        self._targets = targets
        self.words = " ".join(map(shell_word, words))

    def command(self, cells: Sequence[CellRecord]) -> str:
        """Return one command that plays all of these: each of their journeys on each of their castings."""
        journeys = dict.fromkeys(cell["journey"] for cell in cells)
        castings = dict.fromkeys(cell["casting"] for cell in cells)
        return " ".join((self.words, *map(shell_word, journeys), *map(self.option, castings)))

    def option(self, casting: str) -> str:
        """Return a casting as an option: a target's name, or who is played where."""
        return f"{'--target' if casting in self._targets else '--cast'} {shell_word(casting)}"


def has_passed(cell: CellRecord) -> bool:
    """Whether a cell passed in the end."""
    return cell["status"] == "passed"


def reopenings(cell: CellRecord) -> list[str]:
    """Return a line for each app that was opened again in a cell's attempts."""
    records = (attempt["record"] for attempt in cell["attempts"])
    return [line for record in records if record is not None for line in record.get("reopened", ())]


def _describe_target(target: TargetRecord | None) -> str:
    if target is None:
        return "cast"
    devices = target["devices"]
    several = ", ".join(devices[:3]) + (f" and {len(devices) - 3} more" if len(devices) > 3 else "")
    return " · ".join(part for part in (target["platform"], target["provider"], several) if part)


def quickest_cell(cells: Iterable[CellRecord]) -> CellRecord:
    """Return the cell that takes least time to be played again."""
    return min(cells, key=lambda cell: (cell["expected_s"], cell["journey"], cell["casting"]))


def shell_word(text: str) -> str:
    """Return a text that a shell takes as that one word, on one line."""
    return shlex.quote(" ".join(text.split()) if text.split() else text)


def day_of(moment: str) -> str:
    """Return the day of an RFC 3339 moment as people write it: `18 Nov 2026`; as it is where it is none."""
    found = moment_of(moment)
    return f"{found.day} {_MONTHS[found.month - 1]} {found.year}" if found is not None else moment


def span_of(night: NightRecord) -> str:
    """Return when a night was: `21 Nov 2026, 03:00 to 04:12 UTC`."""
    began, ended = moment_of(night["started_at"]), moment_of(night["finished_at"])
    if began is None:
        return night["started_at"]
    text = f"{day_of(night['started_at'])}, {began:%H:%M}"
    if ended is None:
        return f"{text} UTC"
    other = "" if ended.date() == began.date() else f"{day_of(night['finished_at'])}, "
    return f"{text} to {other}{ended:%H:%M} UTC"


def moment_of(text: str) -> datetime | None:
    """Return an RFC 3339 moment in UTC; None where the text is none."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _start_of(since: Since | None) -> str:
    return since["started_at"] if since is not None else ""


def _names(cells: Iterable[CellRecord]) -> str:
    names = list(dict.fromkeys(cell["casting"] for cell in cells))
    if len(names) <= _MAX_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[: _MAX_NAMES - 1])} and {len(names) - _MAX_NAMES + 1} more"
