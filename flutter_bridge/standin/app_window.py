"""An app that runs: its web build in a page, read as Android reads the app."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urljoin

from playwright.async_api import BrowserContext, CDPSession, Page

from flutter_bridge.clock import now
from flutter_bridge.standin.device import App
from flutter_bridge.standin.node import AndroidNode
from flutter_bridge.standin.translation import android_window
from flutter_bridge.standin.window import Window
from flutter_bridge.web.document import Document
from flutter_bridge.web.page import DocumentReplaced
from flutter_bridge.web.playwright_page import PlaywrightPage

START: Final = 30.0
"""Seconds that an app may take to its first semantics."""

FOLLOWED: Final = 1000
"""Milliseconds an app is given to follow the history back."""

FILLED: Final = 1.0
"""Seconds a field with the focus is given to take a text."""


class AppWindow(Window):
    """A running app. What its text fields said while they had the focus is known afterwards too."""

    def __init__(self, app: App, page: Page, session: CDPSession, *, pixel_ratio: float) -> None:
        super().__init__(page, session, pixel_ratio=pixel_ratio)
        self.app = app
        self.package = app.package
        self.activity = app.activity
        self._app = PlaywrightPage(page, app.url, seconds=START)
        self._document = Document(self._app, app.url, seconds=START)

    @classmethod
    async def open(cls, app: App, context: BrowserContext, *, pixel_ratio: float) -> AppWindow:
        """Make an empty window for an app, in its storage; `load` shows it."""
        page = await context.new_page()
        return cls(app, page, await context.new_cdp_session(page), pixel_ratio=pixel_ratio)

    async def load(self, link: str | None) -> None:
        """Load the app, at a deep link if one is given, until it shows its first semantics.

        An app that never has any is shown all the same, as a phone would.
        """
        await self._app.load(address_of(self.app.url, link))
        await self._document.until(lambda snapshot: snapshot.ready or None, START)

    async def visit(self, link: str) -> None:
        """Go to a deep link while the app runs: it is told, and not loaded anew."""
        await self.ask("visit", address_of(self.app.url, link))

    async def read(self) -> AndroidNode:
        """Read the app's nodes, translated to Android's."""
        read, said = await self.ask("read")
        reading: dict[str, Any] = json.loads(read)
        return android_window(reading, package=self.package, pixel_ratio=self.pixel_ratio, said=said)

    async def set_text(self, node: AndroidNode, text: str) -> bool:
        """Replace a field's text where it has the focus; elsewhere Flutter says yes and does nothing.

        The engine may write the old text over what comes soon after the focus: then it is entered again.
        """
        field = self.page.locator(f'[id="{node.ref}"]').locator("input, textarea").first
        until = now() + FILLED
        while now() < until:
            if not await field.count() or not await field.evaluate("field => __standin.hasFocus(field)"):
                break
            old = await field.input_value()
            if await self._app.fill(node.ref, text) is None:
                break  # the app has put another field in its place
            kept = await self._document.ask("keeps", node.ref, text, 3)
            if kept == text or kept != old:
                break
        return True

    async def back(self) -> bool:
        """Go back in the app's history; false at its root, and where the app left by itself."""
        if not await self.page.evaluate("navigation.canGoBack"):
            return False
        with suppress(DocumentReplaced):
            await self._app.ask("back", [FOLLOWED])
        return self.page.url != "about:blank"


def address_of(url: str, link: str | None) -> str:
    """Return the whole address of a deep link, in the fragment where the app keeps its route there."""
    base, fragment, _ = url.partition("#")
    base = base if base.endswith("/") else f"{base}/"
    path = (link or "/").lstrip("/")
    return f"{base}#/{path}" if fragment else urljoin(base, path or ".")
