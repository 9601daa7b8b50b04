"""What routes ask of a request: the services, who is there, and under which address we are known."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app_backend.access import Caller, Origin
from app_backend.api.services import Services, services
from app_backend.database import Person
from app_backend.errors import Problem

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
        raise Problem(
            401,
            "the sign-in is not valid any more: sign in again",
            headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
        )
    return caller


CallerNeeded = Annotated[Caller, Depends(_caller)]


async def _person(caller: CallerNeeded) -> Person:
    return caller.person


SignedInPerson = Annotated[Person, Depends(_person)]


async def _origin(request: Request) -> Origin:
    return Origin.of(request)


OriginOfRequest = Annotated[Origin, Depends(_origin)]


async def _base_url(request: Request, services: ServicesNeeded) -> str:
    public = services.settings.public_url
    return str(public or request.base_url).rstrip("/")


BaseUrl = Annotated[str, Depends(_base_url)]
