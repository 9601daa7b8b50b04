"""Make sure that a session learns of its connection's end.

Flet leaves that out when a tab closes while something is being sent to it; the session would then live, and
be updated, for ever. Whatever runs on behalf of a connection inherits its context: so a tab can say, wherever
it is called, which connection it has.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Protocol

from starlette.types import ASGIApp, Receive, Scope, Send


class Connected(Protocol):
    """What wants to know that its connection has ended."""

    async def connection_ended(self) -> None:
        """Take note that the connection this runs on is gone."""
        ...


_here: ContextVar[set[Connected]] = ContextVar("connection")


def join(member: Connected) -> None:
    """Have a member told when the connection it is called on ends."""
    members = _here.get(None)
    if members is not None:
        members.add(member)


class Connections:
    """Wrap an ASGI app and tell those who joined when one of its WebSocket connections has ended."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on to the app, and look after its end."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        members: set[Connected] = set()
        _here.set(members)
        try:
            await self._app(scope, receive, send)
        finally:
            for member in members:
                await member.connection_ended()
