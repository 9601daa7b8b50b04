"""Picture processing that fails well: retried where that may help, left alone where it keeps failing."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import NoReturn

from app_backend.database import Database
from app_backend.errors import Crashed, DeadlineExceeded, Killed, Overloaded, Problem, TransientFailure
from app_backend.rendering import Renderer, Submission
from app_backend.resilience import (
    AttemptFailed,
    Breaker,
    BreakerStatus,
    CircuitOpen,
    GivenUp,
    Listener,
    RetryPolicy,
    SharedBreaker,
)

PICTURE_BREAKER = "pictures"
"""What events, the log and the breaker's row call picture processing."""

LOST_S = 15.0
"""How much longer than a picture may take we wait for the word of who tries one, and then asks for proof."""

SUSPICIOUS = (Crashed, DeadlineExceeded, Killed, TimeoutError)
"""Errors that may be ours, or the picture's own doing."""

RETRY_AFTER_S = 1.0
"""When to send a picture again that could not be processed, while the breaker is closed."""


def picture_breaker(
    database: Database,
    *,
    threshold: int,
    cooldown_s: float,
    total_s: float,
    name: str = PICTURE_BREAKER,
    listener: Listener | None = None,
) -> SharedBreaker:
    """Return the breaker of picture processing, which all processes on a database share.

    A picture takes `total_s` seconds at most: a trial of which nothing is heard for longer is another's.
    """
    return SharedBreaker(
        database,
        name,
        threshold=threshold,
        cooldown_s=cooldown_s,
        trial_s=total_s + LOST_S,
        # A picture that is found to be no good was looked at: that is success.
        spare=(Problem,),
        ignore=(Overloaded,),
        listener=listener,
    )


class PictureProcessing:
    """A `Renderer` around another one, whose every error is a `Problem`.

    - A picture that can't be used (415, 422) is told so at once: it would be no better the next time.
    - A transient failure (a worker died) is retried; where that doesn't help either, 503.
    - A picture whose worker was killed for its deadline is not retried: it has had its time, and others
      wait; 503. So is one that took longer than `total_s` seconds altogether.
    - A picture that made its worker crash can't be used: 422.
    - A dead worker or a deadline doesn't say yet that anything is wrong with us: a picture may have been made
      for it. So `is_sound`
      is asked, which has a picture of our own processed. Only where that fails as well it is a failure for
      the breaker, and 503 even after a crash. While the breaker is open, pictures are refused at once: 503.
    - Where too many pictures wait already, 503; the breaker takes no notice.

    Each 503 says in `Retry-After` when to come again, in seconds.
    """

    def __init__(
        self,
        renderer: Renderer,
        *,
        retries: RetryPolicy,
        breaker: Breaker,
        total_s: float,
        is_sound: Callable[[], Awaitable[bool]],
        listener: Listener | None = None,
    ) -> None:
        self._is_sound = is_sound
        self._renderer = renderer
        self._retries = retries
        self._breaker = breaker
        self._total_s = total_s
        self._listener = listener

    def check(self) -> None:
        """Refuse a picture that is still to be read, where it would be refused anyway; costs no query."""
        try:
            self._breaker.check()
        except CircuitOpen as error:
            _refuse(error)

    async def status(self) -> BreakerStatus:
        """Return how the breaker stands."""
        return await self._breaker.status()

    async def render(self, submission: Submission) -> dict[int, bytes]:
        """Return renditions by side length in pixels; raises `Problem` (415, 422 or 503)."""
        attempts = 0

        async def attempt() -> dict[int, bytes]:
            nonlocal attempts
            attempts += 1
            try:
                return await self._renderer.render(submission)
            except TransientFailure as error:
                self._tell(AttemptFailed(PICTURE_BREAKER, attempts, str(error)))
                raise

        try:
            async with self._breaker.guard():
                try:
                    async with asyncio.timeout(self._total_s):
                        return await self._retries.call(attempt)
                except SUSPICIOUS as error:
                    if not await self._is_sound():
                        raise
                    # Nothing is wrong with us: for the breaker that is success.
                    self._tell(GivenUp(PICTURE_BREAKER, attempts, type(error).__name__))
                    raise _problem_of_one(error) from error
        except CircuitOpen as error:
            _refuse(error)
        except Overloaded as error:
            raise _unavailable_problem("too many pictures are waiting", RETRY_AFTER_S) from error
        except (*SUSPICIOUS, TransientFailure) as error:
            self._tell(GivenUp(PICTURE_BREAKER, attempts, type(error).__name__))
            raise _unavailable_problem(
                "the picture could not be processed just now", RETRY_AFTER_S
            ) from error

    def _tell(self, event: AttemptFailed | GivenUp) -> None:
        if self._listener is not None:
            self._listener(event)


def _problem_of_one(error: Exception) -> Problem:
    """Return what to tell of a picture that failed while others don't."""
    if isinstance(error, Crashed):
        return Problem(422, "the picture can't be read: save it anew, or choose another")
    return _unavailable_problem("the picture could not be processed just now", RETRY_AFTER_S)


def _refuse(error: CircuitOpen) -> NoReturn:
    raise _unavailable_problem("pictures can't be processed at the moment", error.retry_after_s) from error


def _unavailable_problem(what: str, retry_after_s: float) -> Problem:
    wait = max(1, math.ceil(retry_after_s))
    return Problem(503, f"{what}: try again in {wait} s", headers={"Retry-After": str(wait)})
