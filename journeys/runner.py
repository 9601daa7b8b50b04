"""Runs one journey: emits its beginning and end, and stops it at once when what it runs against goes away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NoReturn

from flutter_bridge import AppUnreachable, BrowserMissing, SemanticsMissing, now
from journeys.errors import JourneysError
from journeys.journey import Journey
from journeys.propagation import Inconclusive, ObserverError
from journeys.timeline import JourneyEnded, JourneyStarted, Status, Timeline

# What keeps a journey from its verdict, rather than being one.
_ERRORS = (JourneysError, AppUnreachable, BrowserMissing, SemanticsMissing, ObserverError)


async def run_journey(
    journey: Journey,
    play: Callable[[], Awaitable[None]],
    *,
    timeline: Timeline,
    targets: tuple[str, ...],
    watch: Callable[[], Awaitable[NoReturn]],
) -> None:
    """Play a journey and record how it went.

    `watch` raises as soon as a server has gone; the journey is then cut short, and what `watch` raised is
    raised here in the place of whatever the journey would have said of it later.
    """
    started = now()
    timeline.emit(
        JourneyStarted(
            id=journey.id, name=journey.name, priority=journey.priority, targets=targets, at=started
        )
    )
    status, error = Status.PASSED, ""
    try:
        await _until_gone(play, watch)
    except BaseException as failure:
        cause = first_cause(failure)
        status, error = status_of(cause), told(cause)
        if cause is failure:
            raise
        raise cause from failure
    finally:
        timeline.emit(JourneyEnded(id=journey.id, status=status, duration_s=now() - started, error=error))


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
        for task in (playing, watching):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task


def first_cause(failure: BaseException) -> BaseException:
    """Return the failure that matters in a group of them: what kept the journey from its verdict, if any."""
    if not isinstance(failure, BaseExceptionGroup):
        return failure
    leaves = [first_cause(one) for one in failure.exceptions]
    return next((leaf for leaf in leaves if isinstance(leaf, _ERRORS)), leaves[0])


def status_of(failure: BaseException) -> Status:
    """Return how a journey ended that raised this."""
    if isinstance(failure, _ERRORS) or not isinstance(failure, Exception):
        return Status.ERROR
    return Status.INCONCLUSIVE if isinstance(failure, Inconclusive) else Status.FAILED


def exit_code_of(failure: BaseException) -> int:
    """Return the exit code that a run ends with because of this failure alone."""
    if isinstance(failure, JourneysError):
        return failure.exit_code
    if isinstance(failure, BrowserMissing):
        return 2
    return 3 if isinstance(failure, AppUnreachable | SemanticsMissing) else 1


def told(failure: BaseException) -> str:
    """Return what a failure says, a line for each thing that went wrong."""
    said = str(failure).strip() or type(failure).__name__
    return "\n".join(line.strip() for line in said.splitlines() if line.strip())
