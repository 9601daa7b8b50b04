"""What failing well promises: the interfaces of retries and of breakers, and what they tell and raise.

Whoever calls, and every test of a seam, is written against these; `mypy --strict` holds the code to them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class AttemptFailed:
    """One attempt failed for a reason that may pass; `attempt` counts from 1."""

    subject: str
    attempt: int
    reason: str


@dataclass(frozen=True)
class GivenUp:
    """Something failed for good, after so many attempts; `reason` is the name of the last error's type."""

    subject: str
    attempts: int
    reason: str


@dataclass(frozen=True)
class BreakerChanged:
    """This process changed a breaker's state: closed, open or half_open."""

    subject: str
    state: str


@dataclass(frozen=True)
class CallRefused:
    """Something was refused at once, as its breaker is open."""

    subject: str


ResilienceEvent = AttemptFailed | GivenUp | BreakerChanged | CallRefused

Listener = Callable[[ResilienceEvent], None]
"""Is called in the event loop, and has to return at once."""


class BreakerState(StrEnum):
    """Where a breaker stands."""

    CLOSED = "closed"
    """All calls pass."""

    OPEN = "open"
    """No call passes."""

    HALF_OPEN = "half_open"
    """One call is tried, no other passes; what becomes of it decides."""


@dataclass(frozen=True)
class BreakerStatus:
    """How a breaker stands: its state, how many calls failed in a row, seconds until one may be tried."""

    state: BreakerState
    failures: int
    retry_after_s: float


class CircuitOpen(Exception):
    """A call was not tried, as the breaker is open; in `retry_after_s` seconds one may be."""

    def __init__(self, name: str, retry_after_s: float) -> None:
        super().__init__(f"{name} keeps failing, and is left alone for {retry_after_s:.1f} s")
        self.retry_after_s = retry_after_s


class RetryPolicy(Protocol):
    """Calls something again while it raises `TransientFailure`, a bounded number of times."""

    async def call(self, function: Callable[[], Awaitable[T]]) -> T:
        """Return what `function` returns; raises its last error, and any other error at once."""


class Breaker(Protocol):
    """Lets calls pass, or not: a circuit breaker."""

    name: str

    def guard(self) -> AbstractAsyncContextManager[None]:
        """Return what to put around a call; raises `CircuitOpen` where it may not pass."""

    def check(self) -> None:
        """Raise `CircuitOpen` where it is known already that no call passes; asks nobody."""

    async def status(self) -> BreakerStatus:
        """Return how the breaker stands."""

    async def reset(self) -> None:
        """Close the breaker by hand."""
