"""Trends made up: what cells became in the nights up to tonight."""

from __future__ import annotations

from collections.abc import Sequence

from journeys.nightly.record import NightRecord
from journeys.nightly.trends import CellTrend, NightRow, Since, TrendsRecord
from tests.journeys.nightly.sample_nights import TONIGHT


def trends(of: NightRecord, outcomes: dict[tuple[str, str], str]) -> TrendsRecord:
    """Trends in which these cells had these outcomes: a letter for each night, tonight's the last one."""
    longest = max(map(len, outcomes.values()), default=1)
    first = int(TONIGHT.rpartition("-")[2]) - longest + 1
    nights = [
        NightRow(
            id=f"night-{first + place}",
            started_at=f"2026-11-{17 + first + place:02d}T02:00:00.000Z",
            revision=f"{first + place:x}" * 12,
            branch=of["branch"],
            status="failed",
            duration_s=4000.0,
            counts={},
        )
        for place in range(longest)
    ]
    return TrendsRecord(
        schema=1,
        name=of["name"],
        branch=of["branch"],
        nights=nights,
        cells=[_trend(*key, letters.rjust(longest, "-"), nights) for key, letters in outcomes.items()],
        propagation=[],
        steps=[],
        changes=[],
    )


def _trend(of: str, on: str, letters: str, nights: Sequence[NightRow]) -> CellTrend:
    played = [letter for letter in letters if letter not in "-n"]
    passed = played.count("p")
    since = None
    if letters[-1] not in "p-n":
        unpassed = len(letters) - len(letters.rstrip("fei"))
        first = nights[-unpassed]
        before = nights[-unpassed - 1] if letters[:-unpassed].endswith("p") else None
        since = Since(
            night=first["id"],
            started_at=first["started_at"],
            revision=first["revision"],
            nights=unpassed,
            passed_last=before["id"] if before else "",
            passed_revision=before["revision"] if before else "",
        )
    return CellTrend(
        journey=of,
        name=of,
        casting=on,
        priority="P0",
        outcomes=letters,
        played=len(played),
        passed=passed,
        pass_rate=passed / len(played) if played else None,
        flake_score=None,
        infrastructure=0,
        expected_s=12.0,
        since=since,
    )
