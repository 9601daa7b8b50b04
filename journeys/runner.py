"""Runs one journey: emits its beginning and end, and stops it at once when what it runs against goes away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

from flutter_bridge import now
from journeys.failures import cause_of, first_cause, message_of, status_of
from journeys.journey import Journey
from journeys.snapshots import raise_for_screens
from journeys.timeline import Cause, JourneyEnded, JourneyStarted, Status, Timeline


async def run_journey(
    journey: Journey,
    play: Callable[[], Awaitable[None]],
    *,
    timeline: Timeline,
    targets: tuple[str, ...],
    casting: str = "",
    watch: Callable[[], Awaitable[NoReturn]],
) -> None:
    """Play a journey and record how it went.

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
        await _until_gone(play, watch)
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


async def _until_gone(play: Callable[[], Awaitable[None]], watch: Callable[[], Awaitable[NoReturn]]) -> None:
    async def played() -> None:
        await play()

    async def watched() -> NoReturn:
        await watch()

    playing = asyncio.create_task(played())
    watching = asyncio.create_task(watched())
    try:
        await asyncio.wait((playing, watching), return_when=asyncio.FIRST_COMPLETED)
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
