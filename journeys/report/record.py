"""One journey's timeline as the entry it gets in journeys.json."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Annotated, NotRequired, TypedDict

from msgspec import Meta

from flutter_bridge import Interval, wall_offset
from journeys.fonts import is_font
from journeys.report.chaos import ChaosRecord, chaos_of
from journeys.report.moments import (
    Bounds,
    FilmRecord,
    MomentRecord,
    Seconds,
    films_of,
    moments_of,
    relative_path,
    rounded,
)
from journeys.timeline import (
    ActorJoined,
    AppReopened,
    Cause,
    CommitUnreported,
    Event,
    HostUnreached,
    JourneyEnded,
    JourneyStarted,
    PlayedAgain,
    ScreenCompared,
    StepEnded,
    StreamReopened,
    VerdictReached,
    format_milliseconds,
)

# A tenth of a millisecond is finer than anything that is measured here.
_FINEST = Decimal("0.0001")

Outcome = Annotated[str, Meta(pattern=r"\A(passed|failed|inconclusive|error|not run)\Z")]
"""How a journey ended, or `not run`."""


MISSING_FONT = ", a font: text that is drawn in it has no letters"
"""What is said of a font that an app can't reach."""


class SurfaceRecord(TypedDict):
    """What was measured on one surface; earlier versions leave out `since`, `since_to_visible_s` and `boxes`.

    A box is left, top, width and height in the frame's pixels, by `last_old` and `first_new`.
    """

    surface: str
    actor: str
    target: str
    wanted: str
    budget_s: Seconds
    commit_to_visible_s: Bounds | None
    tap_to_visible_s: Bounds | None
    since: NotRequired[str]
    since_to_visible_s: NotRequired[Bounds | None]
    commit_to_said_s: Bounds | None
    verdict: str
    machine_busy: NotRequired[bool]
    fault: str | None
    reason: str
    distances: dict[str, int]
    last_old_frame: str | None
    first_new_frame: str | None
    boxes: NotRequired[dict[str, list[float]]]
    frames: int
    source: str


class ScreenRow(TypedDict):
    """One screen that was held against its baseline; `screens.json` has the rest."""

    screen: str
    actor: str
    target: str
    theme: str
    status: str
    accepted: bool
    summary: str
    folder: str | None


class StepRecord(TypedDict):
    """One step: when it began after the journey did, and how long it took."""

    title: str
    depth: int
    started_s: Seconds
    duration_s: Seconds
    error: str


class JourneyRecord(TypedDict):
    """One journey on one set of targets.

    Earlier versions leave out `reopened`, `unreached`, `unreported`, `attempt` and the last three.
    """

    id: str
    name: str
    priority: str
    targets: list[str]
    casting: str
    status: Outcome
    cause: Cause
    started_at: str
    duration_s: Seconds
    error: str
    actors: dict[str, str]
    attempt: NotRequired[int]
    reopened: NotRequired[list[str]]
    unreached: NotRequired[list[str]]
    unreported: NotRequired[list[str]]
    steps: list[StepRecord]
    surfaces: list[SurfaceRecord]
    screens: list[ScreenRow]
    moments: NotRequired[list[MomentRecord]]
    films: NotRequired[list[FilmRecord]]
    evidence: NotRequired[str]
    chaos: NotRequired[ChaosRecord]


def record_of(events: Iterable[Event], *, results: Path, attempt: int = 1) -> JourneyRecord:
    """Turn a journey's events into its record; paths are given relative to the `results` folder.

    They are those of one `attempt`, counted from 1.
    """
    record = JourneyRecord(
        id="",
        name="",
        priority="",
        targets=[],
        casting="",
        status="error",
        cause="infrastructure",
        started_at="",
        duration_s=0.0,
        error="the journey did not end",
        actors={},
        attempt=attempt,
        steps=[],
        surfaces=[],
        screens=[],
    )
    began = 0.0
    reopened: list[str] = []
    unreached: list[str] = []
    unreported: list[str] = []
    record |= {"reopened": reopened, "unreached": unreached, "unreported": unreported}
    events = tuple(events)
    for event in events:
        record["started_at"] = record["started_at"] or rfc3339(wall_time(event.at))
        match event:
            case JourneyStarted():
                began = event.at
                record["id"], record["name"] = event.id, event.name
                record["priority"], record["targets"] = event.priority, list(event.targets)
                record["casting"] = event.casting
            case ActorJoined():
                record["actors"][event.actor] = event.target
            case AppReopened() | StreamReopened() | PlayedAgain() | CommitUnreported():
                lines = unreported if isinstance(event, CommitUnreported) else reopened
                lines.append(event.summary)
            case HostUnreached():
                what = MISSING_FONT * is_font(event.address)
                unreached.append(
                    f"{event.actor}'s app on {event.target} can't reach {event.address}{what}: name its host "
                    "in allow_hosts of [tool.journeys], or have the app bring it along"
                )
            case StepEnded():
                record["steps"].append(
                    StepRecord(
                        title=event.title,
                        depth=event.depth,
                        started_s=rounded(event.at - event.duration_s - began),
                        duration_s=rounded(event.duration_s),
                        error=event.error,
                    )
                )
            case VerdictReached():
                record["surfaces"].append(_surface(event, results))
            case ScreenCompared():
                record["screens"].append(
                    ScreenRow(
                        screen=event.screen,
                        actor=event.actor,
                        target=event.target,
                        theme=event.theme,
                        status=event.status,
                        accepted=event.accepted,
                        summary=event.summary,
                        folder=relative_path(event.folder, results),
                    )
                )
            case JourneyEnded():
                record["status"], record["error"] = event.status.value, event.error
                record["cause"] = event.cause
                record["duration_s"] = rounded(event.duration_s)
    record |= {"moments": moments_of(events, began), "films": films_of(events, began, results)}
    _note_chaos(record, events, results)
    record["steps"].sort(key=lambda one: (one["started_s"], one["depth"]))
    return record


def _note_chaos(record: JourneyRecord, events: Iterable[Event], results: Path) -> None:
    chaos = chaos_of(events, results)
    if chaos is not None:
        record["chaos"] = chaos


def format_latency(latency: Bounds | Interval | None) -> str:
    """Write an interval as a person reads it: `82–99 ms`, rounded outwards; a dash where there is none."""
    if latency is None:
        return "—"
    if isinstance(latency, Interval):
        return format_milliseconds(latency.low, latency.high)
    return format_milliseconds(latency["low"], latency["high"])


def has_appeared(surface: SurfaceRecord) -> bool:
    """Whether a change was seen to stay, however late; then a latency of None is one that nobody knows."""
    return surface["commit_to_visible_s"] is not None or surface["tap_to_visible_s"] is not None


def is_timed(surface: SurfaceRecord) -> bool:
    """Whether a change was waited for: what had to stay as it was has no latency, not even an endless one."""
    if has_appeared(surface):
        return True
    stayed = surface["fault"] is None and surface["verdict"] in {"passed", "inconclusive"}
    return not stayed and surface["fault"] != "changed"


def rfc3339(moment: datetime) -> str:
    """Write a moment as the reports do: `2026-01-31T12:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _surface(event: VerdictReached, results: Path) -> SurfaceRecord:
    return SurfaceRecord(
        surface=event.surface,
        actor=event.actor,
        target=event.target,
        wanted=event.wanted,
        budget_s=event.budget_s,
        commit_to_visible_s=_bounds(event.commit_to_visible_s),
        tap_to_visible_s=_bounds(event.tap_to_visible_s),
        since=event.since,
        since_to_visible_s=_bounds(event.since_to_visible_s),
        commit_to_said_s=_bounds(event.commit_to_said_s),
        verdict=event.verdict.value,
        machine_busy=event.machine_busy,
        fault=event.fault,
        reason=event.reason,
        distances=event.distances,
        last_old_frame=relative_path(event.last_old_frame, results),
        first_new_frame=relative_path(event.first_new_frame, results),
        boxes={
            name: [round(one, 1) for one in (box.left, box.top, box.width, box.height)]
            for name, box in event.boxes.items()
        },
        frames=event.frames,
        source=event.source,
    )


def _bounds(interval: Interval | None) -> Bounds | None:
    if interval is None:
        return None
    # Outwards, so that the report never claims more than was measured; by the digits a float is written with.
    low, high = (Decimal(str(bound)) for bound in (interval.low, interval.high))
    return Bounds(
        low=float(low.quantize(_FINEST, ROUND_FLOOR)),
        high=float(high.quantize(_FINEST, ROUND_CEILING)) + 0.0,  # which makes 0 of -0
    )


def wall_time(at: float) -> datetime:
    """Return a moment of `now()` as this host's wall clock tells it."""
    offset = wall_offset()
    return datetime.fromtimestamp(at - (offset.low + offset.high) / 2, UTC)
