"""Runs and journeys as a page is made of them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Page

from flutter_bridge import Box, Interval, now
from journeys import Event, Status, Verdict
from journeys.report import JourneyRecord, RunDocument, record_of
from journeys.report.moments import FilmRecord
from journeys.timeline import Acted, ActorJoined, Committed, Filmed, StepEnded, SurfaceChanged, SurfaceState
from tests.journeys.report.events_made import journey_events, verdict

RED, GREEN = (200, 30, 30), (30, 160, 60)

Open = Callable[..., Awaitable[Page]]


def run_of(*records: JourneyRecord, error: str = "") -> RunDocument:
    return RunDocument(
        schema=1,
        started_at="2026-01-31T12:00:00.000Z",
        finished_at="2026-01-31T12:01:00.000Z",
        duration_s=60.0,
        addresses={},
        apps={},
        machine={"system": "Linux", "python": "3.11", "cpus": 2},
        status="failed",
        error=error,
        journeys=list(records),
    )


def watched_journey(folder: Path, **details: Any) -> JourneyRecord:
    """Return a journey in which Alice's header turned from red to green, two seconds after the beginning."""
    folder.mkdir(exist_ok=True)
    for name, colour in (("old", RED), ("new", GREEN)):
        frame = Image.new("RGB", (400, 800), "white")
        frame.paste(colour, (300, 20, 340, 60))
        frame.save(folder / f"{name}.png")
    sheet = Image.new("RGB", (300, 300), RED)
    sheet.paste(GREEN, (150, 0, 300, 300))
    sheet.save(folder / "film.webp", lossless=True)
    texts = [{"after_first_s": -1.0, "text": "text 'Old'"}, {"after_first_s": 0.5, "text": "text 'New'"}]
    (folder / "film.json").write_text(json.dumps(texts))
    began = now() - 60

    def at(seconds: float) -> Interval:
        return Interval(began + seconds, began + seconds + 0.01)

    events: list[Event] = [
        ActorJoined(actor="bob", target="pixel", at=began + 0.2),
        StepEnded(title="alice uploads a picture", depth=0, duration_s=2.0, at=began + 2.4),
        Acted(actor="alice", action="chooses a file", received=at(1.5)),
        Committed(change="picture", committed=at(1.7), source="stamp"),
        SurfaceChanged(surface="header", actor="alice", state=SurfaceState.NEW, shown=at(2.0)),
        verdict(
            details.pop("verdict", Verdict.PASSED),
            last_old_frame=folder / "old.png",
            first_new_frame=folder / "new.png",
            boxes={"last_old": Box(300, 20, 40, 40), "first_new": Box(300, 20, 40, 40)},
        ),
        Filmed(
            actor="alice",
            sheet=folder / "film.webp",
            texts=folder / "film.json",
            width=150,
            height=300,
            shown=(at(1.4), at(2.0)),
        ),
    ]
    made = record_of(between(events, began, **details), results=folder.parent)
    made["evidence"] = folder.name
    return made


def with_bob(record: JourneyRecord) -> JourneyRecord:
    """Return a journey in which Bob's app is filmed at the same moments as Alice's."""
    films = record["films"]
    record["films"] = [*films, *(FilmRecord(**{**film, "actor": "bob"}) for film in films)]
    return record


def between(events: list[Event], began: float, **details: Any) -> list[Event]:
    first, joined, last = journey_events(**details)
    # All moments count from one beginning, however busy the machine is between two lines.
    return [replace(first, at=began), joined, *events, last]


def plain(name: str, status: Status = Status.PASSED, **details: Any) -> JourneyRecord:
    return record_of(
        journey_events(identifier=name, name=f"Somebody {name}", status=status, **details),
        results=Path("/nowhere"),
    )
