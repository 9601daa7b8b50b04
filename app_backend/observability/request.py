"""What is known about the request that is being worked on: its id, and where its time goes."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum

SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""What a request id from outside may look like: it goes into logs, headers and events as it is."""


class Part(StrEnum):
    """Where a request's time can go, as it is named in `Server-Timing`."""

    DATABASE = "db"
    RENDITIONS = "renditions"
    STORAGE = "storage"


class RequestFacts:
    """One request: its id, and seconds by part."""

    def __init__(self, request_id: str) -> None:
        self.id = request_id
        self.seconds: dict[Part, float] = {}
        self._open: dict[Part, tuple[int, float]] = {}

    def begin(self, part: Part) -> None:
        """Note that a part has begun; what runs inside or beside the same part is not counted twice."""
        depth, began = self._open.get(part, (0, 0.0))
        self._open[part] = (depth + 1, began if depth else time.perf_counter())

    def end(self, part: Part) -> None:
        """Note that a part which had begun is over."""
        depth, began = self._open[part]
        if depth == 1:
            self.seconds[part] = self.seconds.get(part, 0.0) + time.perf_counter() - began
        self._open[part] = (depth - 1, began)


current: ContextVar[RequestFacts | None] = ContextVar("request", default=None)
"""The request on whose behalf the running code works, if it is one's."""


def request_id() -> str | None:
    """Return the id of the request that is being worked on, or None outside of one."""
    facts = current.get()
    return facts.id if facts is not None else None


def sane_or_new(wanted: str | None) -> str:
    """Return the id that a request came with where it is fit to be used, else a new one."""
    return wanted if wanted is not None and SANE_ID.fullmatch(wanted) else uuid.uuid4().hex


@contextmanager
def timed(part: Part) -> Iterator[None]:
    """Count the time of a block as a part of the request that is being worked on, if there is one."""
    facts = current.get()
    if facts is None:
        yield
        return
    facts.begin(part)
    try:
        yield
    finally:
        facts.end(part)
