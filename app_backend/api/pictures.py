"""Routes: uploading pictures, by oneself or by an upload address, and reading their renditions."""

from __future__ import annotations

import asyncio
import logging
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Header, Path, Request, Response
from starlette.requests import ClientDisconnect

from app_backend.api.bodies import RETRY, StrictJsonRoute, UploadPlace, read_in_time
from app_backend.api.dependencies import BaseUrl, Services, ServicesNeeded, SignedInPerson
from app_backend.api.problems import problems
from app_backend.avatars import DEFAULT, VERSION_PATTERN, Ticket
from app_backend.errors import Problem
from app_backend.profiles import (
    KEY_PATTERN,
    OwnChange,
    ProfileChanged,
    UploadAddress,
    own_profile_from,
    own_profile_of,
)
from app_backend.rendering import Submission

log = logging.getLogger(__name__)

PAUSE_S = 0.5
"""How long an upload that is one too many waits for its refusal."""

DECLARED_OTHER = {"", "application/octet-stream", "binary/octet-stream"}
"""Types that say nothing: senders that know no better name them, and the content decides."""


@contextmanager
def refuse_unread(request: Request) -> Iterator[None]:
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
    with refuse_unread(request):
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
        with refuse_unread(request):
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
        raise _too_large_problem(max_bytes)


async def _read(request: Request, place: UploadPlace, submission: Submission, *, max_bytes: int) -> None:
    try:
        async for piece in read_in_time(request.stream()):
            place.take(len(piece))
            submission.append(piece)
            if submission.size > max_bytes:
                raise _too_large_problem(max_bytes)
    except ClientDisconnect as gone:
        raise Problem(400, "the upload broke off") from gone
    except OSError as error:
        log.exception("an upload could not be written to disk")
        raise Problem(503, "there is no room for the picture just now", headers=RETRY) from error


def _too_large_problem(max_bytes: int) -> Problem:
    return Problem(413, f"the picture is too large: at most {max_bytes / 2**20:g} MiB are taken")


router = APIRouter(tags=["pictures"], route_class=StrictJsonRoute)

PICTURE_BODY = {
    "requestBody": {
        "required": True,
        "description": "The picture itself: JPEG, PNG, WebP or GIF (its first frame).",
        "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}
UPLOADS = re.compile(r"/me/avatar|/uploads/.*")
"""The paths whose bodies are pictures: they count the bytes themselves."""

IMMUTABLE = "public, max-age=31536000, immutable"

UploadKey = Annotated[
    str | None,
    Header(
        pattern=KEY_PATTERN,
        description="Sent again with the same picture, the first answer is given again and nothing is done.",
        examples=['"8e03978e-40d5-43dd-bc93-6894a57f9324"'],
    ),
]
"""The `Idempotency-Key` header."""


@router.put(
    "/me/avatar",
    responses=problems(401, 408, 409, 413, 415, 422, 429, 503),
    openapi_extra=PICTURE_BODY,
)
async def upload_picture(
    request: Request,
    person: SignedInPerson,
    services: ServicesNeeded,
    base_url: BaseUrl,
    idempotency_key: UploadKey = None,
) -> ProfileChanged:
    """Show a new picture. What can't be used changes nothing."""
    async with receive_picture(request, services, person.id) as picture:
        changed = await services.people.set_picture(person.id, picture, key=idempotency_key)
    return _profile_changed(changed, services, base_url)


@router.delete("/me/avatar", responses=problems(401))
async def remove_picture(
    person: SignedInPerson, services: ServicesNeeded, base_url: BaseUrl
) -> ProfileChanged:
    """Show the default avatar again; doing so twice is no error."""
    changed, committed_at = await services.people.remove_picture(person.id)
    return ProfileChanged(
        profile=own_profile_of(changed, services.gallery, base_url), committed_at=committed_at
    )


@router.post("/me/avatar/uploads", status_code=201, responses=problems(401))
async def upload_address(
    person: SignedInPerson, services: ServicesNeeded, base_url: BaseUrl
) -> UploadAddress:
    """Get an address to which one picture may be PUT once, soon, and without a token."""
    settings = services.settings
    ticket = Ticket.issue(person.id, lifetime_s=settings.ticket_lifetime_s)
    signed = ticket.sign(settings.secret_key.get_secret_value().encode())
    return UploadAddress(
        url=f"{base_url}/uploads/{signed}", expires_at=datetime.fromtimestamp(ticket.expires_at, UTC)
    )


@router.put(
    "/uploads/{ticket}",
    responses=problems(404, 408, 409, 410, 413, 415, 422, 429, 503),
    openapi_extra=PICTURE_BODY,
)
async def upload_with_ticket(
    ticket: str,
    request: Request,
    services: ServicesNeeded,
    base_url: BaseUrl,
    idempotency_key: UploadKey = None,
) -> ProfileChanged:
    """Show a new picture, by an upload address. One that failed may be tried again at the same address."""
    with refuse_unread(request):
        verified = Ticket.verify(ticket, services.settings.secret_key.get_secret_value().encode())
    with refuse_unread(request):
        await services.people.check_unused(verified, key=idempotency_key)
    async with receive_picture(request, services, verified.person_id) as picture:
        changed = await services.people.set_picture(
            verified.person_id, picture, ticket=verified, key=idempotency_key
        )
    return _profile_changed(changed, services, base_url)


@router.get(
    "/avatars/{owner}/{version}/{file}",
    response_class=Response,
    responses={
        200: {"description": "The picture", "content": {"image/webp": {}}},
        304: {"description": "Not Modified"},
        **problems(404, 422, 503),
    },
)
async def rendition(
    owner: Annotated[str, Path(description="A person's id, or `default`.")],
    version: Annotated[str, Path(description="As it stands in the profile.")],
    file: Annotated[str, Path(description="48.webp, 96.webp, 192.webp or 512.webp")],
    request: Request,
    services: ServicesNeeded,
) -> Response:
    """Read one rendition. It never changes, and is gone once the person shows another picture."""
    name = re.fullmatch(r"(48|96|192|512)\.webp", file)
    content: bytes | None = None
    if name and re.fullmatch(VERSION_PATTERN, version):
        size = int(name[1])
        if owner == DEFAULT:
            content = services.gallery.default_rendition(version, size)
        elif (person_id := _uuid(owner)) is not None:
            content = await services.gallery.rendition(person_id, version, size)
    if content is None:
        raise Problem(404, "there is no such picture (any more)", headers={"Cache-Control": "no-store"})
    headers = {"Cache-Control": IMMUTABLE, "ETag": f'"{version}-{file}"'}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="image/webp", headers=headers)


def _profile_changed(change: OwnChange, services: Services, base_url: str) -> ProfileChanged:
    profile = own_profile_from(change.profile, services.gallery, base_url)
    return ProfileChanged(profile=profile, committed_at=change.committed_at)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
