"""An app that runs: its web build in a page, read as Android reads the app."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Protocol

from playwright.async_api import BrowserContext, CDPSession, Error, FileChooser, Page

from fake_android.device import App
from fake_android.log import Log
from fake_android.node import AndroidNode
from fake_android.translation import android_window
from fake_android.window import Size, Window
from flutter_bridge import deep_link, now
from flutter_bridge.web import Document, DocumentReplaced, PlaywrightPage, listen_to_console

START: Final = 30.0
"""Seconds that an app may take to its first semantics."""

FOLLOWED: Final = 1000
"""Milliseconds an app is given to follow the history back."""

FILLED: Final = 1.0
"""Seconds a field with the focus is given to take a text."""


class Pick(Protocol):
    """Opens the system's file picker and waits for what is picked."""

    async def __call__(
        self, accept: str, *, multiple: bool, over: Callable[[Window | None], None]
    ) -> list[Path]:
        """Return the files; none where the picker was left. `over` is told of its window."""
        ...


class AppWindow(Window):
    """A running app. What its text fields said while they had the focus is known afterwards too."""

    def __init__(
        self, app: App, page: Page, session: CDPSession, *, pixel_ratio: float, pick: Pick, log: Log
    ) -> None:
        super().__init__(page, session, pixel_ratio=pixel_ratio)
        self.app = app
        self.package = app.package
        self.activity = app.activity
        self._app = PlaywrightPage(page, app.url, seconds=START)
        self._document = Document(self._app, app.url, seconds=START)
        self._pick = pick
        self._over: Window | None = None
        self._picking: asyncio.Task[None] | None = None
        # From the start: the page is told to hand file choosers over by another way than it is told of a tap.
        page.on("filechooser", self._choose)
        listen_to_console(page, lambda entry: log.print(app.package, entry))

    @classmethod
    async def open(
        cls, app: App, context: BrowserContext, *, pixel_ratio: float, pick: Pick, log: Log
    ) -> AppWindow:
        """Make an empty window for an app, in its storage; `load` shows it.

        `pick` opens the system's file picker when the app asks for files; `log` is what it prints to.
        """
        page = await context.new_page()
        session = await context.new_cdp_session(page)
        return cls(app, page, session, pixel_ratio=pixel_ratio, pick=pick, log=log)

    @property
    def top(self) -> Window:
        """The system's file picker while the app waits for it, else this window."""
        return self._over or self

    async def load(self, link: str | None) -> None:
        """Load the app, at a deep link if one is given, until its first screen with semantics is drawn.

        An app that never has any is shown all the same, as a phone would.
        """
        await self._app.load(deep_link(self.app.url, link or "/"))
        await self._document.until(lambda snapshot: snapshot.ready or None, START)
        await self.ask("drawn")

    async def visit(self, link: str) -> None:
        """Go to a deep link while the app runs: it is told, and not loaded anew."""
        await self.ask("visit", deep_link(self.app.url, link or "/"))

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
            kept = await self._document.ask("holds", node.ref, 3, FILLED * 1000)
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

    async def resize(self, size: Size) -> None:
        """Take another size, with what lies over it."""
        await super().resize(size)
        if self._over is not None:
            await self._over.resize(size)

    async def close(self) -> None:
        """Close the page and what lies over it."""
        if self._picking is not None:
            self._picking.cancel()
            await asyncio.gather(self._picking, return_exceptions=True)
        await super().close()

    def _choose(self, chooser: FileChooser) -> None:
        # One at a time, as on a phone: what the app asks for meanwhile is left unanswered.
        if self._picking is None or self._picking.done():
            self._picking = asyncio.ensure_future(self._answer(chooser))

    async def _answer(self, chooser: FileChooser) -> None:
        def over(window: Window | None) -> None:
            self._over = window

        # An app that went away meanwhile needs no answer.
        with suppress(Error):
            accept = await chooser.element.get_attribute("accept") or ""
            picked = await self._pick(accept, multiple=chooser.is_multiple(), over=over)
            if picked:
                await chooser.set_files(picked)
            else:
                await chooser.element.dispatch_event("cancel")
