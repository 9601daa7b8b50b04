"""Routes: accounts and sessions."""

from __future__ import annotations

from fastapi import APIRouter

from app_backend.api.dependencies import BaseUrl, ServicesNeeded, SignedInPerson, TokenNeeded
from app_backend.api.problems import problems
from app_backend.profiles import Credentials, Registered, Registration, SignedIn, own_profile_of

router = APIRouter(tags=["accounts"])


@router.post("/accounts", status_code=201, responses=problems(409, 422))
async def register(wish: Registration, services: ServicesNeeded, base_url: BaseUrl) -> Registered:
    """Make an account and sign in to it."""
    person, token, committed_at = await services.accounts.register(
        email=wish.email, password=wish.password.get_secret_value(), display_name=wish.display_name
    )
    return Registered(
        token=token.text,
        expires_at=token.expires_at,
        profile=own_profile_of(person, services.gallery, base_url),
        committed_at=committed_at,
    )


@router.post("/sessions", status_code=201, responses=problems(401, 422))
async def sign_in(credentials: Credentials, services: ServicesNeeded, base_url: BaseUrl) -> SignedIn:
    """Sign in: get a token for the `Authorization` header."""
    person, token = await services.accounts.sign_in(
        email=credentials.email, password=credentials.password.get_secret_value()
    )
    return SignedIn(
        token=token.text,
        expires_at=token.expires_at,
        profile=own_profile_of(person, services.gallery, base_url),
    )


@router.delete("/sessions/current", status_code=204, responses=problems(401))
async def sign_out(token: TokenNeeded, _person: SignedInPerson, services: ServicesNeeded) -> None:
    """Sign out: the token that the request came with is worthless from now on."""
    await services.accounts.sign_out(token)
