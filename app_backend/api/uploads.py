"""Taking in a picture: read piece by piece, and given up the moment it gets too large."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request
from starlette.requests import ClientDisconnect

from app_backend.errors import Problem

DECLARED_OTHER = {"", "application/octet-stream", "binary/octet-stream"}
"""Types that say nothing: senders that know no better name them, and the content decides."""


def refuse_unread(request: Request, check: Callable[[], None]) -> None:
    """Run a check before the body is read; who is refused by its `Problem` gets to see so while sending."""
    try:
        check()
    except Problem:
        request.state.body_is_unread = True
        raise


async def read_picture(request: Request, *, max_bytes: int) -> bytes:
    """Return a request's body; raises `Problem`: 415 for a type other than a picture's, 413 for too much."""
    declared = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if not declared.startswith("image/") and declared not in DECLARED_OTHER:
        raise Problem(415, f"{declared} is no picture's type: send a JPEG, PNG, WebP or GIF")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > max_bytes:
        raise _too_large(max_bytes)
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > max_bytes:
                raise _too_large(max_bytes)
    except ClientDisconnect as gone:
        raise Problem(400, "the upload broke off") from gone
    if not body:
        raise Problem(422, "this is not a picture: nothing was sent")
    return bytes(body)


def _too_large(max_bytes: int) -> Problem:
    return Problem(413, f"the picture is too large: at most {max_bytes / 2**20:g} MiB are taken")
