"""Failing well: retries, and a circuit breaker that all processes on a database share."""

from app_backend.resilience.breaker import Breaker, BreakerState, BreakerStatus, CircuitOpen, SharedBreaker
from app_backend.resilience.events import (
    AttemptFailed,
    BreakerChanged,
    GivenUp,
    Listener,
    Refused,
    ResilienceEvent,
)
from app_backend.resilience.retries import Retries

__all__ = [
    "AttemptFailed",
    "Breaker",
    "BreakerChanged",
    "BreakerState",
    "BreakerStatus",
    "CircuitOpen",
    "GivenUp",
    "Listener",
    "Refused",
    "ResilienceEvent",
    "Retries",
    "SharedBreaker",
]
