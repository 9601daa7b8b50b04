"""A Flutter app's web build in a page that Playwright drives."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page

from flutter_bridge.web.browser import reaching
from flutter_bridge.web.browser_app import BrowserApp
from flutter_bridge.web.playwright_page import PlaywrightPage


class WebApp(BrowserApp):
    """A `FlutterApp` on a browser page; made by `open_web_app`."""

    def __init__(
        self, page: Page, url: str, *, artifacts: Path, timeout: float, start_timeout: float, target: str
    ) -> None:
        self._playwright = page
        super().__init__(
            PlaywrightPage(page, url, seconds=start_timeout),
            url,
            artifacts=artifacts,
            timeout=timeout,
            start_timeout=start_timeout,
            target=target,
        )

    @property
    def renderer(self) -> str:
        """The browser's name and version; empty where a context of somebody's own doesn't tell."""
        browser = self._playwright.context.browser
        return f"{browser.browser_type.name} {browser.version}" if browser is not None else ""

    async def move_pointer_away(self) -> None:
        """Move the mouse off the page."""
        with reaching(self._url):
            await self._playwright.mouse.move(-1, -1)

    @property
    def page(self) -> Page:
        """Playwright's page, for what only a browser knows; nothing that a journey needs."""
        return self._playwright
