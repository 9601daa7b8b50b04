"""Taking in a picture: read piece by piece, and given up the moment it gets too large."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from fastapi import Request
from starlette.requests import ClientDisconnect

from app_backend.api.intake import RETRY, Place, in_time
from app_backend.api.services import Services
from app_backend.errors import Problem
from app_backend.rendering import Submission

log = logging.getLogger(__name__)

PAUSE_S = 0.5
"""How long an upload that is one too many waits for its refusal."""

DECLARED_OTHER = {"", "application/octet-stream", "binary/octet-stream"}
"""Types that say nothing: senders that know no better name them, and the content decides."""


@contextmanager
def refusing_unread(request: Request) -> Iterator[None]:
    """Let who is refused by a `Problem` in the block see so, though the body isn't read to its end."""
    try:
        yield
    except Problem:
        request.state.body_is_unread = True
        raise


@asynccontextmanager
async def receive_picture(
    request: Request, services: Services, person_id: uuid.UUID
) -> AsyncIterator[Submission]:
    """Take in a request's body, which is let go of with the block.

    Whatever may refuse an upload is asked before its body is read. Raises `Problem`: 415 for a type other
    than a picture's, 413 for too much, 429 for too many, 408 for too slow, 503 where pictures can't be
    processed.
    """
    with refusing_unread(request):
        _check_head(request, max_bytes=services.gallery.limits.max_bytes)
        services.processing.check()
        try:
            await services.rate_limits.upload(person_id)
            place = services.intake.place(str(person_id))
        except Problem:
            # Whoever comes again at once, and doesn't heed Retry-After, costs others little that way.
            await asyncio.sleep(PAUSE_S)
            raise
    with place, Submission(str(person_id)) as submission:
        with refusing_unread(request):
            await _read(request, place, submission, max_bytes=services.gallery.limits.max_bytes)
        if not submission.size:
            raise Problem(422, "this is not a picture: nothing was sent")
        yield submission


def _check_head(request: Request, *, max_bytes: int) -> None:
    """Refuse what a request's headers tell."""
    declared = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if not declared.startswith("image/") and declared not in DECLARED_OTHER:
        raise Problem(415, f"{declared} is no picture's type: send a JPEG, PNG, WebP or GIF")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > max_bytes:
        raise _too_large(max_bytes)


async def _read(request: Request, place: Place, submission: Submission, *, max_bytes: int) -> None:
    try:
        async for piece in in_time(request.stream()):
            place.take(len(piece))
            submission.append(piece)
            if submission.size > max_bytes:
                raise _too_large(max_bytes)
    except ClientDisconnect as gone:
        raise Problem(400, "the upload broke off") from gone
    except OSError as error:
        log.exception("an upload could not be written to disk")
        raise Problem(503, "there is no room for the picture just now", headers=RETRY) from error


def _too_large(max_bytes: int) -> Problem:
    return Problem(413, f"the picture is too large: at most {max_bytes / 2**20:g} MiB are taken")
