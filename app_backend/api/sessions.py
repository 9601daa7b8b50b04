"""Routes: sign in, refresh, see where one is signed in, sign out."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Path

from app_backend.access import Tokens
from app_backend.api.dependencies import BaseUrl, CallerNeeded, OriginOfRequest, ServicesNeeded
from app_backend.api.json_body import StrictJsonRoute
from app_backend.api.problems import problems
from app_backend.profiles import (
    Credentials,
    RefreshWish,
    SignedIn,
    SignInList,
    SignInView,
    TokensView,
    own_profile_of,
)

router = APIRouter(tags=["sessions"], prefix="/sessions", route_class=StrictJsonRoute)


@router.post("", status_code=201, responses=problems(401, 422, 429))
async def sign_in(
    credentials: Credentials, services: ServicesNeeded, base_url: BaseUrl, origin: OriginOfRequest
) -> SignedIn:
    """Sign in: get a token for the `Authorization` header, and one to refresh it with."""
    async with services.rate_limits.sign_in(credentials.email, origin):
        person, tokens = await services.accounts.sign_in(
            email=credentials.email, password=credentials.password.get_secret_value(), origin=origin
        )
    return SignedIn(**dict(tokens_view(tokens)), profile=own_profile_of(person, services.gallery, base_url))


@router.post("/refresh", responses=problems(401, 422))
async def refresh(wish: RefreshWish, services: ServicesNeeded) -> TokensView:
    """Exchange a refresh token for new tokens.

    It works once: presented again, it ends the sign-in. An answer that was lost may be asked for again soon.
    """
    return tokens_view(await services.sign_ins.refresh(wish.refresh_token.get_secret_value()))


@router.get("", responses=problems(401))
async def sign_ins(caller: CallerNeeded, services: ServicesNeeded) -> SignInList:
    """Read where one is signed in, newest first."""
    found = await services.sign_ins.of_person(caller.person.id)
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


@router.delete("/current", status_code=204, responses=problems(401))
async def sign_out(caller: CallerNeeded, services: ServicesNeeded) -> None:
    """Sign out: all tokens of the sign-in that the request came with are worthless from now on."""
    await services.sign_ins.end(caller.sign_in_id, person_id=caller.person.id)


# Of another form than the words above, so that these are no sign-ins' names.
@router.delete("/{session_id:uuid}", status_code=204, responses=problems(401, 404, 422))
async def end_sign_in(
    session_id: Annotated[uuid.UUID, Path(description="As it stands in the list.")],
    caller: CallerNeeded,
    services: ServicesNeeded,
) -> None:
    """End one of one's own sign-ins, wherever that is."""
    await services.sign_ins.end(session_id, person_id=caller.person.id)


def tokens_view(tokens: Tokens) -> TokensView:
    """Return tokens as they stand in an answer."""
    return TokensView(
        token=tokens.access,
        expires_at=tokens.access_expires_at,
        refresh_token=tokens.refresh,
        refresh_expires_at=tokens.refresh_expires_at,
    )
