"""What the resilience parts tell whoever listens: metrics, logs, tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


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
class Refused:
    """Something was refused at once, as its breaker is open."""

    subject: str


ResilienceEvent = AttemptFailed | GivenUp | BreakerChanged | Refused

Listener = Callable[[ResilienceEvent], None]
"""Is called in the event loop, and has to return at once."""
