"""The system's own screens: pages of ours whose elements say which Android views they stand for."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

from playwright.async_api import BrowserContext, CDPSession, Page

from fake_android.node import AndroidNode, Bounds
from fake_android.window import Window

PAGES: Final = files("fake_android").joinpath("system")

HEAD: Final = '<!doctype html><meta name="viewport" content="width=device-width, initial-scale=1">'


NUMBERS = itertools.count(1)
"""Tell windows apart: an element of one that is gone is none of the next."""


class SystemWindow(Window):
    """A page of the folder `system`. What is touched on it comes out of `taken`, in order."""

    def __init__(
        self, page: Page, session: CDPSession, *, package: str, activity: str, pixel_ratio: float
    ) -> None:
        super().__init__(page, session, pixel_ratio=pixel_ratio)
        self.package = package
        self.activity = activity
        self.taken: asyncio.Queue[str] = asyncio.Queue()
        self._number = next(NUMBERS)

    @classmethod
    async def open(
        cls,
        context: BrowserContext,
        name: str,
        *,
        package: str,
        activity: str,
        pixel_ratio: float,
    ) -> SystemWindow:
        """Show a page by its name; `show` tells it the rest."""
        page = await context.new_page()
        session = await context.new_cdp_session(page)
        window = cls(page, session, package=package, activity=activity, pixel_ratio=pixel_ratio)
        await page.expose_function("standinTake", window.taken.put_nowait)
        style, script, body = (
            PAGES.joinpath(part).read_text(encoding="utf-8")
            for part in ("material.css", "views.js", f"{name}.html")
        )
        await page.set_content(HEAD + f"<style>{style}</style>{body}<script>{script}</script>")
        return window

    async def show(self, told: Mapping[str, object]) -> None:
        """Tell the page what it needs to know now."""
        await self.page.evaluate("told => show(told)", told)

    async def read(self) -> AndroidNode:
        """Read the views that the page's elements stand for."""
        return self._node(await self.page.evaluate("standinViews()"))

    async def set_text(self, node: AndroidNode, text: str) -> bool:  # noqa: ARG002 - a window's method
        """Refuse: none of these views takes text."""
        return False

    async def back(self) -> bool:
        """Take back as an answer; whoever listens to `taken` knows what it means."""
        self.taken.put_nowait("back")
        return True

    def _node(self, view: Mapping[str, Any]) -> AndroidNode:
        left, top, right, bottom = (round(side * self.pixel_ratio) for side in view["bounds"])
        return AndroidNode(
            class_name=view["class"],
            package=self.package,
            text=view.get("text", ""),
            content_desc=view.get("description"),
            resource_id=view.get("id"),
            clickable=view.get("clickable", False),
            long_clickable=view.get("longClickable", False),
            focusable=view.get("clickable", False),
            enabled=view.get("enabled", True),
            selected=view.get("selected", False),
            scrollable=view.get("scrollable", False),
            displayed=view["displayed"],
            bounds=Bounds(left, top, right, bottom),
            children=tuple(self._node(child) for child in view["children"]),
            ref=f"window-{self._number}-view-{view['number']}",
        )
