"""Figures for Prometheus, one registry per app: nothing is shared between two apps of one process.

Labels take few values only (a route's template, never a path), so that nobody can fill the memory with them.
"""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

METRICS_MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE = "none"
"""The route of a request that fits none."""

LATENCIES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
RENDERINGS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
UPLOADS = frozenset({("PUT", "/me/avatar"), ("PUT", "/uploads/{ticket}")})


class Metrics:
    """What happened in this process since it started."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(namespace="app_backend", registry=self.registry)
        self._requests = Histogram(
            "app_backend_request_seconds",
            "Seconds from a request to the head of its answer.",
            ("route", "method", "status"),
            buckets=LATENCIES,
            registry=self.registry,
        )
        self._uploads = Counter(
            "app_backend_uploads",
            "Pictures sent: taken, refused, limited (too many) or failed.",
            ("outcome",),
            registry=self.registry,
        )
        self._limited = Counter(
            "app_backend_rate_limited",
            "Requests refused because there were too many.",
            ("route",),
            registry=self.registry,
        )
        self.rendition_seconds = Histogram(
            "app_backend_rendition_seconds",
            "Seconds to make all renditions of one picture, by outcome.",
            ("outcome",),
            buckets=RENDERINGS,
            registry=self.registry,
        )
        self.storage_seconds = Histogram(
            "app_backend_storage_seconds",
            "Seconds of one operation of the storage, by outcome.",
            ("operation", "outcome"),
            buckets=LATENCIES,
            registry=self.registry,
        )
        self.events_delivered = Counter(
            "app_backend_events_delivered",
            "Events that came from the database and were handed to this process's streams.",
            registry=self.registry,
        )
        # By what they are of: making a labelled child anew for each request costs more than all the rest.
        self._children: dict[tuple[str, str, int], Histogram] = {}

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
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

    def watch(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Show a figure that is read whenever somebody looks."""
        Gauge(name, meaning, registry=self.registry).set_function(read)

    def text(self) -> bytes:
        """Return all figures in Prometheus' text format."""
        return generate_latest(self.registry)


def _outcome(status: int) -> str:
    if status < 400:
        return "taken"
    if status == 429:
        return "limited"
    return "refused" if status < 500 else "failed"
