"""Routes: one's own profile, other people's, and pictures."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request, Response

from app_backend.api.dependencies import BaseUrl, ServicesNeeded, SignedInPerson
from app_backend.api.json_body import StrictJsonRoute
from app_backend.api.problems import problems
from app_backend.api.services import Services
from app_backend.api.uploads import receive_picture, refusing_unread
from app_backend.avatars import DEFAULT, VERSION_PATTERN, Ticket
from app_backend.errors import Problem
from app_backend.profiles import (
    KEY_PATTERN,
    OwnChange,
    OwnProfile,
    Profile,
    ProfileChanged,
    ProfileChanges,
    Removed,
    UploadAddress,
    own_profile_from,
    own_profile_of,
    profile_of,
    public_facts,
)

router = APIRouter(route_class=StrictJsonRoute)

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


@router.get("/me", tags=["own profile"], responses=problems(401))
async def own_profile(person: SignedInPerson, services: ServicesNeeded, base_url: BaseUrl) -> OwnProfile:
    """Read one's own profile, with what only oneself may see."""
    return own_profile_of(person, services.gallery, base_url)


@router.patch("/me", tags=["own profile"], responses=problems(401, 422))
async def edit_profile(
    changes: ProfileChanges, person: SignedInPerson, services: ServicesNeeded, base_url: BaseUrl
) -> ProfileChanged:
    """Change name or bio; what is left out stays."""
    edited, committed_at = await services.people.edit(
        person.id, display_name=changes.display_name, bio=changes.bio
    )
    return ProfileChanged(
        profile=own_profile_of(edited, services.gallery, base_url), committed_at=committed_at
    )


@router.delete("/me", tags=["own profile"], responses=problems(401, 409, 422))
async def remove_account(
    person: SignedInPerson,
    services: ServicesNeeded,
    cascade: Annotated[bool, Query(description="Remove what one said as well.")] = False,
) -> Removed:
    """Remove one's account, with all sign-ins and the picture; with posts, only if they are to go as well."""
    return Removed(committed_at=await services.removal.remove(person.id, cascade=cascade))


@router.put(
    "/me/avatar",
    tags=["pictures"],
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
    return _told(changed, services, base_url)


@router.delete("/me/avatar", tags=["pictures"], responses=problems(401))
async def remove_picture(
    person: SignedInPerson, services: ServicesNeeded, base_url: BaseUrl
) -> ProfileChanged:
    """Show the default avatar again; doing so twice is no error."""
    changed, committed_at = await services.people.remove_picture(person.id)
    return ProfileChanged(
        profile=own_profile_of(changed, services.gallery, base_url), committed_at=committed_at
    )


@router.post("/me/avatar/uploads", status_code=201, tags=["pictures"], responses=problems(401))
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
    tags=["pictures"],
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
    with refusing_unread(request):
        verified = Ticket.verify(ticket, services.settings.secret_key.get_secret_value().encode())
    with refusing_unread(request):
        await services.people.check_unused(verified, key=idempotency_key)
    async with receive_picture(request, services, verified.person_id) as picture:
        changed = await services.people.set_picture(
            verified.person_id, picture, ticket=verified, key=idempotency_key
        )
    return _told(changed, services, base_url)


@router.get("/people/{person_id}", tags=["people"], responses=problems(404, 422))
async def public_profile(person_id: uuid.UUID, services: ServicesNeeded, base_url: BaseUrl) -> Profile:
    """Read what everybody may know about a person."""
    person = await services.people.find(person_id)
    return profile_of(public_facts(person), services.gallery, base_url)


@router.patch("/people/{person_id}", tags=["people"], responses=problems(401, 403, 404, 422))
async def edit_person(
    person_id: uuid.UUID,
    changes: ProfileChanges,
    person: SignedInPerson,
    services: ServicesNeeded,
    base_url: BaseUrl,
) -> ProfileChanged:
    """Change name or bio at the profile's own address; nobody's but one's own."""
    if person_id != person.id:
        await services.people.find(person_id)
        raise Problem(403, "this is somebody else's profile: only they can change it")
    return await edit_profile(changes, person, services, base_url)


@router.get(
    "/avatars/{owner}/{version}/{file}",
    tags=["pictures"],
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


def _told(change: OwnChange, services: Services, base_url: str) -> ProfileChanged:
    profile = own_profile_from(change.profile, services.gallery, base_url)
    return ProfileChanged(profile=profile, committed_at=change.committed_at)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
