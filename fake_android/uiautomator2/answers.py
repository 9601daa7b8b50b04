"""Answers as WebDriver has them: a value, or an error with its name and status."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

from fake_android.refusals import Refusal

STATUSES = {
    "invalid argument": 400,
    "invalid element state": 400,
    "invalid selector": 400,
    "element not interactable": 400,
    "invalid session id": 404,
    "no such alert": 404,
    "no such element": 404,
    "stale element reference": 404,
    "unknown command": 404,
    "unknown error": 500,
    "unsupported operation": 500,
    "session not created": 500,
    "timeout": 500,
}


class InvalidArgument(Refusal):
    """What a command was given isn't what it takes."""

    error = "invalid argument"


class InvalidElementState(Refusal):
    """An element can't do what was asked of it."""

    error = "invalid element state"


class InvalidSession(Refusal):
    """There is no such session."""

    error = "invalid session id"


class NoAlert(Refusal):
    """No dialog is open."""

    error = "no such alert"


def answer(value: Any, *, session: str | None, status: int = 200) -> Response:
    """Return the answer that holds a value."""
    body = json.dumps({"sessionId": session, "value": value}, ensure_ascii=False).encode(
        errors="surrogatepass"
    )
    return Response(body, status_code=status, media_type="application/json; charset=UTF-8")


def refused(refusal: Refusal, *, session: str | None) -> Response:
    """Return the answer that holds an error."""
    value = {"error": refusal.error, "message": str(refusal), "stacktrace": ""}
    return answer(value, session=session, status=STATUSES.get(refusal.error, 500))
