"""What can go wrong in the backend.

BackendError: the backend can't start or go on; one line says what to do.
Problem: a request can't be fulfilled; an HTTP status and why, which the API answers.
"""

from __future__ import annotations

from collections.abc import Mapping


class BackendError(Exception):
    """The backend can't start or go on; its text is one line that says what to do."""


class Problem(Exception):
    """A request that can't be fulfilled: an HTTP status and, for the person who reads it, why."""

    def __init__(self, status: int, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers
