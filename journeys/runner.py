"""Runs one journey: emits its beginning and end, and stops it at once when what it runs against goes away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from inspect import unwrap
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from flutter_bridge import now
from journeys.errors import JourneyTimeout
from journeys.failures import cause_of, first_cause, message_of, status_of
from journeys.journey import Journey
from journeys.snapshots import raise_for_screens
from journeys.timeline import (
    Cause,
    JourneyEnded,
    JourneyStarted,
    Status,
    StepEnded,
    StepStarted,
    Timeline,
)


async def run_journey(
    journey: Journey,
    play: Callable[[], Awaitable[None]],
    *,
    timeline: Timeline,
    targets: tuple[str, ...],
    casting: str = "",
    limit_s: float,
    watch: Callable[[], Awaitable[NoReturn]],
) -> None:
    """Play a journey and record how it went.

    It is ended after `limit_s` seconds, and `JourneyTimeout` says where it was.
    `watch` raises as soon as a server has gone; the journey is then cut short, and what `watch` raised is
    raised here in the place of whatever the journey would have said of it later.
    """
    started = now()
    timeline.emit(
        JourneyStarted(
            id=journey.id,
            name=journey.name,
            priority=journey.priority,
            targets=targets,
            casting=casting,
            at=started,
        )
    )
    status, error = Status.PASSED, ""
    why: Cause = ""
    try:
        await _play_while_watched(
            play, watch, limit_s, lambda task: _timeout_error(journey, timeline, limit_s, task)
        )
        raise_for_screens(timeline)
    except BaseException as failure:
        cause = first_cause(failure)
        status, error, why = status_of(cause), message_of(cause), cause_of(cause)
        if cause is failure:
            raise
        raise cause from cause.__cause__  # of itself, and not of the group around it
    finally:
        timeline.emit(
            JourneyEnded(id=journey.id, status=status, duration_s=now() - started, error=error, cause=why)
        )


async def _play_while_watched(
    play: Callable[[], Awaitable[None]],
    watch: Callable[[], Awaitable[NoReturn]],
    limit_s: float,
    too_long: Callable[[asyncio.Task[None]], JourneyTimeout],
) -> None:
    async def run_play() -> None:
        await play()

    async def run_watch() -> NoReturn:
        await watch()

    playing = asyncio.create_task(run_play())
    watching = asyncio.create_task(run_watch())
    try:
        done, _ = await asyncio.wait(
            (playing, watching), timeout=limit_s, return_when=asyncio.FIRST_COMPLETED
        )
        if not done:
            raise too_long(playing)
        if not playing.done():
            await watching
        elif playing.exception() is not None and not watching.done():
            # A server that dies breaks the journey first and is seen to be dead a moment later.
            await asyncio.wait((watching,), timeout=0.5)
            if watching.done():
                await watching
        await playing
    finally:
        playing.cancel()
        watching.cancel()
        await asyncio.gather(playing, watching, return_exceptions=True)


def _timeout_error(
    journey: Journey, timeline: Timeline, limit_s: float, playing: asyncio.Task[None]
) -> JourneyTimeout:
    """Say that a journey takes too long, in which step and line it is, and what it waits for there."""
    frames = list(_waiting_frames(playing))
    script = getattr(unwrap(journey.script), "__code__", None)
    line = next((frame for frame in frames if frame.f_code is script), None)
    steps: list[str] = []
    for event in timeline:
        if isinstance(event, StepStarted):
            steps.append(event.title)
        elif isinstance(event, StepEnded):
            steps.remove(event.title)
    where = f", in {' > '.join(steps)!r}" if steps else ""
    if line is not None:
        where += f", at {_place(line)}"
    inner = [frame for frame in frames if frame.f_globals.get("__package__") != "asyncio"]
    if inner and inner[-1] is not line:
        where += f", waiting at {_place(inner[-1])} in {inner[-1].f_code.co_name}"
    return JourneyTimeout(
        f"ended after {limit_s:g} s{where}: a journey that needs longer has a timeout of its own, or "
        "journey_timeout in [tool.journeys] is raised"
    )


def _place(frame: FrameType) -> str:
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"


def _waiting_frames(task: asyncio.Task[None]) -> Iterator[FrameType]:
    """Yield the frames of the coroutines that a task waits in, from the outermost to the innermost."""
    waiting: Any = task.get_coro()
    while waiting is not None:
        # Generators that await what others made, and futures at the end, have another or no frame.
        frame = getattr(waiting, "cr_frame", None) or getattr(waiting, "gi_frame", None)
        if frame is not None:
            yield frame
        waiting = getattr(waiting, "cr_await", None) or getattr(waiting, "gi_yieldfrom", None)
