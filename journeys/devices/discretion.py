"""Keeps the credentials of a provider out of what its servers say when a session can't be opened."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from flutter_bridge import AppUnreachable
from journeys.farm.redaction import Redaction, secrets_in


@contextmanager
def discreetly() -> Iterator[None]:
    """Take the environment's secrets out of what is raised: servers repeat what they were asked for."""
    try:
        yield
    except AppUnreachable as problem:
        said = Redaction(secrets_in(os.environ)).text(str(problem))
        if said == str(problem):
            raise
        # What it came from has the secret in it, and a traceback would show it.
        raise type(problem)(said) from None
