"""A page that Playwright drives, and an app that is opened in one."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Error, Page, Request
from playwright.async_api import TimeoutError as PlaywrightTimeout

from flutter_bridge.address import login_in, without_login
from flutter_bridge.app import FlutterApp, evidence_of_failed_start
from flutter_bridge.clock import Interval, now
from flutter_bridge.errors import AppUnreachable, DocumentReplaced, NoAnswer, PickerMissing
from flutter_bridge.evidence import MAX_LOG_LINES, LogEntry
from flutter_bridge.frames import FrameSource, ScreenshotFrames, picture_size
from flutter_bridge.keys import KeyPress
from flutter_bridge.semantics import Box
from flutter_bridge.touch import Finger, duration
from flutter_bridge.web.browser import is_document_replaced, playwright_errors, unreachable_error
from flutter_bridge.web.driver import BrowserDriver
from flutter_bridge.web.page import SCRIPT
from flutter_bridge.web.screencast import screencast
from flutter_bridge.web.touchscreen import Hand

UNRESOLVED = "ERR_NAME_NOT_RESOLVED"
"""How Chromium says that a host isn't known, or may not be reached."""

ERROR_PAGE = "chrome-error:"
"""How the address begins of what Chromium shows in the place of a page that can't be had."""

DETACHED = "Element is not attached to the DOM"
"""How Playwright says that the app has put another element in a field's place."""

ANSWER_S = 30.0
"""How long a page may take to answer, or to take a touch, besides what it is asked to wait for."""

FILL_TIMEOUT_MS = 1000
"""How long a field is given to take a text; where it can't, it is looked for again."""


class PlaywrightPage:
    """A page of a browser that Playwright drives; `seconds` bounds a load."""

    patience = float("inf")

    def __init__(self, page: Page, url: str, *, seconds: float) -> None:
        self.page = page
        self._url = url
        self._seconds = seconds
        self._touch: bool | None = None
        self._hand = Hand(page)
        self._console: deque[LogEntry] = deque(maxlen=MAX_LOG_LINES)
        self._unreached: dict[str, str] = {}
        self._not_led_to = ""

    @property
    def unreached_addresses(self) -> Sequence[str]:
        """Addresses that the page asked for in vain, the first of each host that can't be reached."""
        return tuple(self._unreached.values())

    @property
    def renderer(self) -> str:
        """The browser's name and version; empty where a context of somebody's own doesn't tell."""
        browser = self.page.context.browser
        return f"{browser.browser_type.name} {browser.version}" if browser is not None else ""

    async def prepare(self) -> None:
        """Have `page.js` run in every document to come."""
        # Somebody has to listen from the start: the page is told to hand file choosers over by another way
        # than it is told of a tap, and when told at the moment of the tap it may hear of the tap first.
        self.page.on("filechooser", lambda _: None)
        listen_to_console(self.page, self._console.append)
        self.page.on("requestfailed", self._note_failure)
        with playwright_errors(self._url):
            await self.page.add_init_script(SCRIPT)

    def _note_failure(self, request: Request) -> None:
        host = urlsplit(request.url).hostname
        if host is None or UNRESOLVED not in (request.failure or ""):
            return
        # A query may have a token in it.
        address = without_login(request.url).partition("?")[0]
        if request.is_navigation_request():
            self._not_led_to = address
        if host in self._unreached:
            return
        self._unreached[host] = address
        self._console.append(
            LogEntry(time.time(), f"{host} can't be reached from here: {address}", "warning")
        )

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
        return self._led_away_error(self._url) or AppUnreachable(
            f"{self._url} can't be reached: is the app running there?"
        )

    async def reload(self) -> None:
        """Begin to show the same address anew."""
        with playwright_errors(self._url):
            await self.page.reload(wait_until="commit", timeout=self._seconds * 1000)

    async def ask(self, function: str, arguments: list[object]) -> Any:
        """Call a function of `page.js` in this document, and no other.

        One that may wait takes the milliseconds last.
        """
        if self.page.url.startswith(ERROR_PAGE):
            raise self._unreachable_error()
        last = arguments[-1] if arguments else 0
        waits_s = last / 1000 if isinstance(last, int | float) else 0.0
        try:
            async with self._answer_limit(waits_s):
                return await self.page.evaluate(
                    "([name, given]) => __flutterBridge[name](...given)", [function, arguments]
                )
        except Error as error:
            if is_document_replaced(error):
                raise DocumentReplaced(error.message) from error
            reason = unreachable_error(error, self._url)
            if reason is None:
                raise
            raise reason from error

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
                    found = await self.page.evaluate_handle("ref => __flutterBridge.fieldOf(ref)", ref)
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
            raise NoAnswer(
                f"the page at {self._url} has not answered for {ANSWER_S:g} s: the app hangs, or the machine "
                "is far too busy"
            ) from error

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

    async def console(self) -> list[LogEntry]:
        """Return what came since the page was prepared; a page that is gone has told it before."""
        entries = list(self._console)
        self._console.clear()
        return entries

    async def shoot_for_evidence(self) -> None:
        """Take none: Playwright's own `--screenshot` does."""

    async def close(self) -> None:
        """Close the page and its context."""
        # A browser that is gone has closed it already.
        with suppress(Error):
            await self.page.context.close()


def listen_to_console(page: Page, heard: Callable[[LogEntry], None]) -> None:
    """Have a page's messages and uncaught errors told as they come, from all its documents.

    `level` is the console's word, such as `log`, `warning` or `error`; an uncaught error is an `error`.
    """

    def forward_message(message: ConsoleMessage) -> None:
        heard(LogEntry(time.time(), _describe(message), message.type))

    def forward_error(error: Error) -> None:
        heard(LogEntry(time.time(), error.stack or error.message, "error"))

    page.on("console", forward_message)
    page.on("pageerror", forward_error)


def _describe(message: ConsoleMessage) -> str:
    # What could not be loaded stands beside the browser's complaint; a query may have a token in it.
    where = str(message.location.get("url", "")).partition("?")[0]
    return f"{message.text} ({where})" if where and message.type == "error" else message.text


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
