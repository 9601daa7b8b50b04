"""The windows that an app's page opens, such as for signing in: the newest is acted on while it is open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from flutter_bridge.clock import Interval, now
from flutter_bridge.errors import ActionFailed, DocumentReplaced, WindowGone
from flutter_bridge.keys import KeyPress
from flutter_bridge.semantics import Box
from flutter_bridge.touch import Finger
from flutter_bridge.web.frames import Frames
from flutter_bridge.web.page import BrowserPage

T = TypeVar("T")


class Windows:
    """An app's page and the windows opened from it, asked and acted on as the one that is in front.

    That is the newest as long as it is open. Who asks hears of another one in front as of another document:
    by `DocumentReplaced`. An action goes to the window that was asked last, for that was aimed at.
    """

    def __init__(self, page: BrowserPage) -> None:
        self._main = page
        self._current = page
        self._acted_in = ""
        self._frames = {page: Frames(page)}
        self._gone: list[BrowserPage] = []
        self._closed = ""

    @property
    def in_front(self) -> str:
        """The address of the window that lies over the app's page; empty where none does."""
        return "" if self._current is self._main else self._current.address

    @property
    def acted_in(self) -> str:
        """Where the window was that the last action went to; empty where that was the app's page."""
        return self._acted_in

    @property
    def closed(self) -> str:
        """The address of the window that closed last, if nothing was done on the app's page since then."""
        return self._closed

    @property
    def patience(self) -> float:
        """The seconds that one question may wait in the page."""
        return self._current.patience

    async def ask(self, function: str, arguments: list[object]) -> Any:
        """Call a function of `SCRIPT` in the window in front."""
        page = await self._newest()
        if page is not self._current:
            self._turn_to(page)
            raise DocumentReplaced("another window is in front")
        try:
            return await self._frames.setdefault(page, Frames(page)).ask(function, arguments)
        except WindowGone as error:
            if page is self._main:
                raise
            await self._leave(page)
            raise DocumentReplaced("the window has closed") from error

    async def wait_for_document(self) -> None:
        """Wait until the next document in front can be asked."""
        page = self._current
        try:
            await page.wait_for_document()
        except WindowGone:
            if page is self._main:
                raise
            await self._leave(page)

    async def tap(self, x: float, y: float) -> Interval:
        """Tap a place."""
        return await self._act(lambda page: page.tap(x, y))

    async def touch(self, fingers: Sequence[Finger], *, on_screen: bool) -> Interval:
        """Do a gesture."""
        return await self._act(lambda page: page.touch(fingers, on_screen=on_screen))

    async def hover(self, x: float, y: float) -> Interval | None:
        """Move the mouse over a place."""
        return await self._act(lambda page: page.hover(x, y))

    async def press(self, key: KeyPress) -> Interval:
        """Press a key."""
        return await self._act(lambda page: page.press(key))

    async def fill(self, ref: str, text: str) -> Interval | None:
        """Replace what a field says."""
        return await self._act(lambda page: page.fill(ref, text))

    async def scroll(self, pane: Box, right: float, down: float) -> None:
        """Begin to move what a pane shows."""
        await self._act(lambda page: page.scroll(pane, right, down))

    async def choose_file(self, tap: Callable[[], Awaitable[object]], file: Path, seconds: float) -> Interval:
        """Give a file to what asks for one after a tap."""
        return await self._act(lambda page: page.choose_file(tap, file, seconds))

    async def shoot(self) -> tuple[bytes, float]:
        """Take a screenshot of the window in front."""
        try:
            return await self._current.shoot()
        except WindowGone:
            if self._current is self._main:
                raise
            return await self._main.shoot()

    async def close_newest(self) -> bool:
        """Close the window in front of the app's page; false where there is none."""
        page = self._current
        if page is self._main:
            return False
        await page.close()
        await self._leave(page)
        return True

    async def close_all(self) -> None:
        """Close what was opened from the app's page."""
        for page in await self._main.windows():
            if page not in self._gone:
                await page.close()
                self._gone.append(page)
        self._current, self._closed = self._main, ""

    async def _newest(self) -> BrowserPage:
        opened = [page for page in await self._main.windows() if page not in self._gone]
        return opened[-1] if opened else self._main

    async def _leave(self, page: BrowserPage) -> None:
        self._gone.append(page)
        self._turn_to(await self._newest())

    def _turn_to(self, page: BrowserPage) -> None:
        # One that a newer window lies over is still there.
        if self._current is not self._main and page is self._main:
            self._closed = self._current.address
        self._current = page

    async def _act(self, act: Callable[[BrowserPage], Awaitable[T]]) -> T | Interval:
        page, self._acted_in = self._current, self.in_front  # the action may lead elsewhere
        if page is self._main:
            done = await act(page)
            self._closed = ""
            return done
        if page not in await self._main.windows():
            raise ActionFailed(f"the window at {page.address} closed before this could be done in it")
        before = now()
        try:
            return await act(page)
        except WindowGone:
            # It closed on what was done, as one does whose work is done.
            await self._leave(page)
            return Interval(before, now())
