"""The chat as a web server: the compiled Flutter client, a connection for each tab, and who writes when."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

import flet as ft
from flet_web import fastapi as flet_fastapi  # type: ignore[import-untyped]  # it ships no types
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from chat_app.room import Room
from chat_app.tab import Tab

COME_BACK_WITHIN_S = 10
"""Seconds in which a tab that has lost its connection finds its sign-in again: a reload needs a moment."""

_connection: ContextVar[list[Tab]] = ContextVar("connection")
"""The tabs of the connection that the running code works for, which inherits its context."""


def create_app() -> Starlette:
    """Make the ASGI app: a chat in which nobody is yet."""
    room = Room()
    connected: dict[Tab, list[Tab]] = {}

    def arrive(tab: Tab) -> None:
        connected[tab] = _connection.get()
        connected[tab].append(tab)

    def main(page: ft.Page) -> None:
        Tab(page, room, arrive=arrive).open()

    async def depart(tabs: list[Tab]) -> None:
        for tab in tabs:
            # One that was reloaded may have another connection by now.
            if connected.get(tab) is tabs:
                del connected[tab]
                tab.leave()
                # Flet leaves this out where a tab closes while something is sent to it.
                if tab.page.session.connection is not None:
                    await tab.page.session.disconnect(COME_BACK_WITHIN_S)

    async def pages(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await flet_app(scope, receive, send)
            return
        tabs: list[Tab] = []
        _connection.set(tabs)
        try:
            await flet_app(scope, receive, send)
        finally:
            await depart(tabs)

    flet_app: ASGIApp = flet_fastapi.app(
        main, app_name="Chat", no_cdn=True, session_timeout_seconds=COME_BACK_WITHIN_S
    )
    app = Starlette(
        routes=[Route("/healthz", _healthz), Route("/events", _events), Mount("/", pages)],
        lifespan=_lifespan,
    )
    app.state.room = room
    return app


@asynccontextmanager
async def _lifespan(_: Starlette) -> AsyncIterator[None]:
    # Every change on a screen is sent where it is made; Flet's own search for changes is not needed.
    ft.context.disable_auto_update()  # type: ignore[no-untyped-call]  # Flet's, without types
    await flet_fastapi.app_manager.start()
    try:
        yield
    finally:
        await flet_fastapi.app_manager.shutdown()


async def _healthz(request: Request) -> Response:
    return JSONResponse({"status": "ok", "signed_in": len(request.app.state.room)})


async def _events(request: Request) -> Response:
    """Tell of each message that becomes part of its conversation, in Unix seconds before and after that."""
    room: Room = request.app.state.room

    async def lines() -> AsyncIterator[str]:
        with room.listen() as commits:
            # From here on nothing is missed.
            yield "event: ready\ndata: {}\n\n"
            while True:
                commit = await commits.get()
                event = {
                    "name": "message",
                    "key": commit.conversation,
                    "id": commit.id,
                    "committed": [commit.before, commit.after],
                }
                yield f"data: {json.dumps(event)}\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})
