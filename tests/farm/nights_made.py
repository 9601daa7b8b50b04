"""Nights made up for the morning report: cells by their outcome, with frames drawn beside them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from journeys.farm.night_record import (
    AttemptRecord,
    CellRecord,
    CellStatus,
    NightRecord,
    QuarantineRecord,
    TargetRecord,
)
from journeys.farm.trends.record import CellTrend, NightRow, Since, TrendsRecord
from journeys.report import JourneyRecord
from journeys.report.record import Bounds, ScreenRow, SurfaceRecord, record_of

TONIGHT = "night-4"
HOSTILE = '<img src=x onerror="document.title=`taken`">\'"</script><script>alert(1)</script>'


def surface(
    verdict: str = "failed", fault: str | None = "never appeared", *, on: str = "feed", **fields: Any
) -> SurfaceRecord:
    """What was measured on a surface; seen too late where there is no fault."""
    seen = None if fault is not None else Bounds(low=1.2031, high=1.2659)
    record = SurfaceRecord(
        surface=on,
        actor="bob",
        target="web",
        wanted="a fresh picture",
        budget_s=1.0,
        commit_to_visible_s=seen,
        tap_to_visible_s=seen,
        commit_to_said_s=None,
        verdict=verdict,
        fault=fault,
        reason="",
        distances={},
        last_old_frame=f"{on.replace(' ', '-')}-last-old.png",
        first_new_frame=None if fault == "never appeared" else f"{on.replace(' ', '-')}-first-new.png",
        frames=40,
        source="screencast",
    )
    return SurfaceRecord(**{**record, **fields})  # type: ignore[typeddict-item]  # by their names


def screen(summary: str, *, name: str = "profile", **fields: Any) -> ScreenRow:
    """A screen that is not as its baseline."""
    record = ScreenRow(
        screen=name,
        actor="alice",
        target="web-chromium-1x",
        theme="light",
        status="changed",
        accepted=False,
        summary=summary,
        folder="screens/3f2a9c01d4e7",
    )
    return ScreenRow(**{**record, **fields})  # type: ignore[typeddict-item]  # by their names


def journey(
    status: str, *, surfaces: Iterable[SurfaceRecord] = (), screens: Iterable[ScreenRow] = ()
) -> JourneyRecord:
    """A journey's record with what was measured in it."""
    record = record_of([], results=Path())
    record["status"], record["error"] = status, ""
    record["surfaces"], record["screens"] = list(surfaces), list(screens)
    return record


def cell(
    status: CellStatus = "passed",
    *,
    of: str = "new_avatar_reaches_every_surface",
    on: str = "web",
    error: str = "",
    surfaces: Sequence[SurfaceRecord] = (),
    screens: Sequence[ScreenRow] = (),
    quarantine: QuarantineRecord | None = None,
    failed_tries: Sequence[str] = (),
    **fields: Any,
) -> CellRecord:
    """One cell; `failed_tries` are the errors of the tries before the last one, by the infrastructure."""
    causes = {"passed": "", "not run": "", "inconclusive": "verdict", "error": "infrastructure"}
    cause = "screen" if screens else causes.get(status, "verdict")
    attempts = [
        _attempt(number, "error", "infrastructure", said, of, on)
        for number, said in enumerate(failed_tries, start=1)
    ]
    if status != "not run":
        last = _attempt(len(attempts) + 1, status, cause, error, of, on)
        last["record"] = journey(status, surfaces=surfaces, screens=screens)
        attempts.append(last)
    record = CellRecord(
        journey=of,
        name=of.replace("_", " ").capitalize(),
        priority="P0",
        casting=on,
        status=status,
        cause=cause,  # type: ignore[typeddict-item]  # one of them
        error=error,
        expected_s=12.0,
        shard=1,
        quarantine=quarantine,
        attempts=attempts,
    )
    return CellRecord(**{**record, **fields})  # type: ignore[typeddict-item]  # by their names


def night(*cells: CellRecord, **fields: Any) -> NightRecord:
    """A night with these cells, all of its shards there."""
    statuses = {each["status"] for each in cells}
    gravest: Sequence[CellStatus] = ("error", "failed", "inconclusive", "passed")
    castings = dict.fromkeys(each["casting"] for each in cells)
    record = NightRecord(
        schema=1,
        id=TONIGHT,
        name="nightly",
        started_at="2026-11-21T02:00:00.000Z",
        finished_at="2026-11-21T03:12:30.000Z",
        duration_s=4350.0,
        status=next((status for status in gravest if status in statuses), "error"),
        error="",
        revision="8c1f0d2e7a9b4c5d6e7f",
        branch="main",
        shards=[1],
        shard_count=1,
        workers=4,
        planned_s=4200.0,
        expired=[],
        targets=[target(name) for name in castings if "=" not in name],
        cells=list(cells),
        logs=[],
    )
    return NightRecord(**{**record, **fields})  # type: ignore[typeddict-item]  # by their names


def target(name: str, *, error: str = "", **fields: Any) -> TargetRecord:
    """A target of a night."""
    platform = "web" if name.startswith("web") else "android"
    record = TargetRecord(name=name, platform=platform, provider="", devices=[], error=error)
    return TargetRecord(**{**record, **fields})  # type: ignore[typeddict-item]  # by their names


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


def draw_frames(folder: Path, record: NightRecord) -> None:
    """Draw the frames and screens that a night's record names into its folder."""
    for each in record["cells"]:
        for attempt in each["attempts"]:
            results = folder / attempt["results"]
            results.mkdir(parents=True, exist_ok=True)
            if attempt["record"] is None:
                continue
            for seen in attempt["record"]["surfaces"]:
                for name, colour in (
                    (seen["last_old_frame"], "#7a8694"),
                    (seen["first_new_frame"], "#d0761b"),
                ):
                    if name is not None:
                        _draw(results / name, colour)
            for shown in attempt["record"]["screens"]:
                if shown["folder"] is not None:
                    for name, colour in (
                        ("baseline", "#1b6e40"),
                        ("actual", "#1b5fa8"),
                        ("difference", "#c22f2f"),
                    ):
                        _draw(results / shown["folder"] / f"{name}.png", colour)


def _draw(file: Path, colour: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_drawn(colour))


@cache
def _drawn(colour: str) -> bytes:
    picture = Image.new("RGB", (206, 380), "#f4f1ec")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 206, 40), fill="#2b5d5a")
    pen.ellipse((166, 6, 194, 34), fill=colour)
    for top in (60, 170, 280):
        pen.rounded_rectangle((12, top, 194, top + 90), 8, fill="#ffffff")
        pen.ellipse((22, top + 12, 58, top + 48), fill=colour if top == 60 else "#b9c2c9")
        pen.rectangle((68, top + 20, 170, top + 28), fill="#c9d0d6")
        pen.rectangle((22, top + 62, 180, top + 70), fill="#dfe4e8")
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    return kept.getvalue()


def _attempt(number: int, status: str, cause: str, error: str, of: str, on: str) -> AttemptRecord:
    return AttemptRecord(
        number=number,
        status=status,
        cause=cause,  # type: ignore[typeddict-item]  # one of them
        error=error,
        started_at="2026-11-21T02:10:00.000Z",
        duration_s=14.2,
        worker="gw0",
        devices=[],
        results=f"results/{of}-{on}-{number}",
        record=None,
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
