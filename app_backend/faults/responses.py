"""Faults of answers: they come late."""

from __future__ import annotations

import asyncio
from fnmatch import fnmatchcase

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app_backend.faults.armed import Faults
from app_backend.faults.catalogue import ResponsesDelayed

ADMINISTRATION = "/faults"
"""Never delayed: it has to be possible to disarm."""


class DelayedResponses:
    """Middleware that holds back the answers of requests which were worked on in time."""

    def __init__(self, app: ASGIApp, *, faults: Faults) -> None:
        self.app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or scope["path"].startswith(ADMINISTRATION):
            await self.app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                delayed = self._faults.strike(
                    ResponsesDelayed, when=lambda fault: fnmatchcase(scope["path"], fault.path)
                )
                if delayed is not None:
                    await asyncio.sleep(delayed.delay_ms / 1000)
            await send(message)

        await self.app(scope, receive, sending)
