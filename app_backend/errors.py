"""What can go wrong in the backend."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any


class BackendError(Exception):
    """The backend can't start or go on; its text is one line that says what to do."""


class Problem(Exception):
    """A request that can't be fulfilled: an HTTP status and, for the person who reads it, why.

    `members` stand beside these in the answer, for programs.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers
        self.members = dict(members or {})

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle all of it, not the text alone: problems are found in worker processes, too."""
        return partial(type(self), headers=self.headers, members=self.members), (self.status, self.detail)


def invalid_token(detail: str) -> Problem:
    """Return the answer to a token that isn't valid (any more)."""
    return Problem(401, detail, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


class TransientFailure(Exception):
    """Something failed for a reason that may be gone at the next attempt."""

    retry_after_s: float | None = None
    """When to make that, in seconds, where whatever failed has said so."""


class Killed(TransientFailure):
    """The process that worked at something was killed from outside."""


class DeadlineExceeded(Exception):
    """Something took longer than it may; it was ended, and trying again at once would take as long."""


class OutOfTime(Exception):
    """Something took more processor time than it may: that is its own doing, however busy the machine is."""


class Crashed(Exception):
    """Something made the process crash that worked at it, and would do so again."""


class PictureRefused(Exception):
    """A picture somewhere else is not taken from there, and would not be the next time."""


class Overloaded(Exception):
    """Too much was waiting already; nothing was begun."""
