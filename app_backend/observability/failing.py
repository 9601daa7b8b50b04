"""What the resilience parts tell, counted."""

from __future__ import annotations

from app_backend.observability.metrics import Metrics
from app_backend.resilience import AttemptFailed, BreakerChanged, GivenUp, Listener, Refused, ResilienceEvent


def counting(metrics: Metrics) -> Listener:
    """Return a listener of the resilience parts that counts what it hears."""

    def count(event: ResilienceEvent) -> None:
        match event:
            case AttemptFailed():
                metrics.attempts_failed.labels(event.subject).inc()
            case GivenUp():
                metrics.given_up.labels(event.subject, event.reason).inc()
            case Refused():
                metrics.refused.labels(event.subject).inc()
            case BreakerChanged():
                metrics.breaker_changes.labels(event.subject, event.state).inc()

    return count
