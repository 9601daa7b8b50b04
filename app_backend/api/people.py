"""Routes: accounts, signing in and out, and profiles."""

from __future__ import annotations

import uuid
from typing import Annotated

import httpx
from fastapi import APIRouter, Path, Query
from fastapi.exceptions import RequestValidationError

from app_backend.api.bodies import StrictJsonRoute
from app_backend.api.dependencies import (
    BaseUrl,
    CallerNeeded,
    OriginOfRequest,
    Services,
    ServicesNeeded,
    SignedInPerson,
)
from app_backend.api.problems import problems
from app_backend.errors import PictureRefused, Problem
from app_backend.profiles import (
    Credentials,
    OwnProfile,
    Profile,
    ProfileChanged,
    ProfileChanges,
    RefreshWish,
    Registered,
    Registration,
    Removed,
    SignedIn,
    SignInList,
    SignInView,
    TokensView,
    own_profile_of,
    profile_of,
    public_facts,
)
from app_backend.sign_ins import Tokens

router = APIRouter(route_class=StrictJsonRoute)


@router.post("/accounts", tags=["accounts"], status_code=201, responses=problems(409, 422, 429))
async def register(
    wish: Registration, services: ServicesNeeded, base_url: BaseUrl, origin: OriginOfRequest
) -> Registered:
    """Make an account and sign in to it.

    A picture's address is refused (422) where it can't be any provider's; whether there is a picture, and
    whether it can be shown, is seen after the answer.
    """
    await services.rate_limits.register(origin)
    picture = _check_picture(wish.picture_url, services)
    person, tokens, committed_at = await services.accounts.register(
        email=wish.email,
        password=wish.password.get_secret_value(),
        display_name=wish.display_name,
        origin=origin,
    )
    if picture is not None:
        services.provider_pictures.fetch(person.id, picture)
    return Registered(
        **dict(_tokens_view(tokens)),
        profile=own_profile_of(person, services.gallery, base_url),
        committed_at=committed_at,
    )


@router.post("/sessions", tags=["sessions"], status_code=201, responses=problems(401, 422, 429))
async def sign_in(
    credentials: Credentials, services: ServicesNeeded, base_url: BaseUrl, origin: OriginOfRequest
) -> SignedIn:
    """Sign in: get a token for the `Authorization` header, and one to refresh it with."""
    async with services.rate_limits.sign_in(credentials.email, origin):
        person, tokens = await services.accounts.sign_in(
            email=credentials.email, password=credentials.password.get_secret_value(), origin=origin
        )
    return SignedIn(**dict(_tokens_view(tokens)), profile=own_profile_of(person, services.gallery, base_url))


@router.post("/sessions/refresh", tags=["sessions"], responses=problems(401, 422))
async def refresh(wish: RefreshWish, services: ServicesNeeded) -> TokensView:
    """Exchange a refresh token for new tokens.

    It works once: presented again, it ends the sign-in. An answer that was lost may be asked for again soon.
    """
    return _tokens_view(await services.sign_ins.refresh(wish.refresh_token.get_secret_value()))


@router.get("/sessions", tags=["sessions"], responses=problems(401))
async def sign_ins(caller: CallerNeeded, services: ServicesNeeded) -> SignInList:
    """Read where one is signed in, newest first."""
    found = await services.sign_ins.list_of(caller.person.id)
    return SignInList(
        items=[
            SignInView(
                id=each.id,
                created_at=each.created_at,
                refreshed_at=each.refreshed_at,
                expires_at=each.expires_at,
                address=each.address,
                user_agent=each.user_agent,
                current=each.id == caller.sign_in_id,
            )
            for each in found
        ]
    )


@router.delete("/sessions/current", tags=["sessions"], status_code=204, responses=problems(401))
async def sign_out(caller: CallerNeeded, services: ServicesNeeded) -> None:
    """Sign out: all tokens of the sign-in that the request came with are worthless from now on."""
    await services.sign_ins.end(caller.sign_in_id, person_id=caller.person.id)


# Of another form than the words above, so that these are no sign-ins' names.
@router.delete(
    "/sessions/{session_id:uuid}", tags=["sessions"], status_code=204, responses=problems(401, 404, 422)
)
async def end_sign_in(
    session_id: Annotated[uuid.UUID, Path(description="As it stands in the list.")],
    caller: CallerNeeded,
    services: ServicesNeeded,
) -> None:
    """End one of one's own sign-ins, wherever that is."""
    await services.sign_ins.end(session_id, person_id=caller.person.id)


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


def _check_picture(picture_url: str | None, services: Services) -> httpx.URL | None:
    """Return where a picture is that may be fetched; refuse others as a field that is not valid."""
    if picture_url is None:
        return None
    try:
        return services.provider_pictures.check(picture_url)
    except PictureRefused as error:
        wrong = {"loc": ("body", "picture_url"), "msg": str(error), "type": "value_error"}
        raise RequestValidationError([wrong]) from error


def _tokens_view(tokens: Tokens) -> TokensView:
    """Return tokens as they stand in an answer."""
    return TokensView(
        token=tokens.access,
        expires_at=tokens.access_expires_at,
        refresh_token=tokens.refresh,
        refresh_expires_at=tokens.refresh_expires_at,
    )
