"""Who may look at the metrics, and arm faults: not everybody."""

from __future__ import annotations

import hmac
from ipaddress import ip_address
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app_backend.api.dependencies import ServicesNeeded
from app_backend.errors import Problem
from app_backend.settings import Mode

FROM_ELSEWHERE = (
    *("origin", "referer", "sec-fetch-site"),
    *("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"),
)
"""What programs on this machine don't send, but pages in its browsers and proxies on it do."""

_bearer = HTTPBearer(
    scheme_name="Operator", auto_error=False, description="The operator's token from the settings."
)


async def _operator(
    request: Request,
    services: ServicesNeeded,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
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
