"""Opens a Flutter web build in a page that Playwright drives."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Error, Page

from flutter_bridge.address import login_in, without_login
from flutter_bridge.app import FlutterApp, evidence_of_failed_start
from flutter_bridge.web.browser import playwright_errors
from flutter_bridge.web.driver import BrowserDriver
from flutter_bridge.web.playwright_page import PlaywrightPage


class NewContext(Protocol):
    """What makes browser contexts: pytest-playwright's `new_context`, so that traces and videos come out."""

    def __call__(self, **options: Any) -> Awaitable[BrowserContext]:
        """Make a context with Playwright's options."""
        ...


class WebApp(FlutterApp):
    """A `FlutterApp` in a page that Playwright drives; made by `open_web_app`."""

    def __init__(
        self, page: Page, url: str, *, artifacts: Path, timeout: float, start_timeout: float, target: str
    ) -> None:
        driver = BrowserDriver(
            PlaywrightPage(page, url, seconds=start_timeout),
            url,
            artifacts=artifacts,
            start_timeout=start_timeout,
            target=target,
        )
        super().__init__(driver, target=target, links=url, timeout=timeout)
        self.page = page
        """Playwright's page, for what only a browser knows; nothing that a journey needs."""


@asynccontextmanager
async def open_web_app(
    *,
    new_context: NewContext | Callable[..., Awaitable[BrowserContext]],
    url: str,
    artifacts: Path,
    link: str = "/",
    timeout: float = 10.0,
    start_timeout: float = 30.0,
    target: str = "web",
    **context_options: Any,
) -> AsyncIterator[WebApp]:
    """Open a Flutter web build in a browser context of its own, and close that at the end.

    - `new_context`: makes the context: pytest-playwright's fixture, or a browser's method.
    - `url`: where the app is served, with its query if it takes settings from there, with a fragment if it
      keeps its route there, with a name and a password if the server asks for them; `link` is the deep link
      to open first.
    - `artifacts`: the folder that screenshots of failures go to; made when needed.
    - `timeout`: seconds that every wait may take; `start_timeout` those that a load may.
    - `context_options`: Playwright's, such as `viewport`, `device_scale_factor`, `color_scheme`.
    """
    login = login_in(url)
    if login is not None:
        # For all that the page loads from this server, and in no address that is shown.
        url = without_login(url)
        parts = urlsplit(url)
        context_options.setdefault(
            "http_credentials",
            {"username": login[0], "password": login[1], "origin": f"{parts.scheme}://{parts.netloc}"},
        )
    with playwright_errors(url):
        context = await new_context(**context_options)
    try:
        with playwright_errors(url):
            page = await context.new_page()
        app = WebApp(
            page, url, artifacts=artifacts, timeout=timeout, start_timeout=start_timeout, target=target
        )
        async with evidence_of_failed_start(app, artifacts):
            await app.start(link)
    except BaseException:
        # A browser that is gone has closed it already.
        with suppress(Error):
            await context.close()
        raise
    try:
        yield app
    finally:
        await app.close()
