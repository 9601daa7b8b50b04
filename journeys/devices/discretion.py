"""Keeps the credentials of a provider out of what its servers say when a session can't be opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flutter_bridge import AppUnreachable
from journeys.redaction import redacted


@contextmanager
def discreetly() -> Iterator[None]:
    """Take the environment's secrets out of what is raised: servers repeat what they were asked for."""
    try:
        yield
    except AppUnreachable as problem:
        said = redacted(str(problem))
        if said == str(problem):
            raise
        # What it came from has the secret in it, and a traceback would show it.
        raise type(problem)(said) from None
