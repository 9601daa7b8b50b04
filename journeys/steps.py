"""Steps: what a person does or must see, timed and named for the reports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from flutter_bridge import now
from journeys.failures import first_cause, message_of
from journeys.timeline import StepEnded, StepStarted, Timeline

# Depth belongs to the task, not to the timeline: people act at the same time.
_depth: ContextVar[int] = ContextVar("journeys_step_depth", default=0)


@contextmanager
def step(timeline: Timeline, title: str) -> Iterator[None]:
    """Record everything inside as one step, a step inside a step one level deeper."""
    depth = _depth.get()
    token = _depth.set(depth + 1)
    started = now()
    timeline.emit(StepStarted(title=title, depth=depth, at=started))
    error = ""
    try:
        yield
    except BaseException as failure:
        error = message_of(first_cause(failure)).splitlines()[0]
        raise
    finally:
        _depth.reset(token)
        timeline.emit(StepEnded(title=title, depth=depth, duration_s=now() - started, error=error))
