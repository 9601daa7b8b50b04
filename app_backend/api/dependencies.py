"""What routes ask of a request: the services, who is there, and under which address we are known."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app_backend.api.bodies import Intake
from app_backend.avatars import Gallery, PictureProcessing
from app_backend.database import Database, PersonRow
from app_backend.errors import Problem, invalid_token
from app_backend.events import Hub
from app_backend.faults import Faults
from app_backend.feed import Posts
from app_backend.observability import Metrics
from app_backend.profiles import Accounts, People, Removal
from app_backend.provider import ProviderPictures
from app_backend.rate_limits import RateLimits
from app_backend.settings import Mode, Settings
from app_backend.sign_ins import Caller, Origin, SignIns


@dataclass(frozen=True)
class Services:
    """What the routes work with."""

    settings: Settings
    database: Database
    accounts: Accounts
    sign_ins: SignIns
    intake: Intake
    rate_limits: RateLimits
    people: People
    removal: Removal
    gallery: Gallery
    processing: PictureProcessing
    provider_pictures: ProviderPictures
    posts: Posts
    hub: Hub
    faults: Faults | None
    """None unless the settings allow faults."""

    metrics: Metrics


async def services(request: Request) -> Services:
    """Return the services of the app that a request came to."""
    # Asynchronous though nothing is waited for: FastAPI sends the others through a thread.
    found: Services = request.app.state.services
    return found


ServicesNeeded = Annotated[Services, Depends(services)]

_bearer = HTTPBearer(auto_error=False, description="The token from POST /accounts or POST /sessions.")


async def _token(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> str:
    if credentials is None:
        raise Problem(401, "sign in first", headers={"WWW-Authenticate": "Bearer"})
    return credentials.credentials


TokenNeeded = Annotated[str, Depends(_token)]


async def _caller(token: TokenNeeded, services: ServicesNeeded) -> Caller:
    caller = await services.sign_ins.caller_of(token)
    if caller is None:
        raise invalid_token("the sign-in is not valid any more: sign in again")
    return caller


CallerNeeded = Annotated[Caller, Depends(_caller)]


async def _person(caller: CallerNeeded) -> PersonRow:
    return caller.person


SignedInPerson = Annotated[PersonRow, Depends(_person)]


async def _origin(request: Request) -> Origin:
    return Origin.of(request)


OriginOfRequest = Annotated[Origin, Depends(_origin)]


async def _base_url(request: Request, services: ServicesNeeded) -> str:
    public = services.settings.public_url
    return str(public or request.base_url).rstrip("/")


BaseUrl = Annotated[str, Depends(_base_url)]


FROM_ELSEWHERE = (
    *("origin", "referer", "sec-fetch-site"),
    *("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"),
)
"""What programs on this machine don't send, but pages in its browsers and proxies on it do."""

_operator_bearer = HTTPBearer(
    scheme_name="Operator", auto_error=False, description="The operator's token from the settings."
)


async def _operator(
    request: Request,
    services: ServicesNeeded,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_operator_bearer)],
) -> None:
    """Let an operator pass: by the token of the settings; without one, in development, from this machine."""
    token = services.settings.operator_token
    if token is None:
        if services.settings.mode is Mode.PRODUCTION:
            # A proxy on this machine is this machine, and need not say for whom it asks.
            raise Problem(403, "for operators only: set APP_BACKEND_OPERATOR_TOKEN, and send it as a bearer")
        if not _is_loopback(request) or any(name in request.headers for name in FROM_ELSEWHERE):
            raise Problem(403, "only from this machine: elsewhere an operator's token is needed")
        return
    given = credentials.credentials if credentials is not None else ""
    if not hmac.compare_digest(given.encode(), token.get_secret_value().encode()):
        raise Problem(401, "the operator's token is needed", headers={"WWW-Authenticate": "Bearer"})


OperatorOnly = Depends(_operator)


def _is_loopback(request: Request) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
