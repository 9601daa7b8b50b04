"""Failing well: retries, and a circuit breaker that all processes on a database share."""

from app_backend.resilience.breaker import SharedBreaker
from app_backend.resilience.contracts import (
    AttemptFailed,
    Breaker,
    BreakerChanged,
    BreakerState,
    BreakerStatus,
    CallRefused,
    CircuitOpen,
    GivenUp,
    Listener,
    ResilienceEvent,
    RetryPolicy,
)
from app_backend.resilience.retries import Retries

__all__ = [
    "AttemptFailed",
    "Breaker",
    "BreakerChanged",
    "BreakerState",
    "BreakerStatus",
    "CallRefused",
    "CircuitOpen",
    "GivenUp",
    "Listener",
    "ResilienceEvent",
    "Retries",
    "RetryPolicy",
    "SharedBreaker",
]
