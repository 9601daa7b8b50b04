"""What can go wrong between the app and its backend, and how to say it to a person.

BackendError
├── Unreachable   no answer came
├── Refused       the backend answered with a problem
└── Garbled       the answer was not one this app understands
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Self


class BackendError(Exception):
    """The backend did not do what was asked; `str()` says why in words for the screen."""


class Unreachable(BackendError):
    """No answer came from the backend."""

    def __init__(self) -> None:
        super().__init__("Can't reach the server. Check the connection and try again.")


class Garbled(BackendError):
    """The backend's answer was not one this app understands."""

    def __init__(self) -> None:
        super().__init__("The server gave an answer this app doesn't understand. Try again later.")


class Refused(BackendError):
    """The backend answered with a problem (RFC 9457)."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status

    @classmethod
    def read(cls, status: int, body: str, *, retry_after: str | None = None) -> Self:
        """Find the words for a problem: the backend's own where it has some for people."""
        if status in {429, 503}:
            wait = f"in {retry_after} seconds" if retry_after and retry_after.isdigit() else "in a moment"
            return cls(status, f"The server is busy. Try again {wait}.")
        if status >= 500:
            return cls(status, "Something went wrong on the server. Try again later.")
        try:
            problem = json.loads(body)
        except ValueError:
            problem = None
        return cls(status, _words(problem) or f"The server refused that (status {status}).")


def _words(problem: object) -> str:
    """Join a problem's detail and what it says about single fields."""
    if not isinstance(problem, Mapping):
        return ""
    parts = [str(problem.get("detail") or problem.get("title") or "")]
    errors = problem.get("errors")
    if isinstance(errors, list):
        parts += [_field_words(error) for error in errors]
    sentences = [part.strip().rstrip(".") + "." for part in parts if part.strip()]
    return " ".join(dict.fromkeys(sentences))


def _field_words(error: Any) -> str:
    if not isinstance(error, Mapping):
        return ""
    words = str(error.get("detail") or error.get("message") or error.get("msg") or "")
    where = str(error.get("field") or error.get("pointer") or "").rpartition("/")[2].replace("_", " ")
    return f"{where.capitalize()}: {words}" if where and words else words
