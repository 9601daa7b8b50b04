"""A page that Playwright drives, and the windows that are opened from it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from playwright.async_api import Error, Frame, Page, Request
from playwright.async_api import TimeoutError as PlaywrightTimeout

from flutter_bridge.clock import Interval, now
from flutter_bridge.errors import AppUnreachable, DocumentReplaced, NoAnswer, PickerMissing
from flutter_bridge.evidence import MAX_LOG_LINES, AppRequest, LogEntry
from flutter_bridge.frames import FrameSource, ScreenshotFrames, picture_size
from flutter_bridge.keys import KeyPress
from flutter_bridge.network import MockedAnswer, NetworkConditions
from flutter_bridge.semantics import Box
from flutter_bridge.touch import Finger, duration
from flutter_bridge.web.browser import is_document_replaced, playwright_errors, unreachable_error
from flutter_bridge.web.console import guess_why_silent, listen_to_console, public_part
from flutter_bridge.web.page import SCRIPT
from flutter_bridge.web.page_network import page_mock, page_network
from flutter_bridge.web.placement import SEPARATOR
from flutter_bridge.web.requests import listen_to_requests
from flutter_bridge.web.screencast import screencast
from flutter_bridge.web.touchscreen import Hand

UNRESOLVED = "ERR_NAME_NOT_RESOLVED"
"""How Chromium says that a host isn't known, or may not be reached."""

ASK = "([name, given]) => __flutterBridge[name](...given)"

ERROR_PAGE = "chrome-error:"
"""How the address begins of what Chromium shows in the place of a page that can't be had."""

DETACHED = "Element is not attached to the DOM"
"""How Playwright says that the app has put another element in a field's place."""

ANSWER_S = 30.0
"""How long a page may take to answer, or to take a touch, besides what it is asked to wait for."""

FILL_TIMEOUT_MS = 1000
"""How long a field is given to take a text; where it can't, it is looked for again."""


T = TypeVar("T")


@dataclass
class _Family:
    """What an app's page and the windows opened from it have in common.

    `opening` is done with the next window that opens, `failed_at` is where one was led to in vain.
    """

    console: deque[LogEntry] = field(default_factory=lambda: deque(maxlen=MAX_LOG_LINES))
    unreached: dict[str, str] = field(default_factory=dict)
    windows: list[PlaywrightPage] = field(default_factory=list)
    failed_at: str = ""
    opening: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class PlaywrightPage:
    """A page of a browser that Playwright drives; `seconds` bounds a load.

    Without a `url` it is a window that was opened from one, of the same `family`.
    """

    patience = float("inf")

    def __init__(self, page: Page, url: str = "", *, seconds: float, family: _Family | None = None) -> None:
        self.page = page
        self.heard_request: Callable[[AppRequest], None] = lambda _: None
        self._app_url = url
        self._seconds = seconds
        self._family = family or _Family()
        self._touch: bool | None = None
        self._hand = Hand(page)
        self._frames: dict[tuple[str, ...], Frame] = {}
        self._not_led_to = ""

    @property
    def address(self) -> str:
        """Where the page is, or was to be."""
        is_error = self.page.url.startswith(ERROR_PAGE)
        return self._family.failed_at if is_error else public_part(self.page.url)

    @property
    def _url(self) -> str:
        return self._app_url or self.address

    @property
    def unreached_addresses(self) -> Sequence[str]:
        """Addresses that the page asked for in vain, the first of each host that can't be reached."""
        return tuple(self._family.unreached.values())

    @property
    def renderer(self) -> str:
        """The browser's name and version; empty where a context of somebody's own doesn't tell."""
        browser = self.page.context.browser
        return f"{browser.browser_type.name} {browser.version}" if browser is not None else ""

    async def prepare(self) -> None:
        """Have `page.js` run in every document to come."""
        self._listen()
        # The context's, which tells what a window was led to before there is one.
        self.page.context.on("requestfailed", self._note_failure)
        with playwright_errors(self._url):
            # The context's run in windows that are opened, too.
            await self.page.context.add_init_script(SCRIPT)

    def _listen(self) -> None:
        # Somebody has to listen from the start: the page is told to hand file choosers over by another way
        # than it is told of a tap, and when told at the moment of the tap it may hear of the tap first.
        self.page.on("filechooser", lambda _: None)
        listen_to_console(self.page, self._family.console.append)
        listen_to_requests(self.page, self._forward_request)
        self.page.on("popup", self._add_window)

    def _forward_request(self, request: AppRequest) -> None:
        self.heard_request(request)

    def _add_window(self, page: Page) -> None:
        window = PlaywrightPage(page, seconds=self._seconds, family=self._family)
        window.heard_request = self._forward_request
        window._listen()
        self._family.windows.append(window)
        before, self._family.opening = self._family.opening, asyncio.get_running_loop().create_future()
        before.set_result(None)

    async def windows(self) -> Sequence[PlaywrightPage]:
        """Return the windows that were opened from this page and are open, the newest last."""
        return [window for window in self._family.windows if not window.page.is_closed()]

    def _note_failure(self, request: Request) -> None:
        host, address = urlsplit(request.url).hostname, public_part(request.url)
        leads = request.is_navigation_request()
        is_own = not leads or self._is_own(request)
        if not is_own:
            self._family.failed_at = address
        if host is None or UNRESOLVED not in (request.failure or ""):
            return
        if leads and is_own:
            self._not_led_to = address
        if host in self._family.unreached:
            return
        self._family.unreached[host] = address
        self._family.console.append(
            LogEntry(time.time(), f"{host} can't be reached from here: {address}", "warning")
        )

    def _is_own(self, request: Request) -> bool:
        try:
            return request.frame.page == self.page
        except Error:
            return False  # a window that isn't there yet

    async def load(self, address: str) -> None:
        """Begin to show another address."""
        self._not_led_to = ""
        try:
            with playwright_errors(address):
                await self.page.goto(address, wait_until="commit", timeout=self._seconds * 1000)
        except AppUnreachable as error:
            led_away = self._led_away_error(address)
            if led_away is None:
                raise
            raise led_away from error

    def _led_away_error(self, address: str) -> AppUnreachable | None:
        """Return what to raise where a page leads to a host that may not be reached; None where none did."""
        other = self._not_led_to
        if not other or urlsplit(other).hostname == urlsplit(address).hostname:
            return None
        return AppUnreachable(
            f"{address} leads to {other}, which can't be reached from here: name its host in allow_hosts of "
            "[tool.journeys]"
        )

    def _unreachable_error(self) -> AppUnreachable:
        if not self._app_url:
            is_blocked = urlsplit(self.address).hostname in self._family.unreached
            hint = "name its host in allow_hosts of [tool.journeys]" if is_blocked else "does it run?"
            return AppUnreachable(f"a window was opened at {self.address}, which can't be reached: {hint}")
        return self._led_away_error(self._url) or AppUnreachable(
            f"{self._url} can't be reached: is the app running there?"
        )

    async def reload(self) -> None:
        """Begin to show the same address anew."""
        with playwright_errors(self._url):
            await self.page.reload(wait_until="commit", timeout=self._seconds * 1000)

    async def ask(self, function: str, arguments: list[object], path: Sequence[str] = ()) -> Any:
        """Call a function of `page.js` in this document, or in a frame's, and in no other.

        One that may wait takes the milliseconds last.
        """
        if self.page.url.startswith(ERROR_PAGE):
            raise self._unreachable_error()
        last = arguments[-1] if arguments else 0
        waits_s = last / 1000 if isinstance(last, int | float) else 0.0
        try:
            async with self._answer_limit(waits_s):
                frame = await self._frame(path)
                return await self._unless_window_opens(
                    frame.evaluate(
                        "([name, given]) => __flutterBridge[name](...given)", [function, arguments]
                    )
                )
        except Error as error:
            if is_document_replaced(error):
                raise DocumentReplaced(error.message) from error
            reason = unreachable_error(error, self._url)
            if reason is None:
                raise
            raise reason from error

    async def _frame(self, path: Sequence[str]) -> Frame:
        if not path:
            return self.page.main_frame
        known = self._frames.get(tuple(path))
        if known is not None and not known.is_detached():
            return known
        around = await self._frame(path[:-1])
        found = await around.evaluate_handle("name => __flutterBridge.byRef(name)", path[-1])
        element = found.as_element()
        frame = await element.content_frame() if element is not None else None
        if frame is None or frame.url.startswith(ERROR_PAGE):
            raise DocumentReplaced("the frame isn't there any more, or its document can't be had")
        self._frames[tuple(path)] = frame
        return frame

    async def _unless_window_opens(self, question: Coroutine[Any, Any, T]) -> T:
        asked = asyncio.ensure_future(question)
        try:
            ends: set[asyncio.Future[Any]] = {asked, self._family.opening}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                raise DocumentReplaced("another window has opened")
            return asked.result()
        finally:
            asked.cancel()

    async def wait_for_document(self) -> None:
        """Wait until the next document can be asked."""
        if self.page.url.startswith(ERROR_PAGE):
            raise self._unreachable_error()
        with playwright_errors(self._url):
            await self.page.wait_for_load_state("domcontentloaded", timeout=self._seconds * 1000)

    async def tap(self, x: float, y: float) -> Interval:
        """Tap a place: by touch where the page has touch, else with the mouse."""
        has_touch = await self._has_touch()
        before = now()
        with playwright_errors(self._url):
            async with self._answer_limit():
                await (self.page.touchscreen.tap if has_touch else self.page.mouse.click)(x, y)
        return Interval(before, now())

    async def touch(self, fingers: Sequence[Finger], *, on_screen: bool) -> Interval:
        """Do a gesture: by touch where the page has touch or it has to be, else with the mouse.

        Chromium's touch screen can be had on any page. Other browsers have the mouse for one finger.
        """
        by_touch = on_screen or await self._has_touch()
        with playwright_errors(self._url):
            async with self._answer_limit(duration(fingers)):
                return await self._hand.do(fingers, by_touch=by_touch)

    async def hover(self, x: float, y: float) -> Interval | None:
        """Move the mouse over a place, unless the page has touch."""
        if await self._has_touch():
            return None
        before = now()
        with playwright_errors(self._url):
            async with self._answer_limit():
                await self.page.mouse.move(x, y)
        return Interval(before, now())

    async def press(self, key: KeyPress) -> Interval:
        """Press a key of Playwright's keyboard."""
        before = now()
        with playwright_errors(self._url):
            async with self._answer_limit():
                await self.page.keyboard.press(str(key))
        return Interval(before, now())

    async def _has_touch(self) -> bool:
        if self._touch is None:
            self._touch = bool(await self.ask("touch", []))
        return self._touch

    async def fill(self, ref: str, text: str) -> Interval | None:
        """Replace what the field in a node says; None where the app has put another in its place."""
        before = now()
        try:
            with playwright_errors(self._url, slow=False):
                async with self._answer_limit():
                    *path, name = ref.split(SEPARATOR)
                    frame = await self._frame(path)
                    found = await frame.evaluate_handle("name => __flutterBridge.fieldOf(name)", name)
                field = found.as_element()
                if field is None:
                    return None
                before = now()
                await field.fill(text, timeout=FILL_TIMEOUT_MS)
        except PlaywrightTimeout:
            return None
        except Error as error:
            if DETACHED not in error.message and not is_document_replaced(error):
                raise
            return None
        return Interval(before, now())

    async def scroll(self, pane: Box, right: float, down: float) -> None:
        """Turn the wheel over a pane's middle."""
        with playwright_errors(self._url):
            async with self._answer_limit():
                await self.page.mouse.move(*pane.centre)
                await self.page.mouse.wheel(right, down)

    async def choose_file(self, tap: Callable[[], Awaitable[object]], file: Path, seconds: float) -> Interval:
        """Give a file to the browser's file chooser that a tap opens."""
        try:
            with playwright_errors(self._url, slow=False):
                async with self.page.expect_file_chooser(timeout=seconds * 1000) as expected:
                    await tap()
                chooser = await expected.value
        except PlaywrightTimeout as error:
            raise PickerMissing from error
        before = now()
        with playwright_errors(self._url):
            await chooser.set_files(file)
        return Interval(before, now())

    async def move_pointer_away(self) -> None:
        """Move the mouse off the page."""
        with playwright_errors(self._url):
            async with self._answer_limit():
                await self.page.mouse.move(-1, -1)

    @asynccontextmanager
    async def _answer_limit(self, waits_s: float = 0.0) -> AsyncIterator[None]:
        """Bound what Playwright waits for without an end: a script that never pauses lets nothing through."""
        try:
            async with asyncio.timeout(ANSWER_S + waits_s):
                yield
        except TimeoutError as error:
            why = guess_why_silent(self._family.console)
            raise NoAnswer(f"the page at {self._url} has not answered for {ANSWER_S:g} s: {why}") from error

    async def shoot(self) -> tuple[bytes, float]:
        """Take a screenshot in physical pixels."""
        with playwright_errors(self._url):
            encoded = await self.page.screenshot(type="png", scale="device", caret="initial")
        viewport = self.page.viewport_size
        width, _ = picture_size(encoded, "the browser's screenshot")
        return encoded, width / viewport["width"] if viewport else 1.0

    @asynccontextmanager
    async def frames(self) -> AsyncIterator[FrameSource]:
        """Stream pictures of the page: by screencast in Chromium, by screenshots elsewhere."""
        browser = self.page.context.browser
        if browser is not None and browser.browser_type.name != "chromium":
            yield ScreenshotFrames(self.shoot)
            return
        async with screencast(self.page, self._url) as cast:
            yield cast

    def network(self, conditions: NetworkConditions) -> AbstractAsyncContextManager[None]:
        """Give the page another network, by Chromium's own protocol."""
        return page_network(self.page, self._url, conditions)

    def mock(self, pattern: str, answer: MockedAnswer) -> AbstractAsyncContextManager[None]:
        """Answer requests to addresses of a pattern in the server's place."""
        return page_mock(self.page, self._url, pattern, answer)

    async def console(self) -> list[LogEntry]:
        """Return what came since the page was prepared; a page that is gone has told it before."""
        entries = list(self._family.console)
        self._family.console.clear()
        return entries

    async def shoot_for_evidence(self) -> None:
        """Take none: Playwright's own `--screenshot` does."""

    async def close(self) -> None:
        """Close the page, with its context where it is the app's."""
        # A browser that is gone has closed it already.
        with suppress(Error):
            await (self.page.context if self._app_url else self.page).close()
