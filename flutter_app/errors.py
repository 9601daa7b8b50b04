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


# What the forms call the fields of the backend's API.
_FIELDS = {"email": "E-mail", "display_name": "Name", "bio": "About you", "text": "Post"}


def _words(problem: object) -> str:
    """Say what is wrong with single fields, or else what the problem's detail says."""
    if not isinstance(problem, Mapping):
        return ""
    errors = problem.get("errors")
    parts = [_field_words(error) for error in errors] if isinstance(errors, list) else []
    if not any(parts):
        parts = [str(problem.get("detail") or problem.get("title") or "")]
    return " ".join(part[0].upper() + part[1:] + "." for part in (part.strip(" .") for part in parts) if part)


def _field_words(error: Any) -> str:
    if not isinstance(error, Mapping):
        return ""
    field = str(error.get("field", "")).rpartition(".")[2]
    label = _FIELDS.get(field, field.replace("_", " ").capitalize())
    return f"{label}: {error.get('message', '')}" if label else str(error.get("message", ""))
