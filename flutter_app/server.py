"""The app as a web server: the compiled Flutter client, and a connection for each open tab."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import flet as ft
import httpx
from flet_web import fastapi as flet_fastapi  # type: ignore[import-untyped]  # it ships no types
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from flutter_app import theme
from flutter_app.backend import BackendClient
from flutter_app.fonts import list_first_fonts, send_fallback_font
from flutter_app.live import LiveUpdates
from flutter_app.tab import COME_BACK_WITHIN_S, Tab
from flutter_app.tabs import Connections, Tabs

KEEP_IDLE_S = 2.0
"""How long a connection to the backend is kept without a request; it ends one itself after 5 s."""


def create_app(backend_url: str, *, renderer: str = "skwasm") -> Starlette:
    """Make the ASGI app that serves the Flutter app for one backend."""
    app = Starlette(lifespan=_lifespan)
    app.state.backend_url = backend_url

    async def main(page: ft.Page) -> None:
        tabs: Tabs = app.state.tabs
        await Tab(page, app.state.backend, join=tabs.add, leave=tabs.discard).open()

    flet_app = flet_fastapi.app(
        main,
        app_name=theme.NAME,
        app_description="A small community of people with round pictures.",
        web_renderer=ft.WebRenderer(renderer),
        # Everything comes from here: the app works without any other host.
        no_cdn=True,
        session_timeout_seconds=COME_BACK_WITHIN_S,
    )
    app.router.routes.extend(
        [
            Route("/healthz", _healthz),
            Route("/favicon.png", _logo),
            Route("/icons/loading-animation.png", _logo),
            Route("/assets/FontManifest.json", list_first_fonts),
            Route("/assets/fonts/{family}/{part:path}", send_fallback_font),
            # Last, for it takes every path.
            Mount("/", Connections(flet_app)),
        ]
    )
    return app


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    # Every change on a screen is sent where it is made; Flet's own search for changes is not needed.
    ft.context.disable_auto_update()  # type: ignore[no-untyped-call]  # Flet's, without types
    # The environment's proxies are for the outside; the backend is a neighbour.
    async with (
        httpx.AsyncClient(
            base_url=app.state.backend_url,
            timeout=10.0,
            limits=httpx.Limits(keepalive_expiry=KEEP_IDLE_S),
            trust_env=False,
        ) as http,
        asyncio.TaskGroup() as tasks,
    ):
        app.state.backend = BackendClient(http)
        app.state.tabs = tabs = Tabs(tasks)
        await flet_fastapi.app_manager.start()
        background = [tasks.create_task(LiveUpdates(http, tabs).run()), tasks.create_task(tabs.keep_time())]
        try:
            yield
        finally:
            for task in background:
                task.cancel()
            tabs.close()
            await flet_fastapi.app_manager.shutdown()


async def _healthz(request: Request) -> Response:
    return JSONResponse({"status": "ok", "open_tabs": len(request.app.state.tabs)})


async def _logo(_: Request) -> Response:
    return Response(theme.LOGO_SVG, media_type="image/svg+xml")
