"""Routes: accounts."""

from __future__ import annotations

from fastapi import APIRouter

from app_backend.api.dependencies import BaseUrl, OriginOfRequest, ServicesNeeded
from app_backend.api.json_body import StrictJsonRoute
from app_backend.api.problems import problems
from app_backend.api.sessions import tokens_view
from app_backend.profiles import Registered, Registration, own_profile_of

router = APIRouter(tags=["accounts"], route_class=StrictJsonRoute)


@router.post("/accounts", status_code=201, responses=problems(409, 422, 429))
async def register(
    wish: Registration, services: ServicesNeeded, base_url: BaseUrl, origin: OriginOfRequest
) -> Registered:
    """Make an account and sign in to it."""
    await services.rate_limits.register(origin)
    person, tokens, committed_at = await services.accounts.register(
        email=wish.email,
        password=wish.password.get_secret_value(),
        display_name=wish.display_name,
        origin=origin,
    )
    return Registered(
        **dict(tokens_view(tokens)),
        profile=own_profile_of(person, services.gallery, base_url),
        committed_at=committed_at,
    )
