"""Metrics for Prometheus, one registry per app: nothing is shared between two apps of one process.

Labels take few values only (a route's template, never a path), so that nobody can fill the memory with them.
"""

from __future__ import annotations

import math
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from app_backend.errors import Problem
from app_backend.observability.requests import RequestPart, time_part
from app_backend.rendering import Renderer, Submission
from app_backend.resilience import (
    AttemptFailed,
    BreakerChanged,
    BreakerState,
    CallRefused,
    GivenUp,
    Listener,
    ResilienceEvent,
)
from app_backend.storage import Operation, Storage, StorageWrapper

METRICS_MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

LATENCIES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
RENDERINGS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
BREAKER_STATES = tuple(state.value for state in BreakerState)
UPLOADS = frozenset({("PUT", "/me/avatar"), ("PUT", "/uploads/{ticket}")})


class Metrics:
    """What happened in this process since it started."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(namespace="app_backend", registry=self.registry)
        counter = partial(Counter, namespace="app_backend", registry=self.registry)
        histogram = partial(Histogram, namespace="app_backend", registry=self.registry)
        self._requests = histogram(
            "request_seconds",
            "Seconds from a request to the head of its answer.",
            ("route", "method", "status"),
            buckets=LATENCIES,
        )
        self._uploads = counter(
            "uploads", "Pictures sent: taken, refused, limited (too many) or failed.", ("outcome",)
        )
        self._provider_pictures = counter(
            "provider_pictures",
            "Pictures at providers: shown, refused, failed, or dropped (too many).",
            ("outcome",),
        )
        self._limited = counter("rate_limited", "Requests refused because there were too many.", ("route",))
        self.rendition_seconds = histogram(
            "rendition_seconds",
            "Seconds to make all renditions of one picture, by outcome.",
            ("outcome",),
            buckets=RENDERINGS,
        )
        self.storage_seconds = histogram(
            "storage_seconds",
            "Seconds of one operation of the storage, by outcome.",
            ("operation", "outcome"),
            buckets=LATENCIES,
        )
        self.events_delivered = counter(
            "events_delivered",
            "Events that came from the database and were handed to this process's streams.",
        )
        self.attempts_failed = counter(
            "attempts_failed",
            "Attempts that failed for a reason that may pass, each of them retried unless it was the last.",
            ("subject",),
        )
        self.given_up = counter(
            "given_up", "What failed for good, by the kind of the last error.", ("subject", "reason")
        )
        self.refused = counter(
            "breaker_refusals", "What was refused at once, as its circuit breaker was open.", ("subject",)
        )
        self.breaker_changes = counter(
            "breaker_changes",
            "Changes of a circuit breaker that this process made, by the new state.",
            ("subject", "state"),
        )
        self._breaker = Gauge(
            "app_backend_breaker_state",
            "1 for the state that a circuit breaker is in, as all processes share it.",
            ("subject", "state"),
            registry=self.registry,
        )
        self._swept = counter("swept", "Left-over things that were removed.", ("what",))
        self._sweeps_failed = counter("sweeps_failed", "Sweeps that failed.", ("what",))
        # By what they are of: making a labelled child again for each request costs more than all the rest.
        self._children: dict[tuple[str, str, int], Histogram] = {}

    def count_answer(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request whose answer began `seconds` after it came."""
        method = method if method in METHODS else "other"
        key = (route, method, status)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._requests.labels(route, method, str(status))
        child.observe(seconds)
        if status == 429:
            self._limited.labels(route).inc()
        if (method, route) in UPLOADS:
            self._uploads.labels(_outcome(status)).inc()

    def count_provider_picture(self, outcome: str) -> None:
        """Count what became of a picture at a provider."""
        self._provider_pictures.labels(outcome).inc()

    def breaker(self, subject: str, state: str | None) -> None:
        """Show which state a circuit breaker is in; None where nobody knows just now."""
        for each in BREAKER_STATES:
            self._breaker.labels(subject, each).set(math.nan if state is None else each == state)

    def count_sweep(self, what: str, count: int | None) -> None:
        """Count what a sweep removed, or where it is None, that it failed."""
        if count is None:
            self._sweeps_failed.labels(what).inc()
        else:
            self._swept.labels(what).inc(count)

    def watch_counts(
        self, name: str, meaning: str, label: str, read: Callable[[], Mapping[str, int]]
    ) -> None:
        """Show counts by label that somebody else keeps, read whenever somebody looks."""
        self.registry.register(_Counts(name, meaning, label, read))

    def watch(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Show a number that is read whenever somebody looks."""
        Gauge(name, meaning, registry=self.registry).set_function(read)

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)


class _Counts(Collector):
    """Counts that somebody else keeps."""

    def __init__(self, name: str, meaning: str, label: str, read: Callable[[], Mapping[str, int]]) -> None:
        self._name = name
        self._meaning = meaning
        self._label = label
        self._read = read

    def describe(self) -> Iterable[CounterMetricFamily]:
        """Return the name, without the counts, so that no two have the same."""
        return [CounterMetricFamily(self._name, self._meaning, labels=[self._label])]

    def collect(self) -> Iterable[CounterMetricFamily]:
        """Return the counts as they are."""
        (family,) = self.describe()
        for label, count in self._read().items():
            family.add_metric([label], count)
        return [family]


def _outcome(status: int) -> str:
    if status < 400:
        return "taken"
    if status == 429:
        return "limited"
    return "refused" if status < 500 else "failed"


def count_failures(metrics: Metrics) -> Listener:
    """Return a listener of the resilience parts that counts what it hears."""

    def count(event: ResilienceEvent) -> None:
        match event:
            case AttemptFailed():
                metrics.attempts_failed.labels(event.subject).inc()
            case GivenUp():
                metrics.given_up.labels(event.subject, event.reason).inc()
            case CallRefused():
                metrics.refused.labels(event.subject).inc()
            case BreakerChanged():
                metrics.breaker_changes.labels(event.subject, event.state).inc()

    return count


T = TypeVar("T")


def count_calls(take: Callable[[T], None], counter: Counter) -> Callable[[T], None]:
    """Return a function that hands on to `take`, and counts."""

    def take_and_count(item: T) -> None:
        counter.inc()
        take(item)

    return take_and_count


class MeasuredRenderer:
    """Asks another renderer, and notes how long it took; waiting and trying again included."""

    def __init__(self, renderer: Renderer, metrics: Metrics) -> None:
        self._renderer = renderer
        self._metrics = metrics

    async def render(self, submission: Submission) -> dict[int, bytes]:
        """Return renditions, see `Renderer`."""
        with time_part(RequestPart.RENDITIONS), _observe(self._metrics.rendition_seconds):
            return await self._renderer.render(submission)


class MeasuredStorage(StorageWrapper):
    """Asks another storage, and notes how long it took."""

    def __init__(self, storage: Storage, metrics: Metrics) -> None:
        super().__init__(storage)
        self._seconds = metrics.storage_seconds

    @asynccontextmanager
    async def surround(self, operation: Operation) -> AsyncIterator[None]:
        """Note how long an operation takes that somebody waits for."""
        if operation == "sweep":
            yield
            return
        with time_part(RequestPart.STORAGE), _observe(self._seconds, operation):
            yield


@contextmanager
def _observe(seconds: Histogram, *labels: str) -> Iterator[None]:
    """Note how long a block takes, with how it ends: done, refused for a reason, or failed."""
    began = time.perf_counter()
    outcome = "failed"
    try:
        yield
        outcome = "done"
    except Problem:
        outcome = "refused"
        raise
    finally:
        seconds.labels(*labels, outcome).observe(time.perf_counter() - began)
