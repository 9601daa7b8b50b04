"""Since when a cause has been there: what the nights before say of the cells it is in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from journeys.farm.night_record import CellRecord, NightRecord
from journeys.farm.trends.record import CellTrend, Since, TrendsRecord

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MOST_NAMES = 3


class History:
    """The trends of a night's cells, and what they say of the causes found in it."""

    def __init__(self, night: NightRecord, trends: TrendsRecord | None) -> None:
        self._night = night
        self._cells: Mapping[tuple[str, str], CellTrend] = {
            (trend["journey"], trend["casting"]): trend for trend in (trends["cells"] if trends else ())
        }
        self._nights = {row["id"]: row for row in (trends["nights"] if trends else ())}

    def of(self, cell: CellRecord) -> CellTrend | None:
        """Return the trend of a cell; None where nothing is known of it."""
        return self._cells.get((cell["journey"], cell["casting"]))

    def since(self, cells: Sequence[CellRecord]) -> str:
        """Return since when these cells have not passed; empty where no nights before are known."""
        cells = [cell for cell in cells if cell["status"] != "not run"]
        if not cells or not self._nights.keys() - {self._night["id"]}:
            return ""
        of_nights: dict[str, list[tuple[CellRecord, Since | None]]] = defaultdict(list)
        for cell in cells:
            trend = self.of(cell)
            since = trend["since"] if trend is not None else None
            of_nights["" if since is None or self._is_this(since) else since["night"]].append((cell, since))
        tonight = of_nights.pop("", [])
        if not of_nights:
            if not any(self._played_before(cell) for cell, _ in tonight):
                return "played for the first time"
            return f"new tonight{self._passed_last(since for _, since in tonight)}"
        # The longest standing first.
        ordered = sorted(of_nights.values(), key=lambda found: _started(found[0][1]))
        first = ordered[0][0][1]
        nights = max((since["nights"] for _, since in ordered[0] if since is not None), default=1)
        said = f"since {day_of(_started(first))}, {_counted(nights, 'night')}"
        if len(ordered) == 1 and not tonight:
            return said + self._passed_last(since for _, since in ordered[0])
        said += f" on {_names(cell for cell, _ in ordered[0])}"
        if later := [cell for found in ordered[1:] for cell, _ in found]:
            said += f"; later on {_names(later)}"
        if tonight:
            said += f"; new tonight on {_names(cell for cell, _ in tonight)}"
        return said

    def _is_this(self, since: Since) -> bool:
        return since["night"] == self._night["id"]

    def _played_before(self, cell: CellRecord) -> bool:
        trend = self.of(cell)
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


def day_of(moment: str) -> str:
    """Return the day of an RFC 3339 moment as people write it: `18 Nov 2026`; as it is where it is none."""
    found = moment_of(moment)
    return f"{found.day} {_MONTHS[found.month - 1]} {found.year}" if found is not None else moment


def span_of(night: NightRecord) -> str:
    """Return when a night was: `21 Nov 2026, 03:00 to 04:12 UTC`."""
    began, ended = moment_of(night["started_at"]), moment_of(night["finished_at"])
    if began is None:
        return night["started_at"]
    said = f"{day_of(night['started_at'])}, {began:%H:%M}"
    if ended is None:
        return f"{said} UTC"
    other = "" if ended.date() == began.date() else f"{day_of(night['finished_at'])}, "
    return f"{said} to {other}{ended:%H:%M} UTC"


def moment_of(text: str) -> datetime | None:
    """Return an RFC 3339 moment in UTC; None where the text is none."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _started(since: Since | None) -> str:
    return since["started_at"] if since is not None else ""


def _names(cells: Iterable[CellRecord]) -> str:
    names = list(dict.fromkeys(cell["casting"] for cell in cells))
    if len(names) <= _MOST_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[: _MOST_NAMES - 1])} and {len(names) - _MOST_NAMES + 1} more"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
